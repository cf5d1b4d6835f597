import { expect, test } from 'vitest';
import type { ImportPreview } from '../../../src-main/contract/import-preview';
import { ImportAsking } from '../../../src-renderer/features/captures/import-asking.svelte';
import { t } from '../../../src-renderer/services/messages/catalogue';
import { DEFAULT_PLAN } from '../../../src-renderer/features/captures/import-plan';
import { Remedies } from '../../../src-renderer/features/captures/remedies.svelte';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { FakeEngine, failed, ok, settled } from './fake-engine';

const PREVIEW = {
  packets: 3,
  isWhole: true,
  translated: { packets: 3, ipBytes: 90 },
  skipped: [],
  unreadable: [],
  remedies: [],
};
const GLANCE = { path: '/a.pcap', format: 'pcap' };

function open(pathOf?: HostBridge['pathOf']) {
  const engine = new FakeEngine();
  const chosen: unknown[][] = [];
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  } as unknown as Storage;
  const bridge = { kind: pathOf === undefined ? 'desktop' : 'browser', pathOf } as unknown as HostBridge;
  const asking = new ImportAsking(engine, bridge, storage, { onChosen: (...values) => chosen.push(values) });
  return { engine, asking, chosen, kept };
}
type Desk = ReturnType<typeof open>;

async function glance(
  { engine }: Desk,
  captures: unknown[] = [GLANCE],
  sessionLogs: readonly object[] = [],
): Promise<void> {
  await settled();
  await engine.last('session-log:list').answer(ok({ sessionLogs }));
  await engine.last('capture:info').answer(ok({ captures }));
}

async function previewed({ engine }: Desk, preview: Partial<ImportPreview> = {}): Promise<void> {
  await engine.last('import:preview').answer(ok({ ...PREVIEW, ...preview }));
}

test('captures are asked about with what they are and what would be translated, and imported as proposed', async () => {
  const desk = open();
  void desk.asking.add(['/a.pcap']);
  await glance(desk);
  const asked = desk.asking.current;
  expect([asked?.glances, asked?.isPreviewing]).toEqual([[GLANCE], true]);
  expect(desk.engine.last('import:preview').request).toEqual({
    ...{ captures: ['/a.pcap'], layer: 'auto', inside: [], eips: [], seed: 0 },
  });
  await previewed(desk);
  expect([asked?.preview, asked?.isPreviewing]).toEqual([PREVIEW, false]);
  if (asked != null) desk.asking.start(asked);
  expect(desk.asking.current).toBeNull();
  expect(desk.chosen).toEqual([[['/a.pcap'], DEFAULT_PLAN, ['/a.pcap']]]);
});

test('an import does not wait for its preview', async () => {
  const desk = open();
  void desk.asking.add(['/a.pcap']);
  await glance(desk);
  expect(desk.asking.current !== null && desk.asking.start(desk.asking.current)).toBe(true);
  expect(desk.engine.last('import:preview').isCancelled).toBe(true);
  expect(desk.chosen).toHaveLength(1);
});

test('another gateway is looked at anew, an older answer is not shown, and one that is refused is not used', async () => {
  const desk = open();
  void desk.asking.add(['/a.pcap']);
  await glance(desk);
  const first = desk.engine.last('import:preview');
  const asked = desk.asking.current;
  if (asked === null) throw new Error('nothing is asked');
  asked.form.mode = 'settings';
  asked.form.set('profile', 'linux');
  void desk.asking.preview(asked);
  await settled();
  expect([first.isCancelled, desk.engine.last('import:preview').request['gateway']]).toEqual([
    true,
    { profile: 'linux' },
  ]);
  await first.answer(failed('QUERY_CANCELLED'));
  expect([asked.isPreviewing, asked.error]).toEqual([true, null]);
  await desk.engine.last('import:preview').answer({
    ok: false,
    error: { code: 'GATEWAY_INVALID', message: 'as the test has it', detail: {} },
  });
  expect([asked.error?.code, asked.plan, desk.asking.start(asked)]).toEqual(['GATEWAY_INVALID', null, false]);
  asked.form.set('profile', 'aws');
  void desk.asking.preview(asked);
  await previewed(desk);
  expect(desk.asking.start(asked)).toBe(true);
  expect(desk.chosen[0]?.[1]).toEqual({ ...DEFAULT_PLAN, gateway: { profile: 'aws' } });

  // The next captures begin with the gateway of these.
  void desk.asking.add(['/b.pcap']);
  await glance(desk);
  expect(desk.engine.last('import:preview').request['gateway']).toEqual({ profile: 'aws' });
});

