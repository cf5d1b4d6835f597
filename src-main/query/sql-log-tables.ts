import { AppError } from '../contract/errors';
import type { SqlParam } from './log-relation';
import type { BoundSql } from './log-sql';
import type { SearchNote } from './search-sql';
import { isNode, jsonNumber, textAt, type Json, type JsonNode } from './sql-json';
import { foldName, type SqlColumn } from './sql-scope';
import { secondsBefore, type ZoneOffset } from './zone';

/** A Logstore as a statement reads it. */
export interface LogTable {
  readonly columns: readonly SqlColumn[];
  /** Tree of the SELECT that stands for it, over the range of the query or as many seconds before it. */
  select(shiftSec: number): JsonNode;
}

/** The tables that a statement may read, and the values of the parameters in them. */
export interface LogTables {
  /** @returns null for what is no Logstore: a WITH name, or nothing */
  find(name: string): LogTable | null;
  /** `log` with a search in the place of the query's own, as `search('…')` asks for. */
  searched(text: string): LogTable;
}

/** A SELECT as it was made: its tree and the values of `$1`, `$2`, … in it. */
export interface PreparedTable {
  readonly columns: readonly SqlColumn[];
  readonly query: JsonNode;
  readonly params: readonly SqlParam[];
  readonly notes: readonly SearchNote[];
  /** The shards of which it leaves entries out: see `cutShardsSql`. Null where it never does. */
  readonly cutShards: BoundSql | null;
  /** Epoch seconds; they are the values of `$1` and `$2`. Null for a table that is read over no other range. */
  readonly range: { readonly fromSec: number; readonly toSec: number } | null;
}

/** The tree with each `$n` named anew. */
function renumbered(value: Json, numberOf: (written: number) => number): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => renumbered(item, numberOf));
  if (!isNode(value)) return value;
  if (value['class'] === 'PARAMETER') {
    return { ...value, identifier: String(numberOf(Number(textAt(value, 'identifier')))) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renumbered(inner, numberOf)]));
}

/** Numbers the parameters of several SELECTs through, as they are used. */
export class NumberedTables implements LogTables {
  readonly params: SqlParam[] = [];
  /** Of the searches in the tables that are read, each once. */
  readonly notes: SearchNote[] = [];
  /** Of the tables that are read. */
  readonly cutShards: BoundSql[] = [];
  readonly #byName: ReadonlyMap<string, PreparedTable>;
  readonly #bySearch: ReadonlyMap<string, PreparedTable>;
  readonly #offsetAt: ZoneOffset;
  readonly #used = new Map<PreparedTable, Map<number, JsonNode>>();

  /**
   * @param byName by folded name, `log` among them
   * @param offsetAt of the zone that whole days before a range are days of
   */
  constructor(
    byName: ReadonlyMap<string, PreparedTable>,
    bySearch: ReadonlyMap<string, PreparedTable>,
    offsetAt: ZoneOffset,
  ) {
    this.#byName = byName;
    this.#bySearch = bySearch;
    this.#offsetAt = offsetAt;
  }

  find(name: string): LogTable | null {
    const prepared = this.#byName.get(foldName(name));
    return prepared === undefined ? null : this.#table(prepared);
  }

  searched(text: string): LogTable {
    const prepared = this.#bySearch.get(text);
    if (prepared === undefined) throw new AppError('INTERNAL', 'a search of the statement was not prepared');
    return this.#table(prepared);
  }

  #table(prepared: PreparedTable): LogTable {
    return { columns: prepared.columns, select: (shiftSec) => this.#select(prepared, shiftSec) };
  }

  #select(prepared: PreparedTable, shiftSec: number): JsonNode {
    if (!this.#used.has(prepared)) {
      this.notes.push(...prepared.notes);
      if (prepared.cutShards !== null) this.cutShards.push(prepared.cutShards);
    }
    const used = this.#used.get(prepared) ?? new Map<number, JsonNode>();
    this.#used.set(prepared, used);
    const found = used.get(shiftSec);
    if (found !== undefined) return found;
    const base = this.params.length;
    this.params.push(...paramsOver(prepared, shiftSec, this.#offsetAt));
    const query = renumbered(prepared.query, (written) => base + written) as JsonNode;
    used.set(shiftSec, query);
    return query;
  }
}

/** The values of the parameters of a SELECT over a range so many seconds before its own. */
function paramsOver({ range, params }: PreparedTable, shiftSec: number, offsetAt: ZoneOffset): readonly SqlParam[] {
  const [first, second, ...rest] = params;
  if (shiftSec === 0) return params;
  if (range === null || first !== BigInt(range.fromSec) || second !== BigInt(range.toSec)) {
    throw new AppError('INTERNAL', 'the range of a table is not where it is looked for');
  }
  const before = (sec: number): bigint => BigInt(secondsBefore(sec, shiftSec, offsetAt));
  return [before(range.fromSec), before(range.toSec), ...rest];
}

/** The map of parameters that the tree of a whole statement has. */
export function parameterMap(count: number): Json {
  return Array.from({ length: count }, (_, index) => ({ key: String(index + 1), value: jsonNumber(index + 1) }));
}
