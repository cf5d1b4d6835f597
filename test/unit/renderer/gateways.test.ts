import { describe, expect, test, vi } from 'vitest';
import type { DeliveryEvent, DeliveryReport, PlacedFault, StatusChange } from '../../../src-main/contract/delivery';
import type { GatewayFacts, RegionFacts, SessionLogReport } from '../../../src-main/contract/gateways';
import { DEFAULT_SCRIPT, readDeliveryScript } from '../../../src-main/delivery/read-script';
import { attemptText } from '../../../src-renderer/features/gateways/attempt-text';
import { DestinationForm } from '../../../src-renderer/features/gateways/destination-form.svelte';
import type { ImportFacts } from '../../../src-main/contract/workspace-report';
import { FaultDrag } from '../../../src-renderer/features/gateways/fault-drag.svelte';
import { FaultTimelineState } from '../../../src-renderer/features/gateways/fault-timeline.svelte';
import { gatewayRequest, NEW_GATEWAY } from '../../../src-renderer/features/gateways/gateway-fields';
import { GatewaysState } from '../../../src-renderer/features/gateways/gateways-state.svelte';
import { gatewaysByRegion, regionName, regionsByArea } from '../../../src-renderer/features/gateways/region-groups';
import {
  NEW_FAULT,
  readFault,
  scriptFile,
  withFault,
  withoutFault,
  withSpan,
  writtenFault,
} from '../../../src-renderer/features/gateways/script-file';
import { importsOf, statusFacts } from '../../../src-renderer/features/gateways/session-log-status';
import {
  axisOf,
  changeNear,
  faultLabel,
  faultsOfLane,
  labelledSecs,
  momentText,
  percentAt,
  shiftedSpan,
  statusAt,
  statusSpans,
  tellingSec,
  windowState,
} from '../../../src-renderer/features/gateways/timeline';
import { ZoneClock } from '../../../src-renderer/services/time-format';
import { failed, FakeEngine, ok, settled } from './fake-engine';

const START = 1_773_132_600;
const UTC = new ZoneClock('UTC');
const NO_NUMBERS = { bytesPerMin: null, bytesPerSec: null, writesPerSec: null, shards: null, delaySec: null };
const FAULT: PlacedFault = { kind: 'project_disabled', fromSec: START + 600, toSec: START + 1320, ...NO_NUMBERS };

const change = (after: number, part: Partial<StatusChange> = {}): StatusChange => ({
  fromSec: START + after,
  status: 'Successful',
  code: null,
  offUntilSec: null,
  ...part,
});
const STATUSES = [
  change(660, { status: 'Failed', code: 'ProjectForbidden' }),
  change(960, { status: 'Failed', code: 'UnavaliableTarget', offUntilSec: START + 1260 }),
  change(1560),
];
const TOTALS = {
  ...{ sealed: 10, delivered: 7, lost: { ProjectForbidden: 2 }, pending: 1 },
  ...{ late: 0, duplicates: 0, rawBytes: 100, windows: 2, incompleteWindows: 1 },
};
const WINDOW = {
  ...{ startSec: START, endSec: START + 600, sealed: 5, delivered: 5, lost: {}, pending: 0, late: 0, duplicates: 0 },
  ...{ firstDeliveredSec: START + 660, lastDeliveredSec: START + 660 },
};
const REPORT: DeliveryReport = {
  ...{
    run: 1,
    project: 'lab',
    logstore: 'log',
    instance: 'ngw-1',
    windowSec: 600,
    startSec: START,
    endSec: START + 1700,
  },
  ...{ script: DEFAULT_SCRIPT, faults: [FAULT], statuses: STATUSES, windows: [WINDOW], totals: TOTALS },
  ...{ attempts: 3, remarkable: 2 },
};

