import { AppError, type ErrorDetail } from '../contract/errors';
import { ENTRY_ID_COLUMN } from '../contract/log-entry';
import type { ColumnMeaning } from '../contract/query';
import type { ColumnType } from '../contract/result-batch';
import { keepAddressNumbers } from './addresses/address-queries';
import {
  checkConsolePaging,
  consoleEntriesCap,
  checkConsoleScan,
  consoleStatementCap,
  type RowCap,
} from './console-limits';
import { TIME_COLUMN, type LogRelation, type SqlParam } from './log-relation';
import {
  cutShardsSql,
  entryFields,
  timeFields,
  logEntriesSql,
  logTableSql,
  sqlColumns,
  type BoundSql,
  type LogFilter,
} from './log-sql';
import type { SearchNode } from './search-ast';
import type { SearchLimits } from './search-limits';
import { readSearchPart } from './search-part';
import type { SearchNote } from './search-sql';
import { splitQuery } from './split-query';
import { rewriteStatement } from './sql-ast';
import { clockOver } from './sql-clock';
import { columnsRead } from './sql-columns';
import { comparesTimes } from './sql-compare';
import { editSql } from './sql-edits';
import { shownWord } from './shown-word';
import {
  isNode,
  isSameTree,
  locationOf,
  nodeAt,
  nodesAt,
  parseJson,
  printJson,
  textAt,
  type JsonNode,
} from './sql-json';
import { isScan, scanSql } from './sql-lexer';
import { NumberedTables, parameterMap, type PreparedTable } from './sql-log-tables';
import { readTemplates } from './sql-macro';
import { columnMeanings } from './sql-meanings';
import { foldName } from './sql-scope';
import { searchTexts } from './sql-search';
import { wordsIn } from './sql-tokens';
import { tablesRead } from './sql-tables-read';
import { usesReservedNames } from './sql-tree';
import type { SqlType } from './sql-types';
import { zoneOffset } from './zone';

/** DuckDB's parser, which this folder does not call itself: `json_serialize_sql` and `json_deserialize_sql`. */
export interface SqlParser {
  serialize(sql: string): Promise<string>;
  /** The text of a tree, and what `serialize` gives of that text. */
  print(json: string): Promise<{ readonly sql: string; readonly json: string }>;
}

export interface CompileRequest {
  readonly text: string;
  /** Half-open, epoch seconds. */
  readonly range: { readonly fromSec: number; readonly toSec: number };
  /** Rows at most, for entries and statements alike; null for all of them. */
  readonly limit: number | null;
  /** Entries passed over before the first; 0 for a statement, which has an OFFSET of its own. */
  readonly offset: number;
  /** Entries newest first; a statement has its own order. */
  readonly reverse: boolean;
  /** Begin each entry with its identity; not for a statement. Default false. */
  readonly entryIds?: boolean;
  /** End each entry with what its Logstore keeps beside its fields, see `LogRelation.beside`; not for a statement. Default false. */
  readonly entryEnds?: boolean;
  /** Begin each entry with its time, where none of its fields is it; not of a statement. Default false. */
  readonly entryTime?: boolean;
  /** In which a statement's times of day are; `UTC` when absent. */
  readonly zone?: string;
  /**
   * How a statement's columns of times come out, as TIMESTAMPs: as clocks of the zone show them, or as the instants that they
   * are, in UTC; two instants may be shown alike where clocks are put back. Default `local`.
   */
  readonly times?: 'local' | 'instant';
  /** What `now()` gives, epoch milliseconds; the database's own clock when absent. */
  readonly nowMs?: number;
  /** Caps of the vendor's console; absent for none. */
  readonly limits?: SearchLimits | undefined;
  /** False to make the text of every address where the log is read, which is slower and gives the same rows. Default true. */
  readonly keepAddressNumbers?: boolean;
  /** The Logstores that a statement can name besides `log`. */
  readonly logstores?: LogstoreNames;
}

export interface LogstoreNames {
  /** The Logstore of the query, which is `log` under its own name. */
  readonly own: string;
  /** Another one of its project; null when there is none of the name. */
  find(name: string): Promise<LogRelation | null>;
}

export interface CompiledColumn {
  readonly name: string;
  readonly type: Extract<ColumnType, 'ipv4' | 'int64' | 'float64' | 'text'>;
}

