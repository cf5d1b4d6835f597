import {
  DEFAULT_MAX_TEXT_LEN,
  LEAST_TEXT_LEN,
  MOST_TEXT_LEN,
  type AnalyticsOptions,
  type IndexConfig,
  type IndexKey,
  type JsonLeaf,
  type TextIndexOptions,
} from '../contract/index-config';
import { below, isObject, Problems } from './problems';
import { faultOfFieldName, UNWRITABLE_FIELDS } from './schema';
import { utf8Octets } from './utf8';

const CONFIG_KEYS = [
  ...['line', 'keys', 'scan_index', 'max_text_len', 'log_reduce', 'log_reduce_white_list', 'log_reduce_black_list'],
  // The vendor answers with these, and does not take them.
  ...['ttl', 'index_mode', 'storage', 'lastModifyTime'],
];
const TEXT_KEYS = ['token', 'caseSensitive', 'chn'];
const ANALYTICS_KEYS = ['doc_value', 'alias'];
const KEYS_OF = {
  text: ['type', ...TEXT_KEYS, ...ANALYTICS_KEYS],
  long: ['type', ...ANALYTICS_KEYS],
  double: ['type', ...ANALYTICS_KEYS],
  json: ['type', ...TEXT_KEYS, ...ANALYTICS_KEYS, 'index_all', 'max_depth', 'json_keys'],
} as const;
type KeyType = keyof typeof KEYS_OF;
const KEY_TYPES = Object.keys(KEYS_OF) as KeyType[];
const LEAF_TYPES = ['text', 'long', 'double'] as const;

/** Columns that SQL has without a key. @see sls-logstore.md §1.8 */
const RESERVED_COLUMNS = ['__time__', '__topic__', '__source__'];

/** Of ours: an index of all the fields that a Logstore can have must go in again. */
const MAX_CONFIG_BYTES = 4 << 20;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads an index configuration in the vendor's JSON, as its console and API give and take it, by the vendor's rules.
 *
 * What may be left out: `caseSensitive` and `chn` are false, `doc_value` true, `alias` empty, and the `token` of a field
 * has no delimiters. What only the vendor's answers have (`ttl`, `lastModifyTime` …) is passed over.
 *
 * @throws AppError INDEX_INVALID that names path, value and rule of everything that is wrong
 * @see sls-logstore.md §2
 */
export function readIndexConfig(input: unknown): IndexConfig {
  const problems = new Problems('the index configuration');
  const config = new IndexReader(problems).read(input);
  problems.throwIfAny('INDEX_INVALID');
  return config;
}

