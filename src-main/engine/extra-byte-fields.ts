import { EXTRA_BYTE_FIELDS } from '../contract/log-entry';
import type { Logstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { readFieldsIn, updateFields } from '../duckdb/log-fields';

/**
 * Gives a Logstore of session logs the fields that its entries will have, if it has not got them; they are kept in `extra`.
 *
 * @returns the new ones
 */
export async function declareExtraBytes(database: Database, { id }: Pick<Logstore, 'id'>): Promise<readonly string[]> {
  return database.transaction(async (connection) => {
    const before = await readFieldsIn(connection, id);
    const missing = EXTRA_BYTE_FIELDS.filter((name) => !before.some((field) => field.name === name));
    const updates = missing.map((name) => ({ name, type: 'long' as const, hints: {} }));
    await updateFields(connection, id, before, updates, false);
    return missing;
  });
}