describe('the time axis', () => {
  test('has whole windows around all that happens', () => {
    expect(axisOf(REPORT)).toEqual({ startSec: START, endSec: START + 1800 });
  });

  test('reaches to the faults behind it, and no further than twice as far', () => {
    const late = { ...FAULT, toSec: START + 2500 };
    expect(axisOf({ ...REPORT, faults: [late] }).endSec).toBe(START + 3000);
    expect(axisOf({ ...REPORT, faults: [{ ...late, toSec: START + 1e6 }] }).endSec).toBe(START + 3600);
  });

  test('places instants by percent, and those beyond it at its ends', () => {
    const axis = { startSec: 100, endSec: 300 };
    expect([0, 150, 900].map((sec) => percentAt(axis, sec))).toEqual([0, 25, 100]);
  });

  test('says the day of a moment where there are several', () => {
    const clock = new ZoneClock('Asia/Shanghai');
    const day = { startSec: 0, endSec: 57_600 };
    expect(momentText(day, clock, 600)).toBe('08:10');
    expect(momentText({ ...day, endSec: 58_200 }, clock, 57_600, true)).toBe('2 Jan 1970 00:00:00');
  });

  test('labels no more windows than there is room for', () => {
    const axis = { startSec: 0, endSec: 600 * 30 };
    expect(labelledSecs(axis, 600, 10)).toEqual([0, 1800, 3600, 5400, 7200, 9000, 10_800, 12_600, 14_400, 16_200]);
    expect(labelledSecs({ startSec: 0, endSec: 1800 }, 600, 10)).toEqual([0, 600, 1200]);
  });
});

describe('a fault on its lane', () => {
  test.each([
    { name: 'a project', fault: FAULT, lane: 'project' as const, label: 'overdue, disabled' },
    {
      name: 'a quota',
      fault: { ...FAULT, kind: 'write_quota' as const, bytesPerMin: 1_000_000 },
      lane: 'quota' as const,
      label: '1.00 MB/min',
    },
    {
      name: 'writes of a shard',
      fault: { ...FAULT, kind: 'shard_quota' as const, writesPerSec: 1 },
      lane: 'shards' as const,
      label: '1 write/s',
    },
    {
      name: 'octets of a shard',
      fault: { ...FAULT, kind: 'shard_quota' as const, bytesPerSec: 0 },
      lane: 'shards' as const,
      label: '0 B/s',
    },
    {
      name: 'shards',
      fault: { ...FAULT, kind: 'shards' as const, shards: 2 },
      lane: 'shards' as const,
      label: '2 shards',
    },
    {
      name: 'a slow network',
      fault: { ...FAULT, kind: 'network' as const, delaySec: 90 },
      lane: 'network' as const,
      label: '+90 s',
    },
  ])('of $name says what it is', ({ fault, lane, label }) => {
    expect(faultsOfLane([FAULT, fault], lane).at(-1)).toEqual({ index: 1, fault });
    expect(faultLabel(fault).replaceAll('\u202f', ' ')).toBe(label);
  });
});

describe('the status on the axis', () => {
  test('is that of the last change, and successful before the first', () => {
    const codes = [0, 660, 959, 960, 1600].map((after) => statusAt(STATUSES, START + after).code);
    expect(codes).toEqual([null, 'ProjectForbidden', 'ProjectForbidden', 'UnavaliableTarget', null]);
  });

  test('covers the axis in stretches without gaps', () => {
    const spans = statusSpans(STATUSES, axisOf(REPORT));
    expect(spans.map(({ tone, startSec }) => [tone, startSec - START])).toEqual([
      ['ok', 0],
      ['failed', 660],
      ['off', 960],
      ['ok', 1560],
    ]);
    expect(spans.at(-1)?.endSec).toBe(START + 1800);
  });

  test('is looked at where a code holds, else where it fails, else at the end', () => {
    expect(tellingSec(REPORT, 'UnavaliableTarget')).toBe(START + 960);
    expect(tellingSec(REPORT, null)).toBe(START + 660);
    expect(tellingSec({ ...REPORT, statuses: [] }, null)).toBe(START + 1700);
  });

  test('has changes before and after a second', () => {
    expect(changeNear(STATUSES, START + 960, 1)).toBe(START + 1560);
    expect(changeNear(STATUSES, START + 960, -1)).toBe(START + 660);
    expect(changeNear(STATUSES, START + 1560, 1)).toBeNull();
  });
});

test.each([
  { state: 'delivered', part: {} },
  { state: 'late', part: { late: 1 } },
  { state: 'pending', part: { late: 1, pending: 1 } },
  { state: 'lost', part: { pending: 1, lost: { best_effort: 1 } } },
  { state: 'empty', part: { sealed: 0 } },
])('a window is $state by the worst that happened to it', ({ state, part }) => {
  expect(windowState({ ...WINDOW, ...part })).toBe(state);
});

