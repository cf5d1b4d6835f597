import { hasWildcard, type SearchExtension, type SearchNode, type SearchValue } from './search-ast';
import { isAddressText, isNetworkText } from './search-addresses';

const MESSAGES = {
  leading_wildcard:
    'A wildcard at the beginning of a word: "only support * or ? in the middle or end of the query" at the vendor.',
  phrase: 'A phrase outside of `and`, which has no effect at the vendor.',
  network: 'A network (CIDR) in a field of addresses, which the vendor searches as text and does not find.',
  list: 'A list or a range in a field of addresses or numbers, which the vendor does not know.',
  address_range: 'A comparison of addresses, which the vendor does only with numbers.',
} as const;

const LIST = /^[\d.+*?/-]+(?:,[\d.+*?/-]+)+$/u;
const NUMBER_RANGE = /^[+-]?\d+(?:\.\d+)?-[+-]?\d+(?:\.\d+)?$/u;

function isAddressRange(text: string): boolean {
  const [low, high, more] = text.split('-');
  return more === undefined && low !== undefined && high !== undefined && isAddressText(low) && isAddressText(high);
}

export function extensionOfValue({ text, span }: SearchValue): SearchExtension | null {
  if (LIST.test(text) || NUMBER_RANGE.test(text) || isAddressRange(text)) {
    return { kind: 'list', message: MESSAGES.list, span };
  }
  return isNetworkText(text) ? { kind: 'network', message: MESSAGES.network, span } : null;
}

export function extensionOfBounds(bounds: readonly SearchValue[]): SearchExtension | null {
  const address = bounds.find(({ text }) => isAddressText(text));
  return address === undefined ? null : { kind: 'address_range', message: MESSAGES.address_range, span: address.span };
}

function leadingWildcard(value: SearchValue): SearchExtension | null {
  const isLeading = hasWildcard(value) && /^[*?]/u.test(value.text);
  return isLeading ? { kind: 'leading_wildcard', message: MESSAGES.leading_wildcard, span: value.span } : null;
}

/**
 * Where a search goes beyond the vendor's language, in the order of the text.
 *
 * @param isInAnd false below an `or` or a `not`
 */
export function searchExtensions(node: SearchNode, isInAnd = true): readonly SearchExtension[] {
  const one = (extension: SearchExtension | null): readonly SearchExtension[] =>
    extension === null ? [] : [extension];
  switch (node.kind) {
    case 'and':
      return node.operands.flatMap((operand) => searchExtensions(operand, isInAnd));
    case 'or':
      return node.operands.flatMap((operand) => searchExtensions(operand, false));
    case 'not':
      return searchExtensions(node.operand, false);
    case 'phrase':
      return isInAnd ? [] : [{ kind: 'phrase', message: MESSAGES.phrase, span: node.span }];
    case 'word':
      return one(leadingWildcard(node.value));
    case 'match':
      return one(leadingWildcard(node.value) ?? extensionOfValue(node.value));
    case 'compare':
      return one(extensionOfBounds([node.value]));
    case 'range':
      return one(extensionOfBounds([node.low, node.high]));
    case 'all':
    case 'exists':
    case 'error':
      return [];
  }
}
