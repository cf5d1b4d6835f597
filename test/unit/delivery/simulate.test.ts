import { expect, test } from 'vitest';
import { Faults } from '../../../src-main/delivery/faults';
import { readDeliveryScript } from '../../../src-main/delivery/read-script';
import { DELIVERY_PRESETS } from '../../../src-main/delivery/presets';
import { simulated, statusesOf, T0, told, windowsOf } from './delivery-support';

const RETRIES = [660, 668, 684, 716, 776, 836, 896];

test('without faults every window is delivered once, after its delay', () => {
  const delivery = simulated(windowsOf([5000, 10]), {});
  expect(told(delivery)).toEqual(['660 put ok, 5000 written', '1260 put ok, 10 written']);
  expect(delivery.events[0]).toMatchObject({ groups: 2, rawBytes: 1_250_000, windowStartSec: T0, waiting: 0 });
  expect(delivery.outcomes.map(({ shard }) => shard)).toEqual([0, 1, 0]);
  expect(statusesOf(delivery)).toEqual(['0 Successful']);
  expect(delivery.totals).toMatchObject({ sealed: 5010, delivered: 5010, lost: {}, pending: 0, incompleteWindows: 0 });
});

// Each row: cause, the statuses that are shown, what is lost, how it goes on. @see session-log.md "Delivery error codes"
const REFUSED_FOR_A_WHILE = [
  { name: 'a project that was deleted', fault: 'project_deleted', code: 'ProjectNotExist' },
  { name: 'a Logstore that was deleted', fault: 'logstore_deleted', code: 'LogStoreNotExist' },
  { name: 'a project that is disabled', fault: 'project_disabled', code: 'ProjectForbidden' },
  { name: 'a role without the grant', fault: 'grant_revoked', code: 'Unauthorized' },
  { name: 'no role', fault: 'role_revoked', code: 'InvalidAccessKeyId' },
];

test.each(REFUSED_FOR_A_WHILE)('$name for less than five minutes costs nothing but time', ({ fault, code }) => {
  const delivery = simulated(windowsOf([100, 100]), { faults: [{ fault, from: '+600', to: '+900' }] });
  expect(statusesOf(delivery)).toEqual(['0 Successful', `660 Failed ${code}`, '956 Successful']);
  const refused = RETRIES.map((sec, index) => `${sec} put ${code}, again at ${RETRIES[index + 1] ?? 956}`);
  expect(told(delivery)).toEqual([...refused, '956 put ok, 100 written', '1260 put ok, 100 written']);
  expect(delivery.totals).toMatchObject({ delivered: 200, lost: {}, late: 100 });
});

test.each(REFUSED_FOR_A_WHILE.slice(0, 4))(
  '$name for longer opens the breaker, and is tested every five minutes',
  ({ fault, code }) => {
    // Windows end at 600, 1200, 1800 and 2400.
    const delivery = simulated(windowsOf([100, 200, 300, 400]), { faults: [{ fault, from: '+600', to: '+1500' }] });
    expect(told(delivery).slice(-6)).toEqual([
      `960 put ${code}`,
      '960 open UnavaliableTarget, 100 lost, again at 1260',
      // The second window is due at 1260: the test of the breaker.
      `1260 test ${code}`,
      '1260 open UnavaliableTarget, 200 lost, again at 1560',
      '1860 test ok, 300 written',
      '2460 put ok, 400 written',
    ]);
    expect(statusesOf(delivery)).toEqual([
      '0 Successful',
      `660 Failed ${code}`,
      '960 Failed UnavaliableTarget off until 1260',
      '1260 Failed UnavaliableTarget off until 1560',
      '1860 Successful',
    ]);
    expect(delivery.totals).toMatchObject({
      sealed: 1000,
      delivered: 700,
      lost: { [code]: 300 },
      incompleteWindows: 2,
    });
  },
);

test('81: a Logstore that is missing for 12 minutes: trials at 5 and 10 minutes fail, the next works', () => {
  // With data that comes every minute: see `everyMinute`.
  const delivery = simulated(everyMinute(20), { faults: [{ fault: 'logstore_deleted', from: '+660', to: '+1380' }] });
  const trials = told(delivery).filter((line) => /^\d+ (open|test)|^960 put/u.test(line));
  expect(trials.map((line) => line.split(',')[0])).toEqual([
    '960 put LogStoreNotExist',
    '960 open UnavaliableTarget',
    '1260 test LogStoreNotExist',
    '1260 open UnavaliableTarget',
    '1560 test ok',
  ]);
  const { sealed, delivered, lost } = delivery.totals;
  expect({ sealed, delivered, lost }).toEqual({ sealed: 200, delivered: 50, lost: { LogStoreNotExist: 150 } });
});

