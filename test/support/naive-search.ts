/**
 * The search language once more, as it is described and not as it is compiled: row by row, with nothing of the program in
 * it, so that the two can be held against each other.
 * @see sls-logstore.md §1
 */

export interface NaiveTerms {
  readonly token: readonly string[];
  readonly caseSensitive: boolean;
  readonly chn: boolean;
}

export type NaiveField = NaiveTerms & { readonly name: string; readonly type: 'text' | 'long' | 'double' | 'ipv4' };

export interface NaiveIndex {
  readonly fields: readonly NaiveField[];
  /** Names of the fields that words are searched in. */
  readonly line: (NaiveTerms & { readonly names: readonly string[] }) | null;
}

/** Values by field name: numbers for `long` and `double`, text for `text`, dotted text for `ipv4`; null for none. */
export type NaiveRow = Readonly<Record<string, string | number | null>>;

/** In a value, `*` and `?` are wild unless it is literal. */
export type NaiveSearch =
  | { readonly kind: 'all' }
  | { readonly kind: 'word'; readonly value: string; readonly isLiteral: boolean }
  | { readonly kind: 'phrase'; readonly field: string | null; readonly value: string }
  | { readonly kind: 'exists'; readonly field: string }
  | { readonly kind: 'match'; readonly field: string; readonly value: string; readonly isLiteral: boolean }
  | { readonly kind: 'compare'; readonly field: string; readonly operator: NaiveOperator; readonly value: string }
  | { readonly kind: 'range'; readonly field: string; readonly low: NaiveBound; readonly high: NaiveBound }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly NaiveSearch[] }
  | { readonly kind: 'not'; readonly operand: NaiveSearch };

export type NaiveOperator = '=' | '>' | '>=' | '<' | '<=';
type NaiveBound = readonly [NaiveOperator, string];

const DEFAULT_TOKEN = Array.from(', \'";=()[]{}?@&<>/:\n\t\r');

const folded = (text: string, { caseSensitive }: NaiveTerms): string => (caseSensitive ? text : text.toLowerCase());

const isChinese = (character: string): boolean => /\p{Script=Han}/u.test(character);

/** A value as its terms; with `isLiteral` false, wildcards are no delimiters and no Chinese characters. */
function cut(value: string, terms: NaiveTerms, isLiteral: boolean): string[] {
  const delimiters = terms.token.map((delimiter) => folded(delimiter, terms));
  const pieces = [''];
  for (const character of value) {
    if (!isLiteral && '*?'.includes(character)) pieces[pieces.length - 1] += character;
    else if (delimiters.includes(folded(character, terms))) pieces.push('');
    else if (terms.chn && isChinese(character)) pieces.push(character, '');
    else pieces[pieces.length - 1] += character;
  }
  const all = pieces.filter((piece) => piece !== '');
  if (isLiteral) return all;
  const asking = all.filter((piece) => piece.replaceAll('*', '') !== '');
  return asking.length > 0 ? asking : all.slice(0, 1);
}

/** Whether a pattern is a term from its first character to its last. */
function fits(pattern: readonly string[], term: readonly string[], isLiteral: boolean): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return term.length === 0;
  if (!isLiteral && head === '*')
    return fits(rest, term, false) || (term.length > 0 && fits(pattern, term.slice(1), false));
  return term.length > 0 && ((!isLiteral && head === '?') || head === term[0]) && fits(rest, term.slice(1), isLiteral);
}

/** Null when nothing is asked for. */
function hasTerms(text: string, value: string, terms: NaiveTerms, isLiteral: boolean): boolean | null {
  const asked = cut(value, terms, isLiteral).map((term) => folded(term, terms));
  if (asked.length === 0) return null;
  const there = cut(text, terms, true).map((term) => Array.from(folded(term, terms)));
  return asked.every((piece) => there.some((term) => fits(Array.from(piece), term, isLiteral)));
}

