import { shownWord } from './shown-word';
import { tokensOf, type Token } from './sql-tokens';
import type { FailureRule, VendorFailure } from './failure-text';

/*
 * What a statement fails with when it meets a value that it cannot compute with, in the vendor's words where there are some. DuckDB
 * does not tell where in the statement that was: the place is told when only one part of it can have failed so.
 */

type Written = string | RegExp;

function isWritten({ text }: Token, written: Written): boolean {
  return typeof written === 'string' ? text === written : written.test(text);
}

/** The only part of a statement that is written so. */
function only(sql: string, ...written: readonly Written[]): Pick<VendorFailure, 'span'> {
  const [found, another] = tokensOf(sql).filter((token) => written.some((each) => isWritten(token, each)));
  return found === undefined || another !== undefined ? {} : { span: { start: found.start, end: found.end } };
}

/** The beginning of the only subscript: `array[…]` begins a list. */
function onlySubscript(sql: string): Pick<VendorFailure, 'span'> {
  const tokens = tokensOf(sql);
  const [found, another] = tokens.filter(({ text }, at) => {
    const before = tokens[at - 1]?.text ?? '';
    return text === '[' && /^[\w"\])]/u.test(before) && before !== 'array';
  });
  return found === undefined || another !== undefined ? {} : { span: { start: found.start, end: found.end } };
}

const CASTS = ['cast', ':'];
const WHOLE_TYPES: Readonly<Record<string, string>> = {
  INT8: 'tinyint',
  INT16: 'smallint',
  INT32: 'integer',
  INT64: 'bigint',
};
const orNull = (name: string): string => `try(${name}(…)) gives NULL instead.`;

/** The text of a failure, with a way out, of the only call of a function that fails so. */
const ofCall =
  (names: readonly string[], text: (found: readonly string[], name: string) => string): FailureRule['failure'] =>
  (found, _, sql) => {
    const written = names.find((name) => tokensOf(sql).some((token) => token.text === name)) ?? names[0] ?? '';
    return { message: text(found, written), name: null, ...only(sql, ...names) };
  };

/** Of a message that is the vendor's already; functions of ours raise it, and say which they are. */
function inOurWords([text = '']: readonly string[], _: string, sql: string): VendorFailure {
  const called = tokensOf(sql).filter(
    ({ text: word }) => /^[a-z]\w{2,}$/u.test(word) && text.split(/\W+/u).includes(word),
  );
  const [found, another] = called;
  const span = found === undefined || another !== undefined ? null : { start: found.start, end: found.end };
  return { message: text.endsWith('.') ? text : `${text}.`, name: null, ...(span && { span }) };
}

/** @see https://prestodb.io/docs/current/functions.html, whose texts the vendor's are */
export const VALUE_RULES: readonly FailureRule[] = [
  {
    pattern: /^Invalid Input Error: Division by zero$/u,
    failure: (_, __, sql) => ({
      message: 'Division by zero: x / nullif(y, 0) gives NULL instead.',
      name: null,
      ...only(sql, '/', '%', 'mod'),
    }),
  },
  {
    pattern: /^Invalid Input Error: SQL array indices start at 1$/u,
    failure: (_, __, sql) => ({
      message: 'SQL array indices start at 1: the first element is a[1].',
      name: null,
      ...onlySubscript(sql),
    }),
  },
  {
    pattern: /^Invalid Input Error: Array subscript (is negative|out of bounds)$/u,
    failure: ([what = ''], _, sql) => ({
      message: `Array subscript ${what}: ${what === 'is negative' ? 'element_at counts from the end then' : 'element_at gives NULL instead'}.`,
      name: null,
      ...onlySubscript(sql),
    }),
  },
  {
    pattern: /^Invalid Input Error: Key not present in map$/u,
    failure: (_, __, sql) => ({
      message: 'Key not present in map: element_at gives NULL instead.',
      name: null,
      ...onlySubscript(sql),
    }),
  },
  {
    pattern: /^Invalid Input Error: Map keys must be unique\.$/u,
    failure: ofCall(['map', 'map_from_entries'], () => 'Duplicate map keys are not allowed.'),
  },
  {
    pattern: /^Invalid Input Error: The map key list does not align with the map value list\.$/u,
    failure: ofCall(['map'], () => 'Key and value arrays must be the same length.'),
  },
  {
    pattern:
      /^Conversion Error: Type \S+ with value (\S+) can't be cast because the value is out of range for the destination type (\w+)(?: when casting from source column (\w+))?/u,
    failure: ([value = '', type = ''], _, sql) => ({
      message: `Out of range for ${WHOLE_TYPES[type] ?? type.toLowerCase()}: ${value}; a wider type has room for it, and try_cast gives NULL instead.`,
      name: null,
      ...only(sql, ...CASTS, 'from_unixtime'),
    }),
  },
  {
    pattern: /^Conversion Error: (timestamp|date|time) field value out of range: "([^"]*)"/u,
    failure: ([type = '', text = '']) => ({
      message: `Value cannot be cast to ${type}: ${shownWord(text)}; there is no such time, and try_cast gives NULL instead.`,
      name: `'${text}'`,
    }),
  },
  {
    pattern: /^Invalid Input Error: Could not parse string "([^]*)" according to format specifier "([^"\n]*)"/u,
    failure: ofCall(
      ['date_parse'],
      ([text = '', format = ''], name) =>
        `Invalid format: "${shownWord(text)}" is not written as "${format}" says; ${orNull(name)}`,
    ),
  },
  {
    pattern: /^Invalid Input Error: Cannot convert to JSON: ([^]*)$/u,
    failure: ofCall(
      ['json_parse'],
      ([text = ''], name) => `Cannot convert value to JSON: '${shownWord(text)}'; ${orNull(name)}`,
    ),
  },
  {
    pattern: /^Conversion Error: Failed to cast value to numerical: ([^\n]*)/u,
    failure: ofCall(
      CASTS,
      ([text = '']) => `Cannot cast ${shownWord(text)} of JSON to a number; try_cast gives NULL instead.`,
    ),
  },
  {
    pattern: /^Conversion Error: Could not decode string "([^]*)" as base64/u,
    failure: ofCall(
      ['from_base64', 'from_base64url'],
      ([text = ''], name) => `Not Base64: "${shownWord(text)}"; ${orNull(name)}`,
    ),
  },
  {
    pattern: /^Invalid Input Error: Invalid input for hex digit: ([^]*)$/u,
    failure: ofCall(['from_hex'], ([text = ''], name) => `Not a hexadecimal digit: ${text}; ${orNull(name)}`),
  },
  {
    pattern: /^Invalid Input Error: Invalid UTF8 Codepoint (-?\d+)$/u,
    failure: ofCall(['chr'], ([code = ''], name) => `Not a valid Unicode code point: ${code}; ${orNull(name)}`),
  },
  {
    pattern: /^Invalid Input Error: (Index must be greater than zero)$/u,
    failure: ofCall(['split_part'], ([text = '']) => `${text}: the first part is 1.`),
  },
  {
    pattern: /^Invalid Input Error: (step must not be zero)$/u,
    failure: ofCall(['sequence'], ([text = '']) => `${text}.`),
  },
  {
    pattern: /^Invalid Input Error: More than one row returned by a subquery/u,
    failure: () => ({
      message: 'Scalar sub-query has returned multiple rows: take one of them, by LIMIT 1 or an aggregate such as max.',
      name: null,
    }),
  },
  {
    pattern: /^Binder Error: QUANTILE can only take parameters in the range/u,
    failure: ofCall(['approx_percentile'], () => 'Percentile must be between 0 and 1.'),
  },
  {
    pattern: /^Binder Error: (ORDER|GROUP BY) term out of range - should be between 1 and (\d+)/u,
    failure: ([clause = '', most = ''], _, sql) => ({
      message: `${clause === 'ORDER' ? 'ORDER BY' : clause} position is not in select list: there are columns 1 to ${most}.`,
      name: null,
      ...only(sql, clause === 'ORDER' ? 'order' : 'group'),
    }),
  },
  {
    pattern: /^Out of Range Error: Overflow on (\w+)\((\S+)\)/u,
    failure: ofCall(
      ['abs'],
      ([, value = '']) =>
        `Value ${value} is out of range for abs(bigint); cast it to double, as in abs(cast(x as double)).`,
    ),
  },
  { pattern: /^Invalid Input Error: ([^\n]*)$/u, failure: inOurWords },
];
