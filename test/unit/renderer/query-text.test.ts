import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyVariables, variablesOf } from '../../../src-main/query/query-variables';
import { parseSearch } from '../../../src-main/query/search-parser';
import { diagnoseSearch, fixOfError, placeOfError } from '../../../src-renderer/features/logstore/live-diagnosis';
import { queryTokens } from '../../../src-renderer/features/logstore/query-highlight';
import { QueryHistory } from '../../../src-renderer/features/logstore/query-history';
import { withFilter } from '../../../src-renderer/features/logstore/search-filter';
import { toggleComment } from '../../../src-renderer/features/logstore/toggle-comment';
import { PROPERTY_RUNS } from '../../support/property-runs';

const address = { field: 'pri_ip', value: '10.0.2.22', isNumber: false, isAgainst: false };

describe('a filter by a value', () => {
  test.each([
    { name: 'is the whole search when there was none', before: '', filter: address, after: 'pri_ip:10.0.2.22' },
    { name: 'takes the place of all', before: '*', filter: address, after: 'pri_ip:10.0.2.22' },
    { name: 'is joined by and', before: 'a:1', filter: address, after: 'a:1 and pri_ip:10.0.2.22' },
    {
      name: 'holds for every part of an or',
      before: 'a:1 or b:2',
      filter: address,
      after: '(a:1 or b:2) and pri_ip:10.0.2.22',
    },
    {
      name: 'stands before the statement',
      before: 'a:1 | select 1',
      filter: { ...address, isAgainst: true },
      after: 'a:1 and not pri_ip:10.0.2.22 | select 1',
    },
    {
      name: 'compares numbers',
      before: '',
      filter: { field: 'pub_port', value: '443', isNumber: true, isAgainst: false },
      after: 'pub_port=443',
    },
    {
      name: 'quotes what the language would read otherwise',
      before: '',
      filter: { ...address, field: 'instance', value: 'ngw "x" or *' },
      after: 'instance:"ngw \\"x\\" or *"',
    },
    { name: 'quotes a keyword', before: '', filter: { ...address, value: 'and' }, after: 'pri_ip:"and"' },
    { name: 'finds entries without a value', before: '', filter: { ...address, value: null }, after: 'not pri_ip:*' },
    {
      name: 'finds entries with any value',
      before: '',
      filter: { ...address, value: null, isAgainst: true },
      after: 'pri_ip:*',
    },
  ])('$name', ({ before, filter, after }) => {
    expect(withFilter(before, filter)).toBe(after);
    expect(parseSearch(after.split('|')[0] ?? '').errors).toEqual([]);
  });

  test.each([
    { value: 'temp\\', after: 'pri_ip:temp\\' },
    { value: 'C:\\temp\\\\', after: 'pri_ip:#"C:\\temp"' },
    { value: '${host}', after: 'pri_ip:"$${host}"' },
    { value: '$${host:raw} ${', after: 'pri_ip:"$$${host:raw} ${"' },
  ])('by $value is written so that it can be read, and is no variable', ({ value, after }) => {
    const written = withFilter('', { ...address, value });
    expect(written).toBe(after);
    expect(variablesOf(written)).toEqual([]);
    expect(parseSearch(applyVariables(written, {}).text).errors).toEqual([]);
  });

  test('can be read, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('\\', '"', '$', '${a}')) }),
        (given) => {
          const value = given.replace(/\\+$/u, '');
          const { root, errors } = parseSearch(applyVariables(withFilter('', { ...address, value }), {}).text);
          expect(errors).toEqual([]);
          expect(root).toMatchObject({ kind: 'match', value: { text: value } });
        },
      ),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

describe('the tokens of a query', () => {
  test('lie in the text, in their order and apart from each other', () => {
    const query = fc.string({ unit: fc.constantFrom(...Array.from('ab1 \n":|()\'-*/=<>.')) });
    fc.assert(
      fc.property(query, (text) => {
        let end = 0;
        for (const token of queryTokens(text)) {
          expect(token.start).toBeGreaterThanOrEqual(end);
          expect(token.end).toBeGreaterThan(token.start);
          end = token.end;
        }
        expect(end).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: PROPERTY_RUNS * 4 },
    );
  });

  test('tell fields, values, keywords and the statement apart', () => {
    const text = `pub_port=443 and a:"x" | select count(*) from log -- all`;
    const kinds = queryTokens(text).map(({ start, end, kind }) => `${text.slice(start, end)} ${kind}`);
    expect(kinds).toEqual([
      ...['pub_port field', '= operator', '443 number', 'and keyword', 'a field', ': operator', '"x" string'],
      ...['| operator', 'select keyword', 'count function', '( operator', '* operator', ') operator'],
      ...['from keyword', 'log field', '-- all comment'],
    ]);
  });

  test('are none in what no hand has written', () => {
    expect(queryTokens('a:1 '.repeat(50_000))).toHaveLength(150_000);
    expect(queryTokens('a:1 '.repeat(50_001))).toEqual([]);
  });
});

test('a variable looks the same in a value, in quotes and in a statement, and like nothing in a comment', () => {
  const text = 'a:"x${b}y" ${c:raw} | select \'${d}\' -- ${e}';
  const kinds = queryTokens(text).map(({ start, end, kind }) => `${text.slice(start, end)} ${kind}`);
  expect(kinds).toEqual([
    ...['a field', ': operator', '"x string', '${b} variable', 'y" string', '${c:raw} variable', '| operator'],
    ...['select keyword', "' string", '${d} variable', "' string", '-- ${e} comment'],
  ]);
});

describe('errors in a query', () => {
  const none = (): undefined => undefined;

  test('are found in the search part while it is written', () => {
    expect(diagnoseSearch('a:1 and (b:2', none)).toMatchObject({ position: 8 });
    expect(diagnoseSearch('a:1 | not sql at all (', none)).toBeNull();
  });

  test('are found behind variables, with and without a value, and of what cannot be one', () => {
    expect(diagnoseSearch('a:${x} and b > ${y}', none)).toBeNull();
    expect(diagnoseSearch('a:${x} and (b:2', () => 'a long value')).toMatchObject({ position: 11, length: 1 });
    expect(diagnoseSearch('* | SELECT a${x}', none)).toMatchObject({ position: 12, length: 4 });
  });

  test('of the engine are shown only in the text that it had', () => {
    const error = { code: 'QUERY_SYNTAX', message: '', detail: { position: 3, length: 2 } } as const;
    expect(placeOfError(error, 'abcdef', 'abcdef')).toEqual({ position: 3, length: 2 });
    expect(placeOfError(error, 'abcdef', 'abcdefg')).toBeNull();
  });
});

describe('a change that does away with an error', () => {
  const none = (): undefined => undefined;

  test('is proposed while the search part is written', () => {
    expect(diagnoseSearch('(b:2 | select 1', none)?.fix).toEqual({ from: '', to: ')', text: '(b:2) | select 1' });
    expect(diagnoseSearch('a:1 and ()', none)?.fix?.text).toBe('a:1 and ');
    expect(diagnoseSearch('a:${x} and (b:2', none)?.fix).toBeNull();
  });

  test('is proposed by the engine, for the text that it had, without variables', () => {
    const detail = { position: 0, length: 6, fix: 'status', fixPosition: 0, fixLength: 6 };
    const error = { code: 'QUERY_UNKNOWN_FIELD', message: '', detail } as const;
    const fix = { from: 'statsu', to: 'status', text: 'status:200' };
    expect(fixOfError(error, 'statsu:200', 'statsu:200')).toEqual(fix);
    expect(fixOfError(error, 'statsu:200', 'statsu:20')).toBeNull();
    expect(fixOfError(error, 'statsu:${x}', 'statsu:${x}')).toBeNull();
    expect(fixOfError({ ...error, detail: {} }, 'a', 'a')).toBeNull();
  });
});

describe('a comment is made and taken away', () => {
  /** `[` and `]` are the ends of the selection. */
  test.each([
    { name: 'of the line of the caret', text: '* |\n[]select 1', after: '* |\n-- select 1' },
    { name: 'behind the bar of its line', text: 'a:1 | sel[]ect 1', after: 'a:1 | -- select 1' },
    {
      name: 'of all lines that are selected',
      text: '* |\n  se[lect 1\n\n  fr]om log',
      after: '* |\n  -- select 1\n\n  -- from log',
    },
    { name: 'of lines of which only some are comments', text: '* |\n[-- a\nb]', after: '* |\n-- -- a\n-- b' },
    { name: 'away', text: '* |\n[-- a\n--b]', after: '* |\na\nb' },
    { name: 'nowhere in a search', text: 'a:1 []and b:2', after: 'a:1 and b:2' },
    { name: 'in the statement alone, where both are selected', text: '[a:1\n| select 1]', after: 'a:1\n| -- select 1' },
  ])('$name', ({ text, after }) => {
    const from = text.indexOf('[');
    const to = text.indexOf(']') - 1;
    let commented = text.replace(/[[\]]/gu, '');
    for (const edit of toggleComment(commented, from, to).toReversed()) {
      commented = commented.slice(0, edit.from) + edit.insert + commented.slice(edit.to);
    }
    expect(commented).toBe(after);
  });
});

test('the history goes back and forth, and gives back what was being written', () => {
  const history = new QueryHistory(null);
  history.add('one');
  history.add('two');
  history.add('one');
  expect(history.go(-1, 'draft')).toBe('one');
  expect(history.go(-1, 'one')).toBe('two');
  expect(history.go(-1, 'two')).toBeNull();
  expect(history.go(1, 'two')).toBe('one');
  expect(history.go(1, 'one')).toBe('draft');
  expect(history.go(1, 'draft')).toBeNull();
});

test('the first step back passes over what has just run', () => {
  const history = new QueryHistory(null);
  history.add('one');
  history.add('two');
  expect(history.go(-1, 'two')).toBe('one');
  expect(history.go(1, 'one')).toBe('two');
  expect(history.go(1, 'two')).toBeNull();
  history.add('one');
  history.add('one');
  expect(history.go(-1, 'one')).toBe('two');
  expect(history.go(-1, 'two')).toBeNull();
});

describe('a history in a storage that is full', () => {
  class SmallStorage {
    kept = '[]';
    readonly #quota: number;

    constructor(quota: number) {
      this.#quota = quota;
    }

    getItem(): string {
      return this.kept;
    }

    setItem(_key: string, value: string): void {
      if (value.length > this.#quota) throw new DOMException('full', 'QuotaExceededError');
      this.kept = value;
    }

    removeItem(): void {
      this.kept = '[]';
    }
  }

  test('keeps the newest that fit, and the others until a reload', () => {
    const full = new SmallStorage(20);
    const history = new QueryHistory(full);
    for (const text of ['first_1', 'second_2', 'third_3']) history.add(text);
    expect(JSON.parse(full.kept)).toEqual(['third_3']);
    expect([history.go(-1, ''), history.go(-1, ''), history.go(-1, '')]).toEqual(['third_3', 'second_2', 'first_1']);
  });

  test('goes on where nothing fits', () => {
    const history = new QueryHistory(new SmallStorage(0));
    history.add('one');
    expect(history.go(-1, '')).toBe('one');
  });

  test('leaves out what nobody wrote by hand', () => {
    const roomy = new SmallStorage(Infinity);
    const history = new QueryHistory(roomy);
    history.add('one');
    history.add('x'.repeat(20_001));
    expect(roomy.kept).toBe('["one"]');
    expect(history.go(-1, 'draft')).toBe('one');
    expect(history.go(1, 'one')).toBe('draft');
  });
});
