import { resolve } from 'node:path';
import { openFileSource } from '../engine/file-source';
import type { Context } from './context';
import { workspacePath } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import type { Io } from './io';
import type { ServedWorkspace } from '../serve/serve-workspace';

/** Ending takes this long only when an import that is cancelled takes its time to go. */
const SAY_ENDING_MS = 1000;

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
      const late = await starting.catch(() => null);
      if (late !== null) await closeServed(context, late);
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
      await closeServed(context, served);
    }
    return EXIT.done;
  } finally {
    stopListening();
  }
}

async function closeServed({ err }: Context, served: ServedWorkspace): Promise<void> {
  const saying = setTimeout(() => {
    err.tell('Ending the engine … Ctrl-C again ends at once.\n');
  }, SAY_ENDING_MS);
  const left = await served.close();
  clearTimeout(saying);
  if (left === null) return;
  err.tell(`Process ${left} finishes what another command or host does in this workspace, and ends with it.\n`);
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
