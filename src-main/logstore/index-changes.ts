import type { IndexChange, IndexConfig } from '../contract/index-config';
import { indexKeyOf } from './index-config';

/** Settings that are not of a field. */
const OF_THE_WHOLE = ['scan_index', 'log_reduce', 'log_reduce_white_list', 'log_reduce_black_list'] as const;

/**
 * @param before null where there is no index
 * @returns what is another in the second index: the whole text first, then fields in their order, those that went behind
 * them, and the rest; empty when both mean the same
 */
export function indexChanges(before: IndexConfig | null, after: IndexConfig): readonly IndexChange[] {
  const fields = new Set([...Object.keys(after.keys), ...Object.keys(before?.keys ?? {})]);
  const others = ['max_text_len', ...OF_THE_WHOLE] as const;
  return [
    ...changesOf({ part: 'text', name: null }, before?.line, after.line),
    ...[...fields].flatMap((name) =>
      changesOf({ part: 'field', name }, indexKeyOf(before?.keys ?? {}, name), indexKeyOf(after.keys, name)),
    ),
    ...others.flatMap((name) =>
      // A new index has a length of texts, which is no news.
      before === null || same(before[name], after[name]) ? [] : [change({ part: 'setting', name }, 'changed', [name])],
    ),
  ];
}

function changesOf(
  place: Pick<IndexChange, 'part' | 'name'>,
  before: object | undefined,
  after: object | undefined,
): readonly IndexChange[] {
  if (before === undefined || after === undefined) {
    if (before === after) return [];
    return [change(place, before === undefined ? 'added' : 'removed', [])];
  }
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const changed = [...new Set([...now.keys(), ...old.keys()])].filter((key) => !same(old.get(key), now.get(key)));
  return changed.length === 0 ? [] : [change(place, 'changed', changed)];
}

function change(
  { part, name }: Pick<IndexChange, 'part' | 'name'>,
  kind: IndexChange['kind'],
  settings: readonly string[],
): IndexChange {
  return { part, name, kind, settings };
}

/** The order of delimiters, and of leaves, means nothing. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(String).toSorted();
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([key, each]): [string, unknown] => [key, ordered(each)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
