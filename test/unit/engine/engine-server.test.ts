import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import type { ImportReport } from '../../../src-main/contract/imports';
import type { CallName } from '../../../src-main/contract/ipc';
import type { QueryReport, QueryRequest } from '../../../src-main/contract/query';
import type { CallListeners, EngineClient } from '../../../src-main/contract/wire';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import { createClient } from '../../../src-main/contract/engine-client';
import { memoryPair } from '../../../src-main/engine/memory-pair';
import type { FrameTransport } from '../../../src-main/contract/frame-transport';
import { handlersWith, unchecked } from '../../support/engine-calls';
import type { CallHandlers } from '../../../src-main/engine/engine-calls';
import { EngineServer } from '../../../src-main/engine/server';

const QUERY: QueryRequest = {
  text: '*',
  project: 'local',
  logstore: 'session-log',
  from: null,
  to: null,
  zone: 'UTC',
  limit: null,
  offset: 0,
  reverse: false,
  snapshot: null,
};
const REPORT: QueryReport = {
  rowCount: 0,
  columns: [],
  range: null,
  snapshot: { maxRun: null, startedMs: null, hidden: [], runs: 0 },
  notices: [],
  sql: '',
};

const batchOf = (value: number): ResultBatch => ({
  rowCount: 1,
  columns: [{ name: 'x', type: 'float64', data: Float64Array.of(value) }],
});

interface Served {
  readonly server: EngineServer;
  readonly client: EngineClient;
  readonly near: FrameTransport;
}

/** A client of a server whose `query:run` and `import:run` are these. */
function serve(handlers: Partial<CallHandlers>): Served {
  const server = new EngineServer({
    handlers: handlersWith({
      'query:run': () => Promise.resolve(REPORT),
      'import:run': () => Promise.reject(new AppError('CAPTURE_NOT_FOUND', 'no such file')),
      ...handlers,
    }),
    parseRequest: (call, input) => {
      if (call === 'query:run' && (typeof input !== 'object' || input === null || !('text' in input))) {
        throw new AppError('REQUEST_INVALID', 'no text');
      }
      return unchecked(call, input);
    },
  });
  const [near, far] = memoryPair();
  server.accept(far);
  const client = createClient(near);
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return { server, client, near };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

describe('a call', () => {
  test('is answered with what its handler returns', async () => {
    const { client } = serve({ 'query:run': (request) => Promise.resolve({ ...REPORT, sql: request.text }) });
    expect(await client.call('query:run', QUERY).outcome).toEqual({ ok: true, value: { ...REPORT, sql: '*' } });
  });

  test('that fails is answered with its code and detail', async () => {
    const { client } = serve({
      'query:run': () => Promise.reject(new AppError('QUERY_SYNTAX', 'at 3', { at: 3 })),
    });
    const error = { code: 'QUERY_SYNTAX', message: 'at 3', detail: { at: 3 } };
    expect(await client.call('query:run', QUERY).outcome).toEqual({ ok: false, error });
  });

  test('that fails by a bug is INTERNAL, and the next one is served', async () => {
    let calls = 0;
    const { client } = serve({
      'query:run': () => {
        if (calls++ === 0) throw new TypeError('oops');
        return Promise.resolve(REPORT);
      },
    });
    const outcome = await client.call('query:run', QUERY).outcome;
    expect(outcome).toMatchObject({ ok: false, error: { code: 'INTERNAL', message: 'oops' } });
    expect(await client.call('query:run', QUERY).outcome).toMatchObject({ ok: true });
  });

  test('that is cancelled behind the point of no return is answered with what it did', async () => {
    let cancel = (): void => undefined;
    const { client } = serve({
      'query:run': async (_request, { passNoReturn, signal }) => {
        passNoReturn();
        cancel();
        // Longer than a call that is cancelled is waited for.
        await new Promise((resolve) => setTimeout(resolve, 150));
        expect(signal.aborted).toBe(false);
        return REPORT;
      },
    });
    const running = client.call('query:run', QUERY);
    cancel = () => running.cancel();
    expect(await running.outcome).toMatchObject({ ok: true });
  });

  test.each([
    { name: 'with a request of another shape', call: 'query:run', request: 5 },
    { name: 'that is not in the contract', call: 'shell:run', request: {} },
    { name: 'named like a property of every object', call: 'toString', request: {} },
    { name: 'named by what cannot be text', call: { toString: 1 }, request: {} },
    { name: 'with a name of megabytes', call: '\u0001'.repeat(2 << 20), request: {} },
  ])('$name is REQUEST_INVALID, in few words', async ({ call, request }) => {
    const { client } = serve({});
    const outcome = await client.call(call as 'query:run', request as unknown as QueryRequest).outcome;
    expect(outcome).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } });
    expect(outcome.ok ? Infinity : outcome.error.message.length).toBeLessThan(200);
  });

  test('tells its caller of its progress', async () => {
    const progress = { readBytes: 1, totalBytes: null, packets: 2, windows: 3, elapsedMs: 4 };
    const { client } = serve({
      'import:run': (_request, { emit }) => {
        emit('import:progress', progress);
        return Promise.resolve({ run: 1 } as ImportReport);
      },
    });
    const events: unknown[] = [];
    const listeners: CallListeners = { onEvent: (name, payload) => events.push([name, payload]) };
    expect(await client.call('import:run', {} as never, listeners).outcome).toMatchObject({ ok: true });
    expect(events).toEqual([['import:progress', progress]]);
  });

  test('runs beside others, whose batches do not mix', async () => {
    const { client } = serve({
      'query:run': async ({ text }, { sendBatch }) => {
        for (let at = 0; at < 20; at++) await sendBatch(batchOf(Number(text) * 100 + at));
        return REPORT;
      },
    });
    const sums = await Promise.all(
      [1, 2, 3].map(async (text) => {
        const seen: number[] = [];
        const listeners: CallListeners = { onBatch: ({ columns }) => void seen.push(Number(columns[0]?.data[0])) };
        await client.call('query:run', { ...QUERY, text: String(text) }, listeners).outcome;
        return seen;
      }),
    );
    const row = Array.from({ length: 20 }, (_, at) => at);
    expect(sums).toEqual([1, 2, 3].map((text) => row.map((at) => text * 100 + at)));
  });
});

