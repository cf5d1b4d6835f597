import type { LogRelationField } from './log-relation';
import { ipv4Text } from './ipv4-text';
import { hasWildcard, type SearchValue } from './search-ast';
import { isNetworkText, LAST_ADDRESS, parseAddress, parseAddresses, type AddressSet } from './search-addresses';
import type { BindValue } from './search-bind';
import { searchError } from './search-errors';
import { extensionOfValue } from './search-extensions';
import { optionsOf } from './search-index';
import { clampInterval, EVERYTHING, intervalsSql, type Interval } from './search-intervals';
import { refusedExtension } from './search-limits';
import { integersBetween, parseDouble, parseInteger, splitNumberList, type Bound } from './search-numbers';
import type { SearchScope } from './search-scope';
import { patternOf } from './search-terms';
import { termsCondition } from './search-text';
import { shownWord } from './shown-word';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

function wrongType(field: LogRelationField, value: SearchValue, message: string, scope: SearchScope): string {
  const detail = { field: field.name, type: field.type, value: shownWord(value.text) };
  return scope.refuse(searchError('QUERY_WRONG_TYPE', { message, span: value.span }, detail));
}

/** `field:value` for a field that the index has. */
export function matchField(field: LogRelationField, value: SearchValue, scope: SearchScope): string {
  if (value.text === '') return matchNothing(field, scope);
  const extension = scope.console === undefined || field.type === 'text' ? null : extensionOfValue(value);
  if (extension !== null) return scope.refuse(refusedExtension(extension));
  switch (field.type) {
    case 'long':
    case 'double':
      return matchNumbers(field, value, scope);
    case 'ipv4':
      return matchAddresses(field, value, scope);
    case 'text':
      return matchText(field, value, scope);
  }
}

/** `field:""`. No stored number or address is the empty text. @see sls-logstore.md §1.6 */
function matchNothing({ type, expression }: LogRelationField, { bind }: SearchScope): string {
  return type === 'text' ? `(${expression}) = ${bind('', 'VARCHAR')}` : 'FALSE';
}

function matchText(field: LogRelationField, value: SearchValue, scope: SearchScope): string {
  if (isNetworkText(value.text)) noteNetwork(field, value, scope);
  const condition = termsCondition(field.expression, patternOf(value), optionsOf(field), scope);
  if (condition !== null) return condition;
  const shown = shownWord(value.text);
  const message = `"${shown}" has only delimiters of ${field.name}, and so no term: search the phrase \`#"${shown}"\`.`;
  const fix = { span: value.span, text: `#"${value.text.replaceAll('"', '\\"')}"` };
  return scope.refuse(searchError('QUERY_WRONG_TYPE', { message, span: value.span, fix }, { field: field.name }));
}

/** Networks are found among addresses alone, and nothing else would tell why a text has none. */
function noteNetwork({ name }: LogRelationField, { text, span }: SearchValue, scope: SearchScope): void {
  const column = `"${name.replaceAll('"', '""')}"`;
  scope.note(
    `${text} was searched as text, as ${name} is a field of text: ask for \`* | SELECT * WHERE is_subnet_of('${text}', ${column})\`, or load the field as ipv4, by a schema file.`,
    span,
  );
}

function matchNumbers(field: LogRelationField, value: SearchValue, scope: SearchScope): string {
  if (hasWildcard(value)) {
    const message = `Wildcards find text, and ${field.name} is a ${field.type} field: use a range, as in \`${field.name} in [1 10)\`.`;
    return wrongType(field, value, message, scope);
  }
  const items = splitNumberList(value.text);
  return field.type === 'long' ? matchIntegers(field, value, items, scope) : matchDoubles(field, value, items, scope);
}

/** As text, which is exact: the binding of DuckDB takes whole numbers for BIGINT, and refuses those that do not fit. */
function bindDouble(number: number, bind: BindValue): string {
  return bind(String(number), 'DOUBLE');
}

type NumberItems = ReturnType<typeof splitNumberList>;

function matchIntegers(field: LogRelationField, value: SearchValue, items: NumberItems, scope: SearchScope): string {
  const intervals: Interval[] = [];
  for (const { low, high } of items) {
    const [first, last] = [parseInteger(low), parseInteger(high)];
    if (first === null || last === null) {
      const wrong = shownWord(first === null ? low : high);
      return wrongType(field, value, `"${wrong}" is no integer, and ${field.name} is a long field.`, scope);
    }
    const outside = [first, last].find((number) => number < INT64_MIN || number > INT64_MAX);
    if (outside !== undefined) {
      const message = `${shownWord(String(outside))} does not fit the 64 bits of the long field ${field.name}.`;
      return wrongType(field, value, message, scope);
    }
    if (first > last) return emptyRange(field, value, `${low}-${high}`, scope);
    intervals.push({ low: first, high: last });
  }
  return intervalsSql(field.expression, 'BIGINT', intervals, scope.bind);
}

