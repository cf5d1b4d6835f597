const GROUPED = new Intl.NumberFormat('en-US');

/** All digits of a number. */
export const grouped = (count: number | bigint): string => GROUPED.format(count);

/** The noun in the number of `count`. */
export const noun = (count: number, one: string, many = `${one}s`): string => (count === 1 ? one : many);

/** `1 entry`, `2,000 entries`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${noun(count, one, many)}`;
