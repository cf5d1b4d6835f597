import { isLosslessNumber } from 'lossless-json';
import { AppError, type ErrorDetail } from '../contract/errors';
import { shownWord } from './shown-word';
import { limitModifier, logTableName, subqueryTable } from './sql-build';
import { checkKeys } from './sql-check';
import { isUtc, type Clock } from './sql-clock';
import { ExpressionRewriter, type Names, type QueryResult } from './sql-expression';
import { flagAt, listAt, nodeAt, nodesAt, numberAt, optionalNodeAt, textAt, textsAt, type JsonNode } from './sql-json';
import type { LogTable, LogTables } from './sql-log-tables';
import { foldName, Scope, type Cte, type CteScope, type Relation, type SqlColumn } from './sql-scope';
import { searchOf } from './sql-search';
import { seriesOf } from './sql-series';
import { aggregationsIn } from './sql-call';
import { comparisonOf } from './sql-compare';
import { shownQuery } from './sql-times';
import { commonType, isInstant, vendorName, type SqlType } from './sql-types';
import { unnested } from './sql-unnest';
import { gridTable } from './sql-grid';

const LOG = 'log';
/** SELECTs in each other: DuckDB's binder takes twice as long for each scalar subquery around another, 175 s at 26. */
const MAX_DEPTH = 12;
/** Each puts the Logstore's SELECT into the statement: 1,500 of them take 5 s to compile. */
const MAX_LOG_REFERENCES = 200;
const NESTED_WITHOUT_FROM = 'you are using nested sql, please specify FROM LogStore in the innermost sql';
const SET_OPERATIONS: readonly string[] = ['UNION', 'EXCEPT', 'INTERSECT'];
const BOUNDED_TYPES: readonly string[] = ['integer', 'double', 'boolean', 'date', 'timestamp', 'interval', 'null'];
const JOIN_TYPES: readonly string[] = ['INNER', 'LEFT', 'RIGHT', 'FULL'];

interface QueryPlace {
  readonly ctes: CteScope;
  readonly outer: Scope | null;
  /** Only there may FROM be left out. @see sls-logstore.md §3.1 */
  readonly isOutermost: boolean;
  /** The text of `search('…')` in the WHERE around the table. */
  readonly search: string | null;
}

interface FromResult {
  readonly node: JsonNode;
  readonly relations: readonly Relation[];
  /** What `*` stands for: columns of USING once. */
  readonly star: readonly SqlColumn[];
}

/** Renames columns as `t(a, b)` does; names left over keep theirs. */
function renamed(columns: readonly SqlColumn[], names: readonly string[]): readonly SqlColumn[] {
  return columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}

/** What a statement is rewritten with besides its own tree. */
export interface StatementContext {
  /** How columns of times come out: as clocks of the zone show them, or as instants of UTC. */
  readonly times: 'local' | 'instant';
  readonly tables: LogTables;
  readonly clock: Clock;
  /** Of the query, half-open, epoch seconds. */
  readonly range: { readonly fromSec: number; readonly toSec: number };
  /** Position and length of a node in the query, for details of errors. */
  readonly placeOf: (node: JsonNode) => ErrorDetail;
  /** Where the words of a clause first stand in the query; empty when they do not. */
  readonly placeOfWords: (words: string) => ErrorDetail;
}

class StatementRewriter {
  readonly #context: StatementContext;
  readonly #expressions: ExpressionRewriter;
  /** Of the SELECT that is being rewritten; the outermost has 1. */
  #depth = 1;
  /** The largest depth so far, inside the outermost SELECT or the WITH name that is being rewritten. */
  #deepest = 1;
  #logReferences = 0;
  /** How many seconds before the query's range the tables are read, inside a comparison. */
  #shiftSec = 0;

