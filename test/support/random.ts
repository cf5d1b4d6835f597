/** Numbers that look random and are the same on every run and machine. */
export interface Random {
  /** @returns an integer in `[low, high]` */
  int(low: number, high: number): number;
  /** @returns an unsigned 32-bit integer */
  u32(): number;
  bytes(count: number): Uint8Array;
  pick<T>(choices: readonly T[]): T;
}

/** Mulberry32: one 32-bit state, good enough for test data. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const u32 = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const int = (low: number, high: number): number => low + (u32() % (high - low + 1));
  return {
    u32,
    int,
    bytes: (count) => Uint8Array.from({ length: count }, () => u32() >>> 24),
    pick: (choices) => {
      const choice = choices[int(0, choices.length - 1)];
      if (choice === undefined) throw new RangeError('nothing to pick from');
      return choice;
    },
  };
}
