import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogEntryBatch } from '../../../src-main/contract/log-entry';
import type { MergeSource } from '../../../src-main/capture/capture-merge';
import { ExtraByteSink } from '../../../src-main/engine/extra-bytes';
import { importCaptures } from '../../../src-main/engine/import-captures';
import type { Gateway } from '../../../src-main/nat/gateway';
import { gateways, traffic } from '../../support/adversarial-traffic';
import { at, fewPorts, fewSessions, sourceOf } from '../../support/few-sessions';
import { ethernet, fragment, icmpEcho, icmpError, tcpPacket, udpPacket } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { cut, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { gatewayWith, readEntry } from '../../support/session-log';
import { trafficFile } from '../../support/translated-traffic';
import { entrySink } from '../../support/window-sink';

/** Thousands of runs, of which each goes through the gateway. */
const TIMEOUT_MS = 60_000 + 800 * PROPERTY_RUNS;

/** From the Internet and from the VPC, as the batch has them. */
interface Counted {
  readonly entry: string;
  readonly revision: number;
  readonly frames: readonly [number, number];
  readonly payloads: readonly [number, number];
  readonly ip: readonly [number, number];
}

async function countedOf(
  sources: readonly MergeSource[],
  gateway: Gateway,
  onVerdict: (packetNo: number, reason: number) => void = () => undefined,
): Promise<Counted[]> {
  const counted: Counted[] = [];
  await importCaptures(
    sources,
    {
      ...{ gateway: { ...gateway, extraBytes: true }, layer: 'auto', clockMs: () => 0 },
      ...{ isCancelled: () => false, onProgress: () => undefined },
    },
    {
      ...entrySink((batch) => {
        const [framesIn, framesOut, payloadsIn, payloadsOut] = batch.extraBytes!;
        for (let row = 0; row < batch.length; row++) {
          const { pri, pub, revision } = readEntry(batch, row);
          counted.push({
            ...{ entry: `${pri} > ${pub}`, revision },
            frames: [framesIn[row]!, framesOut[row]!],
            payloads: [payloadsIn[row]!, payloadsOut[row]!],
            ip: [batch.bytesFromPub.at(row), batch.bytesFromVpc.at(row)],
          });
        }
      }),
      verdicts: (batch, reasons) => {
        for (let row = 0; row < batch.length; row++) onVerdict(batch.packetNo[row]!, reasons[row]!);
      },
    },
  );
  return counted;
}

const ethernetOf = (records: readonly CaptureRecord[], gateway = gatewayWith()): Promise<Counted[]> =>
  countedOf([sourceOf(records)], gateway);

const HOST = '10.0.0.1:4000';
const SERVER = '198.51.100.7:443';
const bytes = (count: number): Uint8Array => new Uint8Array(count);

test('frames count with their link layer and padding, payloads without the headers of IP and TCP', async () => {
  const options = Uint8Array.of(2, 4, 5, 180);
  const records = [
    at(0, ethernet(tcpPacket({ from: HOST, to: SERVER, flags: 'S', tcpOptions: options }))),
    at(1, ethernet(tcpPacket({ from: SERVER, to: HOST, flags: 'SA', tcpOptions: options }))),
    at(2, ethernet(tcpPacket({ from: HOST, to: SERVER, flags: 'PA', payload: bytes(100) }), { vlans: [7] })),
    at(3, ethernet(tcpPacket({ from: SERVER, to: HOST, flags: 'A' }))),
  ];
  expect(await ethernetOf(records)).toMatchObject([
    // 44 and 140 octets of IP, the second in a tagged frame; then 44 and 40, which are filled up to 60.
    { frames: [60 + 60, 60 + 158], payloads: [0, 100], ip: [84, 184] },
  ]);
});

test('each fragment counts with its own header, and only the first one with that of UDP', async () => {
  const [first, second] = fragment(udpPacket({ from: HOST, to: SERVER, identification: 9, payload: bytes(1000) }), 800);
  const counted = await ethernetOf([at(0, ethernet(first!)), at(1, ethernet(second!))]);
  expect(counted).toMatchObject([{ frames: [0, 14 + 820 + 14 + 228], payloads: [0, 792 + 208] }]);
});

test('an echo has a payload behind its eight octets, and so has an error what it quotes', async () => {
  const sent = udpPacket({ from: HOST, to: SERVER, payload: bytes(5) });
  const counted = await ethernetOf([
    at(0, ethernet(icmpEcho({ from: '10.0.0.1', to: '198.51.100.7', id: 3, payload: bytes(56) }))),
    at(1, ethernet(sent)),
    at(2, ethernet(icmpError({ from: '192.0.2.1', to: '10.0.0.1', type: 3, code: 3, about: sent }))),
  ]);
  expect(counted).toMatchObject([
    { payloads: [0, 56], frames: [0, 98] },
    { payloads: [28, 5], frames: [14 + 56, 60] },
  ]);
});

test('what was cut off counts, and a TCP header that was cut off is as long as one without options', async () => {
  const options = Uint8Array.of(1, 1, 1, 0);
  const whole = [
    at(0, ethernet(tcpPacket({ from: HOST, to: SERVER, flags: 'PA', payload: bytes(500), tcpOptions: options }))),
  ];
  expect(await ethernetOf(cut(whole, 64))).toMatchObject([{ frames: [0, 558], payloads: [0, 500] }]);
  expect(await ethernetOf(cut(whole, 14 + 20 + 12))).toMatchObject([{ frames: [0, 558], payloads: [0, 504] }]);
});

/** Those of sessions that kept SYNs open are others than those in which these came. */
const windows = fc.constantFrom<Partial<Gateway>>(
  {},
  { windowSec: 60, latePolicy: 'carry' },
  { windowPhase: 'session' },
  { windowPhase: 'session', windowSec: 60 },
  { windowPhase: 'session', windowSec: 60, latePolicy: 'carry' },
);

test(
  'without a link layer, the frames of every entry are its IP packets, whatever the traffic and the gateway',
  async () => {
    await fc.assert(
      fc.asyncProperty(traffic, gateways, windows, async (packets, any, variant) => {
        const gateway = { ...any, ...variant };
        const source = { source: memorySource(trafficFile(packets)), firstSec: 0, firstNsec: 0 };
        for (const { frames, ip, payloads } of await countedOf([source], gateway)) {
          expect(frames).toEqual(ip);
          expect(payloads[0]).toBeLessThanOrEqual(ip[0]);
          expect(payloads[1]).toBeLessThanOrEqual(ip[1]);
        }
      }),
      { numRuns: PROPERTY_RUNS },
    );
  },
  TIMEOUT_MS,
);

/** By the frame alone: what no other code of ours tells. */
function payloadOf(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset);
  let ip = 14;
  while (view.getUint16(ip - 2) === 0x8100 || view.getUint16(ip - 2) === 0x88a8) ip += 4;
  const headerBytes = (view.getUint8(ip) & 0xf) * 4;
  const behind = view.getUint16(ip + 2) - headerBytes;
  if ((view.getUint16(ip + 6) & 0x1fff) > 0) return behind;
  return behind - (view.getUint8(ip + 9) === 6 ? (view.getUint8(ip + headerBytes + 12) >> 4) * 4 : 8);
}

