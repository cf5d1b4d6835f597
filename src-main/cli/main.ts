import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { toErrorShape, type ErrorShape } from '../contract/errors';
import { natscopeVersion } from '../engine/natscope-version';
import { buildCommandLine } from './command-line';
import type { Run } from './run';
import type { Context, Desktop, OpenEngine } from './context';
import { failureJson, failureText } from './error-text';
import { EXIT, exitCodeOf, type ExitCode } from './exit-code';
import { processIo, type Io } from './io';
import { ReaderGone, TextOutput } from './text-output';

/** The package: two folders up from `src-main/cli/main.ts` as from what it is built to, `out/main/cli.js`. */
const packageFolder = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Only a command that needs the engine waits for its database library to load. */
const openWorkspace: OpenEngine = async (workspaceDir, options) =>
  (await import('../engine/open-engine')).openEngine(workspaceDir, options);

/** Of a command that was started without the launcher, which alone knows where the app is. */
const noDesktop: Desktop = {
  hasDisplay: false,
  find: () => Promise.resolve({ why: 'this is only the command', help: null }),
  run: () => {
    throw new Error('there is no desktop app to run');
  },
};

/**
 * The `natscope` command.
 *
 * @param argv without the program's name
 * @param desktop the launcher's way to the app with a window
 * @returns the exit code; the process is left to end by itself
 */
export async function main(
  argv: readonly string[],
  io: Io = processIo(),
  openEngine: OpenEngine = openWorkspace,
  desktop: Desktop = noDesktop,
): Promise<number> {
  const out = new TextOutput(io.stdout);
  const err = new TextOutput(io.stderr);
  const resourcesFolder = io.env.NATSCOPE_RESOURCES ?? join(packageFolder, 'resources');
  const context: Context = { io, out, err, openEngine, desktop, packageFolder, resourcesFolder };
  const run: Run = { exitCode: EXIT.done, query: null };
  try {
    await buildCommandLine(context, natscopeVersion(), run).parseAsync(argv, { from: 'user' });
    await out.flush();
  } catch (cause) {
    run.exitCode = explain(cause, context, run, asksForJson(argv));
  }
  await Promise.allSettled([out.flush(), err.flush()]);
  return run.exitCode;
}

/** @returns the exit code of a command that threw, after saying why */
function explain(cause: unknown, { out, err }: Context, run: Run, wantsJson: boolean): ExitCode {
  if (cause instanceof ReaderGone) return run.exitCode;
  if (cause instanceof CommanderError) {
    // Help and version end this way too.
    if (cause.exitCode === 0) return EXIT.done;
    if (wantsJson) out.tell(failureJson(usageError(cause)));
    return EXIT.wrongUsage;
  }
  const error = toErrorShape(cause);
  err.tell(failureText(error, run.query));
  // Behind rows that are already out it would only be taken for one: the missing end of the array tells it there.
  if (wantsJson && !out.hasWritten) out.tell(failureJson(error));
  return exitCodeOf(error.code);
}

/** The parser has said it on standard error; this is the same as data. */
function usageError({ message }: CommanderError): ErrorShape {
  return { code: 'OPTION_INVALID', message: message.replace(/^error: /, ''), detail: {} };
}

/** Also of a line that cannot be parsed, so the parser is no help. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const options = end === -1 ? argv : argv.slice(0, end);
  return options.some(
    (text, index) =>
      text === '--json' || text === '--format=json' || (text === 'json' && options[index - 1] === '--format'),
  );
}
