import { AppError } from '../contract/errors';
import { StatementBounds } from './sql-bounds';
import { logTableName } from './sql-build';
import { aggregationsIn } from './sql-call';
import { checkKeys } from './sql-check';
import { comparisonOf } from './sql-compare';
import { ExpressionRewriter, type Names, type QueryResult } from './sql-expression';
import { FromRewriter, renamed, type FromResult } from './sql-from';
import { flagAt, listAt, nodeAt, nodesAt, optionalNodeAt, textAt, textsAt, type JsonNode } from './sql-json';
import { limited, rowCountOf } from './sql-limit';
import { foldName, Scope, type CteScope, type SqlColumn } from './sql-scope';
import { searchOf } from './sql-search';
import { seriesOf } from './sql-series';
import { checkAlias, checkSides, refusal, type QueryPlace, type StatementContext } from './sql-statement-context';
import { shownQuery } from './sql-times';
import { commonType } from './sql-types';

const NESTED_WITHOUT_FROM = 'you are using nested sql, please specify FROM LogStore in the innermost sql';
const SET_OPERATIONS: readonly string[] = ['UNION', 'EXCEPT', 'INTERSECT'];
const BOUNDED_TYPES: readonly string[] = ['integer', 'double', 'boolean', 'date', 'timestamp', 'interval', 'null'];

class StatementRewriter {
  readonly #context: StatementContext;
  readonly #expressions: ExpressionRewriter;
  readonly #bounds: StatementBounds;
  readonly #from: FromRewriter;

  constructor(context: StatementContext) {
    this.#context = context;
    this.#bounds = new StatementBounds(context);
    this.#expressions = new ExpressionRewriter({
      subquery: (statement, names) =>
        this.#statement(statement, { ctes: names.ctes, outer: names.scope, isOutermost: false, search: null }),
      placeOf: context.placeOf,
      clock: context.clock,
    });
    this.#from = new FromRewriter(context, {
      expressions: this.#expressions,
      bounds: this.#bounds,
      rewriteStatement: (statement, place) => this.#statement(statement, place),
    });
  }

  query(node: JsonNode, place: QueryPlace): QueryResult {
    const type = textAt(node, 'type');
    if (type === 'SELECT_NODE') return this.#select(node, place);
    if (type === 'SET_OPERATION_NODE') return this.#setOperation(node, place);
    if (type === 'RECURSIVE_CTE_NODE') throw refusal(this.#context, node, 'WITH RECURSIVE');
    throw refusal(this.#context, node, type);
  }

  /** A query with the wrapper that subqueries and WITH have around it. */
  #statement(statement: JsonNode, place: QueryPlace): QueryResult {
    checkKeys(statement, ['node', 'named_param_map']);
    if (listAt(statement, 'named_param_map').length > 0) throw refusal(this.#context, statement, 'A parameter');
    const node = nodeAt(statement, 'node');
    const result = this.#bounds.inside(node, () => this.query(node, place));
    return { node: { ...statement, node: result.node }, columns: result.columns };
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
    if (node['sample'] !== null) throw refusal(this.#context, node, 'SAMPLE');
    if (node['qualify'] !== null) throw refusal(this.#context, node, 'QUALIFY');
    if (node['aggregate_handling'] !== 'STANDARD_HANDLING') throw refusal(this.#context, node, 'GROUP BY ALL');
    this.#checkAggregations(node);
    const withClause = this.#ctes(nodeAt(node, 'cte_map'), place);
    const fromTable = nodeAt(node, 'from_table');
    if (fromTable['type'] === 'EMPTY') throw this.#withoutFrom(node);
    const from = this.#from.from(fromTable, {
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
      where_clause: this.#expressions.condition(optionalNodeAt(node, 'where_clause'), 'WHERE clause', names),
      group_expressions: groups.map((group) => group.node),
      having: this.#expressions.condition(optionalNodeAt(node, 'having'), 'HAVING clause', names),
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
    if (!SET_OPERATIONS.includes(kind)) throw refusal(this.#context, node, kind);
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
      checkSides(this.#context, node, [type, right.columns[index]?.type ?? 'other'], kind),
    );
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
      checkAlias(this.#context, name, entry);
      const value = nodeAt(entry, 'value');
      checkKeys(value, ['aliases', 'query', 'materialized', 'key_targets']);
      if (listAt(value, 'key_targets').length > 0) throw refusal(this.#context, value, 'USING KEY');
      const inside: QueryPlace = { ctes: new Map(ctes), outer: place.outer, isOutermost: false, search: null };
      const { result, height } = this.#bounds.measured(() => this.#statement(nodeAt(value, 'query'), inside));
      const columns = renamed(result.columns, textsAt(value, 'aliases'));
      ctes.set(foldName(name), { columns, height, shiftSec: this.#from.shiftSec });
      return { ...entry, value: { ...value, query: result.node } };
    });
    return { node: { map: entries }, ctes };
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
      throw refusal(this.#context, node, 'COLUMNS, EXCLUDE, REPLACE or RENAME');
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
          if (listAt(modifier, 'distinct_on_targets').length > 0) throw refusal(this.#context, modifier, 'DISTINCT ON');
          return modifier;
        default:
          throw refusal(this.#context, modifier, 'LIMIT with a percentage');
      }
    });
  }

  #checkCount(node: JsonNode | null): void {
    if (node === null) return;
    if (rowCountOf(node) === null)
      throw refusal(this.#context, node, 'LIMIT or OFFSET with anything but a whole number');
  }
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