  constructor(context: StatementContext) {
    this.#context = context;
    this.#expressions = new ExpressionRewriter({
      subquery: (statement, names) =>
        this.#statement(statement, { ctes: names.ctes, outer: names.scope, isOutermost: false, search: null }),
      placeOf: context.placeOf,
      clock: context.clock,
    });
  }

  query(node: JsonNode, place: QueryPlace): QueryResult {
    const type = textAt(node, 'type');
    if (type === 'SELECT_NODE') return this.#select(node, place);
    if (type === 'SET_OPERATION_NODE') return this.#setOperation(node, place);
    if (type === 'RECURSIVE_CTE_NODE') throw this.#refuse(node, 'WITH RECURSIVE');
    throw this.#refuse(node, type);
  }

  /** A query with the wrapper that subqueries and WITH have around it. */
  #statement(statement: JsonNode, place: QueryPlace): QueryResult {
    checkKeys(statement, ['node', 'named_param_map']);
    if (listAt(statement, 'named_param_map').length > 0) throw this.#refuse(statement, 'A parameter');
    const node = nodeAt(statement, 'node');
    this.#depth++;
    this.#reachDepth(this.#depth, node);
    const result = this.query(node, place);
    this.#depth--;
    return { node: { ...statement, node: result.node }, columns: result.columns };
  }

  #reachDepth(depth: number, node: JsonNode): void {
    this.#deepest = Math.max(this.#deepest, depth);
    if (depth <= MAX_DEPTH) return;
    const message = `Subqueries and WITH names may lie in each other ${MAX_DEPTH} SELECTs deep at most, the outermost included.`;
    throw new AppError('QUERY_UNSUPPORTED', message, {
      construct: 'nested SELECT',
      limit: MAX_DEPTH,
      ...this.#context.placeOf(node),
    });
  }

  #countLogReference(node: JsonNode): void {
    this.#logReferences++;
    if (this.#logReferences <= MAX_LOG_REFERENCES) return;
    const message = `A statement may read \`log\` ${MAX_LOG_REFERENCES} times at most: give what is read often a name with WITH.`;
    throw new AppError('QUERY_UNSUPPORTED', message, {
      construct: LOG,
      limit: MAX_LOG_REFERENCES,
      ...this.#context.placeOf(node),
    });
  }

  #select(written: JsonNode, place: QueryPlace): QueryResult {
    const select = this.#withFrom(written, place);
    const fail = (at: JsonNode, message: string): AppError =>
      new AppError('QUERY_UNSUPPORTED', message, this.#context.placeOf(at));
    const replacement = comparisonOf(select, fail) ?? seriesOf(select, fail);
    // what a comparison or a series stands for may have another in its list
    if (replacement !== null) return this.#select(replacement, { ...place, isOutermost: false });
    const search = searchOf(select, fail);
    const node = search === null ? select : { ...select, where_clause: search.rest };
    checkKeys(node, [
      ...['type', 'modifiers', 'cte_map', 'select_list', 'from_table', 'where_clause', 'group_expressions'],
      ...['group_sets', 'aggregate_handling', 'having', 'sample', 'qualify'],
    ]);
    if (node['sample'] !== null) throw this.#refuse(node, 'SAMPLE');
    if (node['qualify'] !== null) throw this.#refuse(node, 'QUALIFY');
    if (node['aggregate_handling'] !== 'STANDARD_HANDLING') throw this.#refuse(node, 'GROUP BY ALL');
    this.#checkAggregations(node);
    const withClause = this.#ctes(nodeAt(node, 'cte_map'), place);
    const fromTable = nodeAt(node, 'from_table');
    if (fromTable['type'] === 'EMPTY') throw this.#withoutFrom(node);
    const from = this.#from(fromTable, {
      ...place,
      ctes: withClause.ctes,
      search: search?.text ?? null,
    });
    const names: Names = { scope: new Scope(from.relations, place.outer), ctes: withClause.ctes };
    const list = this.#selectList(nodesAt(node, 'select_list'), from, names);
    const groups = this.#expressions.rewriteAll(nodesAt(node, 'group_expressions'), names);
    const rewritten: JsonNode = {
      ...node,
      cte_map: withClause.node,
      select_list: list.nodes,
      from_table: from.node,
      where_clause: this.#expressions.optional(optionalNodeAt(node, 'where_clause'), names),
      group_expressions: groups.map((group) => group.node),
      having: this.#expressions.optional(optionalNodeAt(node, 'having'), names),
      modifiers: this.#modifiers(nodesAt(node, 'modifiers'), names),
    };
    return { node: rewritten, columns: list.columns };
  }

  #checkAggregations(select: JsonNode): void {
    const clauses = [
      { name: 'WHERE', value: select['where_clause'], remedy: 'put the condition into HAVING' },
      { name: 'GROUP BY', value: select['group_expressions'], remedy: 'put them into a subquery' },
    ];
    for (const { name, value, remedy } of clauses) {
      const [aggregation] = aggregationsIn(value ?? null);
      if (aggregation === undefined) continue;
      const message = `${name} clause cannot contain aggregations or window functions: ${remedy}.`;
      throw new AppError('QUERY_UNSUPPORTED', message, {
        construct: textAt(aggregation, 'function_name'),
        ...this.#context.placeOf(aggregation),
      });
    }
  }

  #withFrom(select: JsonNode, place: QueryPlace): JsonNode {
    const isMissing = nodeAt(select, 'from_table')['type'] === 'EMPTY';
    return isMissing && place.isOutermost ? { ...select, from_table: logTableName() } : select;
  }

  #withoutFrom(select: JsonNode): AppError {
    const places = nodesAt(select, 'select_list').map((item) => this.#context.placeOf(item));
    const place = places.find(({ position }) => position !== undefined) ?? {};
    return new AppError('QUERY_SYNTAX', NESTED_WITHOUT_FROM, place);
  }

  #setOperation(node: JsonNode, place: QueryPlace): QueryResult {
    checkKeys(node, ['type', 'modifiers', 'cte_map', 'setop_type', 'left', 'right', 'setop_all']);
    const kind = textAt(node, 'setop_type');
    if (!SET_OPERATIONS.includes(kind)) throw this.#refuse(node, kind);
    flagAt(node, 'setop_all');
    const withClause = this.#ctes(nodeAt(node, 'cte_map'), place);
    const inside = { ...place, ctes: withClause.ctes };
    const left = this.query(nodeAt(node, 'left'), inside);
    const right = this.query(nodeAt(node, 'right'), inside);
    const columns = left.columns.map((column, index) => ({
      name: column.name,
      type: commonType(column.type, right.columns[index]?.type ?? 'other'),
    }));
    left.columns.forEach(({ type }, index) =>
      this.#checkSides(node, [type, right.columns[index]?.type ?? 'other'], kind),
    );
    const names: Names = { scope: new Scope([{ alias: '', columns }], place.outer), ctes: withClause.ctes };
    const modifiers = this.#modifiers(nodesAt(node, 'modifiers'), names);
    return { node: { ...node, cte_map: withClause.node, left: left.node, right: right.node, modifiers }, columns };
  }

  /** DuckDB would make a date or a text beside a time one as if clocks showed UTC. */
  #checkSides(node: JsonNode, types: readonly SqlType[], clause: string): void {
    if (isUtc(this.#context.clock)) return;
    const instants = types.filter(isInstant);
    if (instants.length === 0 || types.every((type) => isInstant(type) || type === 'null')) return;
    const message = `${clause} has ${types.map(vendorName).join(' and ')} in one column: cast one of them.`;
    const place = { ...this.#context.placeOfWords(clause), ...this.#context.placeOf(node) };
    throw new AppError('QUERY_WRONG_TYPE', message, { construct: clause, ...place });
  }

  /** Each WITH name sees those before it, as in DuckDB; seeing more would let a physical table be meant. */
  #ctes(map: JsonNode, place: QueryPlace): { readonly node: JsonNode; readonly ctes: CteScope } {
    checkKeys(map, ['map']);
    const ctes = new Map(place.ctes);
    const entries = nodesAt(map, 'map').map((entry) => {
      checkKeys(entry, ['key', 'value']);
      const name = textAt(entry, 'key');
      this.#checkAlias(name, entry);
      const value = nodeAt(entry, 'value');
      checkKeys(value, ['aliases', 'query', 'materialized', 'key_targets']);
      if (listAt(value, 'key_targets').length > 0) throw this.#refuse(value, 'USING KEY');
      const { result, height } = this.#measured(nodeAt(value, 'query'), {
        ctes: new Map(ctes),
        outer: place.outer,
        isOutermost: false,
        search: null,
      });
      const columns = renamed(result.columns, textsAt(value, 'aliases'));
      ctes.set(foldName(name), { columns, height, shiftSec: this.#shiftSec });
      return { ...entry, value: { ...value, query: result.node } };
    });
    return { node: { map: entries }, ctes };
  }

  #measured(statement: JsonNode, place: QueryPlace): { readonly result: QueryResult; readonly height: number } {
    const deepestBefore = this.#deepest;
    this.#deepest = this.#depth;
    const result = this.#statement(statement, place);
    const height = this.#deepest - this.#depth;
    this.#deepest = Math.max(deepestBefore, this.#deepest);
    return { result, height };
  }

  #from(node: JsonNode, place: QueryPlace): FromResult {
    switch (textAt(node, 'type')) {
      case 'BASE_TABLE':
        return this.#tableName(node, place);
      case 'SUBQUERY':
        return this.#tableSubquery(node, place);
      case 'JOIN':
        return this.#join(node, place);
      case 'TABLE_FUNCTION':
        if (isUnnest(node)) return this.#unnest(node, [], place);
        throw this.#refuse(node, `The table function ${shownWord(textAt(nodeAt(node, 'function'), 'function_name'))}`);
      case 'SHOW_REF':
        throw this.#refuse(node, 'DESCRIBE, SHOW or SUMMARIZE');
      case 'EXPRESSION_LIST':
        throw this.#refuse(node, 'VALUES');
      default:
        throw this.#refuse(node, textAt(node, 'type'));
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
      throw this.#refuse(node, `The table ${shownWord(name)} with a schema`);
    }
    if (node['sample'] !== null) throw this.#refuse(node, 'TABLESAMPLE');
    if (node['at_clause'] !== null) throw this.#refuse(node, 'AT');
    const cte = place.ctes.get(foldName(name));
    const table = foldName(name) === LOG || cte === undefined ? this.#logTable(node, name, place) : null;
    if (foldName(name) !== LOG) this.#checkAlias(alias, node);
    if (cte !== undefined && table === null) this.#checkShift(cte, node);
    // DuckDB may bind a WITH name anew wherever it is read, so it nests there.
    this.#reachDepth(this.#depth + (table === null ? (cte?.height ?? 0) : 0), node);
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
    this.#countLogReference(node);
    return place.search === null ? table : this.#context.tables.searched(place.search);
  }

  /** Outside of a comparison a WITH name was read over another range. */
  #checkShift(cte: Cte, node: JsonNode): void {
    if (cte.shiftSec === this.#shiftSec) return;
    throw this.#refuse(node, 'compare or ts_compare over a WITH name');
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
    this.#checkAlias(alias, node);
    const call = nodeAt(node, 'function');
    const names: Names = { scope: new Scope(left, place.outer), ctes: place.ctes };
    const values = this.#expressions.rewriteAll(nodesAt(call, 'children'), names);
    const columnNames = textsAt(node, 'column_name_alias');
    const table = unnested(values, columnNames, alias, node['with_ordinality'] === 'WITH_ORDINALITY');
    if (table === null) throw this.#refuse(call, 'UNNEST of anything but arrays and maps');
    return {
      node: table.node,
      relations: [{ alias: foldName(alias), columns: table.columns }],
      star: table.columns,
    };
  }

  #tableSubquery(node: JsonNode, place: QueryPlace): FromResult {
    const { shift_sec: shift, ...plain } = node;
    checkKeys(plain, ['type', 'alias', 'sample', 'query_location', 'subquery', 'column_name_alias']);
    if (node['sample'] !== null) throw this.#refuse(node, 'TABLESAMPLE');
    const alias = textAt(node, 'alias');
    this.#checkAlias(alias, node);
    const outerShift = this.#shiftSec;
    if (shift !== undefined) this.#shiftSec += numberAt(node, 'shift_sec');
    const result = this.#statement(nodeAt(node, 'subquery'), { ...place, isOutermost: false, search: null });
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
    if (!isCross && !JOIN_TYPES.some((type) => kind === `REGULAR ${type}`)) throw this.#refuse(node, `${kind} JOIN`);
    if (textAt(node, 'alias') !== '' || node['sample'] !== null) throw this.#refuse(node, 'An alias of a join');
    const inner = { ...place, isOutermost: false };
    const left = this.#from(nodeAt(node, 'left'), inner);
    const rightNode = nodeAt(node, 'right');
    const right = isUnnest(rightNode) ? this.#unnest(rightNode, left.relations, inner) : this.#from(rightNode, inner);
    const relations = [...left.relations, ...right.relations];
    const names: Names = { scope: new Scope(relations, place.outer), ctes: place.ctes };
    const condition = this.#expressions.optional(optionalNodeAt(node, 'condition'), names);
    const shared = new Set(textsAt(node, 'using_columns').map(foldName));
    const typeIn = (side: FromResult, name: string): SqlType =>
      side.star.find((column) => foldName(column.name) === name)?.type ?? 'other';
    for (const name of shared) this.#checkSides(node, [typeIn(left, name), typeIn(right, name)], 'USING');
    const star = [...left.star, ...right.star.filter((column) => !shared.has(foldName(column.name)))];
    return { node: { ...node, left: left.node, right: right.node, condition }, relations, star };
  }

  /** Columns that are expressions are named by their ordinal, as Presto does; columns and aliases keep their names. */
  #selectList(
    items: readonly JsonNode[],
    from: FromResult,
    names: Names,
  ): { readonly nodes: readonly JsonNode[]; readonly columns: readonly SqlColumn[] } {
    const nodes: JsonNode[] = [];
    const columns: SqlColumn[] = [];
    for (const item of items) {
      if (item['class'] === 'STAR') {
        nodes.push(item);
        columns.push(...this.#star(item, from));
        continue;
      }
      const { node, type } = this.#expressions.rewrite(item, names);
      const weight = this.#expressions.weigh(node, item);
      const written = textAt(item, 'alias');
      const column = item['class'] === 'COLUMN_REF' ? textsAt(item, 'column_names').at(-1) : undefined;
      const name = written === '' ? (column ?? `_col${columns.length}`) : written;
      nodes.push({ ...node, alias: written === '' && column !== undefined ? '' : name });
      // what is bounded whatever it is made of weighs nothing to those who read it from outside
      columns.push({ name, type, weight: BOUNDED_TYPES.includes(type) ? 1 : weight });
      if (written !== '' || column === undefined) names.scope.addAlias({ name, type, weight });
    }
    return { nodes, columns };
  }

  #star(node: JsonNode, from: FromResult): readonly SqlColumn[] {
    checkKeys(node, [
      ...['class', 'type', 'alias', 'query_location', 'relation_name', 'exclude_list', 'replace_list', 'columns'],
      ...['expr', 'qualified_exclude_list', 'rename_list'],
    ]);
    const lists = ['exclude_list', 'replace_list', 'qualified_exclude_list', 'rename_list'];
    const isPlain = lists.every((key) => listAt(node, key).length === 0) && textAt(node, 'alias') === '';
    if (flagAt(node, 'columns') || node['expr'] !== null || !isPlain) {
      throw this.#refuse(node, 'COLUMNS, EXCLUDE, REPLACE or RENAME');
    }
    const relation = textAt(node, 'relation_name');
    if (relation === '') return from.star;
    const found = from.relations.find((candidate) => candidate.alias === foldName(relation));
    if (found !== undefined) return found.columns;
    const message = `There is no table "${relation}" in this FROM.`;
    throw new AppError('QUERY_UNKNOWN_FIELD', message, { field: relation, ...this.#context.placeOf(node) });
  }

  #modifiers(modifiers: readonly JsonNode[], names: Names): readonly JsonNode[] {
    return modifiers.map((modifier) => {
      switch (textAt(modifier, 'type')) {
        case 'ORDER_MODIFIER':
          checkKeys(modifier, ['type', 'orders']);
          return { ...modifier, orders: this.#expressions.orders(nodesAt(modifier, 'orders'), names) };
        case 'LIMIT_MODIFIER':
          checkKeys(modifier, ['type', 'limit', 'offset']);
          this.#checkCount(optionalNodeAt(modifier, 'limit'));
          this.#checkCount(optionalNodeAt(modifier, 'offset'));
          return modifier;
        case 'DISTINCT_MODIFIER':
          checkKeys(modifier, ['type', 'distinct_on_targets']);
          if (listAt(modifier, 'distinct_on_targets').length > 0) throw this.#refuse(modifier, 'DISTINCT ON');
          return modifier;
        default:
          throw this.#refuse(modifier, 'LIMIT with a percentage');
      }
    });
  }

  #checkCount(node: JsonNode | null): void {
    if (node === null) return;
    if (rowCountOf(node) === null) throw this.#refuse(node, 'LIMIT or OFFSET with anything but a whole number');
  }

  #checkAlias(alias: string, node: JsonNode): void {
    if (foldName(alias) !== LOG) return;
    const message = '`log` is the Logstore itself: give this table another name.';
    throw new AppError('QUERY_UNSUPPORTED', message, { construct: alias, ...this.#context.placeOf(node) });
  }

  #refuse(node: JsonNode, construct: string): AppError {
    // clauses have no place in the tree
    const detail = { construct, ...this.#context.placeOfWords(construct), ...this.#context.placeOf(node) };
    return new AppError('QUERY_UNSUPPORTED', `${construct} is not part of the dialect.`, detail);
  }
}

const isUnnest = (node: JsonNode): boolean =>
  node['type'] === 'TABLE_FUNCTION' && foldName(textAt(nodeAt(node, 'function'), 'function_name')) === 'unnest';

/** @returns the constant of a LIMIT, or null when it is no whole number from 0 on */
function rowCountOf(node: JsonNode): bigint | null {
  if (node['class'] !== 'CONSTANT') return null;
  const constant = nodeAt(node, 'value');
  const value = constant['value'];
  const isInteger = ['INTEGER', 'BIGINT'].includes(textAt(nodeAt(constant, 'type'), 'id'));
  return isInteger && isLosslessNumber(value) && /^\d+$/u.test(value.value) ? BigInt(value.value) : null;
}

/** Adds a limit to the outermost query, or lowers the one it has; order and offset stay as they are. */
function limited(query: JsonNode, limit: number): JsonNode {
  const modifiers = nodesAt(query, 'modifiers');
  const own = modifiers.find((modifier) => modifier['type'] === 'LIMIT_MODIFIER');
  if (own === undefined) return { ...query, modifiers: [...modifiers, limitModifier(limit)] };
  const ownLimit = optionalNodeAt(own, 'limit');
  const ownCount = ownLimit === null ? null : rowCountOf(ownLimit);
  if (ownCount !== null && ownCount <= BigInt(limit)) return query;
  const lowered = { ...own, limit: nodeAt(limitModifier(limit), 'limit') };
  return { ...query, modifiers: modifiers.map((modifier) => (modifier === own ? lowered : modifier)) };
}

/**
 * The user's statement as one that reads nothing but the Logstore: every `log` is replaced by its SELECT, everything
 * that is not on the lists of this file, of `sql-expression.ts` and of `functions.ts` is refused, FROM is added where
 * the dialect lets it be left out, and arithmetic and names follow the dialect.
 *
 * `log` becomes a subquery rather than a WITH entry: DuckDB's tree does not keep NOT MATERIALIZED, and a materialized
 * `log` would render every address before the statement's own conditions.
 *
 * @param query root of the statement as `json_serialize_sql` gives it
 * @param limit rows at most; null for all of them
 * @throws AppError QUERY_UNSUPPORTED naming the construct; QUERY_UNKNOWN_FIELD; QUERY_WRONG_TYPE; QUERY_SYNTAX for an
 * inner SELECT without FROM
 */
export function rewriteStatement(query: JsonNode, context: StatementContext, limit: number | null): JsonNode {
  const rewriter = new StatementRewriter(context);
  const { node, columns } = rewriter.query(query, { ctes: new Map(), outer: null, isOutermost: true, search: null });
  return shownQuery(limit === null ? node : limited(node, limit), columns, context.clock, context.times);
}
