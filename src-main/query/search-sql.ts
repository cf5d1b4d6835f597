import type { LogIndex, LogRelation, LogRelationField, SqlParam } from './log-relation';
import {
  hasWildcard,
  type CompareNode,
  type PhraseNode,
  type RangeNode,
  type SearchFix,
  type SearchNode,
  type SearchValue,
  type Span,
} from './search-ast';
import { bindInto } from './search-bind';
import { searchError, VENDOR_TEXT } from './search-errors';
import { fieldBetween, matchField, type Bounds } from './search-field';
import { extensionOfBounds } from './search-extensions';
import { fullTextPhrase, fullTextWord, hasTerms } from './search-full-text';
import { findField, findOwnField, nearestField, optionsOf } from './search-index';
import { MOST_WILDCARD_TERMS, refusedExtension } from './search-limits';
import type { SearchScope } from './search-scope';
import { patternOf } from './search-terms';
import { phraseCondition } from './search-text';
import { shownNames, shownWord } from './shown-word';

/** Something about a search that its reader must know, with its place in the text. */
export interface SearchNote {
  readonly text: string;
  readonly span: Span;
}

class SearchCompiler {
  readonly #scope: SearchScope;
  /** The index that decides what a search means where its own has another type. */
  readonly #current: LogIndex;

  constructor(scope: SearchScope, current: LogIndex) {
    this.#scope = scope;
    this.#current = current;
  }

