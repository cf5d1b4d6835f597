import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

const CTRL_C = '\u0003';
const CTRL_Z = '\u001a';

/** See `Io.onKey`. Keys are read raw, so that what the terminal makes of some is up to this. */
export function terminalKeys(listener: (key: string) => void): () => void {
  if (!isatty(0) || !isInForeground()) return () => undefined;
  const { stdin } = process;
  const listen = (): void => {
    if (!isInForeground()) return;
    stdin.setRawMode(true);
    stdin.resume();
  };
  const leave = (): void => {
    stdin.setRawMode(false);
    stdin.pause();
  };
  const onData = (octets: Buffer): void => {
    for (const key of octets.toString()) {
      if (key === CTRL_C) process.kill(process.pid, 'SIGINT');
      else if (key !== CTRL_Z) listener(key);
      else if (process.platform !== 'win32') {
        leave();
        process.kill(process.pid, 'SIGTSTP');
      }
    }
  };
  stdin.on('data', onData);
  process.on('SIGCONT', listen);
  listen();
  return () => {
    process.off('SIGCONT', listen);
    stdin.off('data', onData);
    leave();
  };
}

/** Whoever reads a terminal from its background, or changes it, is stopped by it. */
function isInForeground(): boolean {
  try {
    // Behind the name in parentheses: state, parent, group, session, terminal, group in the terminal's foreground.
    const [, , group, , , foreground] = readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /su, '')
      .split(' ');
    return group === foreground;
  } catch {
    // Elsewhere nothing tells.
    return true;
  }
}
