import { expect, test } from 'vitest';
import { SESSION_LOG_FIELDS } from '../../../src-main/contract/log-entry';
import { DEFAULT_DELIMITERS } from '../../../src-main/contract/index-config';
import { recommendedIndex } from '../../../src-main/logstore/index-config';

test('the recommended index has every field of a session log, in order, open to SQL', () => {
  const { keys } = recommendedIndex('session_log', []);
  expect(Object.keys(keys)).toEqual(SESSION_LOG_FIELDS.map((field) => field.name));
  expect(Object.values(keys).every((key) => key.doc_value)).toBe(true);
});

test.each([
  { field: 'pri_ip', key: { type: 'text', token: [] } },
  { field: 'nat_ip', key: { type: 'text', token: [] } },
  { field: 'protocol', key: { type: 'long' } },
  { field: 'start_time', key: { type: 'long' } },
  { field: 'instance', key: { type: 'text', token: DEFAULT_DELIMITERS } },
])('$field is indexed as the reference advises', ({ field, key }) => {
  expect(recommendedIndex('session_log', []).keys[field]).toMatchObject(key);
});

test('the default delimiters leave addresses and IDs whole', () => {
  expect(DEFAULT_DELIMITERS.some((token) => '198.51.100.1 ngw-bp1_x'.replace(' ', '').includes(token))).toBe(false);
  expect(new Set(DEFAULT_DELIMITERS).size).toBe(22);
});
