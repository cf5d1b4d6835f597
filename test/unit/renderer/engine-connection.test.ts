import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { encodeFrame, FrameReader, type Frame } from '../../../src-main/contract/frame-codec';
import type { EnginePipeListener, EngineState, HostEventName } from '../../../src-main/contract/host-bridge';
import { PROTOCOL_VERSION } from '../../../src-main/contract/wire';
import { EngineConnection } from '../../../src-renderer/services/engine-connection.svelte';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { settled } from './fake-engine';

const coder = {
  encode: (text: string): Uint8Array => new TextEncoder().encode(text),
  decode: (bytes: Uint8Array): string => new TextDecoder().decode(bytes),
};

/** The engine's end of one connection. */
class FakePipe {
  readonly frames: Frame[] = [];
  readonly #reader = new FrameReader(coder);
  readonly #listener: EnginePipeListener;

  constructor(listener: EnginePipeListener) {
    this.#listener = listener;
  }

  take(bytes: Uint8Array): void {
    this.frames.push(...this.#reader.push(bytes));
  }

  /** Byte by byte: a host may cut anywhere. */
  say(frame: Frame): void {
    for (const byte of encodeFrame(frame, coder)) this.#listener.onBytes(Uint8Array.of(byte));
  }

  sayBytes(bytes: Uint8Array): void {
    this.#listener.onBytes(bytes);
  }

  greet(protocol = PROTOCOL_VERSION): void {
    this.say({ kind: 'hello', id: 0, protocol });
  }

  end(): void {
    this.#listener.onClose();
  }
}

function open(): {
  connection: EngineConnection;
  pipes: FakePipe[];
  tell: (state: EngineState) => void;
  calls: string[];
} {
  const pipes: FakePipe[] = [];
  const calls: string[] = [];
  let tell: (state: EngineState) => void = () => undefined;
  const bridge = {
    kind: 'desktop',
    call: (name: string) => {
      calls.push(name);
      return Promise.resolve({ ok: true, value: null });
    },
    on: (name: HostEventName, listener: (payload: never) => void) => {
      if (name === 'engine:state') tell = listener as (state: EngineState) => void;
      return () => undefined;
    },
    connectEngine: (listener: EnginePipeListener) => {
      const pipe = new FakePipe(listener);
      pipes.push(pipe);
      return { send: (bytes: Uint8Array) => pipe.take(bytes), close: () => pipe.end() };
    },
  };
  const connection = new EngineConnection(bridge as unknown as HostBridge);
  connection.start();
  return { connection, pipes, tell: (state) => tell(state), calls };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('is ready when the engine has greeted', async () => {
  const { connection, pipes } = open();
  expect(connection.state.kind).toBe('starting');
  pipes[0]?.greet();
  await settled();
  expect(connection.state.kind).toBe('ready');
});

test('a call made before waits for the engine, and has its answer', async () => {
  const { connection, pipes } = open();
  const { outcome } = connection.call('workspace:read', {});
  expect(pipes[0]?.frames).toEqual([]);
  pipes[0]?.greet();
  await settled();
  expect(pipes[0]?.frames).toMatchObject([{ kind: 'call', name: 'workspace:read' }]);
  const value = { workspace: '/w', logstores: [], imports: [] };
  pipes[0]?.say({ kind: 'reply', id: 1, outcome: { ok: true, value } });
  expect(await outcome).toEqual({ ok: true, value });
});

test('an engine of another version is refused with words', async () => {
  const { connection, pipes } = open();
  pipes[0]?.greet(PROTOCOL_VERSION + 1);
  await settled();
  expect(connection.state).toMatchObject({ kind: 'down', error: { code: 'ENGINE_GONE' } });
});

test('a call under way fails when the engine goes, and a host that has it again is connected to', async () => {
  const { connection, pipes, tell } = open();
  pipes[0]?.greet();
  await settled();
  const { outcome } = connection.call('workspace:read', {});
  pipes[0]?.end();
  expect(await outcome).toMatchObject({ ok: false, error: { code: 'ENGINE_GONE' } });
  tell({ kind: 'down', error: { code: 'ENGINE_GONE', message: 'killed', detail: {} } });
  expect(connection.state).toMatchObject({ kind: 'down', error: { message: 'killed' } });
  expect(await connection.call('workspace:read', {}).outcome).toMatchObject({ error: { message: 'killed' } });
  tell({ kind: 'ready' });
  pipes.at(-1)?.greet();
  await settled();
  expect(connection.state.kind).toBe('ready');
});

test('a connection that only broke is made again without a word of the host', async () => {
  const { connection, pipes } = open();
  pipes[0]?.greet();
  await settled();
  pipes[0]?.end();
  await settled();
  vi.advanceTimersByTime(100);
  expect(pipes).toHaveLength(2);
  pipes[1]?.greet();
  await settled();
  expect(connection.state.kind).toBe('ready');
});

test('an engine that cannot be reached is down after a few attempts, and calls that wait are told', async () => {
  const { connection, pipes } = open();
  const { outcome } = connection.call('workspace:read', {});
  for (let attempt = 0; attempt < 4; attempt++) {
    pipes.at(-1)?.end();
    await settled();
    vi.advanceTimersByTime(1500);
    await settled();
  }
  expect(connection.state.kind).toBe('down');
  expect(await outcome).toMatchObject({ ok: false, error: { code: 'ENGINE_GONE' } });
});

test('restart asks the host, and connects', async () => {
  const { connection, pipes, calls, tell } = open();
  pipes[0]?.greet();
  await settled();
  tell({ kind: 'down', error: { code: 'ENGINE_GONE', message: 'killed', detail: {} } });
  const restarting = connection.restart();
  await settled();
  expect(calls).toEqual(['engine:restart']);
  pipes.at(-1)?.greet();
  await restarting;
  expect(connection.state.kind).toBe('ready');
});

test('bytes that are no frames end the connection', async () => {
  const { connection, pipes } = open();
  pipes[0]?.greet();
  await settled();
  const { outcome } = connection.call('workspace:read', {});
  const rubbish = encodeFrame({ kind: 'hello', id: 0, protocol: PROTOCOL_VERSION }, coder);
  rubbish.fill(0xff, 8);
  pipes[0]?.sayBytes(rubbish);
  expect(await outcome).toMatchObject({ ok: false, error: { code: 'ENGINE_GONE' } });
});
