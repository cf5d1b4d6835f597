import { SCALAR_FUNCTIONS } from './functions';
import type { SqlFunction } from './functions/entry';
import { VALUE_RULES } from './failure-values';
import { shownWord } from './shown-word';
import { signaturesIn, vendorTypeName, vendorTypeNames } from './failure-types';

/** A failure of DuckDB's in the vendor's words. */
export interface VendorFailure {
  readonly message: string;
  /** The name or text that it is about, as the query has it; null when there is none. */
  readonly name: string | null;
  /** Where it is in the SQL part, in UTF-16 units, when that is known better than by a name. */
  readonly span?: { readonly start: number; readonly end: number };
}

export interface FailureRule {
  readonly pattern: RegExp;
  /** @param found groups of the pattern; those that took no part are empty */
  readonly failure: (found: readonly string[], message: string, sql: string) => VendorFailure;
}

const sentence = (message: string, name: string | null = null): VendorFailure => ({ message, name });

const callOf = (name: string): RegExp => new RegExp(`(?<![\\w"])${name}\\s*\\(`, 'iu');

/** Whether an entry of the function table calls a function of DuckDB's. */
function callsDuckDb(entry: SqlFunction, name: string): boolean {
  if (entry.kind === 'native') return entry.rename === name;
  return entry.kind === 'macro' && entry.variants.some(({ sql }) => callOf(name).test(sql));
}

/** The name under which a statement calls a function of DuckDB's; null when none of its calls is known to. */
function writtenName(name: string, sql: string): string | null {
  if (callOf(name).test(sql)) return name;
  const found = [...SCALAR_FUNCTIONS].find(
    ([written, entry]) => /^\w+$/u.test(written) && callsDuckDb(entry, name) && callOf(written).test(sql),
  );
  return found?.[0] ?? null;
}

/** @see sls-logstore.md §3.8 */
function wrongArguments([name = '', types = '']: readonly string[], message: string, sql: string): VendorFailure {
  const given = vendorTypeNames(types);
  const remedy = 'ast the argument, as in cast(x as varchar) or cast(x as bigint).';
  if (!/^\w+$/u.test(name)) return sentence(`'${name}' cannot be applied to ${given}: c${remedy}`);
  const written = writtenName(name, sql);
  const expected = written === name ? signaturesIn(message).map((signature) => `${name}(${signature})`) : [];
  const choice = expected.length === 0 ? '' : ` Expected: ${expected.join(', ')}.`;
  const what = written === null ? 'a function' : `function ${written}`;
  return sentence(`Unexpected parameters (${given}) for ${what}.${choice} C${remedy}`, written);
}

function unconvertible([text = '', type = '', column = '']: readonly string[], _: string, sql: string): VendorFailure {
  const literal = `'${text.replaceAll("'", "''")}'`;
  const isWritten = sql.includes(literal);
  const what = `Cannot cast '${shownWord(text)}' to ${vendorTypeName(type)}`;
  const place = isWritten ? literal : column === '' ? null : column;
  if (callOf('cast').test(sql)) return sentence(`${what}: try_cast gives NULL instead.`, place);
  return sentence(
    `${what}: text and ${vendorTypeName(type)} stand side by side; ` +
      'cast one of them, as in cast(x as varchar) or try_cast(x as bigint).',
    place,
  );
}

const MIXED = 'a cast of one of them is needed, as in cast(x as varchar).';

