import { AppError } from '../contract/errors';
import { AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS } from './functions';
import { AGGREGATES_WITHIN } from './functions/aggregates';
import { ADDRESS_TEXT } from './ipv4-text';
import { GRID } from './functions/series';
import type { SqlFunction } from './functions/entry';
import { CAST_TEMPLATES } from './sql-cast';
import { isNode, nodeAt, nodesAt, parseJson, textAt, type Json, type JsonNode } from './sql-json';
import { foldName } from './sql-scope';

/** What a call of an aggregate has around its arguments, or the window that it is computed over. */
export type AggregateParts = (call: JsonNode) => JsonNode;

/** Expressions that DuckDB has parsed already; there are as many as the function table has. */
const parsedTemplates = new Map<string, JsonNode>();

/** They are rewritten with casts that the statement does not have. */
const REWRITES_CASTS: readonly string[] = ['compare', 'ts_compare', 'time_series'];

function templatesOf(entry: SqlFunction | undefined): readonly string[] {
  if (entry?.kind === 'macro') return entry.variants.map(({ sql }) => sql);
  return entry?.kind === 'rewritten' ? (entry.templates ?? []) : [];
}

/** Every expression of the function table that a statement may need, and the text of addresses. */
function templatesIn(tree: Json): ReadonlySet<string> {
  const found = new Set([ADDRESS_TEXT]);
  const addAll = (templates: readonly string[]): void => {
    for (const template of templates) found.add(template);
  };
  const visit = (value: Json): void => {
    if (Array.isArray(value)) return (value as readonly Json[]).forEach(visit);
    if (!isNode(value)) return;
    const name = value['function_name'];
    if (typeof name === 'string') {
      addAll(templatesOf(SCALAR_FUNCTIONS.get(foldName(name))));
      addAll(templatesOf(AGGREGATE_FUNCTIONS.get(foldName(name))));
    }
    if (typeof name === 'string' && foldName(name) === 'time_series')
      addAll([GRID, ...templatesOf(SCALAR_FUNCTIONS.get('λwindow'))]);
    if (value['class'] === 'CAST' || (typeof name === 'string' && REWRITES_CASTS.includes(foldName(name))))
      addAll(CAST_TEMPLATES);
    if (value['type'] === 'ARRAY_EXTRACT') addAll(templatesOf(SCALAR_FUNCTIONS.get(' subscript')));
    Object.values(value).forEach(visit);
  };
  visit(tree);
  return found;
}

/** Makes the expressions of the function table that a statement needs ready for `expandTemplate`. */
export async function readTemplates(tree: Json, serialize: (sql: string) => Promise<string>): Promise<void> {
  const missing = Array.from(templatesIn(tree)).filter((template) => !parsedTemplates.has(template));
  if (missing.length === 0) return;
  const parsed = parseJson(await serialize(`SELECT ${missing.join(', ')}`));
  if (!isNode(parsed) || parsed['error'] !== false)
    throw new AppError('INTERNAL', 'an expression of the function table does not parse');
  const [statement] = nodesAt(parsed, 'statements');
  if (statement === undefined) throw new AppError('INTERNAL', 'the function table gave no statement');
  nodesAt(nodeAt(statement, 'node'), 'select_list').forEach((tree, index) => {
    parsedTemplates.set(missing[index] ?? '', unplaced(tree) as JsonNode);
  });
}

/** Without places in a text that the query does not have, and with functions named as DuckDB's printer leaves them. */
function unplaced(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(unplaced);
  if (!isNode(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'query_location');
  const node = Object.fromEntries(entries.map(([key, inner]) => [key, unplaced(inner)]));
  return node['class'] === 'FUNCTION' ? { ...node, schema: '' } : node;
}

/**
 * An expression of the function table with its parameters filled in.
 * @param parts applied to the aggregates that the expression itself has
 */
export function expandTemplate(
  sql: string,
  parameters: readonly JsonNode[],
  parts: AggregateParts = (call) => call,
): JsonNode {
  const template = parsedTemplates.get(sql);
  if (template === undefined) throw new AppError('INTERNAL', `the expression ${sql} was not read`);
  const fill = (value: Json): Json => {
    if (Array.isArray(value)) return (value as readonly Json[]).map(fill);
    if (!isNode(value)) return value;
    if (value['class'] === 'PARAMETER') {
      const parameter = parameters[Number(textAt(value, 'identifier')) - 1];
      if (parameter === undefined) throw new AppError('INTERNAL', `the expression ${sql} lacks a parameter`);
      // its name as an argument stays
      return { ...parameter, alias: value['alias'] ?? '' };
    }
    const node = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
    const isAggregate = node['class'] === 'FUNCTION' && AGGREGATES_WITHIN.includes(textAt(node, 'function_name'));
    return isAggregate ? parts(node) : node;
  };
  return fill(template) as JsonNode;
}
