import type { DuckDBConnection } from '@duckdb/node-api';
import type { StoredType } from '../contract/logstore';
import type { FieldHints, StoredField } from '../logstore/schema';
import { readRows, textIn, textOrNull } from './catalogue';
import { remembered } from './catalogue-memory';
import { addColumnSql } from './log-table';
import { STATEMENTS } from './statements';

/**
 * The fields that a Logstore was given, in the order in which they came: all of a custom schema, and of session logs what
 * loaded ones have beyond the fields of the product.
 */
export async function readFieldsIn(connection: DuckDBConnection, logstoreId: number): Promise<readonly StoredField[]> {
  const rows = await readRows(connection, STATEMENTS.listFields, [logstoreId]);
  return rows.map((row) => ({
    name: textIn(row, 'name'),
    type: textIn(row, 'type') as StoredType,
    column: textOrNull(row, 'column_name'),
    // As `addFields` wrote them.
    hints: JSON.parse(textIn(row, 'hints')) as FieldHints,
  }));
}

export const readFields = remembered((database, logstoreId: number): Promise<readonly StoredField[]> => {
  return database.withConnection((connection) => readFieldsIn(connection, logstoreId));
});

/**
 * Columns of one table: to write a single row behind others, DuckDB holds 0.5 MiB of memory for each of them, so 1,000 are
 * more than all that there is [measured].
 */
const MAX_COLUMNS = 256;

/** A field that is new, or was there, with what is known of its values by now. */
export interface FieldUpdate {
  readonly name: string;
  readonly type: StoredType;
  readonly hints: FieldHints;
}

/**
 * Adds fields, with columns of their own as long as there may be more, and brings the hints of the others up to date.
 *
 * @param hasColumns false for session logs, whose table is the same everywhere
 */
export async function updateFields(
  connection: DuckDBConnection,
  logstoreId: number,
  before: readonly StoredField[],
  updates: readonly FieldUpdate[],
  hasColumns: boolean,
): Promise<void> {
  const known = new Map(before.map((field) => [field.name, JSON.stringify(field.hints)]));
  let ordinal = before.length;
  for (const { name, type, hints } of updates) {
    const written = JSON.stringify(hints);
    const noted = known.get(name);
    if (noted !== undefined) {
      if (noted !== written) await connection.run(STATEMENTS.writeHints, [logstoreId, name, written]);
      continue;
    }
    const column = hasColumns && ordinal < MAX_COLUMNS ? `f${ordinal + 1}` : null;
    if (column !== null) await connection.run(addColumnSql(logstoreId, column, type));
    const values = [logstoreId, ordinal, name, type, column, written];
    await connection.run(STATEMENTS.insertField, values);
    ordinal++;
  }
}

/** Notes that fields have values that are not of their type. */
export async function noteMisfitsIn(
  connection: DuckDBConnection,
  logstoreId: number,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  for (const { name, hints } of await readFieldsIn(connection, logstoreId)) {
    if (hints.hasMisfits === true || !names.includes(name)) continue;
    await connection.run(STATEMENTS.writeHints, [logstoreId, name, JSON.stringify({ ...hints, hasMisfits: true })]);
  }
}
