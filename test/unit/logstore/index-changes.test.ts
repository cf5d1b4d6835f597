import { expect, test } from 'vitest';
import type { IndexConfig } from '../../../src-main/contract/index-config';
import { recommendedIndex } from '../../../src-main/logstore/index-config';
import { indexChanges } from '../../../src-main/logstore/index-changes';

const text = { type: 'text', token: [',', ' '], caseSensitive: false, chn: false, doc_value: true, alias: '' } as const;
const long = { type: 'long', doc_value: true, alias: '' } as const;
const line = { token: [','], caseSensitive: false, chn: false };
const before: IndexConfig = { line, keys: { host: text, port: long }, max_text_len: 2048 };

test.each<{ name: string; after: IndexConfig; changes: readonly string[] }>([
  { name: 'the same', after: before, changes: [] },
  {
    name: 'other orders',
    after: { ...before, keys: { port: long, host: { ...text, token: [' ', ','] } } },
    changes: [],
  },
  { name: 'no whole text', after: { keys: before.keys, max_text_len: 2048 }, changes: ['text null removed '] },
  {
    name: 'another delimiter and case of the whole text',
    after: { ...before, line: { ...line, token: [], caseSensitive: true } },
    changes: ['text null changed token,caseSensitive'],
  },
  {
    name: 'a field with another name',
    after: { ...before, keys: { host: text, pub_port: long } },
    changes: ['field pub_port added ', 'field port removed '],
  },
  {
    name: 'another type',
    after: { ...before, keys: { host: { ...long, alias: 'h' }, port: long } },
    changes: ['field host changed type,alias,token,caseSensitive,chn'],
  },
  {
    name: 'a field that is called as what every object has',
    after: { ...before, keys: { ...before.keys, constructor: long } },
    changes: ['field constructor added '],
  },
  {
    name: 'settings of the whole',
    after: { ...before, max_text_len: 64, log_reduce: true },
    changes: ['setting max_text_len changed max_text_len', 'setting log_reduce changed log_reduce'],
  },
])('the changes to $name', ({ after, changes }) => {
  const found = indexChanges(before, after);
  expect(found.map(({ part, name, kind, settings }) => `${part} ${name} ${kind} ${settings.join(',')}`)).toEqual(
    changes,
  );
});

test('where there is no index, all of it is added, and its length of texts is no news', () => {
  const changes = indexChanges(null, recommendedIndex('session_log', []));
  expect(changes).toHaveLength(16);
  expect(changes.every(({ kind }) => kind === 'added')).toBe(true);
});
