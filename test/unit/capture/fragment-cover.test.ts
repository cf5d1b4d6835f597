import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FragmentCover } from '../../../src-main/capture/fragment-cover';
import { PROPERTY_RUNS } from '../../support/property-runs';

/** Octets of a packet, half-open; the last of its fragments ends it. */
interface Fragment {
  readonly start: number;
  readonly end: number;
  readonly isLast?: boolean;
}

const spanOf = ({ start, end, isLast = false }: Fragment): number => ((start / 8) << 18) | (isLast ? 0 : 1 << 17) | end;

/** @returns of each fragment whether it brings octets again */
function overlaps(fragments: readonly Fragment[], cover = new FragmentCover(4), place = 1): boolean[] {
  return fragments.map((each) => cover.add(place, spanOf(each)));
}

const A = { start: 0, end: 1480 };
const B = { start: 1480, end: 2960 };
const C = { start: 2960, end: 3008, isLast: true };

describe('a fragment brings octets again', () => {
  test.each([
    { name: 'in order, none does', fragments: [A, B, C], again: [false, false, false] },
    { name: 'backwards, none does', fragments: [C, B, A], again: [false, false, false] },
    { name: 'one that comes twice', fragments: [A, A], again: [false, true] },
    { name: 'one that comes twice behind a gap', fragments: [C, C], again: [false, true] },
    { name: 'one that begins inside', fragments: [A, { start: 1472, end: 2960 }], again: [false, true] },
    { name: 'one that ends inside', fragments: [B, { start: 0, end: 1481 }], again: [false, true] },
    { name: 'one that has another in it', fragments: [B, { start: 1400, end: 3000 }], again: [false, true] },
    { name: 'one without octets does not', fragments: [A, { start: 8, end: 8 }], again: [false, false] },
  ])('$name', ({ fragments, again }) => {
    expect(overlaps(fragments)).toEqual(again);
  });

  test('as one would find who marked every octet', () => {
    const fragment = fc
      .tuple(fc.nat(40), fc.nat(80), fc.boolean())
      .map(([start, octets, isLast]) => ({ start: start * 8, end: start * 8 + octets, isLast }));
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 40 }), (fragments) => {
        const marks = new Set<number>();
        const expected = fragments.map(({ start, end }) => {
          const octets = Array.from({ length: end - start }, (_, index) => start + index);
          const isAgain = octets.some((octet) => marks.has(octet));
          for (const octet of octets) marks.add(octet);
          return isAgain;
        });
        expect(overlaps(fragments)).toEqual(expected);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

test('a packet is whole when all before the end of its last fragment has come', () => {
  const cover = new FragmentCover(4);
  const whole = [C, A, B].map((each) => {
    cover.add(2, spanOf(each));
    return cover.isWhole(2);
  });
  expect(whole).toEqual([false, false, true]);
});

test('places do not know of each other, are moved whole, and are cleared', () => {
  const cover = new FragmentCover(4);
  overlaps([A, C], cover, 0);
  expect(overlaps([A, C], cover, 3)).toEqual([false, false]);
  cover.move(0, 2);
  expect(overlaps([A, C], cover, 0)).toEqual([false, false]);
  expect(overlaps([A, C, B], cover, 2)).toEqual([true, true, false]);
  cover.clear(2);
  expect(cover.isWhole(2)).toBe(false);
  expect(overlaps([A, B, C], cover, 2)).toEqual([false, false, false]);
});

test('behind 64 gaps nothing is compared any more, and what was remembered is', () => {
  const islands = Array.from({ length: 70 }, (_, index) => ({ start: 16 * (index + 1), end: 16 * (index + 1) + 8 }));
  const again = overlaps([...islands, ...islands]);
  expect(again.slice(70)).toEqual(islands.map((_, index) => index < 64));
});