describe('a script as a file', () => {
  test('is read by the engine as the script it was made of', () => {
    const faults = [
      { fault: 'write_quota', from: '+10m', to: '+95s', bytesPerMin: 5 },
      { fault: 'role_revoked', from: START },
      { fault: 'shard_quota', from: '+7s', writesPerSec: 0 },
    ].map((fault, index) => (index === 0 ? { ...fault, to: '+900s' } : fault));
    const script = readDeliveryScript({ seed: 7, lossRate: 0.1, faults });
    expect(readDeliveryScript(scriptFile(script))).toEqual(script);
  });

  test('gets a fault more, another one in the place of one, and one less', () => {
    const one = withFault({ seed: 1 }, null, readFault(NEW_FAULT));
    expect(one).toEqual({ seed: 1, faults: [{ fault: 'project_disabled', from: '+10m', to: '+20m' }] });
    const written = { ...writtenFault(one, 0), kind: 'network' as const, to: ' ' };
    const other = withFault(
      one,
      0,
      readFault({ ...written, numbers: { ...written.numbers, delaySec: '90', shards: '3' } }),
    );
    expect(other['faults']).toEqual([{ fault: 'network', from: '+10m', delaySec: 90 }]);
    expect(writtenFault(other, 0)).toMatchObject({ kind: 'network', to: '', numbers: { delaySec: '90', shards: '' } });
    expect(withoutFault(other, 0)['faults']).toEqual([]);
  });

  test('has epoch seconds as a number', () => {
    expect(readFault({ ...NEW_FAULT, from: String(START) })).toMatchObject({ from: START });
  });
});

test('an attempt says what came of it', () => {
  const event: DeliveryEvent = {
    ...{ atSec: START, act: 'put', windowStartSec: START, code: 'ProjectForbidden', groups: 0, entries: 0 },
    ...{ rawBytes: 0, waiting: 52, lost: 0, retrySec: START + 8 },
  };
  expect(attemptText(event, UTC)).toBe('52 entries wait, tried again at 08:50:08');
  expect(attemptText({ ...event, act: 'open', waiting: 0, lost: 1, code: 'UnavaliableTarget' }, UTC)).toBe(
    '1 entry lost, off until 08:50:08',
  );
  expect(attemptText({ ...event, waiting: 0, retrySec: null, groups: 2 }, UTC)).toBe('2 LogGroups');
});

describe('the status of a session log', () => {
  const log: SessionLogReport = {
    ...{ gateway: 'ngw-1', gatewayName: '', region: 'cn-shanghai', builtIn: false, status: 'Enabled' },
    ...{ delivery: { status: 'Failed', code: 'ProjectNotExist' }, deliveryType: 'sls', destination: null, index: null },
    ...{ missing: null, enabledMs: 1, stoppedMs: null, refusal: null },
  };

  test('is that of the catalogue without an import, and that of the axis with one', () => {
    expect(statusFacts(log, null, UTC)).toMatchObject({ tone: 'danger', code: 'ProjectNotExist' });
    expect(statusFacts(log, change(0), UTC)).toMatchObject({ tone: 'ok', code: null, explanation: null });
  });

  test('says until when the breaker is open', () => {
    const [, off] = STATUSES;
    expect(statusFacts(log, off ?? null, UTC)?.explanation?.title).toBe('Delivery is off until 09:11:00.');
  });

  test('is none of one that is stopped, and explains one that is being changed', () => {
    expect(statusFacts({ ...log, status: 'Stopped' }, change(0), UTC)).toBeNull();
    const modifying = { ...log, delivery: { status: 'Modifying', code: null } } as const;
    expect(statusFacts(modifying, null, UTC)).toMatchObject({ tone: 'busy', explanation: { title: 'Modifying' } });
  });
});

