interface Placed {
  readonly start: number;
}

/**
 * What belongs to each of several things of one text, where the two come in turn: `11:00 A, 12:00 B` as much as `A at 11:00, B
 * at 12:00`. Several things may share one, `11:00 A and B, 12:00 C`.
 *
 * @returns one for each thing; null where nobody can tell
 */
export function pairUp<T extends Placed>(things: readonly Placed[], others: readonly T[]): readonly T[] | null {
  const all = [
    ...things.map(({ start }) => ({ start, other: null })),
    ...others.map((other) => ({ start: other.start, other })),
  ].sort((one, other) => one.start - other.start);
  const isFirst = all[0]?.other != null;
  const isLast = all.at(-1)?.other != null;
  if (all.length === 0 || isFirst === isLast) return null;
  if (all.some(({ other }, place) => other !== null && all[place + 1]?.other != null)) return null;
  const found: T[] = [];
  let current: T | null = null;
  for (const { other } of isFirst ? all : all.toReversed()) {
    if (other !== null) current = other;
    else if (current !== null) found.push(current);
  }
  return isFirst ? found : found.toReversed();
}
