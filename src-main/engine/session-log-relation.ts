import { SESSION_LOG_FIELDS, type LogField } from '../contract/log-entry';
import type { Dimension } from '../duckdb/catalogue';
import { logTable } from '../duckdb/log-table';
import { quoteText } from '../duckdb/quote';
import type { IndexConfig } from '../logstore/index-config';
import type { LogRelation } from '../query/log-relation';

/** The small ids that stand for names in the rows. */
export interface SessionLogDimensions {
  readonly instance: readonly Dimension[];
  readonly vpc_id: readonly Dimension[];
}

/**
 * A Logstore of session logs as queries see it: the fields of its index, in the product's order, each read from its
 * column. Only here does a query meet the fifteen fields by name.
 */
export function sessionLogRelation(
  logstoreId: number,
  index: IndexConfig,
  dimensions: SessionLogDimensions,
  visibleRuns: LogRelation['visibleRuns'],
): LogRelation {
  const all: readonly LogField[] = SESSION_LOG_FIELDS;
  const fields = all.flatMap(({ name, type }) => {
    const key = index.keys[name];
    if (key === undefined) return [];
    const terms = key.type === 'text' ? { token: key.token, caseSensitive: key.caseSensitive, chn: key.chn } : {};
    return [{ name, type, expression: expressionOf(name, dimensions), ...terms }];
  });
  const relation = { table: logTable(logstoreId), fields, visibleRuns };
  if (index.line === undefined) return relation;
  const { token, caseSensitive, chn } = index.line;
  return { ...relation, line: { token, caseSensitive, chn, fields: fields.filter(({ type }) => type !== 'long') } };
}

function expressionOf(name: string, dimensions: SessionLogDimensions): string {
  if (name === 'instance' || name === 'vpc_id') return namesById(`entry.${name}`, dimensions[name]);
  return `entry.${name}`;
}

/** A gateway or two, so a CASE is cheaper than a join, and lets the row be filtered by name without one. */
function namesById(column: string, names: readonly Dimension[]): string {
  if (names.length === 0) return 'CAST(NULL AS VARCHAR)';
  const branches = names.map(({ id, name }) => `WHEN ${id} THEN ${quoteText(name)}`);
  return `CASE ${column} ${branches.join(' ')} END`;
}
