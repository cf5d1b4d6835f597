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
