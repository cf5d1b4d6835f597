import { columnNode } from '../sql-build';
import { isSameTree, textsAt, type JsonNode } from '../sql-json';
import { foldName } from '../sql-scope';
import { numberName } from './address-trees';

/** What is not proved to mean the same without the text of addresses: the statement then stays as it was. */
export class Unproved extends Error {}

/** An expression: the number of an address whose text it is, or anything else as it is written. */
export type Value =
  { readonly kind: 'address'; readonly number: JsonNode } | { readonly kind: 'other'; readonly node: JsonNode };

export interface AddressColumn {
  readonly name: string;
  /** Whether the column is the number, under `numberName`. */
  readonly isAddress: boolean;
}

export interface AddressRelation {
  /** Folded; empty for a subquery without one. */
  readonly alias: string;
  readonly columns: readonly AddressColumn[];
}

/** WITH names, folded. */
export type AddressCtes = ReadonlyMap<string, readonly AddressColumn[]>;

/**
 * The names of one SELECT, as `Scope` has them. A name that may mean both an address and something else, or two
 * different addresses, is not followed.
 */
export class AddressScope {
  readonly relations: readonly AddressRelation[];
  readonly ctes: AddressCtes;
  readonly #outer: AddressScope | null;
  readonly #aliases = new Map<string, Value>();

  constructor(relations: readonly AddressRelation[], ctes: AddressCtes, outer: AddressScope | null) {
    this.relations = relations;
    this.ctes = ctes;
    this.#outer = outer;
  }

  addAlias(name: string, value: Value): void {
    const folded = foldName(name);
    if (!this.#aliases.has(folded)) this.#aliases.set(folded, value);
  }

  /** @throws Unproved */
  resolve(node: JsonNode): Value {
    const path = textsAt(node, 'column_names');
    const own = this.#ownColumns(path);
    const alias = path.length === 1 ? this.#aliases.get(foldName(path[0] ?? '')) : undefined;
    const column = own.length === 0 ? null : columnValue(node, path, own);
    if (column !== null && alias !== undefined) return same(column, alias);
    if (column !== null) return column;
    // The expression itself: in its place stands the text.
    if (alias !== undefined) return alias.kind === 'address' ? alias : { kind: 'other', node };
    if (this.#outer !== null) return this.#outer.resolve(node);
    // A parameter of a lambda.
    if (path[0]?.startsWith('λ') === true) return { kind: 'other', node };
    throw new Unproved();
  }

  /** @returns the name of a column as its table has it, which is that of its results; null for any other expression */
  spelledName(node: JsonNode): string | null {
    if (node['class'] !== 'COLUMN_REF') return null;
    const [column] = this.#ownColumns(textsAt(node, 'column_names'));
    return column?.name ?? this.#outer?.spelledName(node) ?? null;
  }

  #ownColumns(path: readonly string[]): readonly AddressColumn[] {
    const [first = '', second] = path.map(foldName);
    const relations =
      second === undefined ? this.relations : this.relations.filter((relation) => relation.alias === first);
    return relations.flatMap(({ columns }) => columns.filter(({ name }) => foldName(name) === (second ?? first)));
  }
}

function columnValue(node: JsonNode, path: readonly string[], columns: readonly AddressColumn[]): Value {
  const addresses = columns.filter(({ isAddress }) => isAddress);
  const [address] = addresses;
  if (address === undefined) return { kind: 'other', node };
  if (addresses.length < columns.length) throw new Unproved();
  return { kind: 'address', number: columnNode(...path.slice(0, -1), numberName(address.name)) };
}

function same(column: Value, alias: Value): Value {
  if (column.kind === 'other' && alias.kind === 'other') return column;
  if (column.kind === 'address' && alias.kind === 'address' && isSameTree(column.number, alias.number)) return column;
  throw new Unproved();
}
