import { describe, expect, test } from 'vitest';
import type { SearchNode } from '../../../src-main/query/search-ast';
import { parseSearch } from '../../../src-main/query/search-parser';

/** The tree as one line, so that a row of a table shows it whole. */
function shown(node: SearchNode): string {
  switch (node.kind) {
    case 'all':
      return '*';
    case 'word':
      return `word(${node.value.text})`;
    case 'phrase':
      return `${node.field === null ? '' : `${node.field.text}:`}phrase(${node.value.text})`;
    case 'exists':
      return `${node.field.text}?`;
    case 'match':
      return `${node.field.text}:${node.value.text}`;
    case 'compare':
      return `${node.field.text}${node.operator}${node.value.text}`;
    case 'range':
      return `${node.field.text}${node.lowIncluded ? '[' : '('}${node.low.text} ${node.high.text}${node.highIncluded ? ']' : ')'}`;
    case 'and':
    case 'or':
      return `(${node.operands.map(shown).join(node.kind === 'and' ? ' & ' : ' | ')})`;
    case 'not':
      return `!${shown(node.operand)}`;
    case 'error':
      return '#';
  }
}

describe('a search is read as', () => {
  test.each([
    { name: 'everything when empty', text: '', tree: '*' },
    { name: 'everything when blank', text: ' \t\n', tree: '*' },
    { name: 'everything for a star', text: ' * ', tree: '*' },
    { name: 'a field', text: 'a:1', tree: 'a:1' },
    { name: 'a field with spaces around the colon', text: 'a : 1', tree: 'a:1' },
    { name: 'a quoted key and value with escapes', text: '"a b":"x \\"y\\" (or) | \\z"', tree: 'a b:x "y" (or) | \\z' },
    { name: 'an empty value', text: 'a:""', tree: 'a:' },
    { name: 'existence', text: 'a:*', tree: 'a?' },
    { name: 'a literal star', text: 'a:"*"', tree: 'a:*' },
    { name: 'comparisons', text: 'a>1 b >= -2 c<3 d <=4 e=5', tree: '(a>1 & b>=-2 & c<3 & d<=4 & e=5)' },
    { name: 'and by juxtaposition', text: 'a:1 b:2 and c:3 AND d:4', tree: '(a:1 & b:2 & c:3 & d:4)' },
    { name: 'and before or', text: 'a:1 or b:2 and c:3 OR d:4', tree: '(a:1 | (b:2 & c:3) | d:4)' },
    { name: 'or before juxtaposition loses too', text: 'a:1 b:2 or c:3 d:4', tree: '((a:1 & b:2) | (c:3 & d:4))' },
    { name: 'not of one condition', text: 'not a:1 and b:2', tree: '(!a:1 & b:2)' },
    { name: 'not as minus', text: 'a:1 not b:2 or c:3', tree: '((a:1 & !b:2) | c:3)' },
    { name: 'not of not', text: 'Not nOT a:1', tree: '!!a:1' },
    { name: 'not of parentheses', text: 'not (a:1 or b:2) c:3', tree: '(!(a:1 | b:2) & c:3)' },
    { name: 'parentheses kept apart', text: '(a:1 or b:2) and (c:3)', tree: '((a:1 | b:2) & c:3)' },
    { name: 'parentheses without spaces', text: '(a:1)or(b:2)', tree: '(a:1 | b:2)' },
    { name: 'ranges', text: 'a in [1 10) and not b in (2 3]', tree: '(a[1 10) & !b(2 3])' },
    { name: 'phrases', text: '#"a b" and c:#"d e"', tree: '(phrase(a b) & c:phrase(d e))' },
    { name: 'words of full text', text: 'GET "and" cn* IN', tree: '(word(GET) & word(and) & word(cn*) & word(IN))' },
    {
      name: 'an address, a date and an ID as one word',
      text: 'a:10.0.0.1 b:2026-01-01 c:ngw-1_2',
      tree: '(a:10.0.0.1 & b:2026-01-01 & c:ngw-1_2)',
    },
    { name: 'a hash that begins no phrase as a letter', text: 'a:#1', tree: 'a:#1' },
    { name: 'select as a key', text: 'select:1', tree: 'select:1' },
    { name: 'a tag', text: '__tag__:__path__:/a/b', tree: '__tag__:__path__:/a/b' },
    { name: 'a tag with spaces and quotes', text: '__TAG__ : "a b" : x', tree: '__tag__:a b:x' },
    { name: 'a tag that is there', text: 'not __tag__:a:* b:1', tree: '(!__tag__:a? & b:1)' },
    { name: 'a tag in quotes', text: '"__tag__:a":1', tree: '__tag__:a:1' },
    { name: 'the key of tags alone', text: '__tag__:a b:1', tree: '(__tag__:a & b:1)' },
    { name: 'a phrase in a tag', text: '__tag__:a:#"b c"', tree: '__tag__:a:phrase(b c)' },
    {
      name: 'reserved words in quotes',
      text: '"limit" "group by" group',
      tree: '(word(limit) & word(group by) & word(group))',
    },
    { name: 'reserved words as keys and values', text: 'limit:max', tree: 'limit:max' },
    { name: 'networks, lists and ranges as one word', text: 'a:10.0.0.0/8 b:1,2-3', tree: '(a:10.0.0.0/8 & b:1,2-3)' },
    { name: 'single quotes as letters', text: "a:'x'", tree: "a:'x'" },
    { name: 'an escaped quote in a word, as the vendor writes it', text: 'id:nginx\\"01\\"', tree: 'id:nginx"01"' },
    { name: 'an escaped quote at both ends of a word', text: '\\"a\\" b', tree: '(word("a") & word(b))' },
    { name: 'a backslash as a letter', text: 'a:"\\d" b\\c', tree: '(a:\\d & word(b\\c))' },
  ])('$name: $text', ({ text, tree }) => {
    const { root, errors } = parseSearch(text);
    expect({ tree: shown(root), errors }).toEqual({ tree, errors: [] });
  });
});

