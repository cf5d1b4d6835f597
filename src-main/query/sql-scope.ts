/**
 * Types as far as the dialect needs them: to tell integer division from the other. `other` is a type that is valid but
 * not followed, such as a union of text and number.
 */
export type SqlType = 'integer' | 'double' | 'text' | 'boolean' | 'date' | 'timestamp' | 'interval' | 'null' | 'other';

export interface SqlColumn {
  readonly name: string;
  readonly type: SqlType;
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
}

/** Tables that FROM may name, by folded name: the statement's own WITH names, besides `log`. */
export type CteScope = ReadonlyMap<string, Cte>;

/** DuckDB compares names by ASCII letters alone; folding more than it does would let a name through that it misses. */
export function foldName(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase());
}

/** The type that holds values of both, as CASE and UNION need. */
export function commonType(one: SqlType, other: SqlType): SqlType {
  if (one === other || other === 'null') return one;
  if (one === 'null') return other;
  const isNumeric = (type: SqlType): boolean => type === 'integer' || type === 'double';
  return isNumeric(one) && isNumeric(other) ? 'double' : 'other';
}

export type Resolution =
  | { readonly kind: 'column'; readonly type: SqlType }
  | { readonly kind: 'whole-row' }
  | { readonly kind: 'unknown'; readonly columns: readonly string[] };

/** Names that expressions of one SELECT can use: its tables, the aliases of its own list, and the SELECT around it. */
export class Scope {
  readonly relations: readonly Relation[];
  readonly #outer: Scope | null;
  readonly #aliases = new Map<string, SqlType>();

  constructor(relations: readonly Relation[], outer: Scope | null) {
    this.relations = relations;
    this.#outer = outer;
  }

  /** Makes an item of the select list known to what comes after it. */
  addAlias(name: string, type: SqlType): void {
    const folded = foldName(name);
    if (!this.#aliases.has(folded)) this.#aliases.set(folded, type);
  }

  resolve(names: readonly string[]): Resolution {
    const [first = '', second] = names.map(foldName);
    const types = second === undefined ? this.#bareTypes(first) : this.#qualifiedTypes(first, second);
    const [type] = types;
    if (type !== undefined) return { kind: 'column', type: types.every((each) => each === type) ? type : 'other' };
    if (second === undefined && this.relations.some((relation) => relation.alias === first))
      return { kind: 'whole-row' };
    if (this.#outer !== null) {
      const outside = this.#outer.resolve(names);
      if (outside.kind !== 'unknown') return outside;
    }
    return { kind: 'unknown', columns: this.relations.flatMap((relation) => relation.columns.map(({ name }) => name)) };
  }

  /** All that a bare name may mean. DuckDB prefers columns in some clauses and aliases in others; types that differ tell. */
  #bareTypes(name: string): readonly SqlType[] {
    const alias = this.#aliases.get(name);
    const columns = this.relations.flatMap((relation) => relation.columns);
    const types = columns.filter((column) => foldName(column.name) === name).map((column) => column.type);
    return alias === undefined ? types : [...types, alias];
  }

  #qualifiedTypes(alias: string, name: string): readonly SqlType[] {
    const columns = this.relations.filter((relation) => relation.alias === alias).flatMap((found) => found.columns);
    return columns.filter((column) => foldName(column.name) === name).map((column) => column.type);
  }
}
