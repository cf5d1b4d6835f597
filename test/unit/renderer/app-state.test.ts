import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ErrorShape } from '../../../src-main/contract/errors';
import { AppState } from '../../../src-renderer/app-state.svelte';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import type { UserEvent } from '../../../src-renderer/frame/user-acts';
import { FakeEngine, failed, ok, settled } from './fake-engine';

beforeEach(() => {
  vi.stubGlobal('document', { documentElement: { dataset: {} } });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  vi.stubGlobal('location', { hash: '' });
});
afterEach(() => vi.unstubAllGlobals());

function open(session: Storage | null = null): { readonly app: AppState; readonly engine: FakeEngine } {
  const engine = new FakeEngine();
  const call = (name: string) => Promise.resolve(ok(name === 'capture:sample' ? '/samples/office.pcap' : []));
  const bridge = { kind: 'desktop', call } as unknown as HostBridge;
  const app = new AppState(bridge, null, session, null);
  app.engine.call = (name, request, listeners) => engine.call(name, request, listeners);
  return { app, engine };
}

test('a double click on the sample opens it once', async () => {
  const { app, engine } = open();
  void app.files.openSample();
  void app.files.openSample();
  await settled();
  void app.files.openSample();
  await settled();
  expect(app.queue.jobs).toHaveLength(1);
  await engine.last('import:run').answer(failed('IMPORT_CANCELLED'));
  void app.files.openSample();
  await settled();
  expect(app.queue.jobs).toHaveLength(2);
});

describe('a host that has nothing to do with the window', () => {
  const error: ErrorShape = { code: 'HOST_REFUSED', message: 'as the test has it', detail: { hasKey: false } };

  test('is why nothing can be opened', () => {
    const { app } = open();
    expect(app.refusal).toBeNull();
    app.engine.state = { kind: 'down', error: { code: 'ENGINE_GONE', message: 'ended', detail: {} } };
    expect(app.refusal).toBeNull();
    app.engine.state = { kind: 'down', error };
    expect(app.refusal).toBe('This tab has no key to Natscope.');
    app.engine.state = { kind: 'down', error: { ...error, detail: { hasKey: true } } };
    expect(app.refusal).toBe('The session of this tab has ended.');
  });

  test('is told to whoever drops a capture, or presses the key', () => {
    const { app } = open();
    app.engine.state = { kind: 'down', error };
    app.files.openDropped({ files: [new File(['x'], 'a.pcap')], folders: [] });
    void app.files.choose();
    expect(app.queue.jobs).toEqual([]);
    expect(app.announcer.toasts.list.map(({ title }) => title)).toContain('This tab has no key to Natscope.');
  });
});

describe('the address of a saved search', () => {
  const place = { project: 'local', logstore: 'session-log' } as const;
  const search = { name: 'web', query: 'pub_port=443', range: null, variables: {}, updatedMs: 1 };

  /** Opens it by its link, and changes it. */
  async function changed(): Promise<ReturnType<typeof open> & { readonly replaced: readonly string[] }> {
    const replaced: string[] = [];
    vi.stubGlobal('location', { hash: '#/logs/local/session-log/web' });
    vi.stubGlobal('history', { replaceState: (_: unknown, __: string, url: string) => replaced.push(url) });
    const { app, engine } = open();
    app.follow({ page: 'logs', ...place, saved: 'web' });
    void app.runQuery();
    await engine.last('saved-search:read').answer(ok(search));
    if (app.logs !== null) app.logs.text = 'pub_port=443 and edited';
    return { app, engine, replaced };
  }

  test('leaves what was changed of it, when one goes back to it', async () => {
    const { app, engine } = await changed();
    app.follow({ page: 'who' });
    app.follow({ page: 'logs', ...place, saved: 'web' });
    expect(engine.asked.filter(({ name }) => name === 'saved-search:read')).toHaveLength(1);
    expect(app.logs?.text).toBe('pub_port=443 and edited');
    app.follow({ page: 'logs', ...place, saved: 'other' });
    expect(engine.last('saved-search:read').request).toEqual({ ...place, name: 'other' });
  });

  test('stays, whichever way leads to its page, and is no other page’s', async () => {
    const { app, replaced } = await changed();
    location.hash = '#/logs/local/session-log';
    app.follow({ page: 'logs', ...place });
    app.noteAddress();
    expect(replaced).toEqual(['#/logs/local/session-log/web']);
    for (const hash of ['#/who', '#/logs/local/other']) {
      location.hash = hash;
      app.noteAddress();
    }
    expect(replaced).toHaveLength(1);
  });
});

test('a load that ended with the page before is named, beside an import, once', async () => {
  const kept = new Map([
    ['natscope.importing', JSON.stringify({ names: ['a.pcap'], sinceMs: 1000 })],
    ['natscope.loading', JSON.stringify({ names: ['log.csv', 'more.csv'], sinceMs: 1000 })],
  ]);
  const tab = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const { app, engine } = open(tab as Storage);
  void app.onReady();
  await settled();
  await engine.last('workspace:read').answer(ok({ workspace: '/w', imports: [], logstores: [] }));
  expect(app.announcer.toasts.list.map(({ title }) => title)).toEqual([
    'The import of a.pcap was cancelled.',
    'The load of log.csv and 1 more file was cancelled.',
  ]);
  expect(kept.size).toBe(0);
});

