import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

const CTRL_C = '\u0003';
const CTRL_Z = '\u001a';
/** After any of these whoever listens to it ends, and the next one ends the process, which would leave the terminal raw. */
const ENDS = ['SIGINT', 'SIGTERM'] as const;

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
  const stop = (): void => {
    process.off('SIGCONT', listen);
    for (const signal of ENDS) process.off(signal, stop);
    stdin.off('data', onData);
    leave();
  };
  const onData = (octets: Buffer): void => {
    for (const key of octets.toString()) {
      if (key === CTRL_C) interrupt();
      else if (key !== CTRL_Z) listener(key);
      else if (process.platform !== 'win32') {
        leave();
        // All of the group, as the terminal would: whoever waits for this process would wait on.
        process.kill(0, 'SIGTSTP');
      }
    }
  };
  stdin.on('data', onData);
  process.on('SIGCONT', listen);
  for (const signal of ENDS) process.on(signal, stop);
  listen();
  return stop;
}

function interrupt(): void {
  // A signal that is sent there is not heard: it ends the process at once.
  if (process.platform === 'win32') process.emit('SIGINT', 'SIGINT');
  else process.kill(0, 'SIGINT');
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