describe('an error tells what the vendor says and how to mend the text:', () => {
  const SYNTAX =
    /^ErrorType:QueryParseError\.ErrorMessage:syntax error error position is from column:\d+ to column:\d+,error near < .* >$/u;
  test.each([
    { text: 'or b:2', vendor: SYNTAX, mended: '"or" b:2' },
    { text: 'a:and b:2', vendor: SYNTAX, mended: 'a:"and" b:2' },
    { text: 'a:x:y=1 b:2', vendor: SYNTAX, mended: 'a:"x:y=1" b:2' },
    { text: '(a:1 or b:2', vendor: SYNTAX, mended: '(a:1 or b:2)' },
    { text: 'a:1) b:2', vendor: SYNTAX, mended: 'a:1 b:2' },
    { text: 'a:1 () b:2', vendor: SYNTAX, mended: 'a:1  b:2' },
    { text: 'a:1 b:"x y', vendor: 'unclosed string quote', mended: 'a:1 b:"x y"' },
    { text: 'a in [1,10]', vendor: SYNTAX, mended: 'a in [1 10]' },
    { text: 'a in [1, 10) b:2', vendor: SYNTAX, mended: 'a in [1 10) b:2' },
    { text: 'a in [1 10', vendor: SYNTAX, mended: 'a in [1 10]' },
    { text: 'a:1 limit 10', vendor: SYNTAX, mended: 'a:1 "limit" 10' },
    { text: 'a:(x or "y z" not w) b:2', vendor: SYNTAX, mended: '(a:x or a:"y z" not a:w) b:2' },
    { text: 'select 1', vendor: 'sql query must follow search query,please read syntax doc', mended: '* | select 1' },
  ])('$text', ({ text, vendor, mended }) => {
    const [error] = parseSearch(text).errors;
    const { span, text: inserted } = error!.fix!;
    expect(error!.vendorText).toEqual(typeof vendor === 'string' ? vendor : expect.stringMatching(vendor));
    expect(text.slice(0, span.start) + inserted + text.slice(span.end)).toBe(mended);
  });

  test('the columns of the vendor are those of the span', () => {
    expect(parseSearch('a:1 b:x:y').errors[0]).toMatchObject({
      vendorText:
        'ErrorType:QueryParseError.ErrorMessage:syntax error error position is from column:7 to column:8,error near < : >',
      span: { start: 7, end: 8 },
    });
  });

  test('group before by is reserved, as SQL without its bar', () => {
    const [error] = parseSearch('a:1 group by b').errors;
    expect(error).toMatchObject({ message: expect.stringContaining('behind `|`'), span: { start: 4, end: 9 } });
  });
});

