import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Toasts, type ToastContent } from '../../../src-renderer/services/toasts.svelte';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const titles = (toasts: Toasts): string[] => toasts.list.map(({ title }) => title);
const showAll = (toasts: Toasts, kind: ToastContent['kind'], ...all: string[]): void =>
  all.forEach((title) => toasts.show({ kind, title }));

test('of messages that leave by themselves the last three are shown, for a while', () => {
  const toasts = new Toasts();
  showAll(toasts, 'ok', 'a', 'b', 'c', 'd');
  expect(titles(toasts)).toEqual(['b', 'c', 'd']);
  vi.runAllTimers();
  expect(titles(toasts)).toEqual([]);
});

test('a failure stays until it is dismissed, whatever comes after it', () => {
  const toasts = new Toasts();
  showAll(toasts, 'danger', 'first', 'second');
  showAll(toasts, 'ok', 'a', 'b', 'c', 'd');
  showAll(toasts, 'danger', 'third', 'fourth');
  expect(titles(toasts)).toEqual(['first', 'second', 'b', 'c', 'd', 'third', 'fourth']);
  vi.runAllTimers();
  expect(titles(toasts)).toEqual(['first', 'second', 'third', 'fourth']);
  toasts.dismiss(toasts.list[1]!.id);
  expect(titles(toasts)).toEqual(['first', 'third', 'fourth']);
});

test('what is pointed at stays', () => {
  const toasts = new Toasts();
  showAll(toasts, 'info', 'a');
  const [toast] = toasts.list;
  toasts.hold(toast!.id);
  vi.runAllTimers();
  expect(titles(toasts)).toEqual(['a']);
  toasts.release(toast!);
  vi.runAllTimers();
  expect(titles(toasts)).toEqual([]);
});

test('the same message twice is shown once, as the newest', () => {
  const toasts = new Toasts();
  showAll(toasts, 'danger', 'a', 'b', 'a');
  expect(titles(toasts)).toEqual(['b', 'a']);
});
