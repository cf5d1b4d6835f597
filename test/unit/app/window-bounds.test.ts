import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openingBounds, type Bounds } from '../../../src-main/app/window-bounds';
import { PROPERTY_RUNS } from '../../support/property-runs';

const MAIN = { x: 0, y: 25, width: 1920, height: 1055 };
const LEFT = { x: -1280, y: 0, width: 1280, height: 1024 };

test.each([
  { name: 'the first start is centred', saved: null, opened: { x: 240, y: 103, width: 1440, height: 900 } },
  {
    name: 'a place on a display is kept',
    saved: { x: 100, y: 100, width: 1200, height: 800 },
    opened: { x: 100, y: 100, width: 1200, height: 800 },
  },
  {
    name: 'a place on the second display is kept',
    saved: { x: -1200, y: 10, width: 1000, height: 700 },
    opened: { x: -1200, y: 10, width: 1000, height: 700 },
  },
  {
    name: 'a place on a display that is gone is given up',
    saved: { x: 4000, y: 100, width: 1200, height: 800 },
    opened: { x: 240, y: 103, width: 1440, height: 900 },
  },
  {
    name: 'a title bar above the display is brought back',
    saved: { x: 100, y: -500, width: 1200, height: 900 },
    opened: { x: 240, y: 103, width: 1440, height: 900 },
  },
  {
    name: 'a window that hangs over an edge is moved in',
    saved: { x: 1600, y: 800, width: 1200, height: 800 },
    opened: { x: 720, y: 280, width: 1200, height: 800 },
  },
  {
    name: 'a window larger than the display fills it',
    saved: { x: 0, y: 25, width: 5000, height: 3000 },
    opened: MAIN,
  },
  {
    name: 'a window is never smaller than its page works in',
    saved: { x: 50, y: 50, width: 300, height: 200 },
    opened: { x: 50, y: 50, width: 960, height: 600 },
  },
])('$name', ({ saved, opened }) => {
  expect(openingBounds(saved, [MAIN, LEFT])).toEqual(opened);
});

test.each([
  { name: 'a window beside none stays', taken: [], opened: { x: 240, y: 103, width: 1440, height: 900 } },
  {
    name: 'a second one is moved, and is smaller where there is no room',
    taken: [{ x: 240, y: 103, width: 1440, height: 900 }],
    opened: { x: 272, y: 135, width: 1440, height: 900 },
  },
  {
    name: 'a third one is moved twice',
    taken: [
      { x: 240, y: 103, width: 1440, height: 900 },
      { x: 275, y: 140, width: 1000, height: 700 },
    ],
    opened: { x: 304, y: 167, width: 1440, height: 900 },
  },
  {
    name: 'one that is elsewhere is in nobody’s way',
    taken: [{ x: 0, y: 25, width: 960, height: 600 }],
    opened: { x: 240, y: 103, width: 1440, height: 900 },
  },
])('$name', ({ taken, opened }) => {
  expect(openingBounds(null, [MAIN, LEFT], taken)).toEqual(opened);
});

test('windows that fill a display are each seen at its edge, as long as they are large enough', () => {
  const area = { x: 0, y: 0, width: 1366, height: 728 };
  const taken: Bounds[] = [];
  for (let count = 0; count < 4; count++) taken.push(openingBounds(area, [area], taken));
  expect(taken.map(({ x, y, width }) => [x, y, width])).toEqual([
    [0, 0, 1366],
    [32, 32, 1334],
    [64, 64, 1302],
    [96, 96, 1270],
  ]);
});

test('wherever it was, it opens within a display that is there', () => {
  const coordinate = fc.integer({ min: -10_000, max: 10_000 });
  const length = fc.integer({ min: 1, max: 10_000 });
  const contains = (area: Bounds, { x, y, width, height }: Bounds): boolean =>
    x >= area.x && y >= area.y && x + width <= area.x + area.width && y + height <= area.y + area.height;
  fc.assert(
    fc.property(fc.record({ x: coordinate, y: coordinate, width: length, height: length }), (saved) => {
      const opened = openingBounds(saved, [MAIN, LEFT]);
      expect([MAIN, LEFT].some((area) => contains(area, opened))).toBe(true);
    }),
    { numRuns: PROPERTY_RUNS },
  );
});
