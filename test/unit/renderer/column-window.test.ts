import { expect, test } from 'vitest';
import { columnsToDraw, scrollToColumn } from '../../../src-renderer/lib/column-window';

/** A thousand columns of 100 pixels each. */
const EDGES = Array.from({ length: 1001 }, (_, index) => index * 100);
const NONE = { first: 0, end: 0 };

test('those that are seen are drawn, and some beside them', () => {
  expect(columnsToDraw(1000, EDGES, { fromPx: 0, toPx: 800 }, NONE)).toEqual({ first: 0, end: 9 });
  expect(columnsToDraw(1000, EDGES, { fromPx: 50_050, toPx: 50_850 }, NONE)).toEqual({ first: 499, end: 510 });
  expect(columnsToDraw(1000, EDGES, { fromPx: 99_200, toPx: 100_000 }, NONE)).toEqual({ first: 991, end: 1000 });
  expect(columnsToDraw(3, [0, 50, 90, 200], { fromPx: 0, toPx: 800 }, NONE)).toEqual({ first: 0, end: 3 });
});

test('those that were drawn before it was known where they lie go, where few of them are seen', () => {
  expect(columnsToDraw(1000, EDGES, { fromPx: 0, toPx: 800 }, { first: 0, end: 40 })).toEqual({ first: 0, end: 9 });
});

test('they stay while they are enough, and go when there are fewer', () => {
  const drawn = columnsToDraw(1000, EDGES, { fromPx: 50_000, toPx: 50_800 }, NONE);
  expect(columnsToDraw(1000, EDGES, { fromPx: 50_050, toPx: 50_850 }, drawn)).toBe(drawn);
  expect(columnsToDraw(1000, EDGES, { fromPx: 51_000, toPx: 51_800 }, drawn)).not.toBe(drawn);
  expect(columnsToDraw(2, [0, 100, 200], { fromPx: 0, toPx: 800 }, drawn)).toEqual({ first: 0, end: 2 });
});

test('before it is known where they lie, not all of very many are drawn', () => {
  expect(columnsToDraw(1000, [], { fromPx: 0, toPx: 800 }, NONE)).toEqual({ first: 0, end: 40 });
  expect(columnsToDraw(3, [0, 100], { fromPx: 0, toPx: 800 }, NONE)).toEqual({ first: 0, end: 3 });
  expect(columnsToDraw(0, [0], { fromPx: 0, toPx: 800 }, NONE)).toEqual(NONE);
});

test.each([
  { name: 'one in sight stays where it is', column: 5, from: 400, to: 400 },
  { name: 'one on the left begins with what is seen', column: 2, from: 400, to: 200 },
  { name: 'one on the right ends with it', column: 20, from: 400, to: 1300 },
  { name: 'the first one brings what stands in front of it', column: 0, from: 400, to: 0 },
])('$name', ({ column, from, to }) => {
  expect(scrollToColumn(EDGES, column, from, 800)).toBe(to);
});

test('one that is wider than what is seen shows its beginning', () => {
  expect(scrollToColumn([0, 100, 2000], 1, 0, 800)).toBe(100);
});