describe('what the vendor lacks is marked:', () => {
  test.each([
    { text: 'a:*x *y ?', marks: ['leading_wildcard *x', 'leading_wildcard *y', 'leading_wildcard ?'] },
    { text: 'a:x* b:* * "*x"', marks: [] },
    { text: '#"a b" and a:#"c"', marks: [] },
    { text: 'not a:#"b" or #"c"', marks: ['phrase a:#"b"', 'phrase #"c"'] },
    { text: 'a:10.0.0.0/8 b:"10.0.0.0/33"', marks: ['network 10.0.0.0/8'] },
    { text: 'a:80,443 b:10-20 c:2026-01-01', marks: ['list 80,443', 'list 10-20'] },
    { text: 'a:10.0.0.1-10.0.0.9,10.1.*', marks: ['list 10.0.0.1-10.0.0.9,10.1.*'] },
    { text: 'a > 10.0.0.1 and a in [1 2]', marks: ['address_range 10.0.0.1'] },
  ])('$text', ({ text, marks }) => {
    const { extensions, errors } = parseSearch(text);
    expect(errors).toEqual([]);
    expect(extensions.map(({ kind, span }) => `${kind} ${text.slice(span.start, span.end)}`)).toEqual(marks);
  });
});

test('every node has the span of its text', () => {
  const text = ' (a:1  or "b":"\\"") not c >= 2';
  const { root } = parseSearch(text);
  const spans: string[] = [];
  const visit = (node: SearchNode): void => {
    spans.push(text.slice(node.span.start, node.span.end));
    if (node.kind === 'and' || node.kind === 'or') node.operands.forEach(visit);
    if (node.kind === 'not') visit(node.operand);
  };
  visit(root);
  expect(spans).toEqual([
    ...['(a:1  or "b":"\\"") not c >= 2', '(a:1  or "b":"\\"")', 'a:1', '"b":"\\""', 'not c >= 2', 'c >= 2'],
  ]);
});

describe('reading goes on after an error:', () => {
  test.each([
    { name: 'a missing value', text: 'a: and b:2', tree: '(# & b:2)', at: ['and'] },
    { name: 'a missing value at the end', text: 'b:2 a:', tree: '(b:2 & #)', at: [':'] },
    { name: 'a missing left side', text: 'or b:2', tree: '(# | b:2)', at: ['or'] },
    { name: 'a missing right side', text: 'b:2 and', tree: '(b:2 & #)', at: [''] },
    { name: 'two operators', text: 'a:1 and or b:2', tree: '((a:1 & #) | b:2)', at: ['or'] },
    { name: 'a parenthesis never closed', text: '(a:1 or b:2', tree: '(a:1 | b:2)', at: ['('] },
    { name: 'a parenthesis never opened', text: 'a:1) b:2', tree: '(a:1 & b:2)', at: [')'] },
    { name: 'empty parentheses', text: 'a:1 () b:2', tree: '(a:1 & # & b:2)', at: ['()'] },
    { name: 'a quote never closed', text: 'a:1 b:"x y', tree: '(a:1 & b:x y)', at: ['"x y'] },
    { name: 'a colon in a value', text: 'a:x:y b:2', tree: '(a:x & b:2)', at: [':'] },
    { name: 'an operator without a key', text: ':1 b:2', tree: '(# & word(1) & b:2)', at: [':'] },
    { name: 'a range with one bound', text: 'a in [1] b:2', tree: '(# & b:2)', at: ['a in [1]'] },
    { name: 'a range never closed', text: 'a in [1 2', tree: '#', at: ['a in [1 2'] },
    { name: 'a reserved word', text: 'a:1 MAX b:2', tree: '(a:1 & # & b:2)', at: ['MAX'] },
    { name: 'a tag without a value', text: '__tag__:a: b:1', tree: '__tag__:a:b', at: [':'] },
    { name: 'values in parentheses', text: 'a:(x or y) b:2', tree: '(# & b:2)', at: ['('] },
    { name: 'several at once, in order', text: ') a: or (b:', tree: '(# | #)', at: [')', 'or', '(', ':'] },
  ])('$name: $text', ({ text, tree, at }) => {
    const { root, errors } = parseSearch(text);
    const spans = errors.map(({ span }) => text.slice(span.start, span.end));
    expect({ tree: shown(root), spans }).toEqual({ tree, spans: at });
    expect(errors.every(({ message }) => /expected|unexpected|not supported/iu.test(message))).toBe(true);
  });
});

test.each(['(', 'not '])('deep nesting of %j is an error and does not exhaust the stack', (opening) => {
  const { errors } = parseSearch(`${opening.repeat(100_000)}a:1`);
  expect(errors.map(({ message }) => message)).toEqual(['Conditions are nested more than 200 deep.']);
});

test('a hundred thousand conditions side by side are read in one list', () => {
  const { root, errors } = parseSearch('a:1 '.repeat(100_000));
  expect(errors).toEqual([]);
  expect(root.kind === 'and' && root.operands.length).toBe(100_000);
});