const REGIONS: readonly RegionFacts[] = [
  { id: 'cn-shanghai', area: 'chineseMainland', name: 'Shanghai', closingDown: false },
  { id: 'ap-southeast-2', area: 'asiaPacific', name: 'Australia (Sydney)', closingDown: true },
  { id: 'local', area: 'local', name: 'This computer', closingDown: false },
];
const gateway = (id: string, region: string, builtIn = false): GatewayFacts => ({
  ...{ id, name: '', region, vpc: 'vpc-1', networkType: 'internet', billing: 'PayByLcu', bindMode: 'MULTI_BINDED' },
  ...{ addresses: [], snatEntries: 0, builtIn, createdMs: null, sessionLog: 'NotEnabled' },
});

test('gateways stand by region, the built-in one first and regions that are on no list last', () => {
  const gateways = [gateway('ngw-default', 'local', true), gateway('a', 'xx'), gateway('b', 'cn-shanghai')];
  expect(gatewaysByRegion(gateways, REGIONS, '').map(({ region }) => region)).toEqual(['local', 'cn-shanghai', 'xx']);
  expect(gatewaysByRegion(gateways, REGIONS, 'xx')).toMatchObject([{ gateways: [{ id: 'a' }] }]);
  expect(regionName(REGIONS, 'ap-southeast-2')).toBe('Australia (Sydney) (closing down)');
  expect(regionName(REGIONS, 'xx')).toBe('xx');
  expect(regionsByArea(REGIONS).map(({ area }) => area)).toEqual(['chineseMainland', 'asiaPacific', 'local']);
});

test('a gateway that is written has EIPs or NAT IPs', () => {
  const written = { ...NEW_GATEWAY, region: 'cn-shanghai', vpc: 'vpc-1', addresses: '203.0.113.1, 203.0.113.2' };
  expect(gatewayRequest(written)).toMatchObject({
    eips: [{ ipAddress: '203.0.113.1' }, { privateIpAddress: null }],
    natIps: [],
  });
  expect(gatewayRequest({ ...written, networkType: 'intranet', addresses: ' 10.0.0.9' })).toMatchObject({
    eips: [],
    natIps: ['10.0.0.9'],
  });
});

describe('a destination that is written', () => {
  const project = (name: string, region: string) => ({ name, region, logstores: 1 });
  async function loaded(projects: readonly unknown[], logstores: readonly unknown[]): Promise<DestinationForm> {
    const engine = new FakeEngine();
    const form = new DestinationForm('ngw-1', 'cn-shanghai');
    void form.load(engine);
    await engine.last('project:list').answer(ok({ projects }));
    await engine.last('logstore:list').answer(ok({ logstores }));
    return form;
  }

  test('is chosen of what the region has', async () => {
    const form = await loaded(
      [project('far', 'eu-central-1'), project('lab', 'cn-shanghai')],
      [
        { project: 'lab', logstore: 'own', schema: 'custom' },
        { project: 'lab', logstore: 'nat', schema: 'session_log' },
      ],
    );
    expect(form.request).toEqual({
      gateway: 'ngw-1',
      project: { mode: 'select', name: 'lab' },
      logstore: { mode: 'select', name: 'nat' },
    });
    form.chooseLogstoreMode('create');
    form.logstoreName = 'own';
    expect(form.logstoreProblem).toBe('There is one of this name already.');
    form.chooseProjectMode('create');
    expect([form.logstoreMode, form.request]).toEqual(['create', null]);
  });

  test('is made where there is none, and its names are checked as they are typed', async () => {
    const form = await loaded([], []);
    expect(form.projectMode).toBe('create');
    form.projectName = 'lab';
    form.logstoreName = 'NAT';
    expect(form.logstoreProblem).toBe('"N" is not allowed: use lowercase letters, digits, hyphens and underscores.');
    expect(form.request).toBeNull();
    form.logstoreName = 'nat';
    expect(form.request).toMatchObject({ project: { mode: 'create', name: 'lab' }, logstore: { name: 'nat' } });
  });
});

