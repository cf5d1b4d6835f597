/** A byte behind the first of a sequence, as URLs write it. */
const CONTINUATION = '%[89AB][0-9A-F]';

/** The sequences of UTF-8 behind ASCII, with their bytes as `%XX`. @see Unicode Standard, table 3-7 */
const SEQUENCES: readonly (readonly string[])[] = [
  ['%(?:C[2-9A-F]|D[0-9A-F])', CONTINUATION],
  ['%E0', '%[AB][0-9A-F]', CONTINUATION],
  ['%E[1-9ABCEF]', CONTINUATION, CONTINUATION],
  ['%ED', '%[89][0-9A-F]', CONTINUATION],
  ['%F0', '%[9AB][0-9A-F]', CONTINUATION, CONTINUATION],
  ['%F[1-3]', CONTINUATION, CONTINUATION, CONTINUATION],
  ['%F4', '%8[0-9A-F]', CONTINUATION, CONTINUATION],
];

const VALID = SEQUENCES.map((bytes) => bytes.join('')).join('|');
/** As much of a sequence as is right, longest first: it becomes one replacement character. @see Unicode Standard §3.9 */
const TRUNCATED = SEQUENCES.flatMap((bytes) =>
  bytes.slice(1, -1).map((_, dropped) => bytes.slice(0, bytes.length - 1 - dropped).join('')),
).join('|');
const MALFORMED = `${TRUNCATED}|%[89A-F][0-9A-F]`;

/**
 * An expression for a text, percent-encoded in whole or in part, in which bytes that are not UTF-8 are U+FFFD, as
 * Presto's functions make them: DuckDB's decoding ends the statement at them.
 */
export const wellFormed = (text: string): string => `array_to_string(list_transform(
  regexp_extract_all(${text}, '(?is)(?:${VALID})+|${MALFORMED}|[^%]+|%', 0),
  λp -> CASE WHEN regexp_matches(λp, '(?i)^(?:${MALFORMED})$') THEN '%EF%BF%BD' ELSE λp END), '')`;

/** `url_decode` of DuckDB, which only bytes that are not ASCII can fail. */
export const decodedUrl = (text: string): string =>
  `CASE WHEN regexp_matches(${text}, '(?i)%[89A-F][0-9A-F]') THEN url_decode(${wellFormed(text)}) ELSE url_decode(${text}) END`;
