import { bounded } from './bounds';
import { macro, native, refused, type FunctionTable } from './entry';
import { wellFormed } from './utf8';
import type { SqlType } from '../sql-types';

const isText = ([type]: readonly SqlType[]): boolean => type === 'text';
const NOT_HERE = 'DuckDB cannot compute it';
/** Of a binary value, binary as the vendor's is; of a text, which the vendor refuses, in hexadecimal. */
const digest = (name: string) =>
  macro('binary', [{ sql: `${name}($1)`, when: isText, result: 'text' }, `unhex(${name}($1))`]);

export const BINARIES: FunctionTable = {
  crc32: refused(NOT_HERE),
  from_base64: native('binary', { maxArguments: 1 }),
  from_big_endian_64: macro(
    'integer',
    `CASE WHEN octet_length($1) <> 8 THEN error('expected 8-byte input')
      ELSE CAST(CAST(CAST('0x' || hex($1) AS UBIGINT) AS HUGEINT) - CASE WHEN hex($1) >= '8' THEN CAST('18446744073709551616' AS HUGEINT) ELSE 0 END AS BIGINT) END`,
  ),
  from_hex: native('binary', { rename: 'unhex', maxArguments: 1 }),
  from_utf8: macro(
    'text',
    `CASE WHEN regexp_matches(hex($1), '^(?:[0-7].)*$') THEN decode($1)
      ELSE url_decode(${wellFormed(String.raw`regexp_replace(hex($1), '(..)', '%\1', 'g')`)}) END`,
  ),
  hmac_sha256: refused(NOT_HERE),
  md5: digest('md5'),
  sha1: digest('sha1'),
  sha256: digest('sha256'),
  sha512: refused(NOT_HERE),
  to_base64: macro('text', [
    { sql: bounded('to_base64', '$1', 'strlen(λt) * 4 // 3', 'base64(encode(λt))'), when: isText },
    bounded('to_base64', '$1', 'octet_length(λt) * 4 // 3', 'base64(λt)'),
  ]),
  to_big_endian_64: macro('binary', "unhex(lpad(hex(CAST($1 AS BIGINT)), 16, '0'))"),
  to_hex: macro('text', [
    { sql: bounded('to_hex', '$1', 'strlen(λt) * 2', 'hex(encode(λt))'), when: isText },
    bounded('to_hex', '$1', 'octet_length(λt) * 2', 'hex(λt)'),
  ]),
  to_utf8: native('binary', { rename: 'encode', maxArguments: 1 }),
  xxhash64: refused(NOT_HERE),
};
