import { expect, test } from 'vitest';
import { ImportLink } from '../../../src-main/engine/import-link';

const PROGRESS = { readBytes: 2 ** 50 + 1, totalBytes: 2 ** 51, packets: 3, windows: 4, elapsedMs: 5.5 };

test('progress is read once, as it was reported last', () => {
  const link = new ImportLink();
  const other = new ImportLink(link.shared);
  expect(other.read(0)).toBeNull();
  link.report({ ...PROGRESS, packets: 1 });
  link.report(PROGRESS);
  const report = other.read(0);
  expect(report?.progress).toEqual(PROGRESS);
  expect(other.read(report?.number ?? 0)).toBeNull();
  link.report({ ...PROGRESS, totalBytes: null });
  expect(other.read(report?.number ?? 0)?.progress.totalBytes).toBeNull();
});

test('batches may be sent until eight are under way, and again when one is stored', () => {
  const link = new ImportLink();
  for (let batch = 0; batch < 100; batch++) {
    expect(link.claimSend()).toBe(true);
    if (batch >= 7) link.release();
  }
});

test('nothing may be sent after a cancel, which the other end sees', () => {
  const link = new ImportLink();
  const other = new ImportLink(link.shared);
  expect(other.isCancelled).toBe(false);
  link.cancel();
  expect(other.isCancelled).toBe(true);
  expect(other.claimSend()).toBe(false);
});
