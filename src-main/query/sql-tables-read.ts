import { isNode, type Json } from './sql-json';

/** The names of all tables in FROM anywhere in a statement, its WITH names among them. */
export function tablesRead(value: Json): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (inner: Json): void => {
    if (Array.isArray(inner)) return (inner as readonly Json[]).forEach(visit);
    if (!isNode(inner)) return;
    const name = inner['table_name'];
    if (inner['type'] === 'BASE_TABLE' && typeof name === 'string' && inner['schema_name'] === '') names.add(name);
    Object.values(inner).forEach(visit);
  };
  visit(value);
  return names;
}