/** @see sls-logstore.md §3.8 */
const RULES: readonly FailureRule[] = [
  {
    pattern: /column "([^"]+)" must appear in the GROUP BY clause/u,
    failure: ([name = '']) =>
      sentence(
        `Column '${name}' not in GROUP BY clause;please add the column in the index attribute: name it in GROUP BY, or take arbitrary(${name}).`,
        name,
      ),
  },
  {
    pattern: /WHERE clause cannot contain (?:aggregates|window functions)/u,
    failure: () =>
      sentence('WHERE clause cannot contain aggregations or window functions: put the condition into HAVING.', 'where'),
  },
  {
    pattern: /GROUP BY clause cannot contain (?:aggregates|window functions)/u,
    failure: () =>
      sentence('GROUP BY clause cannot contain aggregations or window functions: put them into a subquery.', 'group'),
  },
  {
    pattern: /aggregate function calls cannot (?:be nested|contain window function calls)/u,
    failure: () => sentence('Cannot nest aggregations inside aggregation: put the inner one into a subquery.'),
  },
  {
    pattern: /No function matches the given name and argument types '([^(]+)\((.*)\)'\. You might/u,
    failure: wrongArguments,
  },
  {
    pattern: /Could not convert string '([^]*)' to (\w+)(?: when casting from source column (\w+))?/u,
    failure: unconvertible,
  },
  {
    pattern:
      /^Conversion Error: Type VARCHAR with value '([^]*)' can't be cast to the destination type (\S+)(?: when casting from source column (\w+))?/u,
    failure: unconvertible,
  },
  {
    pattern: /^Invalid Input Error: (Cannot cast '[^]*' to )(\w+)$/u,
    failure: ([text = '', type = '']) => sentence(`${text}${type.toLowerCase()}: try_cast gives NULL instead.`, 'cast'),
  },
  {
    pattern: /Cannot compare values of type (.+) and type (.+) - an explicit cast/u,
    failure: ([one = '', other = '']) =>
      sentence(`Values of ${vendorTypeName(one)} and ${vendorTypeName(other)} cannot be compared: ${MIXED}`),
  },
  {
    pattern: /Cannot compare values of type (.+) and (.+) in IN\/ANY\/ALL clause/u,
    failure: ([one = '', other = '']) =>
      sentence(
        `IN value and list items must be the same type: ${vendorTypeName(one)}, not ${vendorTypeName(other)}: ${MIXED}`,
      ),
  },
  {
    pattern: /Cannot mix values of type (.+) and (.+) in (\w+) (?:clause|operator)/u,
    failure: ([one = '', other = '', where = '']) =>
      sentence(
        `${vendorTypeName(one)} and ${vendorTypeName(other)} cannot stand together in ${where}: ${MIXED}`,
        where.toLowerCase(),
      ),
  },
  {
    pattern: /Unimplemented type for cast \((.+) -> (.+)\)/u,
    failure: ([one = '', other = '']) =>
      sentence(`Cannot cast ${vendorTypeName(one)} to ${vendorTypeName(other)}: the two cannot stand side by side.`),
  },
  {
    pattern:
      /^Invalid Input Error: ((?:missing|no argument|bad repetition|invalid|trailing|unexpected|duplicate)\b[^:\n]*)(?:: ([^\n]*))?$/u,
    failure: ([what = '', pattern = '']) =>
      sentence(
        `Invalid regular expression (${what}): \`${shownWord(pattern)}\`; a \\ before a special character makes it a plain one.`,
        `'${pattern}'`,
      ),
  },
  {
    pattern:
      /Type INT128 with value (-?\d+) can't be cast because the value is out of range for the destination type INT64(?: when casting from source column (\w+))?/u,
    failure: ([value = '', name = '']) =>
      sentence(
        `bigint addition overflow: ${value} is beyond 64 bits; cast to double first, as in sum(cast(x as double)).`,
        name === '' ? null : name,
      ),
  },
  {
    pattern: /Overflow in (\w+) of INT(?:32|64|128) \((.*)\)/u,
    failure: ([operation = '', operands = '']) =>
      sentence(`bigint ${operation} overflow: ${operands}; cast one of them to double, as in cast(x as double).`),
  },
  {
    pattern: /Max expression depth limit/u,
    failure: () => sentence('The expression is too deep: take several columns or a subquery.'),
  },
  {
    pattern: /^Out of Memory Error/u,
    failure: () =>
      sentence('Query exceeded max memory size: group by fewer values, select fewer columns, or take a shorter range.'),
  },
];

/**
 * @param sql the SQL part of the query, in which the name of a function is looked for; empty when there is none
 * @returns null for a failure that the vendor has no sentence for, which is shown in DuckDB's words
 */
export function vendorFailure(message: string, sql = ''): VendorFailure | null {
  for (const { pattern, failure } of [...RULES, ...VALUE_RULES]) {
    const found = pattern.exec(message);
    if (found === null) continue;
    const groups = Array.from(found).slice(1);
    return failure(groups, message, sql);
  }
  return null;
}

const NAME = /^\w+$/u;

/** Where a name or a text first stands in the SQL part of a query, as `position` and `length`; empty when it does not. */
export function placeOfName(
  query: string,
  sqlOffset: number,
  name: string,
): { readonly position?: number; readonly length?: number } {
  const sought = name.toLowerCase();
  const folded = query.toLowerCase();
  let position = folded.indexOf(sought, sqlOffset);
  // a part of a longer name is another one
  const isPart = (at: number): boolean =>
    NAME.test(sought) && [folded[at - 1] ?? '', folded[at + sought.length] ?? ''].some((near) => NAME.test(near));
  while (position >= 0 && isPart(position)) position = folded.indexOf(sought, position + 1);
  return position < 0 ? {} : { position, length: name.length };
}
