import { homedir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { AppError } from '../contract/errors';

/**
 * @returns the workspace of who names none: `$NATSCOPE_WORKSPACE`, else the system's folder for data of programs
 * @throws AppError WORKSPACE_UNUSABLE when that folder would be in a home that is not known
 */
export function defaultWorkspaceDir(env: NodeJS.ProcessEnv = process.env): string {
  // A variable that is set to nothing counts as not set.
  const value = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const named = value('NATSCOPE_WORKSPACE');
  if (named !== undefined) return resolve(named);
  if (process.platform === 'win32') {
    return join(value('LOCALAPPDATA') ?? join(homeDir(), 'AppData', 'Local'), 'Natscope', 'default');
  }
  if (process.platform === 'darwin') return join(homeDir(), 'Library', 'Application Support', 'Natscope', 'default');
  return join(value('XDG_DATA_HOME') ?? join(homeDir(), '.local', 'share'), 'natscope', 'default');
}

/** `HOME` may be set to nothing, as services and containers do; the system's list of users still knows the home then. */
function homeDir(): string {
  for (const ask of [homedir, () => userInfo().homedir]) {
    try {
      const home = ask();
      if (isAbsolute(home)) return home;
    } catch {
      // Both throw for a user who is on no list.
    }
  }
  throw new AppError(
    'WORKSPACE_UNUSABLE',
    'there is no home folder for the default workspace; name one with --workspace or NATSCOPE_WORKSPACE',
  );
}
