import { AppError, type ErrorDetail } from '../contract/errors';
import { keepAddressNumbers } from './addresses/address-queries';
import type { CompiledQuery, CompileRequest, SqlParser } from './compiled-query';
import { checkConsolePaging, checkConsoleScan, consoleStatementCap, lowerLimit } from './console-limits';
import { TIME_COLUMN, type LogRelation } from './log-relation';
import { cutShardsSql, logTableSql, sqlColumns, type LogFilter } from './log-sql';
import { checkPrinted, onlyStatement, parserError, readTree } from './parsed-statement';
import type { SearchNode } from './search-ast';
import { readSearchPart } from './search-part';
import { rewriteStatement } from './sql-ast';
import { clockOver } from './sql-clock';
import { columnsRead } from './sql-columns';
import { comparesTimes } from './sql-compare';
import { editSql } from './sql-edits';
import { locationOf, nodeAt, nodesAt, printJson, type JsonNode } from './sql-json';
import { isScan, scanSql } from './sql-lexer';
import { NumberedTables, parameterMap, type PreparedTable } from './sql-log-tables';
import { readTemplates } from './sql-macro';
import { columnMeanings } from './sql-meanings';
import { fromBytes, wordLength } from './sql-places';
import { foldName } from './sql-scope';
import { searchTexts } from './sql-search';
import { tablesRead } from './sql-tables-read';
import { wordsIn } from './sql-tokens';
import { usesReservedNames } from './sql-tree';
import type { SqlType } from './sql-types';
import { zoneOffset } from './zone';

const LOG = 'log';
const LOG_TYPES = { text: 'text', long: 'integer', double: 'double', ipv4: 'text' } as const satisfies Record<
  string,
  SqlType
>;

async function prepareTable(
  relation: LogRelation,
  filter: LogFilter,
  { read, scans }: { readonly read: ReadonlySet<string> | null; readonly scans: boolean },
  parser: SqlParser,
): Promise<PreparedTable> {
  const table = logTableSql(relation, filter, (name) => read?.has(foldName(name)) ?? true, scans);
  const statement = onlyStatement(readTree(await parser.serialize(table.sql)));
  const columns = sqlColumns(relation, scans).map(({ name, field }) => ({ name, type: LOG_TYPES[field.type] }));
  return {
    query: nodeAt(statement, 'node'),
    columns: [...columns, { name: TIME_COLUMN, type: 'integer' as const }],
    params: table.params,
    notes: table.notes,
    cutShards: scans && filter.limits !== undefined ? cutShardsSql(relation, filter) : null,
    range: filter.isRangeBound === true ? filter.range : null,
  };
}

/** Every table that a statement may read, by name and by the text of `search('…')`. */
async function prepareTables(
  tree: JsonNode,
  request: CompileRequest,
  relation: LogRelation,
  filter: LogFilter,
  { parser, scans, placeOf }: { parser: SqlParser; scans: boolean; placeOf: (node: JsonNode) => ErrorDetail },
): Promise<NumberedTables> {
  const read = columnsRead(tree);
  const isRangeBound = comparesTimes(tree);
  const prepare = (table: LogRelation, search: SearchNode): Promise<PreparedTable> =>
    prepareTable(table, { ...filter, isRangeBound, search }, { read, scans }, parser);
  const own = await prepare(relation, filter.search);
  const byName = new Map([[LOG, own]]);
  const { logstores } = request;
  for (const name of tablesRead(tree)) {
    if (byName.has(foldName(name)) || logstores === undefined) continue;
    if (foldName(name) === foldName(logstores.own)) byName.set(foldName(name), own);
    else {
      const found = await logstores.find(name);
      // the search of the query is one of its own Logstore
      if (found !== null) byName.set(foldName(name), await prepare(found, { kind: 'all', span: { start: 0, end: 0 } }));
    }
  }
  const bySearch = new Map<string, PreparedTable>();
  for (const [text, call] of searchTexts(tree)) {
    try {
      bySearch.set(text, await prepare(relation, readInnerSearch(text, filter)));
    } catch (cause) {
      // its places are those in its own text
      if (cause instanceof AppError)
        throw new AppError(cause.code, `In search(…): ${cause.message}`, placeOf(call), { cause });
      throw cause;
    }
  }
  return new NumberedTables(byName, bySearch, zoneOffset(request.zone ?? 'UTC'));
}

