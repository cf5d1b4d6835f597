import { AppError } from '../contract/errors';
import type { LogRelationField, SqlParam } from './log-relation';
import { shownWord } from './shown-word';
import { hasWildcard, type SearchNode, type SearchValue, type Span } from './search-ast';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const place = (span: Span): { position: number; length: number } => ({
  position: span.start,
  length: span.end - span.start,
});

function unsupported(construct: string, remedy: string, span: Span): AppError {
  const message = `${construct} at position ${span.start} cannot be searched in this version: ${remedy}`;
  return new AppError('QUERY_UNSUPPORTED', message, { construct, ...place(span) });
}

function wrongType(field: LogRelationField, value: SearchValue, sentence: string): AppError {
  const detail = { field: field.name, type: field.type, value: shownWord(value.text), ...place(value.span) };
  return new AppError('QUERY_WRONG_TYPE', sentence, detail);
}

/** @returns the address in host order, or null for anything but four decimal octets without leading zeros */
function parseIpv4(text: string): bigint | null {
  if (!/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/u.test(text)) return null;
  const octets = text.split('.').map(BigInt);
  if (octets.some((octet) => octet > 255n)) return null;
  return octets.reduce((address, octet) => address * 256n + octet, 0n);
}

function parseLong(field: LogRelationField, value: SearchValue): bigint {
  if (!/^[+-]?\d+$/u.test(value.text)) {
    throw wrongType(field, value, `"${shownWord(value.text)}" is no integer, and ${field.name} is a long field.`);
  }
  const number = BigInt(value.text.replace(/^\+/u, ''));
  if (number < INT64_MIN || number > INT64_MAX) {
    throw wrongType(field, value, `${shownWord(value.text)} does not fit the 64 bits of the long field ${field.name}.`);
  }
  return number;
}

class SearchCompiler {
  readonly #fields: readonly LogRelationField[];
  readonly #params: SqlParam[];

  constructor(fields: readonly LogRelationField[], params: SqlParam[]) {
    this.#fields = fields;
    this.#params = params;
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
        return `(${this.#field(node.field).expression}) IS NOT NULL`;
      case 'match':
        return this.#match(this.#field(node.field), node.value);
      case 'compare':
        return this.#compare(this.#field(node.field), node.operator, node.value);
      case 'word':
        throw unsupported(`The word "${shownWord(node.value.text)}"`, 'name a field, as in `field:value`.', node.span);
      case 'phrase':
        throw unsupported('A phrase', 'drop the `#` to compare the whole value.', node.span);
      case 'range':
        throw unsupported('A range with `in`', 'use two comparisons, as in `f >= 1 and f <= 10`.', node.span);
      case 'error':
        throw new AppError('QUERY_SYNTAX', 'The search could not be read.', place(node.span));
    }
  }

  #field(key: SearchValue): LogRelationField {
    const wanted = key.text.toLowerCase();
    const field = this.#fields.find((candidate) => candidate.name.toLowerCase() === wanted);
    if (field !== undefined) return field;
    const known = this.#fields.map((candidate) => candidate.name).join(', ');
    const message = `"${shownWord(key.text)}" is not an indexed field; the Logstore has: ${known}.`;
    throw new AppError('QUERY_UNKNOWN_FIELD', message, {
      field: shownWord(key.text),
      fields: known,
      ...place(key.span),
    });
  }

  #match(field: LogRelationField, value: SearchValue): string {
    if (hasWildcard(value)) {
      throw unsupported(
        `The wildcard in "${shownWord(value.text)}"`,
        'write the whole value, or quote a literal one.',
        value.span,
      );
    }
    switch (field.type) {
      case 'long':
        // no stored number is the empty string; the vendor's way to ask for broken ones, @see sls-logstore.md §1.6
        if (value.quoted && value.text === '') return 'FALSE';
        return this.#long(field, '=', value);
      case 'ipv4':
        if (value.quoted && value.text === '') return 'FALSE';
        return this.#ipv4(field, value);
      case 'text':
        return this.#text(field, value);
    }
  }

  #compare(field: LogRelationField, operator: string, value: SearchValue): string {
    if (field.type === 'long') return this.#long(field, operator, value);
    throw wrongType(field, value, `\`${operator}\` compares numbers, and ${field.name} is text: use \`:\`.`);
  }

  #long(field: LogRelationField, operator: string, value: SearchValue): string {
    this.#params.push(parseLong(field, value));
    return `(${field.expression}) ${operator} CAST($${this.#params.length} AS BIGINT)`;
  }

  #ipv4(field: LogRelationField, value: SearchValue): string {
    const address = parseIpv4(value.text);
    if (address === null && /^[\d.]+\/\d+$/u.test(value.text)) {
      throw unsupported(`The network ${shownWord(value.text)}`, 'write single addresses.', value.span);
    }
    if (address === null) {
      throw wrongType(
        field,
        value,
        `"${shownWord(value.text)}" is no IPv4 address, and ${field.name} holds addresses.`,
      );
    }
    this.#params.push(address);
    return `(${field.expression}) = CAST($${this.#params.length} AS UINTEGER)`;
  }

  /** Text is compared whole and, as the index says by default, without regard to case. */
  #text(field: LogRelationField, value: SearchValue): string {
    const delimiter = field.token?.find((token) => value.text.includes(token));
    if (delimiter !== undefined) {
      const construct = `A value with the delimiter ${JSON.stringify(delimiter)}`;
      throw unsupported(
        construct,
        `${field.name} is cut into terms there, and only whole values are compared.`,
        value.span,
      );
    }
    this.#params.push(value.text);
    return `lower(${field.expression}) = lower(CAST($${this.#params.length} AS VARCHAR))`;
  }
}

/**
 * A search as an SQL condition over the physical row, true for exactly the entries it finds, never for those where it
 * is undecided: `not field:value` includes entries without the field. Values are appended to `params` and stand in
 * the text only as `$n`, counted from the parameters already there; integers as bigint.
 *
 * @param root a tree without `error` nodes
 * @throws AppError QUERY_UNKNOWN_FIELD with the indexed fields
 * @throws AppError QUERY_WRONG_TYPE when a value does not fit its field's type
 * @throws AppError QUERY_UNSUPPORTED for full-text words, phrases, ranges with `in`, wildcards and networks
 */
export function compileSearch(root: SearchNode, fields: readonly LogRelationField[], params: SqlParam[]): string {
  return new SearchCompiler(fields, params).condition(root);
}
