import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import { applyVariables, variablesOf } from '../../../src-main/query/query-variables';
import { lexSearch } from '../../../src-main/query/search-lexer';
import { splitQuery } from '../../../src-main/query/split-query';
import { skipAt } from '../../../src-main/query/sql-lexer';
import { PROPERTY_RUNS } from '../../support/property-runs';

const applied = (query: string, x: string): string => applyVariables(query, { x }).text;

function refusal(query: string, x?: string): unknown {
  try {
    return applyVariables(query, { x }).text;
  } catch (error) {
    return error instanceof AppError ? { code: error.code, detail: error.detail } : error;
  }
}

describe('a value is put where its variable stands', () => {
  test.each([
    { name: 'a word of the search part', query: 'pri_ip:${x}', x: '10.0.1.12', is: 'pri_ip:10.0.1.12' },
    { name: 'a pattern of the search part', query: 'pri_ip:${x}', x: '10.0.*', is: 'pri_ip:10.0.*' },
    { name: 'any value of a field', query: 'pri_ip:${x}', x: '*', is: 'pri_ip:*' },
    { name: 'a network', query: 'pri_ip:${x}', x: '10.0.0.0/8', is: 'pri_ip:10.0.0.0/8' },
    { name: 'a number that is compared', query: 'pub_port > ${x}', x: '1024', is: 'pub_port > 1024' },
    { name: 'a part of a word', query: 'pri_ip:10.0.${x}.*', x: '7', is: 'pri_ip:10.0.7.*' },
    { name: 'an operator in the search part', query: 'a:${x}', x: '1 or b:2', is: 'a:"1 or b:2"' },
    { name: 'a word of the language', query: 'a ${x} b', x: 'OR', is: 'a "OR" b' },
    { name: 'a word that is reserved', query: 'a:${x}', x: 'Limit', is: 'a:"Limit"' },
    { name: 'nothing in the search part', query: 'a:${x}', x: '', is: 'a:""' },
    { name: 'a quote in the search part', query: 'a:${x}', x: 'say "no"', is: 'a:"say \\"no\\""' },
    {
      name: 'the sign before a statement',
      query: '${x} | SELECT 1',
      x: '* | SELECT 2',
      is: '"* | SELECT 2" | SELECT 1',
    },
    { name: 'a quote within quotes', query: 'a:"${x}!"', x: 'x" or "y', is: 'a:"x\\" or \\"y!"' },
    { name: 'a star within quotes', query: 'a:#"${x} b"', x: '*', is: 'a:#"* b"' },
    {
      name: 'a text of the statement',
      query: "* | SELECT '${x}'",
      x: "1' OR '1'='1",
      is: "* | SELECT '1'' OR ''1''=''1'",
    },
    { name: 'a text that is not quoted', query: '* | SELECT ${x}', x: "pri_ip, 'a'", is: "* | SELECT 'pri_ip, ''a'''" },
    { name: 'a number of the statement', query: '* | SELECT 1 LIMIT ${x}', x: '20', is: '* | SELECT 1 LIMIT 20' },
    { name: 'a negative number', query: '* | SELECT 1-${x}', x: '-5', is: '* | SELECT 1-(-5)' },
    {
      name: 'a name of the statement',
      query: '* | SELECT "${x}"',
      x: 'a" OR 1=1 --',
      is: '* | SELECT "a"" OR 1=1 --"',
    },
    {
      name: 'a part of the query, where it is meant',
      query: '${x:raw} | SELECT 1',
      x: 'a or b',
      is: 'a or b | SELECT 1',
    },
    { name: 'a comment', query: "* | SELECT 1 -- ${x}\n, '${x}'", x: '\n2', is: "* | SELECT 1 -- ${x}\n, '\n2'" },
    { name: 'what looks like one', query: 'a:"$${x}" ${1} ${x', x: 'y', is: 'a:"${x}" ${1} ${x' },
  ])('$name', ({ query, x, is }) => {
    expect(applied(query, x)).toBe(is);
  });

  test('behind a part of the query, as that part leaves it', () => {
    const { text } = applyVariables("* | SELECT ${open:raw}${x}'", { open: "'", x: "a'b" });
    expect(text).toBe("* | SELECT 'a''b'");
  });
});

