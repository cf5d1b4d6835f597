import { foldName } from './sql-scope';
import { isNode, type Json } from './sql-json';

/**
 * Names, folded, of all columns that a statement may read from its tables; null when it may read all of them, through
 * `*` or by position. A name too many does no harm: it only says which columns `log` cannot go without.
 */
export function columnsRead(tree: Json): ReadonlySet<string> | null {
  const names = new Set<string>();
  const addAll = (list: Json | undefined): void => {
    if (!Array.isArray(list)) return;
    for (const name of list as readonly Json[]) if (typeof name === 'string') names.add(foldName(name));
  };
  /** Collects the names below a value; true when something there stands for all columns. */
  const readsAll = (value: Json): boolean => {
    if (Array.isArray(value)) return (value as readonly Json[]).some(readsAll);
    if (!isNode(value)) return false;
    const renames = value.column_name_alias;
    if (value.class === 'STAR' || (Array.isArray(renames) && renames.length > 0)) return true;
    addAll(value.column_names);
    addAll(value.using_columns);
    return Object.values(value).some(readsAll);
  };
  return readsAll(tree) ? null : names;
}
