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
 * app ended badly, which no browser host hides; and what `runServe` throws, which is found out first as far as it can be
 */
export async function runOpen(context: Context, captures: readonly string[], options: OpenOptions): Promise<ExitCode> {
  const { io, desktop } = context;
  if (options.desktop && options.browser) {
    throw new AppError('OPTION_INVALID', '--desktop and --browser exclude each other: give one of them');
  }
  // Before anything is looked for, let alone fetched.
  const workspace = workspacePath(context, options.workspace);
  const paths = capturePaths(context, captures);
  let preface = '';
  if (!options.browser) {
    const found = await desktop.find({ insist: options.desktop });
    if ('executable' in found) {
      // Only the default workspace is left for the app to find, as its own start from a menu does.
      const args = [...(workspace === null ? [] : [`--workspace=${workspace}`]), '--'];
      return await runDesktop(context, desktop, found.executable, [...args, ...paths]);
    }
    if (options.desktop) {
      const message = `the desktop app cannot start: ${found.why}${found.help === null ? '' : `\n${found.help}`}`;
      throw new AppError('DESKTOP_UNAVAILABLE', message, { why: found.why });
    }
    preface = prefaceText(found.why, found.help);
  }
  // Where somebody sits at a screen, the address need not be copied.
  const open = io.isStderrTty && desktop.hasDisplay;
  return await runServe(context, paths, { ...options, open, json: false }, preface);
}

/** Its last words lead to the address. */
function prefaceText(why: string, help: string | null): string {
  const ask = 'open this address in a browser of this computer, Ctrl-C ends it:\n';
  if (help === null) return `No desktop window (${why}); ${ask}`;
  return `No desktop window (${why}).\n${help}\nOr ${ask}`;
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
  const { how, hasSpoken } = await app.ended;
  stopListening();
  // Whoever ends it is not told that it ended.
  if (how === null || interrupts.length > 0) return EXIT.done;
  const words = hasSpoken ? 'What it said stands above.' : 'It said nothing on standard error.';
  throw new AppError('DESKTOP_CRASHED', `the desktop app ended with ${how}. ${words}`, { how, executable });
}
