import { expect, test } from 'vitest';
import { noticeJson } from '../../../src-main/engine/output/notice-json';

test('a notice has the names of other keys, and its numbers where it has some', () => {
  expect(noticeJson({ kind: 'losses', text: 'a' })).toEqual({ kind: 'losses', text: 'a' });
  const windows = { partial: 2, all: null, startsSec: [600], otherStarts: 1 };
  expect(noticeJson({ kind: 'partial', text: 'b', windows })).toEqual({
    ...{ kind: 'partial', text: 'b' },
    windows: { partial: 2, all: null, starts: [600], other_starts: 1 },
  });
});
