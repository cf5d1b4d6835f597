import { concatenation } from './concatenation';
import { MAX_PADDED, MAX_TEXT_BYTES } from './bounds';
import { arrayOf, isArray, mapOf, type SqlType } from '../sql-types';
import { first, macro, native, refused, rewritten, type FunctionTable } from './entry';

const isBinary = ([type]: readonly SqlType[]): boolean => type === 'binary';
/** Spaces, tabs and line ends, all of which the vendor's trims take away. */
const WHITESPACE = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)";
const trimming = (name: string) => macro('text', [`${name}($1, ${WHITESPACE})`, `${name}($1, $2)`]);

/** Characters from a start: 0 or one before the text gives nothing, a negative one counts from the end. */
const SUBSTR = [
  "CASE WHEN $2 = 0 OR $2 < -length($1) THEN '' ELSE substr($1, $2) END",
  "CASE WHEN $2 = 0 OR $2 < -length($1) OR $3 <= 0 THEN '' ELSE substr($1, $2, $3) END",
];

const padding = (name: string) => {
  const padded = (pad: string): string =>
    `CASE WHEN $2 > ${MAX_PADDED} THEN error('${name} pads to ${MAX_PADDED} characters at most')
      WHEN $2 < 0 OR length(${pad}) = 0 THEN error('${name} needs a length from 0 on and a text to pad with')
      ELSE ${name}($1, CAST($2 AS INTEGER), ${pad}) END`;
  return macro('text', [padded("' '"), padded('$3')]);
};

/** The most that a replacement can grow to is known beforehand: it occurs once for each place of the search. */
const REPLACE = `CASE WHEN strlen($1) + (strlen($1) // greatest(strlen($2), 1)) * strlen($3) > ${MAX_TEXT_BYTES}
  AND strlen($3) > strlen($2) THEN error('replace may give ${MAX_TEXT_BYTES} bytes at most') ELSE replace($1, $2, $3) END`;

export const TEXT: FunctionTable = {
  chr: native('text'),
  codepoint: native('integer', { rename: 'unicode' }),
  concat: rewritten(concatenation),
  ends_with: native('boolean'),
  /** @see Presto: both texts must have one length */
  hamming_distance: macro(
    'integer',
    "CASE WHEN length($1) <> length($2) THEN error('The input strings to hamming_distance function must have the same length') ELSE list_count(list_filter(list_zip(string_split($1, ''), string_split($2, '')), λe -> struct_extract_at(λe, 1) <> struct_extract_at(λe, 2))) END",
  ),
  length: macro('integer', [{ sql: 'octet_length($1)', when: isBinary }, 'length($1)']),
  /** @see Presto: the product of the two lengths is bounded, since the time is */
  levenshtein_distance: macro(
    'integer',
    `CASE WHEN strlen($1) * strlen($2) > 1000000
      THEN error('The combined inputs for Levenshtein distance exceed max of 1000000') ELSE levenshtein($1, $2) END`,
  ),
  lower: native('text'),
  lpad: padding('lpad'),
  ltrim: trimming('ltrim'),
  normalize: native('text', { rename: 'nfc_normalize', maxArguments: 1 }),
  position: native('integer', { rename: 'strpos' }),
  replace: macro('text', ["replace($1, $2, '')", REPLACE]),
  reverse: macro(first, [
    { sql: 'list_reverse($1)', when: ([type]) => isArray(type) },
    { sql: 'reverse($1)', result: 'text' },
  ]),
  rpad: padding('rpad'),
  rtrim: trimming('rtrim'),
  split: macro(arrayOf('text'), [
    'string_split($1, $2)',
    `CASE WHEN $3 < 1 THEN error('Limit must be positive') WHEN len(string_split($1, $2)) <= $3 THEN string_split($1, $2)
      ELSE list_append(list_slice(string_split($1, $2), 1, $3 - 1),
        array_to_string(list_slice(string_split($1, $2), $3, -1), $2)) END`,
  ]),
  /** NULL past the last part. */
  split_part: macro(
    'text',
    "CASE WHEN $3 < 1 THEN error('Index must be greater than zero') ELSE list_extract(string_split($1, $2), $3) END",
  ),
  split_to_map: macro(
    mapOf('text', 'text'),
    `map_from_entries(list_transform(list_filter(string_split($1, $2), λe -> λe <> ''), λe -> struct_pack(
      k := CASE WHEN strpos(λe, $3) = 0 THEN error('Key-value delimiter must appear exactly once in each entry') ELSE split_part(λe, $3, 1) END,
      v := split_part(λe, $3, 2))))`,
  ),
  starts_with: native('boolean'),
  strpos: native('integer', { maxArguments: 2 }),
  substr: macro('text', SUBSTR),
  substring: macro('text', SUBSTR),
  translate: refused('write replace for each character'),
  trim: trimming('trim'),
  /** Each character for itself, as Java does it: a sharp s, which has no single capital there, stays. */
  upper: macro(
    'text',
    "CASE WHEN contains($1, 'ß') THEN array_to_string(list_transform(string_split($1, 'ß'), λp -> upper(λp)), 'ß') ELSE upper($1) END",
  ),
};
