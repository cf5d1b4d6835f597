import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface AppArguments {
  /** Absolute paths. */
  readonly captures: readonly string[];
  /** Absolute; null for the default workspace. */
  readonly workspace: string | null;
}

const WORKSPACE = '--workspace=';

/**
 * File managers of Linux may name what is opened with the app by its address, as the `%U` of its desktop entry allows.
 *
 * @returns an absolute path; the address as a path where it is none of this computer's, so that an error names it
 * @see https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html
 */
function pathOf(named: string, cwd: string): string {
  if (!/^file:\/\//iu.test(named)) return resolve(cwd, named);
  try {
    return fileURLToPath(named);
  } catch {
    return resolve(cwd, named);
  }
}

/**
 * Reads the command line of the app, into which Electron, Chromium and debuggers mix switches of their own: everything
 * that begins with a dash is theirs, but for `--workspace=DIR`. All that stands behind `--` is a capture.
 *
 * @param args without the program
 * @param cwd what paths are relative to
 * @param appFolder which Electron is given before anything else, unless the app is packaged
 */
export function parseAppArguments(args: readonly string[], cwd: string, appFolder: string): AppArguments {
  const end = args.indexOf('--');
  const before = end === -1 ? args : args.slice(0, end);
  const behind = end === -1 ? [] : args.slice(end + 1);
  const workspace = before.findLast((argument) => argument.startsWith(WORKSPACE))?.slice(WORKSPACE.length) ?? '';
  const named = before.filter((argument) => argument !== '' && !argument.startsWith('-'));
  const [first] = named;
  if (first !== undefined && resolve(cwd, first) === appFolder) named.shift();
  return {
    captures: [
      ...named.map((each) => pathOf(each, cwd)),
      ...behind.filter((path) => path !== '').map((path) => resolve(cwd, path)),
    ],
    workspace: workspace === '' ? null : resolve(cwd, workspace),
  };
}
