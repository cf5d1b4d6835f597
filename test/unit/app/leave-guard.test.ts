import { EventEmitter } from 'node:events';
import type { BrowserWindow } from 'electron';
import { expect, test } from 'vitest';
import { guardLeaving } from '../../../src-main/app/leave-guard';

/** @returns whether the window closes, and how often the user was asked */
function leave(answer: number, mustEnd = false): { readonly closes: boolean; readonly asked: readonly string[] } {
  const webContents = new EventEmitter();
  const asked: string[] = [];
  const showMessageBoxSync = (_window: unknown, { message }: { readonly message: string }): number => {
    asked.push(message);
    return answer;
  };
  const window = { webContents } as unknown as BrowserWindow;
  const dialog = { showMessageBoxSync } as never;
  guardLeaving({ window, dialog, kind: () => 'load', mustEnd: () => mustEnd });
  let closes = false;
  webContents.emit('will-prevent-unload', { preventDefault: () => (closes = true) });
  return { closes, asked };
}

test('a page that does not want to be left is left only when the user says so', () => {
  expect(leave(0)).toEqual({ closes: false, asked: ['Log entries are being loaded.'] });
  expect(leave(1)).toEqual({ closes: true, asked: ['Log entries are being loaded.'] });
});

test('an app that must end asks nobody', () => {
  expect(leave(0, true)).toEqual({ closes: true, asked: [] });
});
