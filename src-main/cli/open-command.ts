import { AppError } from '../contract/errors';
import type { Context, Desktop } from './context';
import { workspacePath } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { capturePaths, runServe } from './serve-command';

export interface OpenOptions {
  readonly workspace?: string;
  readonly port: number;
  readonly desktop: boolean;
  readonly browser: boolean;
}

/**
 * Opens the app in its window where one can be had, else in a browser, after saying why.
 *
 * @throws AppError DESKTOP_UNAVAILABLE when only a window was wanted and there can be none; DESKTOP_CRASHED when the
 * app ended badly, which no browser host hides; and what `runServe` throws
 */
export async function runOpen(context: Context, captures: readonly string[], options: OpenOptions): Promise<ExitCode> {
  const { io, err, desktop } = context;
  if (options.desktop && options.browser) {
    throw new AppError('OPTION_INVALID', '--desktop and --browser exclude each other: give one of them');
  }
  if (!options.browser) {
    const found = await desktop.find({ insist: options.desktop });
    if ('executable' in found) {
      // Only the default workspace is left for the app to find, as its own start from a menu does.
      const workspace = workspacePath(context, options.workspace);
      const args = [...(workspace === null ? [] : [`--workspace=${workspace}`]), '--'];
      return await runDesktop(context, desktop, found.executable, [...args, ...capturePaths(context, captures)]);
    }
    if (options.desktop) {
      const message = `the desktop app cannot start: ${found.why}${found.help === null ? '' : `\n${found.help}`}`;
      throw new AppError('DESKTOP_UNAVAILABLE', message, { why: found.why });
    }
    err.tell(`No desktop window (${found.why}); open this address in a browser of this computer, Ctrl-C ends it:\n`);
    if (found.help !== null) err.tell(`${found.help}\n`);
  }
  // Where somebody sits at a screen, the address need not be copied.
  const open = io.isStderrTty && desktop.hasDisplay;
  return await runServe(context, captures, { ...options, open, json: false });
}

async function runDesktop(
  { io, err }: Context,
  desktop: Desktop,
  executable: string,
  args: readonly string[],
): Promise<ExitCode> {
  const app = desktop.run(executable, args, (text) => err.tell(text));
  const interrupts: true[] = [];
  const stopListening = io.onInterrupt(() => {
    interrupts.push(true);
    app.end();
  });
  const { how, lastWords } = await app.ended;
  stopListening();
  // Whoever ends it is not told that it ended.
  if (how === null || interrupts.length > 0) return EXIT.done;
  const words = lastWords === '' ? 'It said nothing on standard error.' : `It said last:\n${lastWords}`;
  throw new AppError('DESKTOP_CRASHED', `the desktop app ended with ${how}. ${words}`, { how, executable });
}
