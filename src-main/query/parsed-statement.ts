import { AppError } from '../contract/errors';
import { shownWord } from './shown-word';
import { isNode, isSameTree, nodeAt, nodesAt, parseJson, textAt, type JsonNode } from './sql-json';
import { fromCodePoints, wordLength } from './sql-places';

export function readTree(json: string): JsonNode {
  try {
    const tree = parseJson(json);
    if (isNode(tree)) return tree;
  } catch (cause) {
    // DuckDB writes infinite numbers bare, which is no JSON
    throw new AppError('QUERY_UNSUPPORTED', 'A number of the statement is beyond the range of double.', {}, { cause });
  }
  throw new AppError('INTERNAL', 'the parser gave no tree');
}

/** The single statement of a tree that the parser gave. */
export function onlyStatement(tree: JsonNode): JsonNode {
  const [statement, second] = nodesAt(tree, 'statements');
  if (statement === undefined || second !== undefined) {
    throw new AppError('QUERY_UNSUPPORTED', 'A query is exactly one statement.', { construct: 'statements' });
  }
  return statement;
}

/**
 * What runs is the printed text, so it must read back as exactly the tree that was checked: a slip of DuckDB's
 * printer would otherwise give wrong answers, or run what nobody allowed.
 */
export function checkPrinted(json: string, node: JsonNode): void {
  const tree = readTree(json);
  if (tree['error'] === false && isSameTree(nodeAt(onlyStatement(tree), 'node'), node)) return;
  throw new AppError('QUERY_UNSUPPORTED', 'DuckDB does not print a part of this statement as it was written.', {
    construct: 'round trip',
  });
}

/** What DuckDB was given to parse, and what the user wrote in its place. */
export interface ParsedText {
  readonly statement: string;
  readonly written: string;
  readonly toWritten: (position: number) => number;
  /** Of the statement as written in the query. */
  readonly offset: number;
}

export function parserError(tree: JsonNode, { statement, written, toWritten, offset }: ParsedText): AppError {
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
