import { describe, expect, test } from 'vitest';
import { DEFAULT_DELIMITERS } from '../../../src-main/contract/index-config';
import { recommendedIndex } from '../../../src-main/logstore/index-config';
import { readIndexConfig } from '../../../src-main/logstore/read-index-config';

/** The sample of the reference, as the vendor's API answers it. */
const SAMPLE = {
  line: { token: [',', ' ', '\n'], caseSensitive: false, chn: false, exclude_keys: ['extra'] },
  keys: {
    pri_ip: { type: 'text', token: [], caseSensitive: false, chn: false, doc_value: true, alias: 'src' },
    pri_port: { type: 'long', doc_value: true, alias: '' },
    extra: {
      type: 'json',
      token: [',', ' '],
      caseSensitive: true,
      chn: false,
      doc_value: false,
      alias: '',
      index_all: true,
      max_depth: -1,
      json_keys: { 'a.b': { type: 'long', doc_value: true, alias: 'ab' } },
    },
  },
  max_text_len: 2048,
  log_reduce: false,
  log_reduce_white_list: ['pri_ip'],
};

describe('an index configuration', () => {
  test("is read as the vendor's API answers it, without what only answers have", () => {
    const answered = { ...SAMPLE, ttl: 30, index_mode: 'v2', storage: 'pg', lastModifyTime: 1524155379 };
    expect(readIndexConfig(answered)).toEqual(SAMPLE);
  });

  test('may leave out what has a default', () => {
    expect(readIndexConfig({ keys: { a: { type: 'text' }, b: { type: 'json' } } })).toEqual({
      keys: {
        a: { type: 'text', token: [], caseSensitive: false, chn: false, doc_value: true, alias: '' },
        b: {
          ...{ type: 'json', token: [], caseSensitive: false, chn: false, doc_value: true, alias: '' },
          ...{ index_all: false, max_depth: -1, json_keys: {} },
        },
      },
      max_text_len: 2048,
    });
  });

  test('that is recommended can be read', () => {
    const config = recommendedIndex('custom', [
      { name: 'status', type: 'long', hints: {} },
      { name: 'client', type: 'text', hints: { isAddress: true } },
      { name: 'Status', type: 'text', hints: {} },
      { name: '__tag__:host', type: 'text', hints: {} },
      { name: 'request', type: 'json', hints: { leaves: { 'user.id': 'long', path: 'text' } } },
    ]);
    expect(readIndexConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(Object.keys(config.keys)).toEqual(['status', 'client', '__tag__:host', 'request']);
    expect(config.keys).toMatchObject({
      status: { type: 'long' },
      client: { token: [] },
      '__tag__:host': { token: [] },
      request: { token: DEFAULT_DELIMITERS, json_keys: { 'user.id': { type: 'long' }, path: { type: 'text' } } },
    });
  });

  test('that is recommended for the most fields of the longest names can be read', () => {
    const fields = Array.from({ length: 2000 }, (_, at) => ({
      ...{ name: `${'n'.repeat(124)}${at}`, type: 'text' as const, hints: {} },
    }));
    const config = recommendedIndex('custom', fields);
    expect(readIndexConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  const text = { type: 'text' };
  test.each<{ name: string; config: unknown; says: string }>([
    { name: 'no object', config: [], says: 'the index configuration: [] must be an object, in braces' },
    { name: 'neither line nor keys', config: {}, says: 'must have line or keys' },
    {
      name: 'a line without token',
      config: { line: {} },
      says: 'line.token is missing: Required field token is lacking',
    },
    { name: 'a line whose token is null', config: { line: { token: null } }, says: 'line.token is missing' },
    { name: 'an unknown key', config: { keys: {}, kesy: 1 }, says: 'kesy: 1 has no known key' },
    {
      name: 'an unknown type',
      config: { keys: { a: { type: 'int' } } },
      says: 'keys.a.type: "int" must be one of text, long',
    },
    { name: 'a missing type', config: { keys: { a: {} } }, says: 'keys.a.type is missing' },
    {
      name: 'a token of two characters',
      config: { keys: { a: { ...text, token: ['ab'] } } },
      says: 'keys.a.token[0]: "ab"',
    },
    { name: 'a token that is no ASCII', config: { line: { token: ['，'] } }, says: 'must be one ASCII character' },
    {
      name: 'a token for a number',
      config: { keys: { a: { type: 'long', token: [] } } },
      says: 'keys.a.token: [] has no known key',
    },
    { name: 'an alias with a hyphen', config: { keys: { a: { ...text, alias: 'x-y' } } }, says: 'keys.a.alias: "x-y"' },
    {
      name: 'an alias that is a field',
      config: { keys: { a: { ...text, alias: 'b' }, b: text } },
      says: 'duplicate column conflicts',
    },
    {
      name: 'an alias that is a reserved field',
      config: { keys: { a: { ...text, alias: '__TIME__' } } },
      says: 'keys.a.alias: "__TIME__" is taken by the reserved field __time__: duplicate column conflicts',
    },
    {
      name: 'keys that differ in case',
      config: { keys: { a: text, A: text } },
      says: 'Duplicate keys (A) are not allowed',
    },
    {
      name: 'a length out of bounds',
      config: { keys: { a: text }, max_text_len: 63 },
      says: 'max_text_len: 63 must be a whole number from 64 to 16384',
    },
    {
      name: 'both kinds of lists',
      config: { line: { token: [], include_keys: [], exclude_keys: [] } },
      says: 'and not both',
    },
    {
      name: 'a flag that is none',
      config: { keys: { a: { ...text, chn: 1 } } },
      says: 'keys.a.chn: 1 must be true or false',
    },
    {
      name: 'a JSON leaf of JSON',
      config: { keys: { a: { type: 'json', json_keys: { b: { type: 'json' } } } } },
      says: 'keys.a.json_keys.b.type',
    },
    { name: 'a number as tag', config: { keys: { '__tag__:x': { type: 'long' } } }, says: 'must be text: tags are' },
    { name: 'the time', config: { keys: { __time__: { type: 'long' } } }, says: 'always indexed' },
  ])('with $name is refused with path, value and rule', ({ config, says }) => {
    expect(() => readIndexConfig(config)).toThrow(
      expect.objectContaining({ code: 'INDEX_INVALID', message: expect.stringContaining(says) }),
    );
  });

  test('tells all that is wrong at once', () => {
    const config = { keys: { a: { type: 'x' }, b: { type: 'y' } } };
    expect(() => readIndexConfig(config)).toThrow(/has 2 problems\n {2}keys\.a\.type.*\n {2}keys\.b\.type/);
  });
});