describe('after an import', () => {
  const done = {
    ...{
      run: 1,
      project: 'local',
      logstore: 'session-log',
      logEntries: 3,
      windows: 1,
      skipped: [],
      captures: [],
      described: [],
    },
    ledger: { fileBytes: { unreadable: [] }, packets: { notInEntries: {} } },
  };
  const button = { closest: (selector: string) => (selector.includes('button') ? {} : null) };
  const click = (detail: number, target: unknown): UserEvent => ({ detail, target: target as EventTarget });

  async function finish(engine: FakeEngine): Promise<void> {
    await engine.last('import:run').answer(ok(done));
    await engine.last('workspace:read').answer(ok({ workspace: '/w', logstores: [], imports: [] }));
  }

  test.each<{ name: string; act: (app: AppState) => void; hash: string }>([
    { name: 'moves for whoever waited', act: () => undefined, hash: '#/logs/local/session-log' },
    {
      name: 'moves for a double click and a look around',
      act: (app) => {
        app.attention.note(click(2, button));
        app.attention.note(click(1, { closest: () => null }));
        app.attention.note({ key: 'PageDown', repeat: false });
        app.attention.note({ key: 'Enter', repeat: true });
      },
      hash: '#/logs/local/session-log',
    },
    { name: 'stays for an open dialog', act: (app) => app.files.openPathDialog(), hash: '#/captures' },
    { name: 'stays for a ledger', act: (app) => app.openLedger(1), hash: '#/captures' },
    { name: 'stays for the dialog of files', act: (app) => void app.files.choose(), hash: '#/captures' },
    {
      name: 'stays for a focus by key',
      act: (app) => app.attention.note({ key: 'Tab', repeat: false }),
      hash: '#/captures',
    },
    { name: 'stays for a click on a button', act: (app) => app.attention.note(click(1, button)), hash: '#/captures' },
  ])('the page $name', async ({ act, hash }) => {
    const { app, engine } = open();
    app.files.import(['/a.pcap']);
    await settled();
    act(app);
    await finish(engine);
    expect(location.hash).toBe(hash);
  });

  test('the digests of its captures are computed', async () => {
    const { app, engine } = open();
    app.files.import(['/a.pcap']);
    await settled();
    expect(engine.asked.map(({ name }) => name)).not.toContain('digest:run');
    await finish(engine);
    expect(engine.last('digest:run').request).toEqual({ run: 1 });
  });

  test('the page moves when the last of several is done', async () => {
    const { app, engine } = open();
    app.files.import(['/a.pcap']);
    app.files.import(['/b.pcap']);
    await settled();
    await finish(engine);
    expect(location.hash).toBe('#/captures');
    await finish(engine);
    expect(location.hash).toBe('#/logs/local/session-log');
  });

  test('the page moves for one that was tried again', async () => {
    const { app, engine } = open();
    const job = app.files.import(['/a.pcap']);
    await settled();
    await engine.last('import:run').answer(failed('INTERNAL'));
    app.attention.note(click(1, button));
    if (job !== null) app.queue.retry(job);
    await settled();
    await finish(engine);
    expect(location.hash).toBe('#/logs/local/session-log');
  });
});

test.each([
  { name: 'is asked again by an engine that was started again', rest: {}, times: 2 },
  { name: 'is not, while another question is being written', rest: { endpoint: '203.0.113.10:2' }, times: 1 },
])('who it was $name', async ({ rest, times }) => {
  const { app, engine } = open();
  app.who.place = { project: 'local', logstore: 'session-log' };
  app.who.write({ endpoint: '203.0.113.10:21733', at: 'end' });
  void app.who.ask();
  await engine.last('attribution:read').answer(failed('ENGINE_GONE'));
  if ('endpoint' in rest) app.who.write(rest);
  void app.onReady();
  await engine.last('workspace:read').answer(ok({ workspace: '/w', imports: [], logstores: [] }));
  expect(engine.asked.filter(({ name }) => name === 'attribution:read')).toHaveLength(times);
});

test('what was known of a Logstore that turns out to be gone is read again', () => {
  const { app, engine } = open();
  app.follow({ page: 'logs', project: 'local', logstore: 'nat' });
  if (app.logs === null) throw new Error('there is no page');
  app.followPlace();
  app.logs.error = { code: 'QUERY_SYNTAX', message: '', detail: {} };
  app.followPlace();
  expect(engine.asked).toEqual([]);
  app.logs.error = { code: 'INDEX_MISSING', message: '', detail: {} };
  app.followPlace();
  expect(engine.asked.map(({ name }) => name)).toEqual(['workspace:read']);
});
