import type { DialectFunction } from '../../../src-main/contract/dialect';
import type { ValueCount } from '../../../src-main/contract/field-statistics';
import { textItself } from '../../../src-main/query/query-variables';
import type { LogstoreFacts } from '../../../src-main/contract/workspace-report';
import { SQL_KEYWORDS } from './query-highlight';
import type { QueryPlace, Quote } from './query-place';
import { quoted } from './search-filter';

export type QueryField = NonNullable<LogstoreFacts['fields']>[number];

/** Something that can be written at a place. */
export interface QueryOption {
  readonly label: string;
  readonly insert: string;
  readonly about:
    | { readonly kind: 'field'; readonly field: QueryField }
    | { readonly kind: 'value'; readonly entries: number }
    | { readonly kind: 'function'; readonly of: DialectFunction['kind'] }
    | { readonly kind: 'operator' }
    | { readonly kind: 'keyword' };
}

type At<Kind extends QueryPlace['kind']> = Extract<QueryPlace, { kind: Kind }>;

const operator = (label: string, insert = label): QueryOption => ({ label, insert, about: { kind: 'operator' } });
const MATCHES = [operator(':')];
const COMPARES = [...MATCHES, ...['=', '>', '>=', '<', '<='].map((sign) => operator(sign)), operator('in', 'in [')];
const NOT = operator('not', 'not ');
const JOINS = [operator('and', 'and '), operator('or', 'or '), NOT];
const STATEMENT = operator('|', '| ');

/** Fields by name, and operators; `behind` is what follows the place. */
export function conditionOptions(
  { isBehindCondition }: At<'condition'>,
  fields: readonly QueryField[],
  behind: string,
): readonly QueryOption[] {
  // A value is what nearly always comes next.
  const sign = /^\s*[:=<>]/u.test(behind) ? '' : ':';
  const named = fields.map((field): QueryOption => ({
    label: field.name,
    insert: `${quoted(field.name)}${sign}`,
    about: { kind: 'field', field },
  }));
  return [...named, ...(isBehindCondition ? JOINS : [NOT])];
}

/** How a field can be compared, where its name alone stands before; what joins conditions; and the statement. */
export function operatorOptions({ before }: At<'operator'>, fields: readonly QueryField[]): readonly QueryOption[] {
  const field = fields.find(({ name }) => name.toLowerCase() === before.toLowerCase());
  const comparing = field === undefined ? [] : field.type === 'text' ? MATCHES : COMPARES;
  return [...comparing, ...JOINS, STATEMENT];
}

const QUOTED_BY: Readonly<Record<Quote, (value: string) => string>> = {
  '': quoted,
  '"': (value) => textItself(`${value.replaceAll('"', '\\"')}"`),
  "'": (value) => textItself(`${value.replaceAll("'", "''")}'`),
};

export function valueOptions({ quote }: At<'value'>, top: readonly ValueCount[]): readonly QueryOption[] {
  // Nothing in quotes of the search part ends with a backslash.
  const writable = quote === '"' ? top.filter(({ value }) => !value.endsWith('\\')) : top;
  return writable.map(({ value, entries }) => ({
    label: value,
    insert: QUOTED_BY[quote](value),
    about: { kind: 'value', entries },
  }));
}

const isPlainName = (name: string): boolean => /^[a-z_]\w*$/iu.test(name) && !SQL_KEYWORDS.has(name.toLowerCase());

/** Fields, functions and keywords, the last in capitals unless what is written begins with a small letter. */
export function statementOptions(
  { written }: At<'statement'>,
  fields: readonly QueryField[],
  functions: readonly DialectFunction[],
): readonly QueryOption[] {
  const isSmall = /^[a-z]/u.test(written);
  // A log is counted and summed up more often than it is calculated with.
  const called = functions
    .filter(({ name }) => !SQL_KEYWORDS.has(name))
    .sort((one, other) => Number(other.kind === 'aggregate') - Number(one.kind === 'aggregate'));
  const named = fields.map((field): QueryOption => ({
    label: field.name,
    insert: isPlainName(field.name) ? field.name : `"${field.name.replaceAll('"', '""')}"`,
    about: { kind: 'field', field },
  }));
  return [
    ...named,
    ...called.map(({ name, kind }): QueryOption => ({
      label: name,
      insert: `${name}(`,
      about: { kind: 'function', of: kind },
    })),
    ...[...SQL_KEYWORDS].map((word): QueryOption => {
      const label = isSmall ? word : word.toUpperCase();
      return { label, insert: label, about: { kind: 'keyword' } };
    }),
  ];
}
