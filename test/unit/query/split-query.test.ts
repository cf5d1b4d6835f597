import { expect, test } from 'vitest';
import { splitQuery } from '../../../src-main/query/split-query';

test.each([
  { name: 'no statement', text: 'a:1', search: 'a:1', sql: null },
  { name: 'a statement', text: '* | select 1', search: '* ', sql: ' select 1' },
  { name: 'an empty search', text: '|select 1', search: '', sql: 'select 1' },
  { name: 'an empty statement', text: 'a:1 |', search: 'a:1 ', sql: '' },
  { name: 'only the first pipe', text: 'a | b | c', search: 'a ', sql: ' b | c' },
  { name: 'no pipe inside quotes', text: 'a:"x|y" | select 1', search: 'a:"x|y" ', sql: ' select 1' },
  { name: 'no pipe behind an escaped quote', text: 'a:"x\\"|y" | select 1', search: 'a:"x\\"|y" ', sql: ' select 1' },
  { name: 'a pipe behind an escaped quote of a word', text: 'a:x\\"|select 1', search: 'a:x\\"', sql: 'select 1' },
  { name: 'a backslash that escapes nothing else', text: 'a:"x\\y" | select 1', search: 'a:"x\\y" ', sql: ' select 1' },
  { name: 'no pipe behind a quote never closed', text: 'a:"x | select 1', search: 'a:"x | select 1', sql: null },
  { name: 'single quotes without meaning', text: "a:'x|y'", search: "a:'x", sql: "y'" },
])('a query is cut at the first pipe outside of quotes: $name', ({ text, search, sql }) => {
  const parts = splitQuery(text);
  expect(parts).toMatchObject({ search, sql });
  expect(text.slice(parts.sqlOffset)).toBe(sql ?? '');
});
