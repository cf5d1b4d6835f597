import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EngineState } from '../../../src-main/contract/host-bridge';
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

  constructor(url: string) {
    this.url = url;
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

function open(): { bridge: BrowserBridge; sockets: FakeSocket[] } {
  const sockets: FakeSocket[] = [];
  const bridge = new BrowserBridge({
    origin: 'http://127.0.0.1:4242',
    openSocket: (url) => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
  return { bridge, sockets };
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

test('names in addresses cannot leave their place', () => {
  const { bridge } = open();
  expect(bridge.downloadUrl('../x', 'a b&c.csv')).toBe('http://127.0.0.1:4242/download/..%2Fx?name=a%20b%26c.csv');
});
