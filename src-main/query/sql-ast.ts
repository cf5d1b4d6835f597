import { isLosslessNumber } from 'lossless-json';
import { AppError, type ErrorDetail } from '../contract/errors';
import { shownWord } from './shown-word';
import { limitModifier, logTableName, subqueryTable } from './sql-build';
import { checkKeys, ExpressionRewriter, type Names, type QueryResult } from './sql-expression';
import { flagAt, listAt, nodeAt, nodesAt, optionalNodeAt, textAt, textsAt, type JsonNode } from './sql-json';
import { commonType, foldName, Scope, type Cte, type CteScope, type Relation, type SqlColumn } from './sql-scope';

const LOG = 'log';
/** SELECTs in each other: DuckDB's binder takes twice as long for each scalar subquery around another, 175 s at 26. */
const MAX_DEPTH = 12;
/** Each puts the Logstore's SELECT into the statement: 1,500 of them take 5 s to compile. */
const MAX_LOG_REFERENCES = 200;
const NESTED_WITHOUT_FROM = 'you are using nested sql, please specify FROM LogStore in the innermost sql';
const SET_OPERATIONS: readonly string[] = ['UNION', 'EXCEPT', 'INTERSECT'];
const JOIN_TYPES: readonly string[] = ['INNER', 'LEFT', 'RIGHT', 'FULL'];

export interface LogTable {
  /** Tree of the SELECT that stands for `log`. */
  readonly query: JsonNode;
  readonly columns: readonly SqlColumn[];
}

interface QueryPlace {
  readonly ctes: CteScope;
  readonly outer: Scope | null;
  /** Only there may FROM be left out. @see sls-logstore.md §3.1 */
  readonly isOutermost: boolean;
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

class StatementRewriter {
  readonly #log: LogTable;
  readonly #placeOf: (node: JsonNode) => ErrorDetail;
  readonly #expressions: ExpressionRewriter;
  /** Of the SELECT that is being rewritten; the outermost has 1. */
  #depth = 1;
  /** The largest depth so far, inside the outermost SELECT or the WITH name that is being rewritten. */
  #deepest = 1;
  #logReferences = 0;

