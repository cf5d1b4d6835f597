import { CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QueryRequest } from '../../../src-main/contract/query';
import { SESSION_LOG_FIELDS } from '../../../src-main/contract/log-entry';
import {
  leadsOn,
  queryCompletions,
  type QueryKnowledge,
} from '../../../src-renderer/features/logstore/query-completion';
import { QueryHelp } from '../../../src-renderer/features/logstore/query-help';
import { placeInQuery } from '../../../src-renderer/features/logstore/query-place';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { FakeEngine, SNAPSHOT, failed, ok, settled } from './fake-engine';

const SEARCHED: QueryRequest = {
  ...{ project: 'local', logstore: 'session-log', text: 'protocol:6', from: '600', to: '1200', zone: 'UTC' },
  ...{ limit: null, offset: 0, reverse: true, snapshot: SNAPSHOT },
};
const FUNCTIONS = [
  { name: 'count', kind: 'aggregate' },
  { name: 'row_number', kind: 'window' },
];

function open(searched: QueryRequest | null = SEARCHED): { engine: FakeEngine; knowledge: QueryKnowledge } {
  const engine = new FakeEngine();
  const own = ['a "b"', 'order'].map((name) => ({ name, type: 'text', meaning: '' }) as const);
  const fields = [...SESSION_LOG_FIELDS, ...own];
  return { engine, knowledge: { help: new QueryHelp(engine), fields: () => fields, searched: () => searched } };
}

/** @param written has `^` where the caret is */
function contextAt(written: string, isExplicit = false): CompletionContext {
  const doc = written.replace('^', '');
  return new CompletionContext(EditorState.create({ doc }), written.indexOf('^'), isExplicit);
}

async function complete(written: string, isExplicit = false): Promise<CompletionResult | null> {
  const { engine, knowledge } = open();
  const result = queryCompletions(knowledge)(contextAt(written, isExplicit));
  await settled();
  for (const call of engine.asked) {
    const top = [
      { value: '443', entries: 98 },
      { value: 'x "y"', entries: 1 },
      { value: '${x}', entries: 1 },
      { value: 'C:\\', entries: 1 },
    ];
    await call.answer(ok(call.name === 'field:read' ? { top } : { functions: FUNCTIONS }));
  }
  return result;
}

/** The query with the option of that label. */
function accepted(written: string, result: CompletionResult | null, label: string): string {
  const option = result?.options.find((each) => each.label === label);
  if (result == null || option === undefined) return `no ${label}`;
  const text = written.replace('^', '');
  return text.slice(0, result.from) + String(option.apply) + text.slice(result.to ?? written.indexOf('^'));
}

