import type { LogRelation, LogRelationField } from './log-relation';
import type { SearchNode } from './search-ast';
import { lexSearch } from './search-lexer';
import { foldName } from './sql-scope';

/** A piece of the search as the lexer cut it. */
export interface ExplainedToken {
  readonly kind: string;
  readonly text: string;
  /** Half-open, UTF-16 positions in the query. */
  readonly start: number;
  readonly end: number;
}

export function explainTokens(search: string): readonly ExplainedToken[] {
  return lexSearch(search)
    .filter(({ kind }) => kind !== 'end')
    .map(({ kind, text, span }) => ({ kind, text, start: span.start, end: span.end }));
}

/** A field whose index a query is answered from. */
export interface ServingIndex {
  readonly field: string;
  readonly type: LogRelationField['type'];
  /** Whether the search compares it, the statement reads it, or both. */
  readonly search: boolean;
  readonly sql: boolean;
}

/** Names, folded, of all fields that a search compares; `hasWords` when it looks for words in any field. */
function fieldsOf(node: SearchNode): { readonly names: ReadonlySet<string>; readonly hasWords: boolean } {
  const names = new Set<string>();
  let hasWords = false;
  const visit = (inner: SearchNode): void => {
    switch (inner.kind) {
      case 'and':
      case 'or':
        inner.operands.forEach(visit);
        return;
      case 'not':
        visit(inner.operand);
        return;
      case 'word':
        hasWords = true;
        return;
      case 'all':
      case 'error':
        return;
      default:
        if (inner.field === null) hasWords = true;
        else names.add(foldName(inner.field.text));
    }
  };
  visit(node);
  return { names, hasWords };
}

/** The indexes that serve a query, in the order of the schema; words without a field search all texts. */
export function servingIndexes(
  search: SearchNode,
  fieldsRead: readonly string[],
  relation: LogRelation,
): readonly ServingIndex[] {
  const { names, hasWords } = fieldsOf(search);
  const read = new Set(fieldsRead);
  return relation.fields
    .map(({ name, type }) => ({
      field: name,
      type,
      search: names.has(foldName(name)) || (hasWords && type === 'text'),
      sql: read.has(name),
    }))
    .filter((index) => index.search || index.sql);
}