describe('the page of gateways', () => {
  const nothing = { onDeleted: () => undefined, onLogsChanged: () => undefined };
  async function answerAll(engine: FakeEngine, extra: readonly ['gateway:read' | 'session-log:read', unknown][] = []) {
    await engine.last('region:list').answer(ok({ regions: REGIONS }));
    await engine.last('vpc:list').answer(ok({ vpcs: [] }));
    await engine.last('gateway:list').answer(ok({ gateways: [gateway('ngw-1', 'cn-shanghai')] }));
    await engine.last('account:read').answer(ok({ serviceLinkedRole: false, previewAccess: true }));
    for (const [name, value] of extra) await engine.last(name).answer(ok(value));
  }

  test('reads the list, and proposes the first region that stays', async () => {
    const engine = new FakeEngine();
    const page = new GatewaysState(engine, nothing);
    void page.open(null);
    await answerAll(engine);
    expect(page.gateways).toHaveLength(1);
    expect([page.report, page.error, page.firstRegion]).toEqual([null, null, 'cn-shanghai']);
  });

  test('keeps a dialog with the error of the engine, and closes it when it is done', async () => {
    const engine = new FakeEngine();
    const page = new GatewaysState(engine, nothing);
    page.ask({ kind: 'address' });
    const request = { gateway: 'ngw-1', ipAddress: 'x', privateIpAddress: null };
    const refused = page.write('eip:add', request);
    await engine.last('eip:add').answer(failed('INTERNAL'));
    expect(await refused).toBe(false);
    expect([page.asking?.kind, page.refused?.code, page.error]).toEqual(['address', 'INTERNAL', null]);
    const done = page.write('eip:add', request);
    await engine.last('eip:add').answer(ok({}));
    await answerAll(engine);
    expect(await done).toBe(true);
    expect([page.asking, page.refused]).toEqual([null, null]);
  });

  test('leaves the page of a gateway that was deleted, and says when logs have changed', async () => {
    const engine = new FakeEngine();
    const told: string[] = [];
    const page = new GatewaysState(engine, {
      onDeleted: (id) => told.push(id),
      onLogsChanged: () => told.push('logs'),
    });
    const removal = { name: 'x', what: { call: 'gateway:delete', request: { gateway: 'ngw-1' } } } as const;
    const removed = page.remove(removal);
    await engine.last('gateway:delete').answer(ok(null));
    await answerAll(engine);
    await removed;
    void page.write('session-log:stop', { gateway: 'ngw-1' });
    await engine.last('session-log:stop').answer(ok({}));
    expect(told).toEqual(['ngw-1', 'logs']);
  });
});