test(
  'all entries together have the frames and payloads of the packets that are in entries, kept SYNs and late ones too',
  async () => {
    const variants = fc.constantFrom<Partial<Gateway>>(
      {},
      { windowPhase: 'session' },
      { latePolicy: 'revise', windowSec: 1 },
      { latePolicy: 'drop', windowSec: 1 },
    );
    await fc.assert(
      fc.asyncProperty(fewSessions, variants, async (captures, variant) => {
        const inEntries: CaptureRecord[] = [];
        const counted = await countedOf(captures.map(sourceOf), { ...fewPorts, ...variant }, (packetNo, reason) => {
          if (reason === 0) inEntries.push(captures[Math.floor(packetNo / 2 ** 40)]![(packetNo % 2 ** 40) - 1]!);
        });
        const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
        expect(sum(counted.flatMap(({ frames }) => frames))).toBe(sum(inEntries.map((record) => record.bytes.length)));
        expect(sum(counted.flatMap(({ payloads }) => payloads))).toBe(
          sum(inEntries.map((record) => payloadOf(record.bytes))),
        );
      }),
      { numRuns: PROPERTY_RUNS },
    );
  },
  TIMEOUT_MS,
);

test('an entry of which no packet came is a fault, not an entry without octets', () => {
  const batch = new LogEntryBatch(true);
  batch.length = 1;
  expect(() => new ExtraByteSink(entrySink()).entries(batch)).toThrow(RangeError);
});