  condition(node: SearchNode): string {
    switch (node.kind) {
      case 'all':
        return 'TRUE';
      case 'and':
      case 'or':
        return `(${node.operands.map((operand) => this.condition(operand)).join(` ${node.kind.toUpperCase()} `)})`;
      case 'not':
        // not NOT, which of a comparison with NULL is NULL and would lose the entries that lack the field
        return `((${this.condition(node.operand)}) IS DISTINCT FROM TRUE)`;
      case 'exists':
        return this.#withField(node.field, node.span, ({ expression }) => `(${expression}) IS NOT NULL`);
      case 'match':
        return this.#withField(
          node.field,
          node.span,
          (field) => {
            if (field.type === 'text') this.#noteSample(node.value);
            return matchField(field, node.value, this.#scope);
          },
          `"${node.field.text}:${node.value.text}"`,
        );
      case 'compare':
        return this.#withField(node.field, node.span, (field) => this.#compare(field, node));
      case 'range':
        return this.#withField(node.field, node.span, (field) => this.#range(field, node));
      case 'word':
        this.#noteSample(node.value);
        return fullTextWord(node.value, this.#scope);
      case 'phrase':
        return this.#phrase(node);
      case 'error':
        throw searchError('QUERY_SYNTAX', { message: 'The search could not be read.', span: node.span });
    }
  }

  #noteSample(value: SearchValue): void {
    if (this.#scope.console === undefined || !hasWildcard(value)) return;
    const text = `If \`${shownWord(value.text)}\` stands for more than ${MOST_WILDCARD_TERMS} terms, only ${MOST_WILDCARD_TERMS} of them are searched, as in the console.`;
    this.#scope.note(text, value.span);
  }

  #withField(
    key: SearchValue,
    whole: Span,
    condition: (field: LogRelationField) => string,
    quoted: string | null = null,
  ): string {
    const own = this.#scope.console === undefined ? findOwnField(this.#scope, key.text) : undefined;
    const field = findField(this.#scope.index, key.text) ?? own;
    return field === undefined ? this.#unknownField(key, whole, quoted) : condition(field);
  }

  /** @param quoted the condition as a word, which the vendor suggests */
  #unknownField(key: SearchValue, whole: Span, quoted: string | null): string {
    const { fields } = this.#scope.index;
    const shown = shownWord(key.text);
    const leaves = fields.filter(({ name }) => name.toLowerCase().startsWith(`${key.text.toLowerCase()}.`));
    const known = shownNames((leaves.length > 0 ? leaves : fields).map(({ name }) => name));
    const nearest = nearestField(this.#scope.index, key.text);
    const guess = nearest === null ? '' : ` Did you mean ${nearest}?`;
    const message = `"${shown}" is not an indexed field; ${leaves.length > 0 ? 'of it' : 'the Logstore has'}: ${known}.${guess}`;
    let fix: SearchFix | undefined;
    if (nearest !== null) fix = { span: key.span, text: quotedName(nearest) };
    else if (quoted !== null) fix = { span: whole, text: quoted };
    const vendorText = VENDOR_TEXT.notIndexed(shown);
    const error = searchError(
      'QUERY_UNKNOWN_FIELD',
      { vendorText, message, span: key.span, fix },
      { field: shown, fields: known },
    );
    return this.#scope.refuse(error);
  }

  #compare(field: LogRelationField, node: CompareNode): string {
    const { operator, value } = node;
    const bound = { text: value.text, isIncluded: operator.endsWith('=') };
    const extension = this.#extensionOf(field, [value]);
    if (extension !== null) return extension;
    if (operator === '=' && (field.type === 'ipv4' || this.#wasText(field)))
      return matchField(field, value, this.#scope);
    const bounds: Bounds = {
      low: operator.startsWith('<') ? null : bound,
      high: operator.startsWith('>') ? null : bound,
    };
    return this.#between(field, bounds, node, [node.field, written(operator, node.span), value]);
  }

  #range(field: LogRelationField, node: RangeNode): string {
    const extension = this.#extensionOf(field, [node.low, node.high]);
    if (extension !== null) return extension;
    const bounds: Bounds = {
      low: { text: node.low.text, isIncluded: node.lowIncluded },
      high: { text: node.high.text, isIncluded: node.highIncluded },
    };
    return this.#between(field, bounds, node, [node.field, written('in', node.span), node.low, node.high]);
  }

  /** Under the limits of the console, comparisons of addresses are refused. */
  #extensionOf({ type }: LogRelationField, bounds: readonly SearchValue[]): string | null {
    const extension = type === 'ipv4' && this.#scope.console !== undefined ? extensionOfBounds(bounds) : null;
    return extension === null ? null : this.#scope.refuse(refusedExtension(extension));
  }

  #between(
    field: LogRelationField,
    bounds: Bounds,
    node: CompareNode | RangeNode,
    words: readonly SearchValue[],
  ): string {
    if (this.#wasText(field)) return 'FALSE';
    return fieldBetween(field, bounds, this.#scope) ?? this.#asWords(field, node, words);
  }

  /** Text of a field that is a number now answers `=` only. @see sls-logstore.md §1.9 */
  #wasText(field: LogRelationField): boolean {
    return field.type === 'text' && findField(this.#current, field.name)?.type !== 'text';
  }

  /** A range that cannot be one is no error but a search for its words. @see sls-logstore.md §1.9 */
  #asWords(field: LogRelationField, { span }: SearchNode, words: readonly SearchValue[]): string {
    const asked = words.filter((word) => hasTerms(word, this.#scope));
    const shown = words.map(({ text }) => `"${shownWord(text)}"`).join(', ');
    const cause =
      field.type === 'text'
        ? `${field.name} is a field of text: compare it with \`:\`, or index it as long or double`
        : `a bound is no ${field.type === 'ipv4' ? 'IPv4 address' : 'number'}, as ${field.name} holds`;
    this.#scope.note(`The range was searched as the words ${shown}, as ${cause}.`, span);
    return `(${asked.map((word) => fullTextWord(word, this.#scope)).join(' AND ')})`;
  }

  #phrase(node: PhraseNode): string {
    if (node.value.text === '') {
      const message = 'A phrase has something between its quotes; an empty value is found with `field:""`.';
      return this.#scope.refuse(searchError('QUERY_SYNTAX', { message, span: node.span }));
    }
    if (node.field === null) return fullTextPhrase(node.value, this.#scope);
    return this.#withField(node.field, node.span, (field) => {
      if (field.type !== 'text') return matchField(field, node.value, this.#scope);
      return phraseCondition(field.expression, patternOf(node.value), optionsOf(field), this.#scope);
    });
  }
}

/** What stands for itself where a range is searched as words. */
function written(text: string, span: Span): SearchValue {
  return { text, quoted: true, span };
}

function quotedName(name: string): string {
  return /^[\w.]+$/u.test(name) ? name : `"${name.replaceAll('"', '\\"')}"`;
}

/**
 * A search as an SQL condition over the physical row, true for exactly the entries it finds, never for those where it
 * is undecided: `not field:value` includes entries without the field. Values are appended to `params` and stand in
 * the text only as `$n`, counted from the parameters already there; integers as bigint.
 *
 * @param root a tree without `error` nodes
 * @param notes is given what is not wrong and yet may surprise
 * @param console where the caps of the console hold
 * @throws AppError QUERY_UNKNOWN_FIELD with the indexed fields
 * @throws AppError QUERY_WRONG_TYPE when a value does not fit its field's type
 * @throws AppError QUERY_UNSUPPORTED for words where there is no index of text
 */
export function compileSearch(
  root: SearchNode,
  relation: Pick<LogRelation, 'fields' | 'line' | 'beside' | 'olderIndexes'>,
  params: SqlParam[],
  notes: SearchNote[] = [],
  console?: SearchScope['console'],
): string {
  const limits = { beside: relation.beside, ...(console === undefined ? {} : { console }) };
  const bind = bindInto(params);
  const current: SearchScope = {
    ...limits,
    index: relation,
    bind,
    note: (text, span) => notes.push({ text, span }),
    refuse: (error) => {
      throw error;
    },
  };
  const older = relation.olderIndexes ?? [];
  const newest = new SearchCompiler(current, relation).condition(root);
  if (older.length === 0) return newest;
  const conditions = older.map((index) => {
    const scope: SearchScope = { ...limits, index, bind, note: () => undefined, refuse: () => 'FALSE' };
    return index.fields.length === 0 && index.line === undefined
      ? 'FALSE'
      : new SearchCompiler(scope, relation).condition(root);
  });
  return byGeneration(
    conditions,
    newest,
    older.map(({ untilRun }) => untilRun),
  );
}

/** Each condition for the runs of its index; those that are never true are left out. */
function byGeneration(older: readonly string[], newest: string, untilRuns: readonly number[]): string {
  const last = untilRuns.at(-1) ?? 0;
  const parts = older.flatMap((condition, at) => {
    if (condition === 'FALSE') return [];
    const after = at === 0 ? '' : `entry.run_id > ${untilRuns[at - 1] ?? 0} AND `;
    return [`(${after}entry.run_id <= ${untilRuns[at] ?? 0} AND ${condition})`];
  });
  return `(${[...parts, `(entry.run_id > ${last} AND ${newest})`].join(' OR ')})`;
}
