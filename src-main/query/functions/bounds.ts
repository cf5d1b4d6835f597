/**
 * What one value may grow to. Neither DuckDB's memory limit nor an interrupt bounds functions that make much of little:
 * a chunk of 2,048 rows is computed at once.
 */
export const MAX_TEXT_BYTES = 1_000_000;
/** Elements of an array that a function makes out of numbers: Presto's own bound of `sequence` and `repeat`. */
export const MAX_MADE_ELEMENTS = 10_000;
/** Bytes or elements of the state of `reduce`, which a step may double. */
export const MAX_STATE = 65_536;
/** Characters that `lpad` and `rpad` fill up to: the longest text of a field that SQL reads. @see sls-logstore.md §2 */
export const MAX_PADDED = 16_384;

/**
 * A value that is read once, as `λt`, and what is made of it, unless that would be more than a value may grow to.
 *
 * @param bytes of the result, at most, in SQL over `λt`
 */
export const bounded = (name: string, value: string, bytes: string, result: string): string =>
  `list_extract(list_transform(list_value(${value}), λt -> CASE WHEN ${bytes} > ${MAX_TEXT_BYTES}
    THEN error('${name} may give ${MAX_TEXT_BYTES} bytes at most') ELSE ${result} END), 1)`;
