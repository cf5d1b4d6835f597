import { ipv4Text } from './ipv4-text';
import type { LogRelation, LogRelationField } from './log-relation';

/** The text of a value, as queries show it. */
function textOf({ type, expression }: LogRelationField): string {
  switch (type) {
    case 'text':
      return `(${expression})`;
    case 'long':
    case 'double':
      return `CAST((${expression}) AS VARCHAR)`;
    case 'ipv4':
      return ipv4Text(expression);
  }
}

const SQL_TYPES = { long: 'BIGINT', double: 'DOUBLE' } as const;

/**
 * A value of one type as that of another; NULL where it has none. DuckDB would round 1.5 to a whole number, which no index
 * of long fields does. Text that became addresses is read when the entries are indexed anew.
 */
function converted(field: LogRelationField, type: LogRelationField['type']): string {
  if (field.type === type) return `(${field.expression})`;
  switch (type) {
    case 'text':
      return textOf(field);
    case 'double':
      return `TRY_CAST(${textOf(field)} AS DOUBLE)`;
    case 'long':
      if (field.type === 'double') {
        return `CASE WHEN (${field.expression}) = trunc(${field.expression}) THEN TRY_CAST((${field.expression}) AS BIGINT) END`;
      }
      return `CASE WHEN regexp_matches(${textOf(field)}, '^[+-]?[0-9]+$') THEN TRY_CAST(${textOf(field)} AS BIGINT) END`;
    case 'ipv4':
      return 'NULL';
  }
}

/**
 * SQL of a field's value as the newest index has it: for entries of earlier indexes converted to its type, and NULL where
 * those lack the field.
 */
export function fieldValue(field: LogRelationField, relation: Pick<LogRelation, 'olderIndexes'>): string {
  const newest = converted(field, field.type);
  const older = (relation.olderIndexes ?? []).map(({ fields, untilRun }) => {
    const earlier = fields.find(({ name }) => name === field.name);
    return { untilRun, sql: earlier === undefined ? 'NULL' : converted(earlier, field.type) };
  });
  if (older.every(({ sql }) => sql === newest)) return field.expression;
  const branches = older.map(({ untilRun, sql }) => `WHEN entry.run_id <= ${untilRun} THEN ${sql}`);
  return `CASE ${branches.join(' ')} ELSE ${newest} END`;
}

/** What user SQL and results read of a field: integers as BIGINT, since unsigned arithmetic would wrap silently. */
export function logColumn(field: LogRelationField, relation: Pick<LogRelation, 'olderIndexes'>): string {
  const expression = fieldValue(field, relation);
  if (field.type === 'ipv4') return ipv4Text(expression);
  return field.type === 'text' ? `(${expression})` : `CAST((${expression}) AS ${SQL_TYPES[field.type]})`;
}