export interface CompiledQuery {
  readonly kind: 'entries' | 'statement';
  readonly sql: string;
  /** Values of `$1`, `$2`, …; every one of them occurs. */
  readonly params: readonly SqlParam[];
  /** Known beforehand for entries, whose addresses are UINTEGER in host order; null for a statement. */
  readonly columns: readonly CompiledColumn[] | null;
  /** Of a statement, by position; none where that is not known. */
  readonly meanings: readonly ColumnMeaning[];
  /** Whether a limit or an offset of the request chooses among its rows. */
  readonly isCut: boolean;
  /** Of the limits that the query is under; null when none of them cuts its rows. */
  readonly cap: RowCap | null;
  /** Names of the fields that are read by their index; a few too many where a statement's own names are alike. */
  readonly fieldsRead: readonly string[];
  /** About the search: what is not wrong and yet may surprise, such as a range of text. */
  readonly notes: readonly SearchNote[];
  /** SELECTs of the shards of which its scans leave entries out: see `cutShardsSql`. */
  readonly cutShards: readonly BoundSql[];
}

const ENTRY_TYPES = { text: 'text', long: 'int64', double: 'float64', ipv4: 'ipv4' } as const;
const LOG = 'log';
const LOG_TYPES = { text: 'text', long: 'integer', double: 'double', ipv4: 'text' } as const satisfies Record<
  string,
  SqlType
>;

/** UTF-16 position of a byte offset, which DuckDB gives for nodes. */
function fromBytes(text: string, bytes: number): number {
  let rest = bytes;
  let position = 0;
  for (const character of text) {
    if (rest <= 0) break;
    const codePoint = character.codePointAt(0) ?? 0;
    rest -= codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    position += character.length;
  }
  return position;
}

/** UTF-16 position of a code point, which DuckDB gives for errors. */
function fromCodePoints(text: string, count: number): number {
  return Array.from(text).slice(0, count).join('').length;
}

function wordLength(text: string, position: number): number {
  return /^(?:"(?:[^"]|"")*"|[A-Za-z0-9_\u0080-\uffff]+|[<>=!]+|.)?/su.exec(text.slice(position))?.[0].length ?? 0;
}

function readTree(json: string): JsonNode {
  try {
    const tree = parseJson(json);
    if (isNode(tree)) return tree;
  } catch (cause) {
    // DuckDB writes infinite numbers bare, which is no JSON
    throw new AppError('QUERY_UNSUPPORTED', 'A number of the statement is beyond the range of double.', {}, { cause });
  }
  throw new AppError('INTERNAL', 'the parser gave no tree');
}

/**
 * An error about a column that is in double quotes, as other languages have texts in, says so too.
 * @see sls-logstore.md §3.8
 */
function withQuotesTold(cause: unknown, query: string): unknown {
  if (!(cause instanceof AppError) || cause.code !== 'QUERY_UNKNOWN_FIELD') return cause;
  const { position, field } = cause.detail;
  if (typeof position !== 'number' || query[position] !== '"') return cause;
  const told = `it seems ${field} is wrapper by ";if ${field} is a string ,not a key field, please use '${field}'`;
  return new AppError(cause.code, `${cause.message} But ${told}.`, cause.detail, { cause });
}

/** An error about a field that is stored and in no index says how it can be read all the same. */
function withScanTold(cause: unknown, { stored = [] }: LogRelation): unknown {
  if (!(cause instanceof AppError) || cause.code !== 'QUERY_UNKNOWN_FIELD') return cause;
  const { field } = cause.detail;
  if (typeof field !== 'string' || !stored.some(({ name }) => foldName(name) === foldName(field))) return cause;
  const told = `${field} is stored without an index that SQL reads: with \`set session mode=scan;\` before SELECT it is read as varchar.`;
  return new AppError(cause.code, `${cause.message} ${told}`, cause.detail, { cause });
}

interface ParsedText {
  readonly statement: string;
  readonly written: string;
  readonly toWritten: (position: number) => number;
  /** Of the statement as written in the query. */
  readonly offset: number;
}

function parserError(tree: JsonNode, { statement, written, toWritten, offset }: ParsedText): AppError {
  const at = typeof tree.position === 'string' ? Number(tree.position) : Number.NaN;
  const position = Number.isInteger(at) ? toWritten(fromCodePoints(statement, at)) : 0;
  const length = Number.isInteger(at) ? wordLength(written, position) : written.length;
  const detail = { position: offset + position, length };
  if (tree.error_type === 'not implemented') {
    return new AppError('QUERY_UNSUPPORTED', 'A query may hold only SELECT statements, and no PIVOT.', detail);
  }
  if (textAt(tree, 'error_message').startsWith('Max expression depth')) {
    const message =
      'The expression is too deep: at most 1000 operators, calls or brackets may lie in each other, and `1 + 1 + 1` is two of them. Take several columns or a subquery.';
    return new AppError('QUERY_UNSUPPORTED', message, { construct: 'expression depth', ...detail });
  }
  // It ends within what it quotes when that is long.
  const quoted = /"([^"]+)(?:"|$)/gu;
  const message = textAt(tree, 'error_message').replace(quoted, (_, word: string) => `"${shownWord(word)}"`);
  return new AppError('QUERY_SYNTAX', message, detail);
}

