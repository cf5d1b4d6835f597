import {
  DEFAULT_DELIMITERS,
  DEFAULT_MAX_TEXT_LEN,
  type IndexConfig,
  type IndexKey,
  type JsonKey,
  type TextIndexOptions,
} from '../../../src-main/contract/index-config';
import { delimiterText, readDelimiters } from './delimiter-text';

/** How texts are cut into terms, as it is written in a form. */
export interface WrittenText {
  readonly delimiters: string;
  readonly caseSensitive: boolean;
  readonly chn: boolean;
}

export interface WrittenField extends WrittenText {
  /** Of the row in the form, whatever its name becomes. */
  readonly id: number;
  readonly name: string;
  readonly type: IndexKey['type'];
  readonly alias: string;
  /** Whether SQL can read it. */
  readonly hasStatistics: boolean;
  /** What only the JSON view shows. */
  readonly leaves: Pick<JsonKey, 'index_all' | 'max_depth' | 'json_keys'>;
}

export const FIELD_TYPES = ['text', 'long', 'double', 'json'] as const satisfies readonly IndexKey['type'][];

const DEFAULT_TEXT: WrittenText = {
  delimiters: delimiterText(DEFAULT_DELIMITERS),
  caseSensitive: false,
  chn: false,
};
const ALL_LEAVES: WrittenField['leaves'] = { index_all: true, max_depth: -1, json_keys: {} };

/** Whether a type is cut into terms. */
export const isText = (type: IndexKey['type']): boolean => type === 'text' || type === 'json';

/** An index as it is written in a form. Whether it can be is the engine's to say. */
export class IndexForm {
  hasWholeText = $state(false);
  wholeText = $state.raw(DEFAULT_TEXT);
  fields = $state.raw<readonly WrittenField[]>([]);
  maxTextLen = $state(String(DEFAULT_MAX_TEXT_LEN));
  /** Two fields cannot be told apart by an object of them. */
  readonly twice = $derived.by(() => {
    const names = this.fields.map(({ name }) => name);
    return names.find((name, index) => names.indexOf(name) !== index) ?? null;
  });
  /** What the form does not show, and leaves as it is. */
  #line: Pick<NonNullable<IndexConfig['line']>, 'include_keys' | 'exclude_keys'> = {};
  #rest: Omit<IndexConfig, 'line' | 'keys' | 'max_text_len'> = {};
  #lastId = 0;

  /** As the vendor's JSON; of fields that are there twice, one. */
  get config(): Readonly<Record<string, unknown>> {
    const { wholeText, fields, maxTextLen } = this;
    return {
      ...(this.hasWholeText ? { line: { ...textOptions(wholeText), ...this.#line } } : {}),
      keys: Object.fromEntries(fields.map((field) => [field.name, keyOf(field)])),
      max_text_len: /^\d+$/u.test(maxTextLen) ? Number(maxTextLen) : maxTextLen,
      ...this.#rest,
    };
  }

  take({ line, keys, max_text_len: maxTextLen, ...rest }: IndexConfig): void {
    this.hasWholeText = line !== undefined;
    const { token, caseSensitive, chn, ...others } = line ?? { ...DEFAULT_TEXT, token: DEFAULT_DELIMITERS };
    this.wholeText = { delimiters: delimiterText(token), caseSensitive, chn };
    this.#line = line === undefined ? {} : others;
    this.fields = Object.entries(keys).map(([name, key]) => this.#written(name, key));
    this.maxTextLen = String(maxTextLen);
    this.#rest = rest;
  }

  /** Adds the fields of an index that are not here, whatever their capitals. @returns how many */
  addMissing({ keys }: IndexConfig): number {
    const taken = new Set(this.fields.map(({ name }) => name.toLowerCase()));
    const missing = Object.entries(keys).filter(([name]) => !taken.has(name.toLowerCase()));
    this.fields = [...this.fields, ...missing.map(([name, key]) => this.#written(name, key))];
    return missing.length;
  }

  /** @returns the new row, which has no name yet */
  add(): number {
    const field = this.#written('', { type: 'text', ...textOptions(DEFAULT_TEXT), doc_value: true, alias: '' });
    this.fields = [...this.fields, field];
    return field.id;
  }

  set(id: number, changes: Partial<Omit<WrittenField, 'id'>>): void {
    this.fields = this.fields.map((field) => (field.id === id ? { ...field, ...changes } : field));
  }

  remove(id: number): void {
    this.fields = this.fields.filter((field) => field.id !== id);
  }

  #written(name: string, key: IndexKey): WrittenField {
    const { type, alias, doc_value: hasStatistics } = key;
    const text = 'token' in key ? key : { ...DEFAULT_TEXT, token: DEFAULT_DELIMITERS };
    const written = { delimiters: delimiterText(text.token), caseSensitive: text.caseSensitive, chn: text.chn };
    const leaves =
      type === 'json' ? { index_all: key.index_all, max_depth: key.max_depth, json_keys: key.json_keys } : ALL_LEAVES;
    return { id: ++this.#lastId, name, type, alias, hasStatistics, ...written, leaves };
  }
}

function textOptions({ delimiters, caseSensitive, chn }: WrittenText): TextIndexOptions {
  return { token: readDelimiters(delimiters), caseSensitive, chn };
}

function keyOf({ type, alias, hasStatistics, leaves, ...text }: WrittenField): IndexKey {
  const analytics = { doc_value: hasStatistics, alias };
  switch (type) {
    case 'text':
      return { type, ...textOptions(text), ...analytics };
    case 'long':
    case 'double':
      return { type, ...analytics };
    case 'json':
      return { type, ...textOptions(text), ...analytics, ...leaves };
  }
}
