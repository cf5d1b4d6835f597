import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowWindow } from '../../../src-renderer/lib/row-window';
import { PROPERTY_RUNS } from '../../support/property-runs';

const ROW_PX = 26;
const VIEWPORT_PX = 600;

function open(rows: number): RowWindow {
  const window = new RowWindow(ROW_PX);
  window.resize(rows, VIEWPORT_PX);
  return window;
}

describe('a table that a browser can lay out', () => {
  test('shows the rows at the place that was scrolled to', () => {
    const window = open(1000);
    expect(window.scrolled(2600)).toBeNull();
    expect(window.seen.first).toBe(100);
  });
});

describe('a table of fifty million rows', () => {
  test('is no taller than a browser lays out', () => {
    expect(open(50_000_000).spacerPx).toBeLessThan(16_000_000);
  });

  test('moves by exactly the pixels of a turn of the wheel', () => {
    const window = open(50_000_000);
    expect(window.scrolled(100)).toBeNull();
    expect(window.topPx).toBe(100);
    expect(window.scrolled(200)).toBeNull();
    expect(window.topPx).toBe(200);
  });

  test('shows the last row at the end of the scroll bar', () => {
    const window = open(50_000_000);
    window.scrolled(window.spacerPx - VIEWPORT_PX);
    expect(window.seen.end).toBe(50_000_000);
  });

  test('goes on where the scroll bar ends before the rows do', () => {
    const window = open(50_000_000);
    window.reveal(20);
    window.scrolled(1000);
    const wanted = window.scrolled(0);
    expect(window.topPx).toBe(0);
    expect(wanted).toBeNull();
  });

  test('any row can be brought into view, from anywhere', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000_000 }),
        fc.array(fc.nat({ max: 99_999_999 }), { minLength: 1, maxLength: 8 }),
        (rows, wanted) => {
          const window = open(rows);
          for (const row of wanted.map((index) => index % rows)) {
            const scrollTop = window.reveal(row);
            expect(scrollTop).toBeGreaterThanOrEqual(0);
            expect(scrollTop).toBeLessThanOrEqual(Math.max(0, window.spacerPx - VIEWPORT_PX));
            expect(window.topPx).toBeLessThanOrEqual(row * ROW_PX);
            expect(window.topPx + VIEWPORT_PX).toBeGreaterThanOrEqual(Math.min((row + 1) * ROW_PX, window.totalPx));
            const { first, end } = window.drawn;
            expect(first <= row && row < end).toBe(true);
          }
        },
      ),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

describe('rows that are as high as what is in them', () => {
  /** Rows of 26, 126, 226 … 926 pixels. */
  const heightOf = (row: number): number => ROW_PX + (row % 10) * 100;

  /** Measures what is drawn until nothing new is, as a table does. */
  function settled(window: RowWindow): RowWindow {
    for (let hasChanged = true; hasChanged;) {
      hasChanged = false;
      const { first, end } = window.drawn;
      for (let row = first; row < end; row++) hasChanged = window.measure(row, heightOf(row)) || hasChanged;
    }
    return window;
  }

  test('lie one below the other, and as many are drawn as are seen', () => {
    const window = settled(open(10_000_000));
    expect([0, 1, 2, 3].map((row) => window.offsetPx(row))).toEqual([0, 26, 152, 378]);
    expect(window.seen).toEqual({ first: 0, end: 4 });
    expect(window.drawn.end).toBeGreaterThanOrEqual(4);
  });

  test('move by exactly the pixels of a turn of the wheel', () => {
    const window = settled(open(10_000_000));
    window.scrolled(100);
    expect(window.offsetPx(2)).toBe(52);
    window.scrolled(80);
    expect(window.offsetPx(2)).toBe(72);
  });

  test('the last one ends where the view does', () => {
    const window = settled(open(10_000_000));
    window.scrolled(window.spacerPx - VIEWPORT_PX);
    settled(window);
    window.reveal(9_999_999);
    settled(window).reveal(9_999_999);
    expect(window.offsetPx(9_999_999)).toBe(0);
    window.reveal(9_999_990);
    settled(window).reveal(9_999_990);
    expect(window.offsetPx(9_999_990)).toBeGreaterThanOrEqual(0);
  });

  test('stay where they are when others are put in front, or their heights are forgotten', () => {
    const window = settled(open(100));
    window.scrolled(200);
    const offset = window.offsetPx(3);
    window.shift(50);
    window.resize(150, VIEWPORT_PX);
    expect(window.offsetPx(53)).toBe(offset);
    window.forget();
    expect(window.topRow).toBe(52);
    expect(window.totalPx).toBe(150 * ROW_PX);
  });

  test('one can be brought into the middle', () => {
    const window = open(1000);
    window.center(500);
    expect(window.offsetPx(500)).toBe(287);
  });

  test('any row can be brought into view, from anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9_999_999 }), { minLength: 1, maxLength: 8 }), (wanted) => {
        const window = settled(open(10_000_000));
        for (const row of wanted) {
          window.reveal(row);
          settled(window);
          const scrollTop = window.reveal(row);
          expect(scrollTop).toBeLessThanOrEqual(window.spacerPx - VIEWPORT_PX);
          const offset = window.offsetPx(row);
          expect(offset).toBeGreaterThanOrEqual(0);
          if (heightOf(row) <= VIEWPORT_PX) expect(offset + heightOf(row)).toBeLessThanOrEqual(VIEWPORT_PX);
        }
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});