test('what was named as unreadable is left out, and captures of which none can be read are not asked about', async () => {
  const desk = open();
  void desk.asking.add(['/a.pcap', '/notes.txt']);
  await glance(desk);
  await previewed(desk, { skipped: [{ path: '/notes.txt', code: 'CAPTURE_NOT_A_CAPTURE', message: 'no capture' }] });
  if (desk.asking.current !== null) desk.asking.start(desk.asking.current);
  expect(desk.chosen[0]?.[1]).toEqual({ ...DEFAULT_PLAN, keepGoing: true });
  void desk.asking.add(['/notes.txt']);
  await glance(desk, []);
  expect(desk.asking.current).toBeNull();
  expect(desk.chosen[1]).toEqual([['/notes.txt'], DEFAULT_PLAN, ['/notes.txt']]);
});

test('captures that are asked about one after the other wait for each other', async () => {
  const desk = open();
  void desk.asking.add(['/a.pcap']);
  await glance(desk);
  void desk.asking.add(['/b.pcap']);
  await glance(desk);
  await previewed(desk);
  expect(desk.asking.current?.names).toEqual(['a.pcap']);
  if (desk.asking.current !== null) desk.asking.leave(desk.asking.current);
  expect([desk.asking.current?.names, desk.asking.current?.preview, desk.chosen]).toEqual([['b.pcap'], PREVIEW, []]);
});

test('a Logstore of other entries is no target, and another project is', async () => {
  const desk = open();
  void desk.asking.add(['/a.pcap']);
  await glance(desk);
  await desk.engine.last('project:list').answer(ok({ projects: [{ name: 'edge' }] }));
  await desk.engine.last('logstore:list').answer(
    ok({
      logstores: [
        { project: 'edge', logstore: 'nat', schema: 'session_log', entries: 7 },
        { project: 'edge', logstore: 'web', schema: 'custom', entries: 7 },
      ],
    }),
  );
  const asked = desk.asking.current;
  if (asked === null) throw new Error('nothing is asked');
  asked.project = 'edge';
  expect([asked.projectNames, asked.logstoreNames]).toEqual([
    ['local', 'edge'],
    ['session-log', 'nat'],
  ]);
  for (const [logstore, problem] of [
    ['web', t.loads.problem.otherKind],
    [' ', t.loads.problem.noLogstore],
    [
      'Bad Name!',
      'This is no name of a Logstore: "B" is not allowed: use lowercase letters, digits, hyphens and underscores.',
    ],
    ['nat', null],
  ] as const) {
    asked.logstore = logstore;
    expect([asked.targetProblem, asked.plan === null]).toEqual([problem, problem !== null]);
  }
  desk.asking.start(asked);
  expect(desk.chosen[0]?.[1]).toEqual({ ...DEFAULT_PLAN, project: 'edge', logstore: 'nat' });
});

test('what a browser sends is asked about when it is there, and goes when nobody wants it', async () => {
  let arrive: (path: string) => void = () => undefined;
  const desk = open(
    () =>
      new Promise((resolve) => {
        arrive = (path) => resolve({ ok: true, value: path });
      }),
  );
  const file = new File(['x'], 'a.pcap');
  void desk.asking.add([file]);
  const asked = desk.asking.current;
  expect([asked?.isCopying, asked?.plan]).toEqual([true, null]);
  arrive('/uploads/1/a.pcap');
  await glance(desk);
  expect([asked?.isCopying, desk.engine.last('import:preview').request['captures']]).toEqual([
    false,
    ['/uploads/1/a.pcap'],
  ]);
  if (asked !== null) desk.asking.leave(asked);
  expect(desk.engine.last('upload:discard').request).toEqual({ captures: ['/uploads/1/a.pcap'] });
  expect([desk.asking.current, desk.chosen]).toEqual([null, []]);
});

test('what would have helped an import is asked once, and again when it could not be told', async () => {
  const engine = new FakeEngine();
  const remedies = new Remedies(engine);
  void remedies.load(3);
  void remedies.load(3);
  expect(engine.asked).toHaveLength(1);
  await engine.last('import:remedies').answer(failed('ENGINE_GONE'));
  expect([remedies.of(3), remedies.errorOf(3)?.code]).toEqual([null, 'ENGINE_GONE']);
  void remedies.load(3);
  await engine.last('import:remedies').answer(ok({ packets: 3, isWhole: true, remedies: [] }));
  void remedies.load(3);
  expect([engine.asked.length, remedies.of(3)?.packets, remedies.errorOf(3)]).toEqual([2, 3, null]);
});