/** The single statement of a tree that the parser gave. */
function onlyStatement(tree: JsonNode): JsonNode {
  const [statement, second] = nodesAt(tree, 'statements');
  if (statement === undefined || second !== undefined) {
    throw new AppError('QUERY_UNSUPPORTED', 'A query is exactly one statement.', { construct: 'statements' });
  }
  return statement;
}

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

async function compileStatement(
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
    lower(request.limit, cap),
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

/**
 * What runs is the printed text, so it must read back as exactly the tree that was checked: a slip of DuckDB's
 * printer would otherwise give wrong answers, or run what nobody allowed.
 */
function checkPrinted(json: string, node: JsonNode): void {
  const tree = readTree(json);
  if (tree['error'] === false && isSameTree(nodeAt(onlyStatement(tree), 'node'), node)) return;
  throw new AppError('QUERY_UNSUPPORTED', 'DuckDB does not print a part of this statement as it was written.', {
    construct: 'round trip',
  });
}

const lower = (limit: number | null, cap: RowCap | null): number | null =>
  cap === null ? limit : Math.min(limit ?? cap.most, cap.most);

function offsetOfStatement(offset: number): AppError {
  const message = 'A statement cannot be paged by an offset of the request: write LIMIT and OFFSET into it';
  return new AppError('OPTION_INVALID', message, { offset });
}

function idsOfStatement(): AppError {
  const message = 'Only a search gives log entries, which have identities: leave the statement out';
  return new AppError('OPTION_INVALID', message);
}

function endsOfStatement(): AppError {
  const message =
    'Only a search gives log entries, of which it is known why their sessions ended: leave the statement out';
  return new AppError('OPTION_INVALID', message);
}

function noEnds(): AppError {
  const message = 'Only entries of session logs have sessions, which end: the Logstore has others';
  return new AppError('OPTION_INVALID', message);
}

/**
 * A query of the language as one DuckDB statement.
 *
 * Without SQL it gives whole entries (see `entryFields`), oldest first or newest first with `reverse`, all of them up to the limit. With SQL it gives the statement's own rows, in its own order.
 *
 * Two things differ from the vendor on purpose: a statement without LIMIT is complete, and literals keep DuckDB's 32
 * bits until they meet a column, so a product of literals beyond 2^31 fails instead of wrapping.
 *
 * @throws AppError QUERY_SYNTAX, QUERY_UNSUPPORTED, QUERY_UNKNOWN_FIELD or QUERY_WRONG_TYPE; `detail` has `position` and
 * `length` in UTF-16 units of the whole text wherever they are known; OPTION_INVALID for an offset, identities or
 * ends with a statement, and for ends where entries have none
 */
export async function compileQuery(
  request: CompileRequest,
  relation: LogRelation,
  parser: SqlParser,
): Promise<CompiledQuery> {
  const { search, sql, sqlOffset } = splitQuery(request.text);
  const { range, limits } = request;
  const filter = { range, search: readSearchPart(search, limits, sql !== null), limits };
  if (sql !== null) {
    if (request.offset !== 0) throw offsetOfStatement(request.offset);
    if (request.entryIds === true) throw idsOfStatement();
    if (request.entryEnds === true) throw endsOfStatement();
    return compileStatement(sql, sqlOffset, request, relation, filter, parser).catch((cause: unknown) => {
      throw withScanTold(withQuotesTold(cause, request.text), relation);
    });
  }
  const beside = request.entryEnds === true ? relation.beside : [];
  if (beside === undefined) throw noEnds();
  const time = timeFields(relation, request.entryTime);
  const fields = [...time, ...entryFields(relation), ...beside].map(({ name, type }) => ({
    name,
    type: ENTRY_TYPES[type],
  }));
  const columns = request.entryIds === true ? [{ name: ENTRY_ID_COLUMN, type: 'text' as const }, ...fields] : fields;
  const cap = request.limits === 'console' ? consoleEntriesCap() : null;
  const limit = lower(request.limit, cap);
  const rows = logEntriesSql(relation, filter, { ...request, limit });
  return {
    ...{ kind: 'entries', isCut: limit !== null || request.offset > 0, ...rows, columns, cap },
    fieldsRead: relation.fields.map(({ name }) => name),
    cutShards: [],
    meanings: [],
  };
}
