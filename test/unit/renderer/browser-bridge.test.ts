import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MAX_PIECE_BYTES, type EngineState } from '../../../src-main/contract/host-bridge';
import { BrowserBridge } from '../../../src-renderer/services/browser-bridge';
import { settled } from './fake-engine';

/** The part of a `WebSocket` that the bridge uses, with the other end in the test's hands. */
class FakeSocket {
  readyState = 0;
  binaryType = 'blob';
  readonly sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly url: string;
  readonly protocols: readonly string[];

  constructor(url: string, protocols: readonly string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const KEY = 'k'.repeat(43);

/** @param status with which the host answers the question whether the key is one; null while there is no host */
function open({ key = KEY, status = null }: { key?: string | null; status?: number | null } = {}) {
  const sockets: FakeSocket[] = [];
  const asked: unknown[] = [];
  const bridge = new BrowserBridge({
    origin: 'http://127.0.0.1:4242',
    key,
    openSocket: (url, protocols) => {
      const socket = new FakeSocket(url, protocols);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    fetchStatus: (url, headers) => {
      asked.push({ url, headers });
      return status === null ? Promise.reject(new Error('there is no host')) : Promise.resolve(status);
    },
  });
  return { bridge, sockets, asked };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('answers find their calls in any order', async () => {
  const { bridge, sockets } = open();
  const [socket] = sockets;
  socket?.accept();
  const sample = bridge.call('capture:sample', {});
  const handed = bridge.call('capture:handed', {});
  expect(socket?.url).toBe('ws://127.0.0.1:4242/bridge');
  expect(socket?.sent.map((text): unknown => JSON.parse(String(text)))).toEqual([
    { id: 1, name: 'capture:sample', request: {} },
    { id: 2, name: 'capture:handed', request: {} },
  ]);
  socket?.say({ id: 2, outcome: { ok: true, value: ['/b.pcap'] } });
  socket?.say({ id: 1, outcome: { ok: true, value: '/a.pcap' } });
  expect(await sample).toEqual({ ok: true, value: '/a.pcap' });
  expect(await handed).toEqual({ ok: true, value: ['/b.pcap'] });
});

test('a call before the connection stands is sent when it does', async () => {
  const { bridge, sockets } = open();
  const sample = bridge.call('capture:sample', {});
  expect(sockets[0]?.sent).toEqual([]);
  sockets[0]?.accept();
  expect(sockets[0]?.sent).toHaveLength(1);
  sockets[0]?.say({ id: 1, outcome: { ok: true, value: '/a.pcap' } });
  expect(await sample).toEqual({ ok: true, value: '/a.pcap' });
});

test('a lost connection fails what was asked, is told, and is made again', async () => {
  const { bridge, sockets } = open();
  const states: EngineState[] = [];
  bridge.on('engine:state', (state) => states.push(state));
  sockets[0]?.accept();
  const sample = bridge.call('capture:sample', {});
  sockets[0]?.close();
  expect(await sample).toMatchObject({ ok: false, error: { code: 'ENGINE_GONE', detail: { host: 'lost' } } });
  expect(states).toMatchObject([{ kind: 'down', error: { detail: { host: 'lost' } } }]);
  vi.advanceTimersByTime(250);
  sockets[1]?.accept();
  expect(states.at(-1)).toEqual({ kind: 'ready' });
  const again = bridge.call('capture:sample', {});
  sockets[1]?.say({ id: 2, outcome: { ok: true, value: '/a.pcap' } });
  expect(await again).toEqual({ ok: true, value: '/a.pcap' });
});

test('attempts come ever more rarely, and never end', () => {
  const { sockets } = open();
  for (const waitMs of [250, 500, 1000, 2000, 5000, 5000, 5000]) {
    const before = sockets.length;
    sockets.at(-1)?.close();
    vi.advanceTimersByTime(waitMs - 1);
    expect(sockets).toHaveLength(before);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(before + 1);
  }
});

test('known events reach their listeners until these stop; others and rubbish reach nobody', () => {
  const { bridge, sockets } = open();
  const commands: string[] = [];
  const stop = bridge.on('menu:command', (command) => commands.push(command));
  sockets[0]?.accept();
  sockets[0]?.say({ event: 'menu:command', payload: 'open' });
  sockets[0]?.say({ event: 'menu:explode', payload: 'open' });
  sockets[0]?.onmessage?.({ data: 'no JSON' });
  stop();
  sockets[0]?.say({ event: 'menu:command', payload: 'export' });
  expect(commands).toEqual(['open']);
});

test('bytes to the engine wait for their socket, and what comes back is handed on', async () => {
  const { bridge, sockets } = open();
  const received: number[][] = [];
  let closed = 0;
  const pipe = bridge.connectEngine({
    onBytes: (bytes) => received.push([...bytes]),
    onClose: () => {
      closed += 1;
    },
  });
  pipe.send(Uint8Array.of(1, 2));
  const socket = sockets[1];
  expect(socket?.url).toBe('ws://127.0.0.1:4242/engine');
  expect(socket?.binaryType).toBe('arraybuffer');
  expect(socket?.sent).toEqual([]);
  socket?.accept();
  pipe.send(Uint8Array.of(3));
  expect(socket?.sent).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3)]);
  socket?.onmessage?.({ data: Uint8Array.of(9, 8).buffer });
  expect(received).toEqual([[9, 8]]);
  pipe.close();
  await settled();
  expect(closed).toBe(1);
});

test('a long frame goes to the engine in pieces that the host takes, in their order', () => {
  const { bridge, sockets } = open();
  const pipe = bridge.connectEngine({ onBytes: () => undefined, onClose: () => undefined });
  sockets[1]?.accept();
  const bytes = Uint8Array.from({ length: MAX_PIECE_BYTES * 2 + 5 }, (_, at) => at % 251);
  pipe.send(bytes);
  const sent = sockets[1]?.sent as Uint8Array[];
  expect(sent.map(({ length }) => length)).toEqual([MAX_PIECE_BYTES, MAX_PIECE_BYTES, 5]);
  expect(Buffer.concat(sent).equals(bytes)).toBe(true);
});

test('an export is fetched with a ticket, and neither its file nor the key is in the address', async () => {
  const { bridge, sockets } = open();
  sockets[0]?.accept();
  const url = bridge.downloadUrl('1.csv', 'a b&c.csv');
  expect(sockets[0]?.sent.map((text): unknown => JSON.parse(String(text)))).toEqual([
    { id: 1, name: 'export:fetch', request: { file: '1.csv' } },
  ]);
  sockets[0]?.say({ id: 1, outcome: { ok: true, value: { ticket: 'ticket' } } });
  expect(await url).toEqual({ ok: true, value: 'http://127.0.0.1:4242/download/ticket?name=a%20b%26c.csv' });
});

test('every socket brings the key as a protocol, and no address does', () => {
  const { bridge, sockets } = open();
  bridge.connectEngine({ onBytes: () => undefined, onClose: () => undefined });
  expect(sockets).toHaveLength(2);
  for (const { url, protocols } of sockets) {
    expect(protocols).toEqual(['natscope', `natscope.key.${KEY}`]);
    expect(url).not.toContain(KEY);
  }
});

test('a tab without a key asks the host for nothing, and says what to do', async () => {
  const { bridge, sockets, asked } = open({ key: null });
  const states: EngineState[] = [];
  bridge.on('engine:state', (state) => states.push(state));
  let closed = 0;
  bridge.connectEngine({ onBytes: () => undefined, onClose: () => (closed += 1) });
  await settled();
  vi.advanceTimersByTime(60_000);
  const refused = { code: 'HOST_REFUSED', detail: { hasKey: false } };
  expect(states).toMatchObject([{ kind: 'down', error: refused }]);
  expect(closed).toBe(1);
  expect(await bridge.call('capture:sample', {})).toMatchObject({ ok: false, error: refused });
  const file = new File(['x'], 'a.pcap');
  expect(await bridge.pathOf(file, () => undefined, new AbortController().signal)).toMatchObject({ error: refused });
  expect([sockets, asked]).toEqual([[], []]);
});

test('a host that was started again is not asked for ever: the session has ended', async () => {
  const { bridge, sockets, asked } = open({ status: 403 });
  const states: EngineState[] = [];
  bridge.on('engine:state', (state) => states.push(state));
  sockets[0]?.accept();
  sockets[0]?.close();
  await settled();
  // It may only be gone for a moment, which is nothing to ask about.
  expect(asked).toEqual([]);
  vi.advanceTimersByTime(250);
  const waiting = bridge.call('capture:sample', {});
  sockets[1]?.close();
  await settled();
  expect(asked).toEqual([{ url: 'http://127.0.0.1:4242/key', headers: { 'x-natscope-key': KEY } }]);
  expect(states.at(-1)).toMatchObject({ kind: 'down', error: { code: 'HOST_REFUSED', detail: { hasKey: true } } });
  vi.advanceTimersByTime(60_000);
  expect(sockets).toHaveLength(2);
  expect(await waiting).toMatchObject({ ok: false });
  expect(await bridge.call('capture:sample', {})).toMatchObject({ ok: false, error: { code: 'HOST_REFUSED' } });
});

test('a host that takes the key, or does not answer, is tried again', async () => {
  for (const status of [200, 500, null]) {
    const { sockets, asked } = open({ status });
    sockets[0]?.close();
    await settled();
    expect(asked).toHaveLength(1);
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
  }
});
