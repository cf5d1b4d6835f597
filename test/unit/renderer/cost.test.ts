import { describe, expect, test } from 'vitest';
import type { CostReport, WindowCost } from '../../../src-main/contract/cost';
import { costRows, fieldRows, priceText, readMinutes, readPrice } from '../../../src-renderer/features/cost/cost-rows';
import { ALL_FIELDS, CostState, FULL_TEXT, NO_FIELDS } from '../../../src-renderer/features/cost/cost-state.svelte';
import { failed, FakeEngine, ok, settled } from './fake-engine';

const window = (windowSec: number, entries: number): WindowCost => ({
  windowSec,
  entries,
  fields: [
    { name: 'nat_ip', type: 'text', values: entries, textBytes: 20 * entries },
    { name: 'nat_port', type: 'long', values: entries, textBytes: 12 * entries },
  ],
});
const REPORT: CostReport = { run: 3, seconds: 3600, windows: [window(600, 100), window(1200, 60)] };
const UNPRICED = { write: null, index: null };
const PLACE = { project: 'lab', logstore: 'log' };

describe('what a session log would store', () => {
  test('is told by length of windows, and for a day of the same traffic', () => {
    expect(costRows(REPORT, ALL_FIELDS, UNPRICED)).toEqual([
      {
        ...{ windowSec: 600, entries: 100, rawBytes: 3200, indexedBytes: 2800 },
        day: { entries: 2400, rawBytes: 76_800, indexedBytes: 67_200, price: null },
      },
      {
        ...{ windowSec: 1200, entries: 60, rawBytes: 1920, indexedBytes: 1680 },
        day: { entries: 1440, rawBytes: 46_080, indexedBytes: 40_320, price: null },
      },
    ]);
  });

  test.each([
    { name: 'no field', index: NO_FIELDS, bytes: 0 },
    { name: 'full text, which has all of an entry once', index: FULL_TEXT, bytes: 3200 },
    { name: 'one number of 8 bytes', index: { fields: new Set(['nat_port']), hasFullText: false }, bytes: 800 },
  ])('depends on the index: $name', ({ index, bytes }) => {
    expect(costRows(REPORT, index, UNPRICED)[0]?.indexedBytes).toBe(bytes);
  });

  test('costs what the user said, and nothing for what has no price', () => {
    const day = (write: number | null, index: number | null) => costRows(REPORT, ALL_FIELDS, { write, index })[0]?.day;
    expect(day(1000, null)?.price).toBeCloseTo(0.0768);
    expect(day(1000, 500)?.price).toBeCloseTo(0.0768 + 0.0336);
    expect(day(0, null)?.price).toBe(0);
  });

  test('has no day where the capture has no length', () => {
    expect(costRows({ ...REPORT, seconds: null }, ALL_FIELDS, { write: 1, index: 1 })[0]?.day).toBeNull();
  });

  test('is told by field, and of full text only as a whole', () => {
    const [first] = REPORT.windows;
    if (first === undefined) throw new Error('there is none');
    expect(fieldRows(first, { fields: new Set(['nat_port']), hasFullText: false })).toEqual([
      { name: 'nat_ip', type: 'text', isIndexed: false, rawBytes: 2000, indexedBytes: 0 },
      { name: 'nat_port', type: 'long', isIndexed: true, rawBytes: 1200, indexedBytes: 800 },
    ]);
    expect(fieldRows(first, FULL_TEXT).map(({ indexedBytes }) => indexedBytes)).toEqual([null, null]);
  });
});

test.each([
  { text: '', price: null },
  { text: ' 0.35 ', price: 0.35 },
  { text: '0,35', price: 0.35 },
  { text: '.5', price: 0.5 },
  { text: '12', price: 12 },
  { text: '-1', price: undefined },
  { text: '1e3', price: undefined },
  { text: '1.2.3', price: undefined },
])('the price "$text" is $price', ({ text, price }) => {
  expect(readPrice(text)).toBe(price);
});

test.each([
  { text: '', minutes: null },
  { text: '30', minutes: 30 },
  { text: '1440', minutes: 1440 },
  { text: '1441', minutes: undefined },
  { text: '0', minutes: undefined },
  { text: '2.5', minutes: undefined },
])('"$text" minutes are $minutes', ({ text, minutes }) => {
  expect(readMinutes(text)).toBe(minutes);
});