class IndexReader {
  readonly #problems: Problems;
  /** Where each name of a column in SQL was first used. */
  readonly #columns = new Map<string, string>();
  readonly #aliases: { readonly alias: string; readonly path: string }[] = [];

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  read(input: unknown): IndexConfig {
    const config = this.#object(input, '', CONFIG_KEYS);
    if (utf8Octets(JSON.stringify(config)).length > MAX_CONFIG_BYTES) {
      this.#problems.addMissing('', `is larger than ${MAX_CONFIG_BYTES >> 20} MB`);
    }
    if (isObject(input) && !('line' in config) && !('keys' in config) && config['scan_index'] !== true) {
      this.#problems.addMissing('', 'must have line or keys, else nothing is indexed (IndexInfoInvalid)');
    }
    const { line } = config;
    const flags = ['scan_index', 'log_reduce'].filter((key) => key in config);
    const lists = ['log_reduce_white_list', 'log_reduce_black_list'].filter((key) => key in config);
    const keys = this.#keys(config['keys'] ?? {});
    this.#checkAliases();
    return {
      ...(line === undefined ? {} : { line: this.#line(line) }),
      keys,
      max_text_len: this.#wholeNumber(config, 'max_text_len', '', LEAST_TEXT_LEN, MOST_TEXT_LEN, DEFAULT_MAX_TEXT_LEN),
      ...Object.fromEntries(flags.map((key) => [key, this.#flag(config, key, '', false)])),
      ...Object.fromEntries(lists.map((key) => [key, this.#texts(config[key], key)])),
    };
  }

  #line(input: unknown): NonNullable<IndexConfig['line']> {
    const line = this.#object(input, 'line', [...TEXT_KEYS, 'include_keys', 'exclude_keys']);
    if ((line['token'] ?? null) === null) {
      this.#problems.addMissing('line.token', 'is missing: Required field token is lacking or of error format');
    }
    if ('include_keys' in line && 'exclude_keys' in line) {
      this.#problems.addMissing('line', 'can have include_keys or exclude_keys, and not both');
    }
    const lists = ['include_keys', 'exclude_keys'].filter((key) => key in line);
    return {
      ...this.#textOptions(line, 'line'),
      ...Object.fromEntries(lists.map((key) => [key, this.#texts(line[key], below('line', key))])),
    };
  }

  #keys(input: unknown): IndexConfig['keys'] {
    if (!isObject(input)) {
      this.#problems.add('keys', input, 'must be an object of fields');
      return {};
    }
    const keys: [string, IndexKey][] = [];
    for (const [name, each] of Object.entries(input)) {
      const path = below('keys', name);
      const fault = name === '__time__' ? 'is the time of the entry, and always indexed' : faultOfFieldName(name);
      if (fault !== null) this.#problems.addMissing(path, fault);
      if (UNWRITABLE_FIELDS.includes(name)) this.#problems.addMissing(path, 'is a name that only the vendor uses');
      this.#addColumn(name, path);
      const key = this.#key(name, each, path);
      if (key !== null) keys.push([name, key]);
    }
    return Object.fromEntries(keys);
  }

  #key(name: string, input: unknown, path: string): IndexKey | null {
    const type = isObject(input) ? KEY_TYPES.find((each) => each === input['type']) : undefined;
    if (!isObject(input) || type === undefined) {
      if (isObject(input)) this.#refuseType(input, path, KEY_TYPES);
      else this.#problems.add(path, input, 'must be an object, in braces');
      return null;
    }
    const key = this.#object(input, path, KEYS_OF[type]);
    if (name.startsWith('__tag__:') && type !== 'text')
      this.#problems.add(below(path, 'type'), type, 'must be text: tags are');
    const analytics = this.#analytics(key, path);
    switch (type) {
      case 'long':
      case 'double':
        return { type, ...analytics };
      case 'text':
        return { type, ...this.#textOptions(key, path), ...analytics };
      case 'json':
        return {
          type,
          ...this.#textOptions(key, path),
          ...analytics,
          index_all: this.#flag(key, 'index_all', path, false),
          max_depth: this.#wholeNumber(key, 'max_depth', path, -1, Number.MAX_SAFE_INTEGER, -1),
          json_keys: this.#leaves(name, key['json_keys'] ?? {}, below(path, 'json_keys')),
        };
    }
  }

  #leaves(field: string, input: unknown, path: string): Readonly<Record<string, JsonLeaf>> {
    if (!isObject(input)) {
      this.#problems.add(path, input, 'must be an object of leaves');
      return {};
    }
    const leaves: [string, JsonLeaf][] = [];
    for (const [leaf, each] of Object.entries(input)) {
      const place = below(path, leaf);
      if (leaf.split('.').includes('')) this.#problems.addMissing(place, 'is no path such as info.param.name');
      this.#addColumn(`${field}.${leaf}`, place);
      const key = this.#object(each, place, ['type', ...ANALYTICS_KEYS]);
      const type = LEAF_TYPES.find((known) => known === key['type']);
      if (type === undefined) {
        if (isObject(each)) this.#refuseType(each, place, LEAF_TYPES);
      } else leaves.push([leaf, { type, ...this.#analytics(key, place) }]);
    }
    return Object.fromEntries(leaves);
  }

  #refuseType(key: Json, path: string, types: readonly string[]): void {
    if ('type' in key) this.#problems.add(below(path, 'type'), key['type'], `must be one of ${types.join(', ')}`);
    else this.#problems.addMissing(below(path, 'type'), `is missing; it is one of ${types.join(', ')}`);
  }

  /** Queries do not tell names apart by case. */
  #addColumn(name: string, path: string): void {
    const first = this.#columns.get(name.toLowerCase());
    if (first === undefined) this.#columns.set(name.toLowerCase(), path);
    else this.#problems.addMissing(path, `is the same field as ${first}: Duplicate keys (${name}) are not allowed`);
  }

  #checkAliases(): void {
    const taken = new Map([
      ...RESERVED_COLUMNS.map((name) => [name, `the reserved field ${name}`] as const),
      ...this.#columns,
    ]);
    for (const { alias, path } of this.#aliases) {
      const first = taken.get(alias.toLowerCase());
      if (first === undefined) taken.set(alias.toLowerCase(), path);
      else this.#problems.add(path, alias, `is taken by ${first}: duplicate column conflicts`);
    }
  }

  #analytics(key: Json, path: string): AnalyticsOptions {
    const alias = key['alias'] ?? '';
    const aliasPath = below(path, 'alias');
    if (typeof alias !== 'string' || !/^(?:[A-Za-z_]\w*)?$/u.test(alias)) {
      this.#problems.add(aliasPath, alias, 'must be letters, digits and _, and not begin with a digit');
    } else if (alias !== '') this.#aliases.push({ alias, path: aliasPath });
    return { doc_value: this.#flag(key, 'doc_value', path, true), alias: typeof alias === 'string' ? alias : '' };
  }

  #textOptions(options: Json, path: string): TextIndexOptions {
    const token = this.#texts(options['token'] ?? [], below(path, 'token'));
    token.forEach((delimiter, index) => {
      // eslint-disable-next-line no-control-regex -- tab and line feed are delimiters
      if (/^[\u0000-\u007f]$/u.test(delimiter)) return;
      this.#problems.add(`${below(path, 'token')}[${index}]`, delimiter, 'must be one ASCII character');
    });
    return {
      token,
      caseSensitive: this.#flag(options, 'caseSensitive', path, false),
      chn: this.#flag(options, 'chn', path, false),
    };
  }

  #object(input: unknown, path: string, known: readonly string[]): Json {
    if (!isObject(input)) {
      this.#problems.add(path, input, 'must be an object, in braces');
      return {};
    }
    for (const key of Object.keys(input)) {
      if (!known.includes(key))
        this.#problems.add(below(path, key), input[key], `has no known key; there are ${known.join(', ')}`);
    }
    return input;
  }

  #flag(options: Json, key: string, path: string, otherwise: boolean): boolean {
    const value = options[key] ?? otherwise;
    if (typeof value === 'boolean') return value;
    this.#problems.add(below(path, key), value, 'must be true or false');
    return otherwise;
  }

  #wholeNumber(options: Json, key: string, path: string, least: number, most: number, otherwise: number): number {
    const value = options[key] ?? otherwise;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    this.#problems.add(below(path, key), value, `must be a whole number ${range}`);
    return otherwise;
  }

  #texts(input: unknown, path: string): readonly string[] {
    if (!Array.isArray(input)) {
      this.#problems.add(path, input, 'must be a list of texts');
      return [];
    }
    return input.flatMap((each: unknown, index) => {
      if (typeof each === 'string') return [each];
      this.#problems.add(`${path}[${index}]`, each, 'must be a text');
      return [];
    });
  }
}