/** The search of `search('…')`. @throws AppError QUERY_UNSUPPORTED beside another one */
function readInnerSearch(text: string, filter: LogFilter): SearchNode {
  if (filter.search.kind !== 'all') {
    throw new AppError(
      'QUERY_UNSUPPORTED',
      'search(…) needs `*` before the `|`: write both searches there, joined by `and`.',
    );
  }
  return readSearchPart(text, filter.limits, true);
}

/**
 * The statement of a query, over what its search finds.
 *
 * @param offset where it begins in the query
 * @throws AppError as `compileQuery`
 */
export async function compileStatement(
  sql: string,
  offset: number,
  request: CompileRequest,
  relation: LogRelation,
  filter: LogFilter,
  parser: SqlParser,
): Promise<CompiledQuery> {
  const isConsole = request.limits === 'console';
  const written = scanSql(sql, offset);
  if (isConsole) checkConsolePaging(written, offset);
  const { text: statement, toWritten } = editSql(written);
  const tree = readTree(await parser.serialize(statement));
  if (tree['error'] !== false) throw parserError(tree, { statement, written, toWritten, offset });
  const user = onlyStatement(tree);
  if (nodesAt(user, 'named_param_map').length > 0) {
    throw new AppError('QUERY_UNSUPPORTED', 'Parameters are not part of the language.', { construct: 'parameter' });
  }
  if (usesReservedNames(user)) {
    throw new AppError('QUERY_UNSUPPORTED', 'Names that begin with `λ` are reserved.', { construct: 'λ' });
  }
  const placeOf = (node: JsonNode): ErrorDetail => {
    const bytes = locationOf(node);
    if (bytes === null) return {};
    const position = toWritten(fromBytes(statement, bytes));
    return { position: offset + position, length: wordLength(written, position) };
  };
  const placeOfWords = (words: string): ErrorDetail => {
    const found = wordsIn(written, words);
    return found === null ? {} : { position: offset + found.start, length: found.end - found.start };
  };
  const cap = isConsole ? consoleStatementCap(nodeAt(user, 'node'), placeOf) : null;
  const scans = isScan(sql);
  if (isConsole && scans) checkConsoleScan(nodeAt(user, 'node'), placeOf);
  const clock = clockOver(request.range, request.zone ?? 'UTC', request.nowMs ?? null);
  await readTemplates(user, (text) => parser.serialize(text));
  const tables = await prepareTables(user, request, relation, filter, { parser, scans, placeOf });
  const read = columnsRead(user);
  const asText = rewriteStatement(
    nodeAt(user, 'node'),
    { tables, clock, range: request.range, times: request.times ?? 'local', placeOf, placeOfWords },
    lowerLimit(request.limit, cap),
  );
  const node = request.keepAddressNumbers === false ? asText : keepAddressNumbers(asText);
  const rewritten: JsonNode = { node, named_param_map: parameterMap(tables.params.length) };
  const printed = await parser.print(printJson({ error: false, statements: [rewritten] }));
  checkPrinted(printed.json, node);
  const indexed = scans ? [] : relation.fields;
  return {
    kind: 'statement',
    isCut: request.limit !== null,
    sql: printed.sql,
    params: tables.params,
    columns: null,
    meanings: columnMeanings(nodeAt(user, 'node')),
    notes: tables.notes,
    cutShards: tables.cutShards,
    cap,
    fieldsRead: indexed.map(({ name }) => name).filter((name) => read?.has(foldName(name)) ?? true),
  };
}