describe('a value that cannot stand there is refused, with its place', () => {
  test.each([
    { name: 'none', query: 'a:${x}', x: undefined, at: 2 },
    { name: 'a backslash before the closing quote', query: 'a:"${x}"', x: 'C:\\', at: 3 },
    { name: 'the same without quotes', query: 'a:${x}', x: 'C:\\ d\\', at: 2 },
    { name: 'words beside a word', query: 'a:b${x}', x: 'c d', at: 3 },
    { name: 'what makes an operator of a word', query: 'a n${x} b', x: 'ot', at: 3 },
    { name: 'a part of a name', query: '* | SELECT pri_${x}', x: 'ip', at: 15 },
    { name: 'beside a text', query: "* | SELECT 'a'${x}", x: 'b', at: 14 },
  ])('$name', ({ query, x, at }) => {
    expect(refusal(query, x)).toEqual({ code: 'QUERY_VARIABLE', detail: { name: 'x', position: at, length: 4 } });
  });
});

/** The kinds of all tokens, which are what an engine makes of a query. */
function shapeOf(text: string): unknown {
  const { search, sql } = splitQuery(text);
  const statement: string[] = [];
  for (let at = 0; sql !== null && at < sql.length;) {
    const skipped = skipAt(sql, at);
    statement.push(skipped === null ? (sql[at] ?? '') : `${sql[at]} ${skipped.missing}`);
    at = skipped?.end ?? at + 1;
  }
  return { search: lexSearch(search).map(({ kind, closed }) => ({ kind, closed })), statement: statement.join('') };
}
const hostile = fc.string({ unit: fc.constantFrom(...'"\'\\|-/*;${}()[]:=<> \nax1,#'.split('')) });

test.each([
  { query: 'k:"${x}" b | SELECT 1', harmless: 'v' },
  { query: 'k:#"a ${x} b" c', harmless: 'v' },
  { query: "* | SELECT '${x}', 1 -- c", harmless: 'v' },
  { query: '* | SELECT "${x}" FROM log', harmless: 'v' },
  { query: "* | SELECT '${x}${x}' || 'b'", harmless: 'v' },
])('no value breaks out of $query', ({ query, harmless }) => {
  const shape = JSON.stringify(shapeOf(applied(query, harmless)));
  fc.assert(
    fc.property(hostile, (x) => {
      const text = refusal(query, x);
      if (typeof text === 'string') expect(JSON.stringify(shapeOf(text))).toBe(shape);
      else expect(x.endsWith('\\')).toBe(true);
    }),
    { numRuns: PROPERTY_RUNS },
  );
});

test('a value that is not in quotes is one word of the search part, and one constant of the statement', () => {
  const kinds = (text: string): readonly string[] => lexSearch(splitQuery(text).search).map(({ kind }) => kind);
  fc.assert(
    fc.property(hostile, (x) => {
      const text = refusal('k:${x} b | SELECT ${x}, 2', x);
      if (typeof text !== 'string') {
        expect(x.endsWith('\\')).toBe(true);
        return;
      }
      expect(kinds(text).map((kind) => (kind === 'string' ? 'word' : kind))).toEqual(kinds('k:v b'));
      expect(splitQuery(text).sql).toMatch(/^ SELECT (?:'(?:[^']|'')*'|\(-[\d.e+-]+\)|[\d.e+-]+), 2$/u);
    }),
    { numRuns: PROPERTY_RUNS },
  );
});

test('the variables of a query are named once, and not those of its comments', () => {
  expect(variablesOf("a:${b} ${a:raw} | SELECT '${b}' -- ${c}\n, $${d}, ${e}")).toEqual(['b', 'a', 'e']);
  expect(variablesOf('protocol:6')).toEqual([]);
});

test('a place in what runs is one in what was written', () => {
  const { text, writtenPlace } = applyVariables('pri_ip:${x} and wrong:1', { x: '10.0.1.12' });
  expect(writtenPlace(text.indexOf('wrong'), 5)).toEqual({ position: 16, length: 5 });
  expect(writtenPlace(text.indexOf('10.0'), 4)).toEqual({ position: 7, length: 4 });
  expect(writtenPlace(0, 6)).toEqual({ position: 0, length: 6 });
  expect(writtenPlace(text.length, 1)).toEqual({ position: 23, length: 1 });
});
