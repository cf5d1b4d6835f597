import { EventEmitter } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { terminalKeys } from '../../../src-main/cli/terminal-keys';

vi.mock('node:tty', () => ({ isatty: () => true }));
vi.mock('node:fs', () => ({
  readFileSync: () => {
    throw new Error('nothing tells which group is in the foreground');
  },
}));

class Terminal extends EventEmitter {
  isRaw = false;
  setRawMode(isRaw: boolean): void {
    this.isRaw = isRaw;
  }
  resume(): void {}
  pause(): void {}
  press(keys: string): void {
    this.emit('data', Buffer.from(keys));
  }
}

function listening(): { terminal: Terminal; heard: string[]; stop: () => void } {
  const terminal = new Terminal();
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(terminal as unknown as NodeJS.ReadStream & { fd: 0 });
  const heard: string[] = [];
  return { terminal, heard, stop: terminalKeys((key) => heard.push(key)) };
}

const listeners = () => ['SIGINT', 'SIGTERM', 'SIGCONT'].map((signal) => process.listenerCount(signal));

afterEach(() => {
  vi.restoreAllMocks();
});

test('keys are heard until nobody listens, and the terminal is as it was', () => {
  const before = listeners();
  const { terminal, heard, stop } = listening();
  expect(terminal.isRaw).toBe(true);
  terminal.press(' +');
  stop();
  terminal.press('-');
  expect([heard, terminal.isRaw, listeners()]).toEqual([[' ', '+'], false, before]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('the terminal is as it was after %s: the next one ends at once', (signal) => {
  const before = listeners();
  const { terminal, heard, stop } = listening();
  process.emit(signal, signal);
  terminal.press(' ');
  expect([terminal.isRaw, heard, listeners()]).toEqual([false, [], before]);
  stop();
});

test.skipIf(process.platform === 'win32')('Ctrl-C and Ctrl-Z are for all of the group, as a terminal has it', () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const { terminal, heard, stop } = listening();
  terminal.press('\u001a\u0003');
  expect([kill.mock.calls, terminal.isRaw, heard]).toEqual([
    [
      [0, 'SIGTSTP'],
      [0, 'SIGINT'],
    ],
    false,
    [],
  ]);
  process.emit('SIGCONT', 'SIGCONT');
  expect(terminal.isRaw).toBe(true);
  stop();
});