describe('what is accepted', () => {
  test.each([
    { name: 'a field, with what its value follows', at: 'pro^', label: 'protocol', after: 'protocol:' },
    { name: 'a field before its operator', at: 'pr^ot > 5', label: 'protocol', after: 'protocol > 5' },
    {
      name: 'a field in the place of a whole word',
      at: 'a:1 and (p^rix)',
      label: 'pri_ip',
      after: 'a:1 and (pri_ip:)',
    },
    { name: 'a field that needs quotes', at: 'a^', label: 'a "b"', after: '"a \\"b\\"":' },
    { name: 'not, where a condition begins', at: 'n^', label: 'not', after: 'not ' },
    { name: 'and, behind a condition', at: 'a:1 a^', label: 'and', after: 'a:1 and ' },
    { name: 'no and at the beginning', at: 'a^', label: 'and', after: 'no and' },
    { name: 'a value', at: 'pub_port:^', label: '443', after: 'pub_port:443' },
    { name: 'a value of a comparison, half written', at: 'pub_port >= 4^', label: '443', after: 'pub_port >= 443' },
    { name: 'a value that needs quotes', at: 'instance:x^ or a', label: 'x "y"', after: 'instance:"x \\"y\\"" or a' },
    { name: 'a value whose quote is open', at: 'instance:"x^', label: 'x "y"', after: 'instance:"x \\"y\\""' },
    { name: 'a value that is no variable', at: 'instance:^', label: '${x}', after: 'instance:"$${x}"' },
    { name: 'one in an open quote', at: 'instance:"^', label: '${x}', after: 'instance:"$${x}"' },
    {
      name: 'one of the statement',
      at: "* | select 1 where instance = '^",
      label: '${x}',
      after: `* | select 1 where instance = '$\${x}'`,
    },
    { name: 'none that would not end its quote', at: 'instance:"^', label: 'C:\\', after: 'no C:\\' },
    { name: 'a field that is a keyword', at: '* | select 1, ord^', label: 'order', after: '* | select 1, "order"' },
    { name: 'a field of the statement', at: '* | select pri^', label: 'pri_ip', after: '* | select pri_ip' },
    { name: 'a quoted field of the statement', at: '* | select a^', label: 'a "b"', after: '* | select "a ""b"""' },
    { name: 'a function', at: '* | select cou^', label: 'count', after: '* | select count(' },
    {
      name: 'a value of the statement',
      at: "* | select 1 where instance = '^",
      label: 'x "y"',
      after: `* | select 1 where instance = 'x "y"'`,
    },
    {
      name: 'a value whose quote is closed',
      at: "* | select 1 where pri_ip<>'4^' and 1",
      label: '443',
      after: "* | select 1 where pri_ip<>'443' and 1",
    },
    {
      name: 'a further value of a list',
      at: `* | select 1 where "a ""b""" NOT IN ('it''s', '4^`,
      label: '443',
      after: `* | select 1 where "a ""b""" NOT IN ('it''s', '443'`,
    },
    { name: 'a keyword as it was begun', at: '* | sel^', label: 'select', after: '* | select' },
    { name: 'a keyword in capitals', at: '* | S^', label: 'SELECT', after: '* | SELECT' },
  ])('$name', async ({ at, label, after }) => {
    expect(accepted(at, await complete(at), label)).toBe(after);
  });

  test('a field leads on to its values, and a function to nothing', async () => {
    const { options = [] } = (await complete('pro^')) ?? {};
    expect(options.filter(leadsOn)).toHaveLength(SESSION_LOG_FIELDS.length + 2);
    const { options: called = [] } = (await complete('* | select cou^')) ?? {};
    expect(called.filter(leadsOn)).toEqual([]);
  });
});

describe('the list', () => {
  test.each([
    '^',
    'a:1 ^',
    'a:1 and ^',
    '* | ^',
    '* | select 1^',
    "* | select 'x^",
    "* | select 1 where pri_ip = 'x'^",
    "* | select 1 where lower(instance) = '^",
    '* | select 1 -- c^',
    '* | /* c^',
    '* | select 1 as n^',
  ])('does not open by itself at %s', async (at) => {
    expect(await complete(at)).toBeNull();
  });

  test('opens where it is asked for, with what the place allows', async () => {
    const labels = async (at: string): Promise<string[]> =>
      ((await complete(at, true))?.options ?? []).map(({ label }) => label);
    expect(await labels('^')).toContain('pri_ip');
    expect(await labels('a:1 ^')).toEqual(['and', 'or', 'not', '|']);
    expect(await labels('instance ^')).toEqual([':', 'and', 'or', 'not', '|']);
    expect(await labels('pub_port ^')).toEqual([':', '=', '>', '>=', '<', '<=', 'in', 'and', 'or', 'not', '|']);
    expect(await labels('* | ^')).toContain('SELECT');
    expect(await labels("* | select 'x^")).toEqual([]);
  });

  test('says what an option is', async () => {
    const field = (await complete('pri_i^'))?.options.find(({ label }) => label === 'pri_ip');
    expect(field?.detail).toBe('source address in the VPC');
    const [value, other] = (await complete('pub_port:^'))?.options ?? [];
    expect([value?.detail, other?.detail]).toEqual(['98 entries', '1 entry']);
    const functions = (await complete('* | select c^'))?.options ?? [];
    expect(functions.find(({ label }) => label === 'count')?.detail).toBe('aggregate function');
  });

  test('shows the beginning of a value as long as a page, and writes all of it', async () => {
    const { engine, knowledge } = open();
    const result = queryCompletions(knowledge)(contextAt('instance:^'));
    await settled();
    await engine.last('field:read').answer(ok({ top: [{ value: 'v'.repeat(5000), entries: 1 }] }));
    const [option] = (await result)?.options ?? [];
    expect(option?.displayLabel).toBe(`${'v'.repeat(80)}…`);
    expect(option?.apply).toBe('v'.repeat(5000));
  });
});

