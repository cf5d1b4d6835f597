import { DuckDBTypeId, type DuckDBType } from '@duckdb/node-api';
import { ipv4Text } from '../query/ipv4-text';
import { quoteIdentifier } from '../query/log-sql';
import { quoteText } from './quote';
import type { ColumnHint } from './result-columns';

/** A column of a result, as DuckDB has it. */
export interface SourceColumn {
  /** As it is called in the file. */
  readonly name: string;
  readonly type: DuckDBType;
  readonly hint: ColumnHint;
}

/** What holds integers beyond 64 bits in Parquet, which DuckDB would write as doubles. */
const WIDE_INTEGER = 'DECIMAL(38,0)';
const MOST_DIGITS = '9'.repeat(38);

/** Types that Parquet holds as they are, and that every reader knows. */
const AS_IT_IS: ReadonlySet<DuckDBTypeId> = new Set([
  ...[DuckDBTypeId.BOOLEAN, DuckDBTypeId.TINYINT, DuckDBTypeId.SMALLINT, DuckDBTypeId.INTEGER, DuckDBTypeId.BIGINT],
  ...[DuckDBTypeId.UTINYINT, DuckDBTypeId.USMALLINT, DuckDBTypeId.UINTEGER, DuckDBTypeId.UBIGINT],
  ...[DuckDBTypeId.FLOAT, DuckDBTypeId.DOUBLE, DuckDBTypeId.DECIMAL, DuckDBTypeId.VARCHAR, DuckDBTypeId.BLOB],
  ...[DuckDBTypeId.DATE, DuckDBTypeId.TIMESTAMP, DuckDBTypeId.TIMESTAMP_TZ],
]);

/**
 * SQL of a value as it is written to Parquet, without loss: addresses as text; a time as an instant, in microseconds;
 * integers beyond 64 bits as decimals of 38 digits; lists, maps and rows as such. All else, such as
 * intervals, whose microseconds Parquet does not have, is text as DuckDB writes it.
 *
 * What Parquet has no value for fails when it runs: an infinite time, an integer of 39 digits.
 *
 * @param expression of the value; times are instants, of UTC
 */
export function parquetCell(expression: string, { name, type, hint }: SourceColumn): string {
  switch (type.typeId) {
    case DuckDBTypeId.UINTEGER:
      return hint === 'ipv4' ? ipv4Text(expression) : expression;
    case DuckDBTypeId.TIMESTAMP: {
      const refusal = `Column ${name} has an infinite time, which Parquet has not: leave it out, or cast it to varchar`;
      return `CASE WHEN isinf(${expression}) THEN ${failing(refusal)} ELSE CAST(${expression} AS TIMESTAMP WITH TIME ZONE) END`;
    }
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT: {
      const refusal = `Column ${name} has an integer of 39 digits, and Parquet holds 38: cast it to varchar`;
      const isTooWide = `${expression} > ${MOST_DIGITS} OR ${expression} < -${MOST_DIGITS}`;
      return `CASE WHEN ${isTooWide} THEN ${failing(refusal)} ELSE CAST(${expression} AS ${WIDE_INTEGER}) END`;
    }
    default: {
      const target = targetType(type);
      return target === sqlType(type) ? expression : `CAST(${expression} AS ${target})`;
    }
  }
}

function failing(refusal: string): string {
  return `error(${quoteText(refusal)})`;
}

/** The type as which a value is written. */
function targetType(type: DuckDBType): string {
  switch (type.typeId) {
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return WIDE_INTEGER;
    default:
      return AS_IT_IS.has(type.typeId) ? sqlType(type) : (nestedType(type, targetType) ?? 'VARCHAR');
  }
}

/** A type as SQL writes it. */
function sqlType(type: DuckDBType): string {
  return nestedType(type, sqlType) ?? (type.alias === 'JSON' ? 'JSON' : type.toString());
}

/** @returns null for a type that has no others in it */
function nestedType(type: DuckDBType, inner: (type: DuckDBType) => string): string | null {
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
      return `${inner(type.valueType)}[]`;
    case DuckDBTypeId.ARRAY:
      return `${inner(type.valueType)}[${type.length}]`;
    case DuckDBTypeId.MAP:
      return `MAP(${inner(type.keyType)}, ${inner(type.valueType)})`;
    case DuckDBTypeId.STRUCT: {
      const entries = type.entryNames.map((name, at) => `${quoteIdentifier(name)} ${inner(type.entryTypes[at]!)}`);
      return `STRUCT(${entries.join(', ')})`;
    }
    default:
      return null;
  }
}
