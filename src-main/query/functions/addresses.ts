import { arrayOf, type SqlType } from '../sql-types';
import { macro, refused, type FunctionTable, type RefusedFunction } from './entry';

/** Text of the form of an address. No other expression of the dialect matches it so, which the pass over addresses rests on. */
export const ADDRESS_PATTERN = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;

/**
 * The number of an IPv4 address written as text, NULL for any other text: one function of DuckDB a part, and no list.
 */
const octet = (text: string, index: number): string => `TRY_CAST(split_part(${text}, '.', ${index}) AS UTINYINT)`;
const number = (text: string): string =>
  `(CASE WHEN regexp_full_match(${text}, '${ADDRESS_PATTERN}') THEN ${octet(text, 1)} * CAST(16777216 AS BIGINT) + ${octet(text, 2)} * CAST(65536 AS BIGINT) + ${octet(text, 3)} * CAST(256 AS BIGINT) + ${octet(text, 4)} END)`;
const text = (value: string): string =>
  `concat_ws('.', (${value} >> 24) & 255, (${value} >> 16) & 255, (${value} >> 8) & 255, ${value} & 255)`;

const ALL = 'CAST(4294967295 AS BIGINT)';
/** The mask of the first bits of an address, for 0 to 32 of them. */
const mask = (bits: string): string => `(${ALL} - ((CAST(1 AS BIGINT) << (32 - ${bits})) - 1))`;
const bitsOf = (cidr: string): string => `TRY_CAST(split_part(${cidr}, '/', 2) AS INTEGER)`;
const isPrefix = (bits: string): string => `${bits} BETWEEN 0 AND 32`;
const base = (cidr: string): string => `(${number(`split_part(${cidr}, '/', 1)`)} & ${mask(bitsOf(cidr))})`;
const last = (cidr: string): string => `(${number(`split_part(${cidr}, '/', 1)`)} | (${ALL} - ${mask(bitsOf(cidr))}))`;
const present = (value: string, then: string): string => `CASE WHEN ${value} IS NOT NULL THEN ${then} END`;
const ofPrefix = (cidr: string, then: string): string => `CASE WHEN ${isPrefix(bitsOf(cidr))} THEN ${then} END`;

/** First and last number of the networks that are no part of the Internet. @see RFC 1918, RFC 6598, RFC 3927, RFC 1122 */
const INTRANET: readonly (readonly [number, number])[] = [
  [0x0a000000, 0x0affffff],
  [0x64400000, 0x647fffff],
  [0x7f000000, 0x7fffffff],
  [0xa9fe0000, 0xa9feffff],
  [0xac100000, 0xac1fffff],
  [0xc0a80000, 0xc0a8ffff],
];
const isIntranet = INTRANET.map(([low, high]) => `${number('$1')} BETWEEN ${low} AND ${high}`).join(' OR ');

const bit = (value: string): boolean => value === 'text' || value === 'null' || value === 'other';
const texts = (types: readonly SqlType[]): boolean => types.every(bit);
const needsGeo: RefusedFunction = refused(
  'it needs a database of places and providers of addresses, and this workspace has none',
);
const needsList: RefusedFunction = refused('it needs the list of known attackers that the vendor keeps');

/** Functions on IPv4 addresses and networks written as text; anything else is NULL. @see sls-logstore.md §3.6 */
export const ADDRESSES: FunctionTable = {
  ip_prefix: macro(
    'text',
    `CASE WHEN ${isPrefix('$2')} THEN ${present(number('$1'), `${text(`(${number('$1')} & ${mask('$2')})`)} || '/' || $2`)} END`,
  ),
  ip_subnet_max: macro('text', [
    { sql: ofPrefix('$1', present(number("split_part($1, '/', 1)"), text(last('$1')))), when: texts },
  ]),
  ip_subnet_min: macro('text', [
    { sql: ofPrefix('$1', present(number("split_part($1, '/', 1)"), text(base('$1')))), when: texts },
  ]),
  ip_subnet_range: macro(arrayOf('text'), [
    {
      sql: ofPrefix(
        '$1',
        present(number("split_part($1, '/', 1)"), `list_value(${text(base('$1'))}, ${text(last('$1'))})`),
      ),
      when: texts,
    },
  ]),
  ip_to_city: needsGeo,
  ip_to_city_geo: needsGeo,
  ip_to_country: needsGeo,
  ip_to_country_code: needsGeo,
  ip_to_domain: macro(
    'text',
    `CASE WHEN ${number('$1')} IS NULL THEN NULL WHEN ${isIntranet} THEN 'intranet' ELSE 'internet' END`,
  ),
  ip_to_geo: needsGeo,
  ip_to_provider: needsGeo,
  ip_to_province: needsGeo,
  /** The network first. */
  is_prefix_subnet_of: macro(
    'boolean',
    `CASE WHEN ${isPrefix(bitsOf('$1'))} AND ${isPrefix(bitsOf('$2'))} THEN ${bitsOf('$2')} >= ${bitsOf('$1')} AND ${base('$1')} = (${base('$2')} & ${mask(bitsOf('$1'))}) END`,
  ),
  /** The network first. */
  is_subnet_of: macro('boolean', ofPrefix('$1', `${base('$1')} = (${number('$2')} & ${mask(bitsOf('$1'))})`)),
  security_check_domain: needsList,
  security_check_ip: needsList,
  security_check_url: needsList,
};
