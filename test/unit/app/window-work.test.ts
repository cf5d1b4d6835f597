import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { WakeKeeper } from '../../../src-main/app/wake-keeper';
import { WindowWork } from '../../../src-main/app/window-work';

function keeper() {
  const held: number[] = [];
  let last = 0;
  const blocker = {
    start: (type: string): number => {
      expect(type).toBe('prevent-app-suspension');
      held.push(++last);
      return last;
    },
    stop: (id: number): boolean => {
      held.splice(held.indexOf(id), 1);
      return true;
    },
  };
  return { wake: new WakeKeeper(blocker), held };
}

function working({ isFocused = false, notifies = true } = {}) {
  const { wake, held } = keeper();
  const events = new EventEmitter();
  const state = { isFocused, isDestroyed: false };
  const progress: string[] = [];
  const notices: string[] = [];
  const window = {
    setProgressBar: (part: number, options?: { readonly mode: string }) =>
      void progress.push(options === undefined ? String(part) : `${part} ${options.mode}`),
    isFocused: () => state.isFocused,
    isDestroyed: () => state.isDestroyed,
    on: events.on.bind(events),
  };
  const notify = (title: string): void => void notices.push(title);
  const work = new WindowWork({ window: window as never, wake, notifies: () => notifies, notify });
  return { work, progress, notices, held, events, state };
}

const ended = { title: 'Imported a.pcap', tookMs: 30_000, hasFailed: false };

test('the computer stays awake while any window works, and no longer', () => {
  const { wake, held } = keeper();
  const [one, other] = [{}, {}];
  wake.hold(one);
  wake.hold(one);
  wake.hold(other);
  expect(held).toEqual([1]);
  wake.release(one);
  expect(held).toEqual([1]);
  wake.release(other);
  wake.release(other);
  expect(held).toEqual([]);
  wake.hold(one);
  expect(held).toEqual([2]);
});

test('progress is shown while something runs, as more than all of it where its length is not known', () => {
  const { work, progress, held } = working();
  work.run({ kind: 'import', part: null });
  work.run({ kind: 'import', part: 0.4 });
  expect(held).toHaveLength(1);
  work.run(null);
  expect(progress).toEqual(['2', '0.4', '-1']);
  expect(held).toEqual([]);
});

test('a window that closes works no more', () => {
  const { work, progress, held, events, state } = working();
  work.run({ kind: 'load', part: 0.1 });
  state.isDestroyed = true;
  events.emit('closed');
  expect(held).toEqual([]);
  expect(progress).toEqual(['0.1']);
});

test('a failure is shown until somebody looks at it, or something else runs', () => {
  const { work, progress, events } = working();
  work.run({ kind: 'import', part: 0.2 });
  work.run(null);
  work.end({ ...ended, hasFailed: true });
  work.run(null);
  expect(progress).toEqual(['0.2', '-1', '1 error']);
  events.emit('focus');
  events.emit('focus');
  expect(progress.slice(3)).toEqual(['-1']);
  work.end({ ...ended, hasFailed: true });
  work.run({ kind: 'import', part: 0 });
  expect(progress.slice(4)).toEqual(['1 error', '0']);
});

test.each([
  { name: 'a long one that nobody looks at', options: {}, tookMs: 30_000, told: 1 },
  { name: 'a short one', options: {}, tookMs: 29_999, told: 0 },
  { name: 'one that is looked at', options: { isFocused: true }, tookMs: 90_000, told: 0 },
  { name: 'one of a user who wants none', options: { notifies: false }, tookMs: 90_000, told: 0 },
])('of the end of $name there are $told notifications', ({ options, tookMs, told }) => {
  const { work, notices } = working(options);
  work.end({ ...ended, tookMs });
  expect(notices).toHaveLength(told);
});
