import type { LogRelationField, LogRelationLine } from './log-relation';
import type { SearchValue, Span } from './search-ast';
import { parseAddressTerm } from './search-addresses';
import { searchError } from './search-errors';
import { addressesSql } from './search-field';
import { fullTextOf, optionsOf, type FullText } from './search-index';
import type { SearchScope } from './search-scope';
import { fitsTerm, isWildPattern, patternOf, patternText, termsOf, type TermPattern } from './search-terms';
import { phraseCondition, termsCondition } from './search-text';
import { shownWord } from './shown-word';

const anyOf = (conditions: readonly string[]): string => {
  if (conditions.length === 0) return 'FALSE';
  return conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(' OR ')})`;
};

type LineField = LogRelationLine['fields'][number];

/** The index of its own that a field of the full text has, which goes before that of the full text. */
function ownField({ index }: SearchScope, { name }: LineField): LogRelationField | undefined {
  return index.fields.find((field) => field.name === name);
}

/** An address is one term of text here, so that networks and lists need its field. */
function addressPiece(field: LogRelationField, piece: TermPattern, { bind }: SearchScope): string[] {
  const set = parseAddressTerm(patternText(piece), isWildPattern(piece));
  return set === null ? [] : [addressesSql(field.expression, [set], bind)];
}

/** A piece of a word in the value of one field: no condition where it cannot be. */
function pieceInField(field: LineField, piece: TermPattern, line: LogRelationLine, scope: SearchScope): string[] {
  const own = ownField(scope, field);
  if (own?.type === 'long' || own?.type === 'double') return [];
  if (own?.type === 'ipv4') return addressPiece(own, piece, scope);
  const options = own === undefined ? line : optionsOf(own);
  const condition = termsCondition((own ?? field).expression, piece, options, scope);
  return condition === null ? [] : [condition];
}

function pieceAnywhere(piece: TermPattern, { line, keys }: FullText, scope: SearchScope): string {
  const inValues = line.fields.flatMap((field) => pieceInField(field, piece, line, scope));
  const named = keys.filter(({ name }) =>
    termsOf(literal(name), line).some((term) => fitsTerm(piece, patternText(term), line)),
  );
  return anyOf([...inValues, ...named.map(({ expression }) => `(${expression}) IS NOT NULL`)]);
}

function literal(text: string): TermPattern {
  return Array.from(text, (character) => ({ character, isWild: false }));
}

/** A word that the full text cuts, uncut in the fields that cut elsewhere. */
function wholeInFields(word: TermPattern, { line }: FullText, scope: SearchScope): string[] {
  return line.fields.flatMap((field) => {
    const own = ownField(scope, field);
    return own?.type === 'text' || own?.type === 'ipv4' ? pieceInField(field, word, line, scope) : [];
  });
}

function noFullText(span: Span, scope: SearchScope): string {
  const message =
    'Words without a field need a full-text index or a field of text, and the Logstore has neither: name a field, as in `field:value`.';
  return scope.refuse(searchError('QUERY_UNSUPPORTED', { message, span }, { construct: 'full text' }));
}

/**
 * A word without a field: each piece that the full-text index cuts it into must be in a value, or in the name of a field
 * that the entry has. A field with an index of its own is searched as that says, and for the whole word too.
 * @see sls-logstore.md §1.4
 */
export function fullTextWord(value: SearchValue, scope: SearchScope): string {
  const fullText = fullTextOf(scope.index);
  if (fullText === null) return noFullText(value.span, scope);
  const word = patternOf(value);
  const pieces = termsOf(word, fullText.line);
  if (pieces.length === 0) return wordWithoutTerms(value, scope);
  const conditions = pieces.map((piece) => pieceAnywhere(piece, fullText, scope));
  const everywhere = conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(' AND ')})`;
  const isCut = pieces.length > 1 || patternText(pieces[0] ?? []) !== value.text;
  return isCut ? anyOf([everywhere, ...wholeInFields(word, fullText, scope)]) : everywhere;
}

function wordWithoutTerms({ text, span }: SearchValue, scope: SearchScope): string {
  const shown = shownWord(text);
  const remedy = text === '' ? 'ask for one, as in `field:""`' : `search the phrase \`#"${shown}"\``;
  const message = `"${shown}" has only delimiters, and so no term: ${remedy}.`;
  const fix = text === '' ? undefined : { span, text: `#"${text.replaceAll('"', '\\"')}"` };
  return scope.refuse(searchError('QUERY_WRONG_TYPE', { message, span, fix }));
}

/** Whether a word asks for anything where its delimiters are left out. */
export function hasTerms(value: SearchValue, scope: SearchScope): boolean {
  const fullText = fullTextOf(scope.index);
  return fullText === null || termsOf(patternOf(value), fullText.line).length > 0;
}

/** A phrase without a field: the value of one field has it whole. @see sls-logstore.md §1.7 */
export function fullTextPhrase(value: SearchValue, scope: SearchScope): string {
  const fullText = fullTextOf(scope.index);
  if (fullText === null) return noFullText(value.span, scope);
  const phrase = patternOf(value);
  const conditions = fullText.line.fields.flatMap((field) => {
    const own = ownField(scope, field);
    if (own?.type === 'long' || own?.type === 'double') return [];
    if (own?.type === 'ipv4') return addressPiece(own, phrase, scope);
    const options = own === undefined ? fullText.line : optionsOf(own);
    return [phraseCondition((own ?? field).expression, phrase, options, scope)];
  });
  return anyOf(conditions);
}