describe('a fault on the axis', () => {
  const AXIS = { startSec: START, endSec: START + 1800 };
  const SPAN = { fromSec: START + 600, toSec: START + 1320 };

  test.each([
    { name: 'moves as a whole', part: 'all', by: 60, from: 660, to: 1380 },
    { name: 'begins no sooner than the axis', part: 'all', by: -900, from: 0, to: 720 },
    { name: 'is stretched at its beginning', part: 'from', by: -300, from: 300, to: 1320 },
    { name: 'never begins at its end', part: 'from', by: 5000, from: 1310, to: 1320 },
    { name: 'is stretched at its end', part: 'to', by: 600, from: 600, to: 1920 },
    { name: 'never ends at its beginning', part: 'to', by: -5000, from: 600, to: 610 },
  ] as const)('$name', ({ part, by, from, to }) => {
    expect(shiftedSpan(SPAN, part, by, AXIS)).toEqual({ fromSec: START + from, toSec: START + to });
  });

  test.each([
    { name: 'moves by the distance it is dragged', part: 'all', by: 60, from: -240, to: 360 },
    { name: 'is moved onto the axis', part: 'all', by: 400, from: 100, to: 700 },
    { name: 'is moved back, and stays in sight', part: 'all', by: -1000, from: -590, to: 10 },
    { name: 'is stretched from where it is seen to begin', part: 'from', by: 60, from: 60, to: 300 },
  ] as const)('that begins before the axis $name', ({ part, by, from, to }) => {
    const early = { fromSec: START - 300, toSec: START + 300 };
    expect(shiftedSpan(early, part, by, AXIS)).toEqual({ fromSec: START + from, toSec: START + to });
  });

  test('that never ends is moved without an end, and stretched to have one', () => {
    const endless = { fromSec: START + 600, toSec: null };
    expect(shiftedSpan(endless, 'all', 60, AXIS)).toEqual({ fromSec: START + 660, toSec: null });
    expect(shiftedSpan(endless, 'to', -60, AXIS)).toEqual({ fromSec: START + 600, toSec: START + 1740 });
  });

  test('keeps the way in which its times are written', () => {
    const span = { fromSec: START + 60, toSec: START + 95 };
    const file = (from: unknown) => withSpan({ faults: [{ fault: 'network', delaySec: 5, from }] }, 0, span, START);
    expect(file('+10m')).toEqual({ faults: [{ fault: 'network', delaySec: 5, from: '+1m', to: '+95s' }] });
    expect(file(START)).toEqual({ faults: [{ fault: 'network', delaySec: 5, from: START + 60, to: START + 95 }] });
    expect(withSpan({}, 0, span, START)).toEqual({});
  });

  test('is moved by keys that are pressed one after the other, and let alone by Escape', async () => {
    vi.useFakeTimers();
    const moved: unknown[] = [];
    const drag = new FaultDrag((span) => Promise.resolve(moved.push(span) > 0));
    const press = (key: string, keys: object = {}) =>
      drag.onKey({ key, shiftKey: false, altKey: false, ctrlKey: false, ...keys } as KeyboardEvent, FAULT, AXIS);
    expect([press('ArrowRight'), press('ArrowRight', { shiftKey: true }), press('Home')]).toEqual([true, true, false]);
    expect(press('ArrowLeft', { altKey: true })).toBe(true);
    await vi.advanceTimersByTimeAsync(400);
    expect(moved).toEqual([{ fromSec: START + 710, toSec: START + 1420 }]);
    press('ArrowRight');
    press('Escape');
    await vi.advanceTimersByTimeAsync(400);
    expect([moved.length, drag.span]).toEqual([1, null]);
    vi.useRealTimers();
  });

  test('is dragged by as much as the pointer moves, and a press without that is a click', async () => {
    const moved: unknown[] = [];
    const drag = new FaultDrag((span) => Promise.resolve(moved.push(span) > 0));
    drag.begin(100, 'to', FAULT, AXIS, 180);
    drag.move(102, AXIS);
    drag.end();
    expect([drag.hasMoved, moved]).toEqual([false, []]);
    drag.begin(100, 'to', FAULT, AXIS, 180);
    drag.move(112, AXIS);
    expect(drag.span).toEqual({ fromSec: FAULT.fromSec, toSec: START + 1440 });
    drag.end();
    await settled();
    expect(moved).toEqual([{ fromSec: FAULT.fromSec, toSec: START + 1440 }]);
  });

  test('is dragged on from where keys have moved it, as one change', async () => {
    vi.useFakeTimers();
    const moved: unknown[] = [];
    const drag = new FaultDrag((span) => Promise.resolve(moved.push(span) > 0));
    const arrow = { key: 'ArrowRight', shiftKey: false, altKey: false, ctrlKey: false } as KeyboardEvent;
    drag.onKey(arrow, FAULT, AXIS);
    drag.begin(100, 'all', FAULT, AXIS, 180);
    drag.move(112, AXIS);
    await vi.advanceTimersByTimeAsync(400);
    expect([moved, drag.onKey(arrow, FAULT, AXIS)]).toEqual([[], false]);
    drag.end();
    await vi.advanceTimersByTimeAsync(400);
    expect(moved).toEqual([{ fromSec: FAULT.fromSec + 130, toSec: (FAULT.toSec ?? 0) + 130 }]);
    vi.useRealTimers();
  });

  test('stays where it is after Escape while it is dragged, and when it is left', async () => {
    vi.useFakeTimers();
    const moved: unknown[] = [];
    const drag = new FaultDrag((span) => Promise.resolve(moved.push(span) > 0));
    drag.begin(100, 'all', FAULT, AXIS, 180);
    drag.move(112, AXIS);
    drag.onKey({ key: 'Escape' } as KeyboardEvent, FAULT, AXIS);
    drag.move(130, AXIS);
    drag.end();
    expect([drag.span, drag.hasMoved]).toEqual([null, true]);
    drag.onKey({ key: 'ArrowRight' } as KeyboardEvent, FAULT, AXIS);
    drag.leave();
    await vi.advanceTimersByTimeAsync(400);
    expect([moved, drag.hasMoved]).toEqual([[], false]);
    vi.useRealTimers();
  });

  test('is settled before anything else is done with it', async () => {
    let take: (isTaken: boolean) => void = () => undefined;
    const drag = new FaultDrag(() => new Promise((resolve) => (take = resolve)));
    drag.onKey({ key: 'ArrowRight' } as KeyboardEvent, FAULT, AXIS);
    let isSettled = false;
    void drag.settle().then(() => (isSettled = true));
    const again = drag.settle();
    await settled();
    expect(isSettled).toBe(false);
    take(true);
    await again;
    expect([isSettled, drag.span]).toEqual([true, null]);
  });
});