test('money has as many digits as tell something', () => {
  expect([0, 0.00123, 0.5, 12.345, 1234.5].map(priceText)).toEqual(['0', '0.0012', '0.50', '12.35', '1235']);
});

describe('the view of it', () => {
  test('begins with the index of the Logstore, in whichever spelling', async () => {
    const engine = new FakeEngine();
    const cost = new CostState(engine);
    const opened = cost.open(3, PLACE, 100);
    expect(engine.last('cost:read').request).toEqual({ run: 3, windowSecs: [] });
    void engine.last('index:read').answer(ok({ config: { line: {}, keys: { intstance: {}, nat_ip: {} } } }));
    await engine.last('cost:read').answer(ok(REPORT));
    await opened;
    expect([...cost.index.fields]).toEqual(['instance', 'nat_ip']);
    expect(cost.index).toBe(cost.ownIndex);
    cost.setField('nat_ip', false);
    cost.setField('nat_port', true);
    expect([...cost.index.fields, cost.index.hasFullText]).toEqual(['instance', 'nat_port', false]);
    expect([...(cost.ownIndex?.fields ?? []), cost.ownIndex?.hasFullText]).toEqual(['instance', 'nat_ip', true]);
  });

  test('counts all fields where there is no index, and says what cannot be read', async () => {
    const engine = new FakeEngine();
    const cost = new CostState(engine);
    void cost.open(3, PLACE, 100);
    void engine.last('index:read').answer(ok({ config: null }));
    await engine.last('cost:read').answer(failed('INTERNAL'));
    await settled();
    expect(cost.error?.code).toBe('INTERNAL');
    void cost.open(3, PLACE, 100);
    void engine.last('index:read').answer(ok({ config: null }));
    await engine.last('cost:read').answer(ok(REPORT));
    await settled();
    expect([cost.error, cost.index, cost.report]).toEqual([null, ALL_FIELDS, REPORT]);
  });

  test('has another length of windows added to it, or says why not', async () => {
    const engine = new FakeEngine();
    const cost = new CostState(engine);
    void cost.open(3, PLACE, 100);
    void engine.last('index:read').answer(ok({ config: null }));
    await engine.last('cost:read').answer(ok(REPORT));
    await settled();
    const adding = cost.addWindow(900);
    expect(engine.last('cost:read').request).toEqual({ run: 3, windowSecs: [900] });
    await engine.last('cost:read').answer(failed('INTERNAL'));
    expect(await adding).toBe(false);
    expect([cost.refused?.code, cost.report]).toEqual(['INTERNAL', REPORT]);
    const again = cost.addWindow(1800);
    await engine.last('cost:read').answer(ok({ ...REPORT, windows: [window(1800, 50)] }));
    expect(await again).toBe(true);
    expect([cost.refused, cost.report?.windows.length]).toEqual([null, 3]);
  });

  test('has two lengths that are asked for at once, in order, whichever is told first', async () => {
    const { engine, cost } = await opened();
    const first = cost.addWindow(1800);
    const asked = engine.last('cost:read');
    const second = cost.addWindow(900);
    await engine.last('cost:read').answer(ok({ ...REPORT, windows: [window(900, 70)] }));
    await asked.answer(ok({ ...REPORT, windows: [window(1800, 50)] }));
    expect([await first, await second]).toEqual([true, true]);
    expect(cost.report?.windows.map(({ windowSec }) => windowSec)).toEqual([600, 900, 1200, 1800]);
  });

  test('is counted again, with all its lengths, when the import has more entries', async () => {
    const { engine, cost } = await opened();
    const asked = engine.asked.length;
    void cost.open(3, PLACE, 100);
    expect(engine.asked).toHaveLength(asked);
    cost.setField('nat_ip', false);
    const { index } = cost;
    void cost.open(3, PLACE, 150);
    expect(engine.last('cost:read').request).toEqual({ run: 3, windowSecs: [600, 1200] });
    const grown = { ...REPORT, seconds: 5400, windows: [window(600, 150), window(1200, 90)] };
    await engine.last('cost:read').answer(ok(grown));
    expect([cost.report, cost.index]).toEqual([grown, index]);
  });
});

async function opened(): Promise<{ engine: FakeEngine; cost: CostState }> {
  const engine = new FakeEngine();
  const cost = new CostState(engine);
  void cost.open(3, PLACE, 100);
  void engine.last('index:read').answer(ok({ config: null }));
  await engine.last('cost:read').answer(ok(REPORT));
  await settled();
  return { engine, cost };
}
