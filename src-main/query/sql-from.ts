import { AppError } from '../contract/errors';
import { shownWord } from './shown-word';
import type { StatementBounds } from './sql-bounds';
import { subqueryTable } from './sql-build';
import { checkKeys } from './sql-check';
import type { ExpressionRewriter, Names, QueryResult } from './sql-expression';
import { gridTable } from './sql-grid';
import { listAt, nodeAt, nodesAt, numberAt, optionalNodeAt, textAt, textsAt, type JsonNode } from './sql-json';
import type { LogTable } from './sql-log-tables';
import { foldName, Scope, type Cte, type Relation, type SqlColumn } from './sql-scope';
import { checkAlias, checkSides, LOG, refusal, type QueryPlace, type StatementContext } from './sql-statement-context';
import type { SqlType } from './sql-types';
import { unnested } from './sql-unnest';

const JOIN_TYPES: readonly string[] = ['INNER', 'LEFT', 'RIGHT', 'FULL'];

export interface FromResult {
  readonly node: JsonNode;
  readonly relations: readonly Relation[];
  /** What `*` stands for: columns of USING once. */
  readonly star: readonly SqlColumn[];
}

/** Renames columns as `t(a, b)` does; names left over keep theirs. */
export function renamed(columns: readonly SqlColumn[], names: readonly string[]): readonly SqlColumn[] {
  return columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}

interface Parts {
  readonly expressions: ExpressionRewriter;
  readonly bounds: StatementBounds;
  /** Rewrites a query with the wrapper that subqueries have around it. */
  readonly rewriteStatement: (statement: JsonNode, place: QueryPlace) => QueryResult;
}

/** Rewrites the tables of FROM: the Logstores, WITH names, subqueries, joins and UNNEST, and nothing else. */
export class FromRewriter {
  readonly #context: StatementContext;
  readonly #expressions: ExpressionRewriter;
  readonly #bounds: StatementBounds;
  readonly #rewriteStatement: Parts['rewriteStatement'];
  #shiftSec = 0;

  constructor(context: StatementContext, { expressions, bounds, rewriteStatement }: Parts) {
    this.#context = context;
    this.#expressions = expressions;
    this.#bounds = bounds;
    this.#rewriteStatement = rewriteStatement;
  }

  /** How many seconds before the query's range tables are read here: inside a comparison. */
  get shiftSec(): number {
    return this.#shiftSec;
  }