test("imports of a gateway are those of its Logstore, and those of a gateway of a file are the built-in one's", () => {
  const of = (instance: string, logstore = 'l') => ({ instance, project: 'p', logstore }) as ImportFacts;
  const imports = [of('ngw-1'), of('ngw-2'), of('ngw-file'), of('ngw-1', 'other')];
  const log = (gateway: string, builtIn: boolean) =>
    ({ gateway, builtIn, destination: { project: 'p', logstore: 'l' } }) as SessionLogReport;
  const gateways = [{ id: 'ngw-default' }, { id: 'ngw-1' }, { id: 'ngw-2' }];
  expect(importsOf(imports, log('ngw-1', false), gateways)).toEqual([of('ngw-1')]);
  expect(importsOf(imports, log('ngw-default', true), gateways)).toEqual([of('ngw-file')]);
});

describe('the fault timeline', () => {
  const PRESET = { name: 'UnavaliableTarget', cause: 'c', effect: 'e', script: { seed: 3 } };
  const applied: unknown[] = [];
  const saved: unknown[] = [];
  async function opened(): Promise<{ engine: FakeEngine; faults: FaultTimelineState }> {
    const engine = new FakeEngine();
    const faults = new FaultTimelineState(engine, {
      onApplied: (...told) => applied.push(told),
      onSave: (script, name) => {
        saved.push([script, name]);
        return Promise.resolve(null);
      },
    });
    void faults.follow([{ run: 1, logEntries: 5 }]);
    await answer(engine, { ...REPORT, faults: [], statuses: [] });
    await engine.last('delivery:presets').answer(ok({ presets: [PRESET] }));
    return { engine, faults };
  }
  async function answer(engine: FakeEngine, report: DeliveryReport): Promise<void> {
    await engine.last('delivery:read').answer(ok(report));
    await engine.last('delivery:events').answer(ok({ events: [], total: 0 }));
  }

  test('begins with the deliveries that were made, of the newest import', async () => {
    const { engine, faults } = await opened();
    expect(engine.last('delivery:read').request).toEqual({ run: 1, script: null });
    expect([faults.script, faults.atSec]).toEqual([null, REPORT.endSec]);
    const newest = { run: 2, logEntries: 7 };
    await faults.follow([newest, { run: 1, logEntries: 5 }]);
    expect(faults.run).toBe(1);
  });

  test('begins with an import that has entries, and has no axis for one without windows', async () => {
    const { engine, faults } = await opened();
    void faults.follow([
      { run: 9, logEntries: 0 },
      { run: 8, logEntries: 3 },
    ]);
    await answer(engine, { ...REPORT, run: 8 });
    expect(faults.run).toBe(8);
    void faults.open(9);
    await answer(engine, { ...REPORT, run: 9, windows: [], statuses: [], startSec: 0, endSec: 0 });
    expect([faults.report?.run, faults.axis, faults.status]).toEqual([9, null, null]);
  });

  test('goes on with an import that goes on, where its end is looked at, and not while a script is tried', async () => {
    const { engine, faults } = await opened();
    const refreshing = faults.refresh();
    await answer(engine, { ...REPORT, faults: [], endSec: REPORT.endSec + 600 });
    await refreshing;
    expect(faults.atSec).toBe(REPORT.endSec + 600);
    faults.moveTo(START);
    const again = faults.refresh();
    await answer(engine, { ...REPORT, endSec: REPORT.endSec + 1200 });
    await again;
    expect(faults.atSec).toBe(START);
    void faults.choosePreset('UnavaliableTarget');
    await answer(engine, REPORT);
    const { length } = engine.asked;
    await faults.refresh();
    expect(engine.asked).toHaveLength(length);
  });

  test('moves a fault without moving the time that is looked at, and saves a script', async () => {
    const { engine, faults } = await opened();
    const taking = faults.takeScript({ faults: [{ fault: 'project_disabled', from: '+10m', to: '+22m' }] });
    await answer(engine, REPORT);
    await taking;
    faults.moveTo(START + 30);
    const moving = faults.moveFault(0, { fromSec: START + 90, toSec: START + 1200 });
    const script = { faults: [{ fault: 'project_disabled', from: '+90s', to: '+20m' }] };
    expect(engine.last('delivery:read').request).toEqual({ run: 1, script });
    await answer(engine, REPORT);
    expect([await moving, faults.atSec - START]).toEqual([true, 30]);
    await faults.saveScript(script);
    expect(saved).toEqual([[script, 'delivery-run-1.json']]);
  });

  test('moves one fault after the other, without losing the first move', async () => {
    const { engine, faults } = await opened();
    const fault = (from: string, to: string) => ({ fault: 'project_disabled', from, to });
    const taking = faults.takeScript({ faults: [fault('+10m', '+22m'), fault('+30m', '+32m')] });
    await answer(engine, REPORT);
    await taking;
    const first = faults.moveFault(0, { fromSec: START + 60, toSec: START + 120 });
    const second = faults.moveFault(1, { fromSec: START + 180, toSec: START + 240 });
    await answer(engine, REPORT);
    await first;
    await settled();
    await answer(engine, REPORT);
    expect(await second).toBe(true);
    expect(faults.script).toEqual({ faults: [fault('+1m', '+2m'), fault('+3m', '+4m')] });
  });

  test('opens the script when a fault is where it was moved to, which does not close it', async () => {
    const { engine, faults } = await opened();
    const fault = (from: string, to: string) => ({ fault: 'project_disabled', from, to });
    const taking = faults.takeScript({ faults: [fault('+10m', '+22m')] });
    await answer(engine, REPORT);
    await taking;
    void faults.moveFault(0, { fromSec: START + 60, toSec: START + 120 });
    const opening = faults.edit({ kind: 'json' });
    await answer(engine, REPORT);
    await opening;
    expect([faults.editing, faults.file]).toEqual([{ kind: 'json' }, { faults: [fault('+1m', '+2m')] }]);
  });

  test('shows a preset where its code holds, and moves by keys', async () => {
    const { engine, faults } = await opened();
    void faults.choosePreset('UnavaliableTarget');
    await answer(engine, REPORT);
    await settled();
    expect([faults.preset?.name, faults.atSec - START, faults.status?.code]).toEqual([
      'UnavaliableTarget',
      960,
      'UnavaliableTarget',
    ]);
    const seen = [
      ['ArrowRight', false],
      ['ArrowLeft', true],
      ['p', false],
      ['n', false],
    ].map(([key, isFar]) => [faults.onKey(key as string, isFar as boolean), faults.atSec - START]);
    expect(seen).toEqual([
      [true, 970],
      [true, 870],
      [true, 660],
      [true, 960],
    ]);
    expect(faults.onKey('Enter', false)).toBe(false);
  });

  test('keeps a fault that cannot be in its dialog', async () => {
    const { engine, faults } = await opened();
    await faults.edit({ kind: 'fault', index: null });
    const saved = faults.saveFault(NEW_FAULT);
    await engine.last('delivery:read').answer(failed('INTERNAL'));
    expect(await saved).toBe(false);
    expect([faults.editing?.kind, faults.refused?.code, faults.error]).toEqual(['fault', 'INTERNAL', null]);
  });

  test('applies what is looked at, and forgets the answer to an older question', async () => {
    const { engine, faults } = await opened();
    await faults.apply();
    void faults.choosePreset('UnavaliableTarget');
    const older = engine.last('delivery:read');
    void faults.takeScript({ seed: 4 });
    await answer(engine, REPORT);
    await older.answer(ok({ ...REPORT, run: 9 }));
    expect(faults.report?.run).toBe(1);
    void faults.apply();
    expect(engine.last('delivery:apply').request).toEqual({ run: 1, script: { seed: 4 } });
    await engine.last('delivery:apply').answer(ok(REPORT));
    expect([faults.script, applied]).toEqual([null, [[{ project: 'lab', logstore: 'log' }, 7, 2]]]);
  });
});
