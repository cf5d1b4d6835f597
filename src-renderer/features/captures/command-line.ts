/** A word that no shell reads as anything else. */
const PLAIN = /^[\w@%+=:,./\\-]+$/u;

/** A path as a word of a command line. In single quotes a POSIX shell takes all but these as they are. */
export function shellWord(path: string): string {
  if (PLAIN.test(path) && !path.startsWith('-')) return path;
  // Paths of Windows begin with a drive or two backslashes, and its shells know double quotes.
  if (/^(?:[A-Za-z]:|\\\\)/u.test(path)) return `"${path}"`;
  return `'${path.replaceAll("'", "'\\''")}'`;
}
