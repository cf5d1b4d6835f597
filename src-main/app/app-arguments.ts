import { resolve } from 'node:path';

export interface AppArguments {
  /** Absolute paths. */
  readonly captures: readonly string[];
  /** Absolute; null for the default workspace. */
  readonly workspace: string | null;
}

const WORKSPACE = '--workspace=';

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
    captures: [...named, ...behind.filter((path) => path !== '')].map((path) => resolve(cwd, path)),
    workspace: workspace === '' ? null : resolve(cwd, workspace),
  };
}
