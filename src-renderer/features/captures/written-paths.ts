export interface WrittenPaths {
  readonly paths: readonly string[];
  /** Lines that are no absolute path. */
  readonly refused: readonly string[];
}

const ABSOLUTE = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/u;

/** One path a line, with or without the quotes that file managers and shells put around it, or as a `file:` address. */
export function readWrittenPaths(text: string): WrittenPaths {
  const lines = text
    .split(/\r?\n/u)
    .map((line) => unwrap(line.trim()))
    .filter((line) => line !== '');
  const isPath = (line: string): boolean => ABSOLUTE.test(line);
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
