import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { AppError } from '../../../src-main/contract/errors';
import { DELIVERY_PRESETS } from '../../../src-main/delivery/presets';
import { DEFAULT_SCRIPT, deliveryJsonSchema, readDeliveryScript } from '../../../src-main/delivery/read-script';

const path = join(import.meta.dirname, '../../../resources/delivery.schema.json');

test('the schema that is shipped is the one of the code', () => {
  const schema = JSON.stringify(deliveryJsonSchema(), null, 2);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, `${schema}\n`);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(schema));
});

test('a script that says nothing is the default, and every preset is right', () => {
  expect(readDeliveryScript({})).toEqual(DEFAULT_SCRIPT);
  const schema = z.fromJSONSchema(deliveryJsonSchema());
  for (const { script } of DELIVERY_PRESETS) {
    expect(readDeliveryScript(script).faults.length).toBeLessThanOrEqual(1);
    expect(schema.safeParse(script).success).toBe(true);
  }
});

test('times are after the first window begins, or absolute', () => {
  const { faults } = readDeliveryScript({
    faults: [
      { fault: 'role_revoked', from: '+10m', to: '+2h' },
      { fault: 'role_revoked', from: 1_700_000_400 },
      { fault: 'role_revoked', from: '2023-11-15T00:00:00+08:00', to: null },
    ],
  });
  expect(faults.map(({ from, to }) => [from, to])).toEqual([
    [
      { base: 'start', sec: 600 },
      { base: 'start', sec: 7200 },
    ],
    [{ base: 'epoch', sec: 1_700_000_400 }, null],
    [{ base: 'epoch', sec: 1_699_977_600 }, null],
  ]);
});

const timed = { from: '+1m' };

test.each<{ name: string; script: unknown; says: string }>([
  { name: 'no object', script: [], says: 'must be an object' },
  { name: 'an unknown key', script: { lossrates: 1 }, says: 'lossrates: 1 has no known key; did you mean lossRate?' },
  { name: 'a share above 1', script: { lossRate: 2 }, says: 'lossRate: 2 must be a share from 0 to 1' },
  {
    name: 'an unknown fault',
    script: { faults: [{ fault: 'fire', ...timed }] },
    says: 'faults[0].fault: "fire" must be one of',
  },
  { name: 'no time', script: { faults: [{ fault: 'shards', shards: 1 }] }, says: 'faults[0].from is missing' },
  {
    name: 'a time without its zone',
    script: { faults: [{ fault: 'role_revoked', from: '2023-11-15T00:00:00' }] },
    says: 'RFC 3339 time with its zone',
  },
  {
    name: 'a time that no packet has',
    script: { faults: [{ fault: 'role_revoked', from: 1_700_000_500_000 }] },
    says: 'faults[0].from: 1700000500000 must be a time',
  },
  {
    name: 'more days after the first window than there are',
    script: { faults: [{ fault: 'role_revoked', from: '+999999999d' }] },
    says: 'until the year 2262',
  },
  {
    name: 'an end before the beginning',
    script: { faults: [{ fault: 'role_revoked', from: '+10m', to: '+9m' }] },
    says: 'faults[0].to is not after from',
  },
  {
    name: 'a number of another fault',
    script: { faults: [{ fault: 'role_revoked', shards: 1, ...timed }] },
    says: 'faults[0].shards does not belong to role_revoked',
  },
  {
    name: 'a quota without a number',
    script: { faults: [{ fault: 'write_quota', ...timed }] },
    says: 'faults[0] needs bytesPerMin',
  },
  {
    name: 'delays the wrong way round',
    script: { delaySec: { least: 10, most: 5 } },
    says: 'delaySec has a most below its least',
  },
])('$name is refused, and the text says what is wrong', ({ script, says }) => {
  let error: unknown = null;
  try {
    readDeliveryScript(script);
  } catch (cause) {
    error = cause;
  }
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: 'DELIVERY_INVALID' });
  expect((error as AppError).message).toContain(says);
});

test.each([
  { name: 'most', given: { most: 1000 }, delaySec: { least: 30, most: 1000, tailMost: 1000 } },
  { name: 'least', given: { least: 1000 }, delaySec: { least: 1000, most: 1000, tailMost: 1000 } },
  { name: 'tailMost', given: { tailMost: 10 }, delaySec: { least: 10, most: 10, tailMost: 10 } },
])('what a script does not say of delays gives way to $name', ({ given, delaySec }) => {
  expect(readDeliveryScript({ delaySec: given }).delaySec).toEqual({ tailRate: 0.01, ...delaySec });
});