test('captures go through the gateways whose session log is enabled, unless somebody says otherwise', async () => {
  const sessionLogs = [
    { gateway: 'ngw-default', builtIn: true, status: 'Enabled' },
    { gateway: 'ngw-a', builtIn: false, status: 'Enabled' },
    { gateway: 'ngw-b', builtIn: false, status: 'Stopped' },
  ];
  const desk = open();
  void desk.asking.add(['/a.pcap']);
  await glance(desk, [GLANCE], sessionLogs);
  const asked = desk.asking.current;
  if (asked === null) throw new Error('nothing is asked');
  await desk.engine.last('project:list').answer(ok({ projects: [] }));
  await desk.engine.last('logstore:list').answer(ok({ logstores: [] }));
  expect(asked.sessionLogs.map(({ gateway }) => gateway)).toEqual(['ngw-a']);
  expect(asked.plan).toEqual({ ...DEFAULT_PLAN, sessionLogs: 'enabled' });
  asked.isBySessionLogs = false;
  expect(asked.plan).toEqual(DEFAULT_PLAN);
});

test('of several gateways, each can be left out, and says what it would translate', async () => {
  const sessionLogs = ['ngw-a', 'ngw-b'].map((gateway) => ({ gateway, builtIn: false, status: 'Enabled' }));
  const desk = open();
  void desk.asking.add(['/a.pcap']);
  await glance(desk, [GLANCE], sessionLogs);
  const asked = desk.asking.current;
  if (asked === null) throw new Error('nothing is asked');
  expect(desk.engine.last('import:preview').request).toMatchObject({ captures: ['/a.pcap'], sessionLog: 'ngw-a' });
  await previewed(desk);
  await settled();
  expect(desk.engine.last('import:preview').request).toMatchObject({ sessionLog: 'ngw-b' });
  expect([...asked.through.keys()]).toEqual(['ngw-a']);
  expect(asked.plan).toEqual({ ...DEFAULT_PLAN, sessionLogs: 'enabled' });
  asked.choose('ngw-b', false);
  expect(asked.plan).toEqual({ ...DEFAULT_PLAN, sessionLogs: ['ngw-a'] });
  asked.choose('ngw-a', false);
  expect([asked.plan, desk.asking.start(asked)]).toEqual([null, false]);
  asked.choose('ngw-a', true);
  asked.choose('ngw-b', true);
  expect(asked.plan).toEqual({ ...DEFAULT_PLAN, sessionLogs: 'enabled' });
  desk.asking.start(asked);
  expect(desk.engine.last('import:preview').isCancelled).toBe(true);
});

test('nothing is imported before it is known which session logs are enabled', async () => {
  const desk = open((_file, _onProgress) => Promise.resolve(ok('/copy')) as never);
  void desk.asking.add([new File(['a'], 'a.pcap')]);
  await settled();
  const asked = desk.asking.current;
  if (asked === null) throw new Error('nothing is asked');
  expect([asked.isCopying, asked.plan, desk.asking.start(asked)]).toEqual([false, null, false]);
  await glance(desk);
  await settled();
  expect(asked.plan).toEqual(DEFAULT_PLAN);
});

test('a capture is read to its end once, again after a failure, and no longer than somebody is asked', async () => {
  const desk = open();
  void desk.asking.add(['/a.pcap']);
  await glance(desk);
  const asked = desk.asking.current;
  if (asked === null) throw new Error('nothing is asked');
  const read = (): void => void desk.asking.read(asked, '/a.pcap');
  read();
  expect(asked.readings.get('/a.pcap')?.outcome).toBeNull();
  read();
  expect(desk.engine.asked.filter(({ name }) => name === 'capture:read')).toHaveLength(1);
  await desk.engine.last('capture:read').answer(failed('INTERNAL'));
  expect(asked.readings.get('/a.pcap')?.outcome?.ok).toBe(false);
  read();
  await desk.engine.last('capture:read').answer(ok({ path: '/a.pcap' }));
  read();
  expect(desk.engine.asked.filter(({ name }) => name === 'capture:read').map(({ request }) => request)).toEqual([
    { path: '/a.pcap' },
    { path: '/a.pcap' },
  ]);
  expect(asked.readings.get('/a.pcap')?.outcome).toEqual(ok({ path: '/a.pcap' }));
  void desk.asking.read(asked, '/b.pcap');
  desk.asking.leave(asked);
  expect(desk.engine.last('capture:read').isCancelled).toBe(true);
});
