import { expect, test } from 'vitest';
import type { Outcome } from '../../../src-main/contract/errors';
import { ExportState } from '../../../src-renderer/features/exports/export-state.svelte';
import { PacketActs } from '../../../src-renderer/features/exports/packet-acts.svelte';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { FakeEngine, ok, settled } from './fake-engine';

const ENTRY = { run: 1, entryNo: 5 };
const REPORT = { file: '7.pcapng', found: { packets: 8 }, notices: [] };
const GONE = { ok: false, error: { code: 'PACKET_PROGRAM_GONE', message: '', detail: {} } } as const;

/** @param answers of the host, by the name of the call */
function start(kind: HostBridge['kind'], answers: Readonly<Record<string, Outcome<unknown>>>) {
  const engine = new FakeEngine();
  const told: string[] = [];
  const asked: string[] = [];
  const bridge = {
    kind,
    call: (name: string, request: object) => {
      asked.push(`${name} ${JSON.stringify(request)}`);
      return Promise.resolve(answers[name]);
    },
    downloadUrl: (file: string, name: string) => Promise.resolve(ok(`/${file}/${name}`)),
  } as unknown as HostBridge;
  const nothing = (): void => undefined;
  const exporting = new ExportState(engine, bridge, {
    ...{ onPackets: nothing, onFailed: nothing },
    fetchFile: (url) => told.push(url),
  });
  const packets = new PacketActs(bridge, exporting, {
    onOpened: ({ found }, facts) => told.push(`${found.packets} packets. ${facts}`),
    onFailed: ({ code }) => told.push(code),
  });
  return { engine, packets, told, asked };
}

test('a desktop opens the packets in the program that it has, whose name is on the button', async () => {
  const { engine, packets, told, asked } = start('desktop', {
    'packet-program:read': ok({ name: null }),
    'packets:open': ok({ program: 'Wireshark' }),
  });
  expect(packets.openLabel).toBe('Open in Wireshark');
  await packets.load();
  expect(packets.openLabel).toBe('Open the packets');
  void packets.open(ENTRY);
  await settled();
  await engine.last('packets:write').answer(ok(REPORT));
  expect(asked.at(-1)).toBe('packets:open {"file":"7.pcapng","name":"entry-1-5.pcapng"}');
  expect(told).toEqual(['8 packets. In Wireshark.']);
});

test('the program is chosen before anything is written, and nothing is where none was chosen', async () => {
  const cancelled = start('desktop', { 'packet-program:pick': ok(null) });
  await cancelled.packets.openElsewhere(ENTRY);
  expect([cancelled.engine.asked, cancelled.told]).toEqual([[], []]);

  const { engine, packets, told } = start('desktop', {
    'packet-program:pick': ok({ name: 'sniffer' }),
    'packets:open': GONE,
  });
  void packets.openElsewhere(ENTRY);
  await settled();
  expect(packets.openLabel).toBe('Open in sniffer');
  await engine.last('packets:write').answer(ok(REPORT));
  expect(told).toEqual(['PACKET_PROGRAM_GONE']);
});

test('what is no program is told', async () => {
  const { packets, told } = start('desktop', { 'packet-program:pick': GONE });
  await packets.openElsewhere(ENTRY);
  expect(told).toEqual(['PACKET_PROGRAM_GONE']);
});

test('a browser downloads them, and says that it starts no program', async () => {
  const { engine, packets, told, asked } = start('browser', {});
  await packets.load();
  expect([packets.canChoose, packets.openLabel]).toEqual([false, 'Open in Wireshark']);
  void packets.open(ENTRY);
  await settled();
  await engine.last('packets:write').answer(ok(REPORT));
  expect(told[0]).toBe('/7.pcapng/entry-1-5.pcapng');
  expect(told[1]).toContain('the browser downloads entry-1-5.pcapng');
  expect(asked).toEqual([]);
});

test('a capture that was moved is told as the engine says it', async () => {
  const { engine, packets, told } = start('desktop', {});
  void packets.open(ENTRY);
  await settled();
  const error = { code: 'CAPTURE_NOT_FOUND', message: '', detail: {} } as const;
  await engine.last('packets:write').answer({ ok: false, error });
  expect(told).toEqual(['CAPTURE_NOT_FOUND']);
});