function matchDoubles(field: LogRelationField, value: SearchValue, items: NumberItems, scope: SearchScope): string {
  const pairs: [number, number][] = [];
  for (const { low, high } of items) {
    const [first, last] = [parseDouble(low), parseDouble(high)];
    if (first === null || last === null) {
      const wrong = shownWord(first === null ? low : high);
      return wrongType(field, value, `"${wrong}" is no number, and ${field.name} is a double field.`, scope);
    }
    if (first > last) return emptyRange(field, value, `${low}-${high}`, scope);
    pairs.push([first, last]);
  }
  const number = (bound: number): string => bindDouble(bound, scope.bind);
  const conditions = pairs.map(([low, high]) =>
    low === high
      ? `(${field.expression}) = ${number(low)}`
      : `(${field.expression}) BETWEEN ${number(low)} AND ${number(high)}`,
  );
  return conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(' OR ')})`;
}

function emptyRange(field: LogRelationField, value: SearchValue, range: string, scope: SearchScope): string {
  const message = `The range ${shownWord(range)} ends before it begins: write the smaller bound first.`;
  return wrongType(field, value, message, scope);
}

function matchAddresses(field: LogRelationField, value: SearchValue, scope: SearchScope): string {
  const sets: AddressSet[] = [];
  for (const item of value.text.split(',')) {
    const set = parseAddresses(item, !value.quoted);
    if (set === null) return wrongAddress(field, value, item, scope);
    if (
      set.kind === 'intervals' &&
      set.intervals.some(({ low, high }) => low !== null && high !== null && low > high)
    ) {
      return emptyRange(field, value, item, scope);
    }
    if (set.kind === 'pattern') {
      const text = `\`${shownWord(item)}\` is no range of addresses, so ${field.name} is compared as text, which is slower.`;
      scope.note(text, value.span);
    }
    sets.push(set);
  }
  return addressesSql(field.expression, sets, scope.bind);
}

function wrongAddress(field: LogRelationField, value: SearchValue, item: string, scope: SearchScope): string {
  const isBeginning = /^\d{1,3}(?:\.\d{1,3}){0,2}\.?$/u.test(item);
  const fix = { span: value.span, text: `${value.text.replace(/\.$/u, '')}.*` };
  const remedy = isBeginning && item === value.text ? `: write \`${fix.text}\` for all that begin like that` : '';
  const message = `"${shownWord(item)}" is no IPv4 address, and ${field.name} holds addresses${remedy}.`;
  const detail = { field: field.name, type: field.type, value: shownWord(item) };
  const error = { message, span: value.span, fix: remedy === '' ? undefined : fix };
  return scope.refuse(searchError('QUERY_WRONG_TYPE', error, detail));
}

/** @param expression of UINTEGER in host order */
export function addressesSql(expression: string, sets: readonly AddressSet[], bind: BindValue): string {
  const intervals = sets.flatMap((set) => (set.kind === 'intervals' ? set.intervals : []));
  const conditions = sets.flatMap((set) => {
    if (set.kind === 'intervals') return [];
    const within = addressIntervalsSql(expression, [set.within], bind);
    const pattern = set.pattern.replaceAll('*', '%').replaceAll('?', '_');
    return [`(${within} AND ${ipv4Text(expression)} LIKE ${bind(pattern, 'VARCHAR')})`];
  });
  if (intervals.length > 0 || conditions.length === 0) {
    conditions.unshift(addressIntervalsSql(expression, intervals, bind));
  }
  return conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(' OR ')})`;
}

function addressIntervalsSql(expression: string, intervals: readonly Interval[], bind: BindValue): string {
  const clamped = intervals.map((interval) => clampInterval(interval, 0n, LAST_ADDRESS));
  return intervalsSql(expression, 'UINTEGER', clamped, bind);
}

/** A range as it is asked for; null for no bound. */
export interface Bounds {
  readonly low: Bound | null;
  readonly high: Bound | null;
}

/** @returns the condition, or null when the field has no order or a bound is none of its values */
export function fieldBetween(field: LogRelationField, { low, high }: Bounds, { bind }: SearchScope): string | null {
  switch (field.type) {
    case 'text':
      return null;
    case 'long': {
      const interval = integersBetween(low, high);
      if (interval === null) return null;
      return intervalsSql(field.expression, 'BIGINT', [clampInterval(interval, INT64_MIN, INT64_MAX)], bind);
    }
    case 'ipv4': {
      const interval = addressesBetween(low, high);
      return interval === null ? null : addressIntervalsSql(field.expression, [interval], bind);
    }
    case 'double':
      return doublesBetween(field.expression, low, high, bind);
  }
}

function addressesBetween(low: Bound | null, high: Bound | null): Interval | null {
  const first = low === null ? EVERYTHING.low : parseAddress(low.text);
  const last = high === null ? EVERYTHING.high : parseAddress(high.text);
  if ((low !== null && first === null) || (high !== null && last === null)) return null;
  return {
    low: first === null || low?.isIncluded === true ? first : first + 1n,
    high: last === null || high?.isIncluded === true ? last : last - 1n,
  };
}

/** DuckDB takes NaN for the largest of numbers, and the vendor for none. */
function doublesBetween(expression: string, low: Bound | null, high: Bound | null, bind: BindValue): string | null {
  const first = low === null ? null : parseDouble(low.text);
  const last = high === null ? null : parseDouble(high.text);
  if ((low !== null && first === null) || (high !== null && last === null)) return null;
  const conditions: string[] = [];
  if (first !== null)
    conditions.push(`(${expression}) >${low?.isIncluded === true ? '=' : ''} ${bindDouble(first, bind)}`);
  if (last === null) conditions.push(`NOT isnan(${expression})`);
  else conditions.push(`(${expression}) <${high?.isIncluded === true ? '=' : ''} ${bindDouble(last, bind)}`);
  return `(${conditions.join(' AND ')})`;
}