  /** @throws AppError QUERY_UNSUPPORTED for any other table */
  from(node: JsonNode, place: QueryPlace): FromResult {
    switch (textAt(node, 'type')) {
      case 'BASE_TABLE':
        return this.#tableName(node, place);
      case 'SUBQUERY':
        return this.#tableSubquery(node, place);
      case 'JOIN':
        return this.#join(node, place);
      case 'TABLE_FUNCTION':
        if (isUnnest(node)) return this.#unnest(node, [], place);
        throw refusal(
          this.#context,
          node,
          `The table function ${shownWord(textAt(nodeAt(node, 'function'), 'function_name'))}`,
        );
      case 'SHOW_REF':
        throw refusal(this.#context, node, 'DESCRIBE, SHOW or SUMMARIZE');
      case 'EXPRESSION_LIST':
        throw refusal(this.#context, node, 'VALUES');
      default:
        throw refusal(this.#context, node, textAt(node, 'type'));
    }
  }

  #tableName(node: JsonNode, place: QueryPlace): FromResult {
    if (node['grid'] !== undefined) return this.#grid(nodeAt(node, 'grid'));
    checkKeys(node, [
      ...['type', 'alias', 'sample', 'query_location', 'schema_name', 'table_name', 'column_name_alias'],
      ...['catalog_name', 'at_clause'],
    ]);
    const name = textAt(node, 'table_name');
    const alias = textAt(node, 'alias');
    if (textAt(node, 'schema_name') !== '' || textAt(node, 'catalog_name') !== '') {
      throw refusal(this.#context, node, `The table ${shownWord(name)} with a schema`);
    }
    if (node['sample'] !== null) throw refusal(this.#context, node, 'TABLESAMPLE');
    if (node['at_clause'] !== null) throw refusal(this.#context, node, 'AT');
    const cte = place.ctes.get(foldName(name));
    const table = foldName(name) === LOG || cte === undefined ? this.#logTable(node, name, place) : null;
    if (foldName(name) !== LOG) checkAlias(this.#context, alias, node);
    if (cte !== undefined && table === null) this.#checkShift(cte, node);
    // DuckDB may bind a WITH name anew wherever it is read, so it nests there.
    this.#bounds.read(table === null ? (cte?.height ?? 0) : 0, node);
    const columns = renamed((table ?? cte)?.columns ?? [], textsAt(node, 'column_name_alias'));
    const relation = { alias: foldName(alias === '' ? name : alias), columns };
    if (table === null) return { node, relations: [relation], star: columns };
    const query = subqueryTable(
      table.select(this.#shiftSec),
      alias === '' ? name : alias,
      listAt(node, 'column_name_alias'),
    );
    return { node: query, relations: [relation], star: columns };
  }

  /** @throws AppError QUERY_UNSUPPORTED for a table that is no Logstore */
  #logTable(node: JsonNode, name: string, place: QueryPlace): LogTable {
    const table = this.#context.tables.find(name);
    if (table === null) {
      const message = `"${shownWord(name)}" cannot be read: the only table is \`log\`, besides the Logstores of the project and the statement's own WITH names.`;
      throw new AppError('QUERY_UNSUPPORTED', message, {
        construct: shownWord(name),
        ...this.#context.placeOf(node),
      });
    }
    this.#bounds.readLog(node);
    return place.search === null ? table : this.#context.tables.searched(place.search);
  }

  /** Outside of a comparison a WITH name was read over another range. */
  #checkShift(cte: Cte, node: JsonNode): void {
    if (cte.shiftSec === this.#shiftSec) return;
    throw refusal(this.#context, node, 'compare or ts_compare over a WITH name');
  }

  /** The windows of a series over the query's range. */
  #grid(grid: JsonNode): FromResult {
    const table = gridTable(grid, this.#context, this.#shiftSec);
    const columns: readonly SqlColumn[] = [
      { name: 'λt', type: 'text' },
      { name: 'λb', type: 'integer' },
    ];
    return { node: table, relations: [{ alias: foldName(textAt(table, 'alias')), columns }], star: columns };
  }

  #unnest(node: JsonNode, left: readonly Relation[], place: QueryPlace): FromResult {
    checkKeys(node, [
      ...['type', 'alias', 'sample', 'query_location', 'function', 'column_name_alias', 'with_ordinality'],
    ]);
    const alias = textAt(node, 'alias');
    checkAlias(this.#context, alias, node);
    const call = nodeAt(node, 'function');
    const names: Names = { scope: new Scope(left, place.outer), ctes: place.ctes };
    const values = this.#expressions.rewriteAll(nodesAt(call, 'children'), names);
    const columnNames = textsAt(node, 'column_name_alias');
    const table = unnested(values, columnNames, alias, node['with_ordinality'] === 'WITH_ORDINALITY');
    if (table === null) throw refusal(this.#context, call, 'UNNEST of anything but arrays and maps');
    return {
      node: table.node,
      relations: [{ alias: foldName(alias), columns: table.columns }],
      star: table.columns,
    };
  }

  #tableSubquery(node: JsonNode, place: QueryPlace): FromResult {
    const { shift_sec: shift, ...plain } = node;
    checkKeys(plain, ['type', 'alias', 'sample', 'query_location', 'subquery', 'column_name_alias']);
    if (node['sample'] !== null) throw refusal(this.#context, node, 'TABLESAMPLE');
    const alias = textAt(node, 'alias');
    checkAlias(this.#context, alias, node);
    const outerShift = this.#shiftSec;
    if (shift !== undefined) this.#shiftSec += numberAt(node, 'shift_sec');
    const result = this.#rewriteStatement(nodeAt(node, 'subquery'), { ...place, isOutermost: false, search: null });
    this.#shiftSec = outerShift;
    const columns = renamed(result.columns, textsAt(node, 'column_name_alias'));
    return {
      node: { ...plain, subquery: result.node },
      relations: [{ alias: foldName(alias), columns }],
      star: columns,
    };
  }

  #join(node: JsonNode, place: QueryPlace): FromResult {
    checkKeys(node, [
      ...['type', 'alias', 'sample', 'query_location', 'left', 'right', 'condition', 'join_type', 'ref_type'],
      ...['using_columns', 'delim_flipped', 'duplicate_eliminated_columns'],
    ]);
    const kind = `${textAt(node, 'ref_type')} ${textAt(node, 'join_type')}`;
    const isCross = kind === 'CROSS INNER';
    if (!isCross && !JOIN_TYPES.some((type) => kind === `REGULAR ${type}`))
      throw refusal(this.#context, node, `${kind} JOIN`);
    if (textAt(node, 'alias') !== '' || node['sample'] !== null)
      throw refusal(this.#context, node, 'An alias of a join');
    const inner = { ...place, isOutermost: false };
    const left = this.from(nodeAt(node, 'left'), inner);
    const rightNode = nodeAt(node, 'right');
    const right = isUnnest(rightNode) ? this.#unnest(rightNode, left.relations, inner) : this.from(rightNode, inner);
    const relations = [...left.relations, ...right.relations];
    const names: Names = { scope: new Scope(relations, place.outer), ctes: place.ctes };
    const condition = this.#expressions.condition(optionalNodeAt(node, 'condition'), 'JOIN ON clause', names);
    const shared = new Set(textsAt(node, 'using_columns').map(foldName));
    const typeIn = (side: FromResult, name: string): SqlType =>
      side.star.find((column) => foldName(column.name) === name)?.type ?? 'other';
    for (const name of shared) checkSides(this.#context, node, [typeIn(left, name), typeIn(right, name)], 'USING');
    const star = [...left.star, ...right.star.filter((column) => !shared.has(foldName(column.name)))];
    return { node: { ...node, left: left.node, right: right.node, condition }, relations, star };
  }
}

const isUnnest = (node: JsonNode): boolean =>
  node['type'] === 'TABLE_FUNCTION' && foldName(textAt(nodeAt(node, 'function'), 'function_name')) === 'unnest';
