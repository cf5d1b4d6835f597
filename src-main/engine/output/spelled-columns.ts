import { spelledField, type FieldSpelling } from '../../contract/log-entry';

/** @returns the columns with the fields of entries spelled as wanted */
export function spelledColumns<Column extends { readonly name: string }>(
  columns: readonly Column[],
  spelling: FieldSpelling,
): readonly Column[] {
  if (spelling === 'current') return columns;
  return columns.map((column) => ({ ...column, name: spelledField(column.name, spelling) }));
}
