import { resolve } from 'node:path';
import { openFileSource } from '../engine/file-source';
import type { Context } from './context';
import { workspacePath } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import type { Io } from './io';

export interface ServeOptions {
  readonly workspace?: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly open: boolean;
  readonly json: boolean;
}

/**
 * Serves the app to browsers of this computer until it is asked to end. All that it prints is the address.
 *
 * @param preface told on standard error right before the address, and only with it; whole lines
 * @throws AppError CAPTURE_* for a capture that cannot be read; OPTION_INVALID, WORKSPACE_*
 */
export async function runServe(
  context: Context,
  captures: readonly string[],
  options: ServeOptions,
  preface = '',
): Promise<ExitCode> {
  const { io, out, err } = context;
  const { interrupted, stopListening } = untilInterrupted(io);
  try {
    // The server's library is loaded by the commands that need it.
    const { serveWorkspace } = await import('../serve/serve-workspace');
    const starting = serveWorkspace({
      workspace: workspacePath(context, options.workspace),
      captures: capturePaths(context, captures),
      port: options.port,
      packageFolder: context.packageFolder,
      resourcesFolder: context.resourcesFolder,
    });
    // A start can wait for another owner of the workspace, and must not be waited for.
    const served = await Promise.race([starting, interrupted]);
    if (served === null) {
      await (await starting.catch(() => null))?.close();
      return EXIT.done;
    }
    const { url, port, workspace } = served;
    try {
      if (preface !== '') err.tell(preface);
      await out.write(options.json ? `${JSON.stringify({ url, port, workspace, pid: process.pid })}\n` : `${url}\n`);
      await out.flush();
      if (options.open) served.openBrowser();
      await interrupted;
    } finally {
      await served.close();
    }
    return EXIT.done;
  } finally {
    stopListening();
  }
}

/**
 * Looks at each capture, so that a slip of the pen is told where it was made.
 *
 * @returns absolute paths
 * @throws AppError CAPTURE_NOT_FOUND, CAPTURE_IS_DIRECTORY, CAPTURE_UNSUPPORTED, CAPTURE_UNREADABLE
 */
export function capturePaths({ io }: Context, captures: readonly string[]): string[] {
  const paths = captures.map((path) => resolve(io.cwd, path));
  for (const path of paths) openFileSource(path).close();
  return paths;
}

function untilInterrupted(io: Io): { readonly interrupted: Promise<null>; readonly stopListening: () => void } {
  let stopListening = (): void => undefined;
  const interrupted = new Promise<null>((settle) => {
    stopListening = io.onInterrupt(() => settle(null));
  });
  return { interrupted, stopListening };
}
