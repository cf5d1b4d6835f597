import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import type { EngineMessage } from '../../../src-main/engine/engine-message';
import { parentOf } from '../../../src-main/engine/engine-parent';

const MESSAGE: EngineMessage = {
  kind: 'listening',
  socketPath: '/run/a.sock',
  workspace: '/w',
  pid: 7,
  isOwner: true,
};

/** `process` as a child of `child_process.fork` has it. */
class ForkedProcess extends EventEmitter {
  connected = true;
  ppid = 1;
  readonly sent: unknown[] = [];
  send(message: unknown, _handle: unknown, _options: unknown, done: () => void): void {
    this.sent.push(message);
    setImmediate(done);
  }
}

/** `process` in a process of `utilityProcess.fork`. */
class UtilityProcess extends EventEmitter {
  ppid = 1;
  readonly sent: unknown[] = [];
  readonly parentPort = Object.assign(new EventEmitter(), {
    postMessage: (message: unknown) => void this.sent.push(message),
  });
}

const asProcess = (self: EventEmitter): NodeJS.Process => self as unknown as NodeJS.Process;

test.each([
  { name: 'child_process.fork', make: () => new ForkedProcess() },
  { name: 'utilityProcess.fork', make: () => new UtilityProcess() },
])('the parent of $name is told by its channel', async ({ make }) => {
  const self = make();
  await parentOf(asProcess(self))?.tell(MESSAGE);
  expect(self.sent).toEqual([MESSAGE]);
});

test('a forking parent is gone once, when its channel closes', () => {
  const self = new ForkedProcess();
  const gone = vi.fn();
  parentOf(asProcess(self))?.onGone(gone);
  expect(gone).not.toHaveBeenCalled();
  self.emit('disconnect');
  self.emit('disconnect');
  expect(gone).toHaveBeenCalledTimes(1);
});

test('a parent that is gone already is so at once', () => {
  const self = new ForkedProcess();
  self.connected = false;
  const gone = vi.fn();
  parentOf(asProcess(self))?.onGone(gone);
  expect(gone).toHaveBeenCalledTimes(1);
});

test('a parent whose port tells nothing is missed by the orphan', () => {
  vi.useFakeTimers();
  try {
    const self = new UtilityProcess();
    const gone = vi.fn();
    parentOf(asProcess(self))?.onGone(gone);
    vi.advanceTimersByTime(5000);
    expect(gone).not.toHaveBeenCalled();
    self.ppid = 99;
    vi.advanceTimersByTime(5000);
    expect(gone).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});

test('a process that nobody forked has no parent to tell', () => {
  expect(parentOf(asProcess(new EventEmitter()))).toBeNull();
});
