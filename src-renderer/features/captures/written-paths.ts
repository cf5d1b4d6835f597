export interface WrittenPaths {
  readonly paths: readonly string[];
  /** Lines that are no absolute path of that system. */
  readonly refused: readonly string[];
}

const ABSOLUTE = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/u;

/** @param workspace the path of one; null where none is known yet */
export function isPosix(workspace: string | null): boolean {
  return workspace?.startsWith('/') ?? false;
}

/**
 * One path a line, with or without the quotes that file managers and shells put around it, or as a `file:` address.
 *
 * @param isPosixHost whether the host is Linux or macOS, where a path with a drive is none
 */
export function readWrittenPaths(text: string, isPosixHost: boolean): WrittenPaths {
  const lines = text
    .split(/\r?\n/u)
    .map((line) => unwrap(line.trim()))
    .filter((line) => line !== '');
  const isPath = (line: string): boolean => (isPosixHost ? line.startsWith('/') : ABSOLUTE.test(line));
  return { paths: [...new Set(lines.filter(isPath))], refused: lines.filter((line) => !isPath(line)) };
}

function unwrap(line: string): string {
  const [, quote, inner] = /^(['"])(.*)\1$/u.exec(line) ?? [];
  if (quote !== undefined && inner !== undefined) return inner;
  if (!line.startsWith('file://')) return line;
  try {
    return decodeURIComponent(new URL(line).pathname);
  } catch {
    return line;
  }
}
