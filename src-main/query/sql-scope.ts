import type { JsonNode } from './sql-json';
import type { SqlType } from './sql-types';

export interface SqlColumn {
  readonly name: string;
  readonly type: SqlType;
  /** How many leaves its expression has, with those of the columns that it reads in turn; 1 when absent. */
  readonly weight?: number;
  /** What stands for the name where it is not a column of its own: a parameter of a lambda. */
  readonly node?: JsonNode;
}

/** A table of FROM as expressions see it. `alias` is folded; empty for a subquery without one. */
export interface Relation {
  readonly alias: string;
  readonly columns: readonly SqlColumn[];
}

/** A WITH name: its columns, and how many SELECTs lie in each other in it, those of the WITH names it reads included. */
export interface Cte {
  readonly columns: readonly SqlColumn[];
  readonly height: number;
  /** How many seconds before the query's range it reads. */
  readonly shiftSec: number;
}

/** Tables that FROM may name, by folded name: the statement's own WITH names, besides `log`. */
export type CteScope = ReadonlyMap<string, Cte>;

/** DuckDB compares names by ASCII letters alone; folding more than it does would let a name through that it misses. */
export function foldName(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase());
}

export type Resolution =
  | { readonly kind: 'column'; readonly type: SqlType; readonly weight: number; readonly node?: JsonNode }
  | { readonly kind: 'whole-row' }
  | { readonly kind: 'unknown'; readonly columns: readonly string[] };

/** Names that expressions of one SELECT can use: its tables, the aliases of its own list, and the SELECT around it. */
export class Scope {
  readonly relations: readonly Relation[];
  readonly #outer: Scope | null;
  readonly #aliases = new Map<string, SqlColumn>();

  constructor(relations: readonly Relation[], outer: Scope | null) {
    this.relations = relations;
    this.#outer = outer;
  }

  /** Makes an item of the select list known to what comes after it. */
  addAlias(column: SqlColumn): void {
    const folded = foldName(column.name);
    if (!this.#aliases.has(folded)) this.#aliases.set(folded, column);
  }

  resolve(names: readonly string[]): Resolution {
    const [first = '', second] = names.map(foldName);
    const columns = second === undefined ? this.#bareColumns(first) : this.#qualifiedColumns(first, second);
    const [column] = columns;
    if (column !== undefined) return resolved(column, columns);
    if (second === undefined && this.relations.some((relation) => relation.alias === first))
      return { kind: 'whole-row' };
    if (this.#outer !== null) {
      const outside = this.#outer.resolve(names);
      if (outside.kind !== 'unknown') return outside;
    }
    return { kind: 'unknown', columns: this.relations.flatMap((relation) => relation.columns.map(({ name }) => name)) };
  }

  /** All that a bare name may mean. DuckDB prefers columns in some clauses and aliases in others; types that differ tell. */
  #bareColumns(name: string): readonly SqlColumn[] {
    const alias = this.#aliases.get(name);
    const columns = this.relations.flatMap((relation) => relation.columns);
    const found = columns.filter((column) => foldName(column.name) === name);
    return alias === undefined ? found : [...found, alias];
  }

  #qualifiedColumns(alias: string, name: string): readonly SqlColumn[] {
    const columns = this.relations.filter((relation) => relation.alias === alias).flatMap((found) => found.columns);
    return columns.filter((column) => foldName(column.name) === name);
  }
}

function resolved(first: SqlColumn, all: readonly SqlColumn[]): Resolution {
  const type = all.every((each) => each.type === first.type) ? first.type : 'other';
  const weight = Math.max(...all.map((each) => each.weight ?? 1));
  return { kind: 'column', type, weight, ...(first.node === undefined ? {} : { node: first.node }) };
}