  constructor(log: LogTable, placeOf: (node: JsonNode) => ErrorDetail) {
    this.#log = log;
    this.#placeOf = placeOf;
    this.#expressions = new ExpressionRewriter({
      subquery: (statement, names) =>
        this.#statement(statement, { ctes: names.ctes, outer: names.scope, isOutermost: false }),
      placeOf,
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
      ...this.#placeOf(node),
    });
  }

  #countLogReference(node: JsonNode): void {
    this.#logReferences++;
    if (this.#logReferences <= MAX_LOG_REFERENCES) return;
    const message = `A statement may read \`log\` ${MAX_LOG_REFERENCES} times at most: give what is read often a name with WITH.`;
    throw new AppError('QUERY_UNSUPPORTED', message, {
      construct: LOG,
      limit: MAX_LOG_REFERENCES,
      ...this.#placeOf(node),
    });
  }

  #select(node: JsonNode, place: QueryPlace): QueryResult {
    checkKeys(node, [
      ...['type', 'modifiers', 'cte_map', 'select_list', 'from_table', 'where_clause', 'group_expressions'],
      ...['group_sets', 'aggregate_handling', 'having', 'sample', 'qualify'],
    ]);
    if (node['sample'] !== null) throw this.#refuse(node, 'SAMPLE');
    if (node['qualify'] !== null) throw this.#refuse(node, 'QUALIFY');
    if (node['aggregate_handling'] !== 'STANDARD_HANDLING') throw this.#refuse(node, 'GROUP BY ALL');
    const withClause = this.#ctes(nodeAt(node, 'cte_map'), place);
    const from = this.#from(nodeAt(node, 'from_table'), { ...place, ctes: withClause.ctes });
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
    const names: Names = { scope: new Scope([{ alias: '', columns }], place.outer), ctes: withClause.ctes };
    const modifiers = this.#modifiers(nodesAt(node, 'modifiers'), names);
    return { node: { ...node, cte_map: withClause.node, left: left.node, right: right.node, modifiers }, columns };
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
      });
      ctes.set(foldName(name), { columns: renamed(result.columns, textsAt(value, 'aliases')), height });
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
      case 'EMPTY':
        if (!place.isOutermost) throw new AppError('QUERY_SYNTAX', NESTED_WITHOUT_FROM, this.#placeOf(node));
        return this.#tableName(logTableName(), place);
      case 'BASE_TABLE':
        return this.#tableName(node, place);
      case 'SUBQUERY':
        return this.#tableSubquery(node, place);
      case 'JOIN':
        return this.#join(node, place);
      case 'TABLE_FUNCTION':
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
    const isLog = foldName(name) === LOG;
    if (!isLog) this.#checkAlias(alias, node);
    const source: Cte | undefined = isLog ? { columns: this.#log.columns, height: 0 } : place.ctes.get(foldName(name));
    if (source === undefined) {
      const message = `"${shownWord(name)}" cannot be read: the only table is \`log\`, besides the statement's own WITH names.`;
      throw new AppError('QUERY_UNSUPPORTED', message, { construct: shownWord(name), ...this.#placeOf(node) });
    }
    if (isLog) this.#countLogReference(node);
    // DuckDB may bind a WITH name anew wherever it is read, so it nests there.
    this.#reachDepth(this.#depth + source.height, node);
    const columns = renamed(source.columns, textsAt(node, 'column_name_alias'));
    const relation = { alias: foldName(alias === '' ? name : alias), columns };
    const table = isLog
      ? subqueryTable(this.#log.query, alias === '' ? LOG : alias, listAt(node, 'column_name_alias'))
      : node;
    return { node: table, relations: [relation], star: columns };
  }

  #tableSubquery(node: JsonNode, place: QueryPlace): FromResult {
    checkKeys(node, ['type', 'alias', 'sample', 'query_location', 'subquery', 'column_name_alias']);
    if (node['sample'] !== null) throw this.#refuse(node, 'TABLESAMPLE');
    const alias = textAt(node, 'alias');
    this.#checkAlias(alias, node);
    const result = this.#statement(nodeAt(node, 'subquery'), { ...place, isOutermost: false });
    const columns = renamed(result.columns, textsAt(node, 'column_name_alias'));
    return {
      node: { ...node, subquery: result.node },
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
    const right = this.#from(nodeAt(node, 'right'), inner);
    const relations = [...left.relations, ...right.relations];
    const names: Names = { scope: new Scope(relations, place.outer), ctes: place.ctes };
    const condition = this.#expressions.optional(optionalNodeAt(node, 'condition'), names);
    const shared = new Set(textsAt(node, 'using_columns').map(foldName));
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
      const written = textAt(item, 'alias');
      const column = item['class'] === 'COLUMN_REF' ? textsAt(item, 'column_names').at(-1) : undefined;
      const name = written === '' ? (column ?? `_col${columns.length}`) : written;
      nodes.push({ ...node, alias: written === '' && column !== undefined ? '' : name });
      columns.push({ name, type });
      if (written !== '' || column === undefined) names.scope.addAlias(name, type);
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
    throw new AppError('QUERY_UNKNOWN_FIELD', message, { field: relation, ...this.#placeOf(node) });
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
    throw new AppError('QUERY_UNSUPPORTED', message, { construct: alias, ...this.#placeOf(node) });
  }

  #refuse(node: JsonNode, construct: string): AppError {
    const detail = { construct, ...this.#placeOf(node) };
    return new AppError('QUERY_UNSUPPORTED', `${construct} is not part of the dialect.`, detail);
  }
}

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
 * @param placeOf position and length of a node in the query, for details of errors
 * @throws AppError QUERY_UNSUPPORTED naming the construct; QUERY_UNKNOWN_FIELD; QUERY_WRONG_TYPE; QUERY_SYNTAX for an
 * inner SELECT without FROM
 */
export function rewriteStatement(
  query: JsonNode,
  log: LogTable,
  limit: number | null,
  placeOf: (node: JsonNode) => ErrorDetail,
): JsonNode {
  const rewriter = new StatementRewriter(log, placeOf);
  const { node } = rewriter.query(query, { ctes: new Map(), outer: null, isOutermost: true });
  return limit === null ? node : limited(node, limit);
}
