import type { SqlParam } from './log-relation';

/** Adds a value to the parameters of a statement. @returns what stands for it there, such as `CAST($3 AS BIGINT)` */
export type BindValue = (value: SqlParam, type: 'BIGINT' | 'UINTEGER' | 'DOUBLE' | 'VARCHAR') => string;

/** @param params gets the values; those already there keep their numbers */
export function bindInto(params: SqlParam[]): BindValue {
  return (value, type) => `CAST($${params.push(value)} AS ${type})`;
}