test('with buffer, nothing is lost while delivery is off', () => {
  const faults = [{ fault: 'logstore_deleted', from: '+660', to: '+1380' }];
  const { totals, windows } = simulated(everyMinute(20), { breakerPolicy: 'buffer', faults });
  expect(totals).toMatchObject({ sealed: 200, delivered: 200, lost: {}, pending: 0 });
  expect(windows[0]).toMatchObject({ lastDeliveredSec: T0 + 1560 });
});

test('what was buffered has its 15 minutes when delivery is on again, not since it was due', () => {
  const faults = [
    { fault: 'project_disabled', from: '+600', to: '+2400' },
    // As nothing is taken at once, all of it waits for the quota.
    { fault: 'write_quota', from: '+2400', to: '+2700', bytesPerMin: 0 },
  ];
  const { totals } = simulated(windowsOf([100, 100, 100, 100, 100]), { breakerPolicy: 'buffer', faults });
  expect(totals).toMatchObject({ sealed: 500, delivered: 500, lost: {} });
});

test('what is buffered when nothing new comes any more is pending, not lost', () => {
  const faults = [{ fault: 'project_deleted', from: '+0' }];
  const delivery = simulated(windowsOf([100]), { breakerPolicy: 'buffer', faults });
  expect(delivery.totals).toMatchObject({ delivered: 0, lost: {}, pending: 100, incompleteWindows: 1 });
  expect(told(delivery).at(-1)).toBe('960 open UnavaliableTarget, again at 1260');
});

test('without the role, entries are lost that are refused for 15 minutes after they were due', () => {
  const delivery = simulated(windowsOf([100, 200]), { faults: [{ fault: 'role_revoked', from: '+0', to: '+1600' }] });
  expect(told(delivery)).toContain('1560 give_up InvalidAccessKeyId, 100 lost, again at 1620');
  expect(delivery.totals).toMatchObject({ delivered: 200, lost: { InvalidAccessKeyId: 100 } });
  expect(statusesOf(delivery)).toEqual(['0 Successful', '660 Failed InvalidAccessKeyId', '1620 Successful']);
});

test('a project over its quota is sent the rest as the quota allows; a higher one heals it', () => {
  // Two windows of 1 MB each.
  const groups = windowsOf([4096, 4096], 250);
  const cut = { fault: 'write_quota', from: '+600', bytesPerMin: 60 };
  const starved = simulated(groups, { faults: [cut] });
  expect(statusesOf(starved)).toEqual(['0 Successful', '1260 Failed WriteQuotaExceed']);
  expect(starved.totals).toMatchObject({ delivered: 4096, lost: { WriteQuotaExceed: 4096 } });
  const healed = simulated(groups, {
    faults: [cut, { fault: 'write_quota', from: '+1300', bytesPerMin: 30_000_000_000 }],
  });
  expect(statusesOf(healed)).toEqual(['0 Successful', '1260 Failed WriteQuotaExceed', '1316 Successful']);
  expect(healed.totals).toMatchObject({ delivered: 8192, lost: {} });
});

test('a shard that is flooded refuses, and a split heals it', () => {
  // 800 MB at once: one shard takes 300 MB of it, and 5 MB more each second.
  const flood = windowsOf([3_200_000]);
  const one = simulated(flood, { faults: [] }, { shards: 1 });
  expect(statusesOf(one)).toEqual(['0 Successful', '660 Failed ShardWriteQuotaExceed', '764 Successful']);
  expect(one.totals).toMatchObject({ delivered: 3_200_000, lost: {} });
  const split = simulated(flood, { faults: [{ fault: 'shards', from: '+662', shards: 4 }] }, { shards: 1 });
  expect(statusesOf(split)).toEqual(['0 Successful', '660 Failed ShardWriteQuotaExceed', '692 Successful']);
  expect(new Set(split.outcomes.map(({ shard }) => shard))).toEqual(new Set([0, 1, 2, 3]));
});

test('a removed shard takes nothing any more', () => {
  const { outcomes } = simulated(windowsOf([8192]), { faults: [{ fault: 'shards', from: '+0', shards: 1 }] });
  expect(outcomes.map(({ shard }) => shard)).toEqual([0, 0]);
});

test('by hash, everything goes to the shard of the gateway', () => {
  const delivery = simulated(windowsOf([20_000]), { route: 'hash' }, { shards: 4 });
  expect(new Set(delivery.outcomes.map(({ shard }) => shard))).toEqual(new Set([0]));
});

test('a slow network makes deliveries late', () => {
  const faults = [{ fault: 'network', from: '+600', to: '+900', delaySec: 400 }];
  const delivery = simulated(windowsOf([100, 100]), { faults });
  expect(told(delivery)).toEqual(['1060 put ok, 100 written', '1260 put ok, 100 written']);
  expect(delivery.totals).toMatchObject({ delivered: 200, late: 100 });
});