describe('values', () => {
  test('are of the range that was searched, asked once for a field and an answer', async () => {
    const { engine, knowledge } = open();
    const { help } = knowledge;
    const never = (): void => undefined;
    const first = help.values(SEARCHED, 'pub_port', never);
    await engine.last('field:read').answer(ok({ top: [{ value: '443', entries: 98 }] }));
    expect(await first).toEqual([{ value: '443', entries: 98 }]);
    expect(await help.values(SEARCHED, 'pub_port', never)).toEqual(await first);
    const { project, logstore, from, to, zone, snapshot } = SEARCHED;
    const request = { project, logstore, from, to, zone, snapshot, text: '*', field: 'pub_port' };
    expect(engine.asked.map(({ request: asked }) => asked)).toEqual([request]);
    void help.values({ ...SEARCHED }, 'pub_port', never);
    expect(engine.asked).toHaveLength(2);
  });

  test('are not counted any further when the caret leaves, and asked for again when it returns', async () => {
    const { engine, knowledge } = open();
    let cancel = (): void => undefined;
    const ask = (): Promise<unknown> =>
      knowledge.help.values(SEARCHED, 'pub_port', (end) => {
        cancel = end;
      });
    void ask();
    cancel();
    expect(engine.asked[0]?.isCancelled).toBe(true);
    void ask();
    expect(engine.asked).toHaveLength(2);
    await engine.asked[1]?.answer(ok({ top: [] }));
    cancel();
    expect(engine.asked[1]?.isCancelled).toBe(false);
    await ask();
    expect(engine.asked).toHaveLength(2);
  });

  test('are none before the first answer, nor where they cannot be read', async () => {
    const { engine, knowledge } = open(null);
    expect(await queryCompletions(knowledge)(contextAt('pub_port:^'))).toBeNull();
    expect(engine.asked).toEqual([]);
    const values = knowledge.help.values(SEARCHED, 'pub_port', () => undefined);
    await engine.last('field:read').answer(failed('INTERNAL'));
    expect(await values).toEqual([]);
  });
});

test('functions are asked for once, and again where there was no answer', async () => {
  const { engine, knowledge } = open();
  const none = knowledge.help.functions();
  await engine.last('dialect:read').answer(failed('ENGINE_GONE'));
  expect(await none).toEqual([]);
  const known = knowledge.help.functions();
  await engine.last('dialect:read').answer(ok({ functions: FUNCTIONS }));
  expect(await known).toEqual(FUNCTIONS);
  expect(await knowledge.help.functions()).toEqual(FUNCTIONS);
  expect(engine.asked).toHaveLength(2);
});

test('at any place of any query, what is replaced lies around the caret', () => {
  const query = fc.string({ unit: fc.constantFrom(...Array.from('ab1 \n":|()\'-*/=<>.#[]')) });
  fc.assert(
    fc.property(query, fc.nat(30), (text, at) => {
      const position = Math.min(at, text.length);
      const place = placeInQuery(text, position);
      if (place === null) return;
      expect(place.from <= position && position <= place.to && place.to <= text.length).toBe(true);
      expect(place.written).toBe(text.slice(place.from, position));
    }),
    { numRuns: PROPERTY_RUNS * 4 },
  );
});
