import { AppError } from '../contract/errors';
import { NUMBER_BUCKETS, TOP_VALUES } from '../contract/field-statistics';
import type { HistogramBins } from './histogram-bins';
import { ipv4Text } from './ipv4-text';
import { TIME_COLUMN, type LogRelation, type LogRelationField, type SqlParam } from './log-relation';
import { logValuesSql, quoteIdentifier, type BoundSql } from './log-sql';
import { parseAddress } from './search-addresses';
import { findField } from './search-index';
import { readSearchPart } from './search-part';
import { shownNames, shownWord } from './shown-word';
import { splitQuery } from './split-query';

/** Numbers of a statement that was built before, as they came back from it. */
export interface NumberRange {
  readonly least: number;
  readonly most: number;
}

/** A statement, the values it is bound with and nothing more. */
export type Statement = Pick<BoundSql, 'sql' | 'params'>;

/**
 * The statements of the statistics of one field, over the entries that the search part of a query finds. Each reads the
 * entries anew, in one pass; addresses stay numbers until the few that are shown.
 */
export class FieldStatements {
  readonly field: LogRelationField;
  readonly #search: string;
  readonly #found: BoundSql;

  /**
   * @throws AppError QUERY_SYNTAX, QUERY_WRONG_TYPE and their like of the search part; QUERY_UNKNOWN_FIELD
   */
  constructor(
    text: string,
    name: string,
    range: { readonly fromSec: number; readonly toSec: number },
    relation: LogRelation,
  ) {
    this.field = fieldNamed(name, relation);
    this.#search = splitQuery(text).search.trim();
    this.#found = logValuesSql(relation, { range, search: readSearchPart(this.#search) }, this.field);
  }

  get isNumber(): boolean {
    return this.field.type === 'long' || this.field.type === 'double';
  }

  /**
   * A row for each value of `FieldStatistics.top`, `value` and `value_entries`, both NULL in the only row when there is
   * none; and in each of them `entries`, `present` and `distinct_values`, and of a field of numbers `least`, `most`,
   * `sum` and `finite`, the first three NULL where there is none. All of it comes from the values counted once.
   */
  summary(): Statement {
    const totals = [
      'sum(entries) AS entries, sum(entries) FILTER (WHERE value IS NOT NULL) AS present, count(value) AS distinct_values',
      ...(this.isNumber ? [numberTotals(this.field.type === 'double')] : []),
    ];
    return this.#over(
      `, counted AS MATERIALIZED (SELECT value, count(*) AS entries FROM found GROUP BY value), ` +
        `totals AS (SELECT ${totals.join(', ')} FROM counted), ` +
        `top AS (SELECT * FROM counted WHERE value IS NOT NULL ORDER BY entries DESC, value LIMIT ${TOP_VALUES}) ` +
        `SELECT totals.*, ${this.#shown('top.value')} AS value, top.entries AS value_entries ` +
        `FROM totals LEFT JOIN top ON TRUE ORDER BY top.entries DESC, top.value`,
    );
  }

  /** `bucket` from 0 and `entries`, without buckets that have none. The range is not a single number. */
  buckets({ least, most }: NumberRange): Statement {
    const width = bucketWidth({ least, most });
    const params: SqlParam[] = [...this.#found.params];
    // As text: a whole number is bound as one of 64 bits, which not every double fits.
    const double = (value: number): string => `CAST($${params.push(String(value))} AS DOUBLE)`;
    const place = `floor((CAST(value AS DOUBLE) - ${double(least)}) / ${double(width)})`;
    const isFinite = this.field.type === 'double' ? 'isfinite(value)' : 'value IS NOT NULL';
    const { sql } = this.#over(
      ` SELECT CAST(least(greatest(${place}, 0), ${NUMBER_BUCKETS - 1}) AS INTEGER) AS bucket, count(*) AS entries ` +
        `FROM found WHERE ${isFinite} GROUP BY 1`,
    );
    return { sql, params };
  }

  /**
   * `quantum`, as that of `compileHistogram`, `value` and `entries` of some values.
   *
   * @param values not empty, as `summary` gave them
   */
  overTime(bins: HistogramBins, values: readonly string[]): Statement {
    const params: SqlParam[] = [...this.#found.params];
    const list = values.map((value) => this.#stored(value, params)).join(', ');
    const quantum = `(found.${TIME_COLUMN} - (${BigInt(bins.startsSec[0] ?? 0)})) // ${BigInt(bins.quantumSec)}`;
    const { sql } = this.#over(
      ` SELECT quantum, ${this.#shown('value')} AS value, entries FROM (` +
        `SELECT ${quantum} AS quantum, value, count(*) AS entries FROM found WHERE value IN (${list}) GROUP BY 1, 2)`,
    );
    return { sql, params };
  }

  /** A query of the language that gives what `top` gives. */
  query(): string {
    const name = quoteIdentifier(this.field.name);
    const search = this.#search === '' ? '*' : this.#search;
    return (
      `${search} | SELECT ${name}, count(*) AS entries FROM log WHERE ${name} IS NOT NULL ` +
      `GROUP BY ${name} ORDER BY entries DESC, ${name} LIMIT ${TOP_VALUES}`
    );
  }

  /** @param rest of a statement, after the name of what was found */
  #over(rest: string): Statement {
    return { sql: `WITH found AS NOT MATERIALIZED (${this.#found.sql})${rest}`, params: this.#found.params };
  }

  /** What `#shown` shows, as it is stored. */
  #stored(shown: string, params: SqlParam[]): string {
    if (this.field.type === 'ipv4') return String(parseAddress(shown));
    return `CAST($${params.push(shown)} AS ${STORED_TYPES[this.field.type]})`;
  }

  #shown(value: string): string {
    return this.field.type === 'ipv4' ? ipv4Text(value) : `CAST(${value} AS VARCHAR)`;
  }
}

const STORED_TYPES = { text: 'VARCHAR', long: 'BIGINT', double: 'DOUBLE' } as const;

/** Of numbers that are counted; the sum of whole numbers is exact whatever its size. */
function numberTotals(isDouble: boolean): string {
  const sum = `sum(${isDouble ? 'value' : 'CAST(value AS HUGEINT)'} * entries)`;
  // isfinite is not for whole numbers, all of which are finite.
  const filter = `FILTER (WHERE ${isDouble ? 'isfinite(value)' : 'value IS NOT NULL'})`;
  const texts = Object.entries({ least: 'min(value)', most: 'max(value)', sum });
  const columns = texts.map(([name, aggregate]) => `CAST(${aggregate} ${filter} AS VARCHAR) AS ${name}`);
  return [...columns, `sum(entries) ${filter} AS finite`].join(', ');
}

/** Divided before it is subtracted: the whole range of doubles is wider than a double can say. */
export function bucketWidth({ least, most }: NumberRange): number {
  return most / NUMBER_BUCKETS - least / NUMBER_BUCKETS;
}

function fieldNamed(name: string, relation: LogRelation): LogRelationField {
  const field = findField(relation, name);
  if (field !== undefined) return field;
  const known = shownNames(relation.fields.map((candidate) => candidate.name));
  const message = `"${shownWord(name)}" is not an indexed field; the Logstore has: ${known}`;
  throw new AppError('QUERY_UNKNOWN_FIELD', message, { field: shownWord(name), fields: known });
}