test('while the destination is being changed, nothing is delivered, and nothing is lost', () => {
  const delivery = simulated(windowsOf([100, 100]), {}, { modifyingSec: 700 });
  expect(statusesOf(delivery)).toEqual(['0 Modifying', '700 Successful']);
  expect(told(delivery)).toEqual(['700 put ok, 100 written', '1260 put ok, 100 written']);
});

test('rates are shares, and follow from the seed', () => {
  const groups = windowsOf([50_000, 50_000]);
  const { totals } = simulated(groups, { seed: 1, lossRate: 0.1, duplicateRate: 0.2 });
  expect(totals.lost.best_effort).toBeGreaterThan(9500);
  expect(totals.lost.best_effort).toBeLessThan(10_500);
  expect(totals.duplicates).toBeGreaterThan(17_000);
  expect(totals.duplicates).toBeLessThan(19_000);
  expect(totals.delivered).toBe(100_000 - (totals.lost.best_effort ?? 0));
  expect(simulated(groups, { seed: 2, lossRate: 0.1 }).totals.lost).not.toEqual(totals.lost);
});

test('delays are within 5 minutes, but for a tail of up to 15', () => {
  const { outcomes } = simulated(windowsOf(Array.from({ length: 2000 }, () => 1)), {
    delaySec: { least: 30, most: 240, tailMost: 900, tailRate: 0.01 },
  });
  const delays = outcomes.map(({ deliveredSec }, window) => (deliveredSec ?? NaN) - T0 - (window + 1) * 600);
  const late = delays.filter((delay) => delay > 300);
  expect(Math.min(...delays)).toBe(30);
  expect(Math.max(...delays.filter((delay) => delay <= 300))).toBe(240);
  expect(late.length).toBeGreaterThan(8);
  expect(late.length).toBeLessThan(40);
  expect(Math.max(...late)).toBeLessThanOrEqual(900);
});

test.each(DELIVERY_PRESETS)('the preset $name shows it', ({ name, script }) => {
  const delivery = simulated(windowsOf([1000, 1000, 1000, 1000]), script);
  const shown = delivery.statuses.map(({ status, code }) => code ?? status);
  expect(shown).toContain(name);
  expect(shown.at(-1)).toBe('Successful');
});

/** Ten entries every minute from the second 660 on, as a gateway of short windows has them. */
function everyMinute(minutes: number): ReturnType<typeof windowsOf> {
  return Array.from({ length: minutes }, (_, minute) => ({
    firstEntry: minute * 10,
    entries: 10,
    rawBytes: 2500,
    sealedSec: T0 + 600 + minute * 60,
  }));
}

test('a thousand faults cost a lookup each, and of those that overlap the last one holds', () => {
  const faults = Array.from({ length: 1000 }, (_, index) => ({
    ...{ fault: 'shards', from: `+${index * 60}s`, to: `+${index * 60 + 90}s`, shards: 1 + (index % 8) },
  }));
  const placed = new Faults(readDeliveryScript({ faults }), T0);
  for (const sec of [0, 29, 59, 60, 89, 90, 30_000, 59_969, 60_029, 60_030, 70_000]) {
    const expected = placed.placed.findLast(({ fromSec, toSec }) => fromSec <= T0 + sec && T0 + sec < (toSec ?? 0));
    expect(placed.at('shards', T0 + sec)).toEqual(expected ?? null);
  }
  expect(placed.at('network', T0)).toBeNull();
});

test.each([
  { name: 'no role', fault: { fault: 'role_revoked', from: 0, to: '+4h' } },
  { name: 'shards that take nothing', fault: { fault: 'shard_quota', from: 0, to: '+4h', bytesPerSec: 0 } },
])('$name: what waits is not gone through at every attempt', ({ fault }) => {
  const groups = windowsOf(Array.from({ length: 20 }, () => 4096 * 200));
  let looks = 0;
  const counted = new Proxy(groups, {
    get: (target, key, receiver) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) looks++;
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
  // All are due at once, and given up 15 minutes and 18 attempts later.
  const { totals } = simulated(counted, { faults: [fault] }, { modifyingSec: 3600 * 3 });
  expect(Object.values(totals.lost)).toEqual([groups.reduce((sum, { entries }) => sum + entries, 0)]);
  expect(looks).toBeLessThan(groups.length * 10);
});

test('without a window there is no time that anything could be said of', () => {
  const { statuses, events } = simulated(
    [],
    { faults: [{ fault: 'role_revoked', from: '+0s' }] },
    { modifyingSec: 60 },
  );
  expect({ statuses, events }).toEqual({ statuses: [], events: [] });
});
