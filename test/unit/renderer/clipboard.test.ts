import { expect, test } from 'vitest';
import { copyText } from '../../../src-renderer/services/clipboard';

test('a text is copied as it is', async () => {
  const copied: string[] = [];
  const writeText = (text: string): Promise<void> => Promise.resolve(void copied.push(text));
  expect(await copyText('10.0.1.12', { writeText })).toBe(true);
  expect(copied).toEqual(['10.0.1.12']);
});

test('a clipboard that refuses, or is not there, is no exception', async () => {
  const writeText = (): Promise<void> => Promise.reject(new DOMException('no', 'NotAllowedError'));
  expect(await copyText('10.0.1.12', { writeText })).toBe(false);
  expect(await copyText('10.0.1.12', undefined)).toBe(false);
});
