import fc from 'fast-check';
import { expect, test } from 'vitest';
import { completeSearch } from '../../../src-main/query/search-completion';
import { PROPERTY_RUNS } from '../../support/property-runs';

/** `|` is where the text cursor is. */
test.each([
  { text: '|', shown: 'condition "" replacing ""' },
  { text: 'sta|', shown: 'condition "sta" replacing "sta"' },
  { text: 'st|atus', shown: 'condition "st" replacing "status"' },
  { text: 'status:|', shown: 'value of status "" replacing ""' },
  { text: 'status : 2|00 a:1', shown: 'value of status "2" replacing "200"' },
  { text: 'status >= 2|', shown: 'value of status "2" replacing "2"' },
  { text: 'a:"x y|', shown: 'value of a "x y" replacing ""x y"' },
  { text: '"a b":|', shown: 'value of a b "" replacing ""' },
  { text: '__tag__:path:/a|', shown: 'value of __tag__:path "/a" replacing "/a"' },
  { text: '__tag__:pa|', shown: 'value of __tag__ "pa" replacing "pa"' },
  { text: 'a:1 |', shown: 'operator replacing ""' },
  { text: '(a:1) |', shown: 'operator replacing ""' },
  { text: 'a:1 an|', shown: 'condition "an" replacing "an"' },
  { text: 'a:1 and |', shown: 'condition "" replacing ""' },
  { text: 'a:1 or (|', shown: 'condition "" replacing ""' },
  { text: 'not |', shown: 'condition "" replacing ""' },
  { text: ':|', shown: 'condition "" replacing ""' },
])('at $text', ({ text, shown }) => {
  const position = text.indexOf('|');
  const search = text.replace('|', '');
  const completion = completeSearch(search, position);
  const { start, end } = completion.replaced;
  const field = completion.kind === 'value' ? ` of ${completion.field}` : '';
  const written = completion.kind === 'operator' ? '' : ` "${completion.written}"`;
  expect(`${completion.kind}${field}${written} replacing "${search.slice(start, end)}"`).toBe(shown);
});

test('at any place of any text there is something to write, in place of what is around it', () => {
  const search = fc.string({ unit: fc.constantFrom(...Array.from('ab:"#()[]<=> *\\é')) });
  fc.assert(
    fc.property(search, fc.nat(20), (text, at) => {
      const position = Math.min(at, text.length);
      const { start, end } = completeSearch(text, position).replaced;
      expect(start <= position && position <= end && end <= text.length).toBe(true);
    }),
    { numRuns: PROPERTY_RUNS * 4 },
  );
});
