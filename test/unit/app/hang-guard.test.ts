import { EventEmitter } from 'node:events';
import type { BrowserWindow, MessageBoxOptions } from 'electron';
import { expect, test } from 'vitest';
import { HangGuard } from '../../../src-main/app/hang-guard';

interface Question extends Pick<MessageBoxOptions, 'detail' | 'signal'> {
  answer(button: number): Promise<void>;
}

function guarded({ isWorking = false } = {}) {
  const asked: Question[] = [];
  const crashed: string[] = [];
  const webContents = Object.assign(new EventEmitter(), { forcefullyCrashRenderer: () => crashed.push('crashed') });
  const window = Object.assign(new EventEmitter(), { webContents, isDestroyed: () => false });
  const showMessageBox = (_window: unknown, options: MessageBoxOptions): Promise<{ response: number }> =>
    new Promise((resolve) => {
      const answer = async (response: number): Promise<void> => {
        resolve({ response });
        await new Promise(setImmediate);
      };
      options.signal?.addEventListener('abort', () => void answer(options.cancelId ?? 0));
      asked.push({ detail: options.detail ?? '', signal: options.signal ?? new AbortController().signal, answer });
    });
  const guard = new HangGuard({
    ...{ window: window as unknown as BrowserWindow, dialog: { showMessageBox } as never },
    isWorking: () => isWorking,
  });
  return { guard, asked, crashed, window, hang: () => webContents.emit('unresponsive'), webContents };
}

test('a page that does not answer is loaded again only when the user says so, who is asked once', async () => {
  const { guard, asked, crashed, hang } = guarded();
  hang();
  hang();
  expect(asked).toHaveLength(1);
  await asked[0]?.answer(0);
  expect([crashed, guard.takeEnd()]).toEqual([[], false]);
  hang();
  await asked[1]?.answer(1);
  expect(crashed).toEqual(['crashed']);
  // Its end is told from a crash once.
  expect([guard.takeEnd(), guard.takeEnd()]).toEqual([true, false]);
});

test('the question goes when the page answers again, and with its window', async () => {
  for (const event of ['responsive', 'closed'] as const) {
    const { guard, asked, crashed, hang, window, webContents } = guarded();
    hang();
    (event === 'closed' ? window : webContents).emit(event);
    expect(asked[0]?.signal?.aborted).toBe(true);
    await new Promise(setImmediate);
    expect([crashed, guard.takeEnd()]).toEqual([[], false]);
  }
});

test('what would end with the page is told', () => {
  const [idle, working] = [guarded(), guarded({ isWorking: true })];
  for (const { hang } of [idle, working]) hang();
  expect(idle.asked[0]?.detail).not.toContain('cancelled');
  expect(working.asked[0]?.detail).toContain('cancelled');
});
