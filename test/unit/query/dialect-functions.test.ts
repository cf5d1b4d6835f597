import { expect, test } from 'vitest';
import { dialectFunctions } from '../../../src-main/query/functions/names';

const functions = dialectFunctions();
const kindOf = (name: string): string | undefined => functions.find((each) => each.name === name)?.kind;

test.each([
  { name: 'count', kind: 'aggregate' },
  { name: 'sum', kind: 'aggregate' },
  { name: 'row_number', kind: 'window' },
  { name: 'date_trunc', kind: 'scalar' },
  { name: 'coalesce', kind: 'scalar' },
  { name: 'if', kind: 'scalar' },
  { name: 'time_series', kind: 'scalar' },
  { name: 'ip_prefix', kind: 'scalar' },
])('$name is a function: $kind', ({ name, kind }) => {
  expect(kindOf(name)).toBe(kind);
});

test.each(['like_escape', '+', 'count_star', 'λwindow', 'checksum', 'geohash', 'read_csv'])(
  '%s is none that can be called',
  (name) => {
    expect(kindOf(name)).toBeUndefined();
  },
);

test('each is named once, in the order of the alphabet', () => {
  const names = functions.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual([...names].sort());
});
