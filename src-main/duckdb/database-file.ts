/** The database in the folder of a workspace. */
export const DATABASE_FILE = 'workspace.duckdb';

/** Whether a file of that name has logs of a workspace: its database, or what was last written to it. */
export function isDatabaseFile(name: string): boolean {
  // Some systems tell no capitals apart.
  return [DATABASE_FILE, `${DATABASE_FILE}.wal`].includes(name.toLowerCase());
}