describe('a stream of batches', () => {
  test('waits for a reader who is slow, with at most four batches under way, and the outcome comes last', async () => {
    let sent = 0;
    let taken = 0;
    let most = 0;
    const { client } = serve({
      'query:run': async (_request, { sendBatch }) => {
        for (let at = 0; at < 30; at++) {
          await sendBatch(batchOf(at));
          sent += 1;
          most = Math.max(most, sent - taken);
        }
        return REPORT;
      },
    });
    const onBatch = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      taken += 1;
    };
    expect(await client.call('query:run', QUERY, { onBatch }).outcome).toMatchObject({ ok: true });
    expect(taken).toBe(30);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  test('is held by a reader who never takes one, and not by others', async () => {
    let sent = 0;
    const { client } = serve({
      'query:run': async ({ text }, { sendBatch }) => {
        for (let at = 0; text === 'many' && at < 30; at++, sent++) await sendBatch(batchOf(at));
        return REPORT;
      },
    });
    const stuck = client.call('query:run', { ...QUERY, text: 'many' }, { onBatch: () => new Promise(() => undefined) });
    for (let call = 0; call < 10; call++) await client.call('query:run', QUERY).outcome;
    expect(sent).toBe(4);
    stuck.cancel();
    expect(await stuck.outcome).toMatchObject({ ok: false, error: { code: 'QUERY_CANCELLED' } });
  });

  test('ends with the error of its reader, and the handler is cancelled', async () => {
    let wasCancelled = false;
    const { client } = serve({
      'query:run': async (_request, { sendBatch, signal }) => {
        try {
          for (;;) await sendBatch(batchOf(1));
        } finally {
          wasCancelled = signal.aborted;
        }
      },
    });
    const onBatch = (): void => {
      throw new AppError('OUTPUT_UNWRITABLE', 'the pipe is closed');
    };
    const outcome = await client.call('query:run', QUERY, { onBatch }).outcome;
    expect(outcome).toMatchObject({ ok: false, error: { code: 'OUTPUT_UNWRITABLE' } });
    expect(wasCancelled).toBe(true);
  });
});

describe('a cancel', () => {
  test('is answered with the error of the handler, which sees it', async () => {
    const { client } = serve({
      'query:run': async (_request, { signal }) => {
        await aborted(signal);
        throw new AppError('QUERY_CANCELLED', 'after 5 rows', { rows: 5 });
      },
    });
    const call = client.call('query:run', QUERY);
    call.cancel();
    expect(await call.outcome).toMatchObject({ ok: false, error: { code: 'QUERY_CANCELLED', detail: { rows: 5 } } });
  });

  test.each([
    { name: 'query:run', code: 'QUERY_CANCELLED' },
    { name: 'import:run', code: 'IMPORT_CANCELLED' },
  ] as const)('of $name whose handler does not end is answered within 100 ms with $code', async ({ name, code }) => {
    let finish = (): void => undefined;
    const stuck = new Promise<never>((_resolve, reject) => {
      finish = () => reject(new Error('late'));
    });
    const { client } = serve({ 'query:run': () => stuck, 'import:run': () => stuck });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const call = client.call<CallName>(name, QUERY);
    call.cancel();
    while (vi.getTimerCount() === 0) await nextTurn();
    vi.advanceTimersByTime(100);
    expect(await call.outcome).toMatchObject({ ok: false, error: { code } });
    finish();
  });

  test('after the answer is without effect', async () => {
    const { client } = serve({});
    const call = client.call('query:run', QUERY);
    expect(await call.outcome).toMatchObject({ ok: true });
    call.cancel();
    expect(await client.call('query:run', QUERY).outcome).toMatchObject({ ok: true });
  });
});

/** Handlers that are held until the test lets them go, in the order in which they were begun. */
class Held {
  readonly begun: string[] = [];
  readonly #release: (() => void)[] = [];
  mostAtOnce = 0;
  #running = 0;

  readonly handler = async ({ text }: QueryRequest): Promise<QueryReport> => {
    this.begun.push(text);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#running);
    await new Promise<void>((resolve) => this.#release.push(resolve));
    this.#running -= 1;
    return REPORT;
  };

  async begin(count: number): Promise<void> {
    while (this.begun.length < count) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets go of those that run, and of all that come after. */
  async letGoUntil(outcomes: readonly Promise<unknown>[]): Promise<void> {
    const settled = Promise.all(outcomes).then(() => true);
    const turn = (): Promise<false> => new Promise((resolve) => setImmediate(resolve, false));
    while (!(await Promise.race([settled, turn()]))) {
      this.#release.shift()?.();
    }
  }
}

describe('calls of one client', () => {
  const many = (client: EngineClient, count: number) =>
    Array.from({ length: count }, (_, at) => client.call('query:run', { ...QUERY, text: String(at) }));

  test('run eight queries at once, begin in their order, and hold no other client up', async () => {
    const held = new Held();
    const { client, server } = serve({ 'query:run': held.handler });
    const calls = many(client, 1000);
    await held.begin(8);
    let answered = 0;
    for (const { outcome } of calls) void outcome.then(() => (answered += 1));
    const [near, far] = memoryPair();
    server.accept(far);
    const other = createClient(near);
    const others = other.call('query:run', { ...QUERY, text: 'other' }).outcome.then(() => answered);
    await held.letGoUntil([...calls.map(({ outcome }) => outcome), others]);
    expect(await others).toBeLessThan(100);
    expect(held.begun.filter((text) => text !== 'other')).toEqual(calls.map((_, at) => String(at)));
    expect(held.mostAtOnce).toBeLessThanOrEqual(9);
    for (const { outcome } of calls) expect(await outcome).toMatchObject({ ok: true });
    await other.close();
  });

  test('that are cancelled while they wait are answered at once, and never begun', async () => {
    const held = new Held();
    const { client } = serve({ 'query:run': held.handler });
    const calls = many(client, 100);
    await held.begin(8);
    const cancelled = calls.slice(8, -1);
    for (const call of cancelled) call.cancel();
    // While what they wait for goes on.
    for (const { outcome } of cancelled) {
      expect(await outcome).toMatchObject({ ok: false, error: { code: 'QUERY_CANCELLED' } });
    }
    expect(held.begun).toHaveLength(8);
    await held.letGoUntil(calls.map(({ outcome }) => outcome));
    expect(held.begun).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '99']);
  });

  test('that wait are never begun when their client has gone', async () => {
    const held = new Held();
    const { client, server } = serve({ 'query:run': held.handler });
    const calls = many(client, 50);
    await held.begin(8);
    await client.close();
    await held.letGoUntil([...calls.map(({ outcome }) => outcome), server.settle()]);
    expect(held.begun).toHaveLength(8);
  });

  test('for the catalogue wait for no query, and queries for no import', async () => {
    const held = new Held();
    const imports = new Held();
    const { client } = serve({
      'query:run': ({ text }) => (text === 'quick' ? Promise.resolve(REPORT) : held.handler({ ...QUERY, text })),
      'import:run': async () => {
        await imports.handler(QUERY);
        return { run: 1 } as ImportReport;
      },
      'workspace:read': () => Promise.resolve({ workspace: '/w', logstores: [], imports: [] }),
    });
    const running = Array.from({ length: 20 }, () => client.call('import:run', {} as never));
    await imports.begin(4);
    expect(await client.call('query:run', { ...QUERY, text: 'quick' }).outcome).toMatchObject({ ok: true });
    const queries = many(client, 20);
    await held.begin(8);
    expect(await client.call('workspace:read', {}).outcome).toMatchObject({ ok: true });
    running.at(-1)?.cancel();
    expect(await running.at(-1)?.outcome).toMatchObject({ error: { code: 'IMPORT_CANCELLED' } });
    expect(imports.begun).toHaveLength(4);
    await held.letGoUntil(queries.map(({ outcome }) => outcome));
    await imports.letGoUntil(running.map(({ outcome }) => outcome));
  });

  test.each([
    { name: 'number', count: 8 + 1000 + 5, text: '', refused: 5 },
    { name: 'length', count: 8 + 40, text: 'x'.repeat(1 << 20), refused: 9 },
  ])('are refused with a code when too many wait, by their $name', async ({ count, text, refused }) => {
    const held = new Held();
    const { client } = serve({ 'query:run': held.handler });
    const calls = Array.from({ length: count }, () => client.call('query:run', { ...QUERY, text }).outcome);
    for (const outcome of calls.slice(-refused)) {
      expect(await outcome).toMatchObject({ ok: false, error: { code: 'ENGINE_BUSY' } });
    }
    await held.letGoUntil(calls);
    expect(held.begun).toHaveLength(count - refused);
    // There is room again.
    const after = client.call('query:run', QUERY).outcome;
    await held.letGoUntil([after]);
    expect(await after).toMatchObject({ ok: true });
  });
});

describe('a connection that ends', () => {
  test('aborts the calls of its client, and answers them ENGINE_GONE', async () => {
    let sawAbort: () => void = () => undefined;
    const abortSeen = new Promise<void>((resolve) => (sawAbort = resolve));
    const { client, near } = serve({
      'query:run': async (_request, { signal, sendBatch }) => {
        await aborted(signal);
        sawAbort();
        await sendBatch(batchOf(1));
        return REPORT;
      },
    });
    const { outcome } = client.call('query:run', QUERY);
    near.close();
    expect(await outcome).toMatchObject({ ok: false, error: { code: 'ENGINE_GONE' } });
    await abortSeen;
    expect(await client.call('query:run', QUERY).outcome).toMatchObject({ ok: false, error: { code: 'ENGINE_GONE' } });
  });

  test('by the server closing waits for the handlers', async () => {
    let ended = false;
    const { client, server } = serve({
      'query:run': async (_request, { signal }) => {
        await aborted(signal);
        await new Promise((resolve) => setImmediate(resolve));
        ended = true;
        return REPORT;
      },
    });
    const { outcome } = client.call('query:run', QUERY);
    await client.call('import:run', {} as never).outcome;
    await server.close();
    expect(ended).toBe(true);
    expect(await outcome).toMatchObject({ ok: false, error: { code: 'ENGINE_GONE' } });
  });
});
