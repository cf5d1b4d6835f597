import { AppError } from '../contract/errors';
import { NUMBER_BUCKETS, TOP_OVER_TIME, TOP_VALUES } from '../contract/field-statistics';
import type { HistogramBins } from './histogram-bins';
import { ipv4Text } from './ipv4-text';
import { TIME_COLUMN, type LogRelation, type LogRelationField, type SqlParam } from './log-relation';
import { logValuesSql, quoteIdentifier, type BoundSql } from './log-sql';
import { findField } from './search-index';
import { readSearchPart } from './search-part';
import { shownWord } from './shown-word';
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

  /** `entries`, `present` and `distinct_values`. */
  counts(): Statement {
    return this.#over(
      'SELECT count(*) AS entries, count(value) AS present, count(DISTINCT value) AS distinct_values FROM found',
    );
  }

  /** Of a field of numbers: `least`, `most`, `average`, `sum` and `finite`; the first four NULL where there is none. */
  numbers(): Statement {
    const isDouble = this.field.type === 'double';
    // isnan and isinf are not for whole numbers, all of which are finite.
    const where = isDouble ? ' WHERE isfinite(value)' : '';
    return this.#over(
      'SELECT CAST(min(value) AS VARCHAR) AS least, CAST(max(value) AS VARCHAR) AS most, CAST(avg(value) AS DOUBLE) AS average, ' +
        `CAST(sum(value) AS VARCHAR) AS sum, count(value) AS finite FROM found${where}`,
    );
  }

  /** `value` and `entries`, as `FieldStatistics.top` has them. */
  top(): Statement {
    return this.#over(`SELECT ${this.#shown('value')} AS value, entries FROM (${topValues(TOP_VALUES)})`);
  }

  /** `bucket` from 0 and `entries`, without buckets that have none. The range is not a single number. */
  buckets({ least, most }: NumberRange): Statement {
    const width = bucketWidth({ least, most });
    const params: SqlParam[] = [...this.#found.params];
    const double = (value: number): string => `CAST($${params.push(value)} AS DOUBLE)`;
    const place = `floor((CAST(value AS DOUBLE) - ${double(least)}) / ${double(width)})`;
    const isFinite = this.field.type === 'double' ? 'isfinite(value)' : 'value IS NOT NULL';
    const { sql } = this.#over(
      `SELECT CAST(least(greatest(${place}, 0), ${NUMBER_BUCKETS - 1}) AS INTEGER) AS bucket, count(*) AS entries ` +
        `FROM found WHERE ${isFinite} GROUP BY 1`,
    );
    return { sql, params };
  }

  /** `quantum`, as that of `compileHistogram`, `value` and `entries` of the values with the most entries. */
  overTime(bins: HistogramBins): Statement {
    const quantum = `(found.${TIME_COLUMN} - (${BigInt(bins.startsSec[0] ?? 0)})) // ${BigInt(bins.quantumSec)}`;
    return this.#over(
      `SELECT quantum, ${this.#shown('value')} AS value, entries FROM (` +
        `SELECT ${quantum} AS quantum, found.value AS value, count(*) AS entries FROM found ` +
        `JOIN (${topValues(TOP_OVER_TIME)}) AS top ON found.value = top.value GROUP BY 1, 2)`,
    );
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

  #over(select: string): Statement {
    return { sql: `WITH found AS NOT MATERIALIZED (${this.#found.sql}) ${select}`, params: this.#found.params };
  }

  #shown(value: string): string {
    return this.field.type === 'ipv4' ? ipv4Text(value) : `CAST(${value} AS VARCHAR)`;
  }
}

function topValues(count: number): string {
  return `SELECT value, count(*) AS entries FROM found WHERE value IS NOT NULL GROUP BY value ORDER BY entries DESC, value LIMIT ${count}`;
}

/** Divided before it is subtracted: the whole range of doubles is wider than a double can say. */
export function bucketWidth({ least, most }: NumberRange): number {
  return most / NUMBER_BUCKETS - least / NUMBER_BUCKETS;
}

function fieldNamed(name: string, relation: LogRelation): LogRelationField {
  const field = findField(relation, name);
  if (field !== undefined) return field;
  const known = relation.fields.map((candidate) => candidate.name).join(', ');
  const message = `"${shownWord(name)}" is not an indexed field; the Logstore has: ${known}`;
  throw new AppError('QUERY_UNKNOWN_FIELD', message, { field: shownWord(name), fields: known });
}
