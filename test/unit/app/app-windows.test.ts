import { EventEmitter } from 'node:events';
import type { BrowserWindow } from 'electron';
import { expect, test } from 'vitest';
import { AppWindows } from '../../../src-main/app/app-windows';

class FakeWindow extends EventEmitter {
  readonly told: string[] = [];
  readonly calls: string[] = [];
  readonly webContents = { send: (_channel: string, name: string) => void this.told.push(name) };
  isDestroyed = (): boolean => false;
  isMinimized = (): boolean => this.calls.length === 0;
  restore = (): void => void this.calls.push('restore');
  show = (): void => void this.calls.push('show');
  focus = (): void => {
    this.calls.push('focus');
    this.emit('focus');
  };
}

function opened() {
  const made: { readonly slot: number; readonly others: number }[] = [];
  const windows = new AppWindows({
    make: (slot, others) => {
      made.push({ slot, others: others.length });
      return new FakeWindow() as unknown as BrowserWindow;
    },
    onOpened: () => undefined,
  });
  const fake = ({ window }: { readonly window: BrowserWindow }): FakeWindow => window as unknown as FakeWindow;
  return { windows, made, fake };
}

test('each window has a number of its own, which the next one takes when it is closed', () => {
  const { windows, made, fake } = opened();
  const first = windows.open();
  windows.open();
  fake(first).emit('closed');
  windows.open();
  windows.open();
  expect(made).toEqual([
    { slot: 0, others: 0 },
    { slot: 1, others: 1 },
    { slot: 0, others: 1 },
    { slot: 2, others: 2 },
  ]);
});

test('captures go to the window that was used last, which comes to the front', () => {
  const { windows, fake } = opened();
  const first = windows.open(['/a.pcap']);
  const second = windows.open();
  expect(windows.current).toBe(second);
  fake(first).emit('focus');
  windows.hand(['/b.pcap']);
  expect(first.handed.take()).toEqual(['/a.pcap', '/b.pcap']);
  expect(fake(first).told).toEqual(['capture:handed', 'capture:handed']);
  expect(fake(first).calls).toEqual(['restore', 'show', 'focus']);
  expect(second.handed.take()).toEqual([]);
  fake(first).emit('closed');
  expect(windows.current).toBe(second);
});

test('without a window they open one, and a second start without any only shows what is there', () => {
  const { windows, fake } = opened();
  windows.hand(['/a.pcap']);
  expect(windows.all).toHaveLength(1);
  windows.hand([]);
  expect(windows.all).toHaveLength(1);
  expect(fake(windows.all[0] ?? windows.open()).calls).toEqual(['restore', 'show', 'focus']);
  expect(windows.current?.handed.take()).toEqual(['/a.pcap']);
});

test('what concerns all windows is told to all', () => {
  const { windows, fake } = opened();
  windows.open();
  windows.open();
  windows.tellAll('engine:state', { kind: 'ready' });
  expect(windows.all.map((each) => fake(each).told)).toEqual([['engine:state'], ['engine:state']]);
});
