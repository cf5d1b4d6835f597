import fc from 'fast-check';
import { render } from 'svelte/server';
import { describe, expect, test } from 'vitest';
import { parseSearch } from '../../../src-main/query/search-parser';
import { diagnoseSearch, placeOfError } from '../../../src-renderer/features/logstore/live-diagnosis';
import { highlightQuery } from '../../../src-renderer/features/logstore/query-highlight';
import { QueryHistory } from '../../../src-renderer/features/logstore/query-history';
import QueryBox from '../../../src-renderer/features/logstore/QueryBox.svelte';
import { withFilter } from '../../../src-renderer/features/logstore/search-filter';
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

  test('can be read, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\\')),
        (value) => {
          const { root, errors } = parseSearch(withFilter('', { ...address, value }));
          expect(errors).toEqual([]);
          expect(root).toMatchObject({ kind: 'match', value: { text: value } });
        },
      ),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

describe('the coloured copy of a query', () => {
  test('has every character of it, once and in order', () => {
    const query = fc.string({ unit: fc.constantFrom(...Array.from('ab1 \n":|()\'-*/=<>.')) });
    const wrong = fc.option(fc.record({ position: fc.nat(30), length: fc.nat(10) }));
    fc.assert(
      fc.property(query, wrong, (text, place) => {
        const pieces = highlightQuery(text, place);
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
        expect(new Set(pieces.map(({ start }) => start)).size).toBe(pieces.length);
      }),
      { numRuns: PROPERTY_RUNS * 4 },
    );
  });

  test('tells fields, values, keywords and the statement apart', () => {
    const kinds = highlightQuery(`pub_port=443 and a:"x" | select count(*) from log -- all`, null)
      .filter(({ text }) => text.trim() !== '')
      .map(({ text, kind }) => `${text} ${kind}`);
    expect(kinds).toEqual([
      ...['pub_port field', '= operator', '443 number', 'and keyword', 'a field', ': operator', '"x" string'],
      ...['| operator', 'select keyword', 'count function', '( operator', '* operator', ') operator'],
      ...['from keyword', 'log field', '-- all comment'],
    ]);
  });

  test('marks exactly what is wrong', () => {
    const wrong = highlightQuery('a:1 and end_reson:"rst"', { position: 8, length: 9 }).filter(
      ({ isWrong }) => isWrong,
    );
    expect(wrong.map(({ text }) => text)).toEqual(['end_reson']);
  });
});

describe('errors in a query', () => {
  test('are found in the search part while it is written', () => {
    expect(diagnoseSearch('a:1 and (b:2')).toMatchObject({ position: 8 });
    expect(diagnoseSearch('a:1 | not sql at all (')).toBeNull();
  });

  test('of the engine are shown only in the text that it had', () => {
    const error = { code: 'QUERY_SYNTAX', message: '', detail: { position: 3, length: 2 } } as const;
    expect(placeOfError(error, 'abcdef', 'abcdef')).toEqual({ position: 3, length: 2 });
    expect(placeOfError(error, 'abcdef', 'abcdefg')).toBeNull();
  });
});

describe('a query of thousands of terms', () => {
  const terms = (count: number): string => Array.from({ length: count }, (_, at) => `pub_port=${at}`).join(' or ');
  const spans = (value: string): number => {
    const nothing = (): void => undefined;
    const props = { value, wrong: null, isWrong: false, describedBy: 'x', onrun: nothing, onhistory: nothing };
    return render(QueryBox, { props }).body.split('<span').length - 1;
  };

  test('is shown without colours, as one element', () => {
    expect(spans('pub_port=1')).toBeGreaterThan(3);
    expect(spans(terms(20_000))).toBe(1);
  });

  test('still has its wrong place underlined', () => {
    const text = terms(2_000);
    const pieces = highlightQuery(text, { position: 20_000, length: 3 });
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    expect(pieces.map(({ start, kind, isWrong }) => [start, kind, isWrong])).toEqual([
      [0, 'plain', false],
      [20_000, 'plain', true],
      [20_003, 'plain', false],
    ]);
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