function addressNumber(text: string): number | null {
  const octets = text.split('.').map(Number);
  if (octets.length !== 4 || octets.join('.') !== text || octets.some((octet) => octet > 255)) return null;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

function isOneOfAddresses(address: string, list: string, isLiteral: boolean): boolean {
  return list.split(',').some((item) => {
    const number = addressNumber(address) ?? NaN;
    const [base = '', bits] = item.split('/');
    const size = 2 ** (32 - Number(bits ?? 32));
    const start = addressNumber(base);
    if (start !== null && /^[\d.]+(\/\d+)?$/.test(item)) return Math.floor(number / size) === Math.floor(start / size);
    const [low = '', high = ''] = item.split('-');
    const [first, last] = [addressNumber(low), addressNumber(high)];
    if (first !== null && last !== null) return first <= number && number <= last;
    return fits(Array.from(item), Array.from(address), isLiteral);
  });
}

function isOneOfNumbers(number: number, list: string): boolean {
  return list.split(',').some((item) => {
    const [, low = item, high = item] = /^(.+)-(\d.*)$/.exec(item) ?? [];
    return Number(low) <= number && number <= Number(high);
  });
}

function fieldMatches(field: NaiveField, row: NaiveRow, value: string, isLiteral: boolean): boolean {
  const stored = row[field.name] ?? null;
  if (stored === null) return false;
  if (value === '') return stored === '';
  if (typeof stored === 'number') return isOneOfNumbers(stored, value);
  if (field.type === 'ipv4') return isOneOfAddresses(stored, value, isLiteral);
  return hasTerms(stored, value, field, isLiteral) ?? false;
}

/** Null where the field has no order or the bound is none of its values: then the words are searched. */
function ordered(field: NaiveField, row: NaiveRow, operator: NaiveOperator, value: string): boolean | null {
  const bound = field.type === 'ipv4' ? addressNumber(value) : Number(value);
  if (field.type === 'text' || bound === null || Number.isNaN(bound)) return null;
  const stored = row[field.name] ?? null;
  if (stored === null) return false;
  const number = typeof stored === 'number' ? stored : (addressNumber(stored) ?? NaN);
  return number === bound ? operator.endsWith('=') : operator.startsWith(number > bound ? '>' : '<');
}

const isNumeric = (field: NaiveField | undefined): boolean => field?.type === 'long' || field?.type === 'double';

function lineOf({ fields, line }: NaiveIndex): NonNullable<NaiveIndex['line']> {
  const texts = fields.filter((field) => !isNumeric(field) && !field.name.startsWith('__tag__'));
  const names = texts.map(({ name }) => name);
  return line ?? { token: DEFAULT_TOKEN, caseSensitive: false, chn: false, names };
}

/** Whether a word is in an entry: each piece in a value or a name, or the whole of it in a field that cuts elsewhere. */
function wordIsIn(index: NaiveIndex, row: NaiveRow, value: string, isLiteral: boolean): boolean | null {
  const line = lineOf(index);
  const pieces = cut(value, line, isLiteral);
  if (pieces.length === 0) return null;
  const inValue = (word: string, name: string, isOwnOnly: boolean): boolean => {
    const own = index.fields.find((field) => field.name === name);
    if (isNumeric(own) || (isOwnOnly && own === undefined)) return false;
    return fieldMatches({ ...(own ?? { ...line, name }), type: 'text' }, row, word, isLiteral);
  };
  const numbers = index.fields.filter(isNumeric).map(({ name }) => name);
  const named = index.line === null ? [] : [...line.names, ...numbers].filter((name) => (row[name] ?? null) !== null);
  const isAnywhere = (piece: string): boolean =>
    line.names.some((name) => inValue(piece, name, false)) ||
    named.some((name) => hasTerms(name, piece, line, isLiteral) === true);
  return pieces.every(isAnywhere) || line.names.some((name) => inValue(value, name, true));
}

function phraseIsIn(field: NaiveField, row: NaiveRow, phrase: string): boolean {
  const stored = row[field.name] ?? null;
  if (typeof stored !== 'string' || field.type !== 'text') return fieldMatches(field, row, phrase, true);
  return folded(stored, field).includes(folded(phrase, field)) && (hasTerms(stored, phrase, field, true) ?? true);
}

/** Whether a search finds an entry. */
export function naiveFinds(search: NaiveSearch, row: NaiveRow, index: NaiveIndex): boolean {
  const words = (values: readonly string[]): boolean =>
    values.every((value) => wordIsIn(index, row, value, true) ?? true);
  const fieldOf = (name: string): NaiveField => {
    const field = index.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (field === undefined) throw new Error(`${name} is not indexed`);
    return field;
  };
  switch (search.kind) {
    case 'all':
      return true;
    case 'and':
      return search.operands.every((operand) => naiveFinds(operand, row, index));
    case 'or':
      return search.operands.some((operand) => naiveFinds(operand, row, index));
    case 'not':
      return !naiveFinds(search.operand, row, index);
    case 'word':
      return wordIsIn(index, row, search.value, search.isLiteral) ?? false;
    case 'exists':
      return (row[fieldOf(search.field).name] ?? null) !== null;
    case 'match':
      return fieldMatches(fieldOf(search.field), row, search.value, search.isLiteral);
    case 'compare': {
      const { field, operator, value } = search;
      return ordered(fieldOf(field), row, operator, value) ?? words([field, operator, value]);
    }
    case 'range': {
      const { field, low, high } = search;
      const ends = [low, high].map(([operator, value]) => ordered(fieldOf(field), row, operator, value));
      return ends.includes(null) ? words([field, 'in', low[1], high[1]]) : !ends.includes(false);
    }
    case 'phrase': {
      if (search.field !== null) return phraseIsIn(fieldOf(search.field), row, search.value);
      const line = lineOf(index);
      return line.names.some((name) => {
        const own = index.fields.find((field) => field.name === name) ?? { ...line, name, type: 'text' };
        if (own.type === 'ipv4') return row[name] === search.value; // its networks and lists need the field
        return typeof row[name] === 'string' && phraseIsIn(own, row, search.value);
      });
    }
  }
}
