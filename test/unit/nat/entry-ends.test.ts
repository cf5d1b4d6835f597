import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EndReason } from '../../../src-main/contract/log-entry';
import type { Gateway } from '../../../src-main/nat/gateway';
import { gateways, traffic, type TrafficPacket } from '../../support/adversarial-traffic';
import { tcpPacket, type Endpoint } from '../../support/frames';
import { HOST, S, S2, T0, at, flagsOf, handshake, run, tcp, udp } from '../../support/nat-scenario';
import type { CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom, type Random } from '../../support/random';
import type { Entry } from '../../support/session-log';
import { SECOND } from '../../support/time';
import { translateTraffic } from '../../support/translated-traffic';

/*
 * When an entry ends, and why: nat-gateway reference §6, "start_time / end_time", and scenarios 7, 26, 28, 34 and 41.
 *
 * "`aliflow`: end = window end if the session is still live at the boundary, else its last packet. (FIN/RST/idle all use last
 * packet: the idle death instant is bookkeeping, not traffic.)" The reading here: one that was closed by both sides, or reset, is
 * not live, though its port is taken until its timer runs out (rule 5 has its five-tuple open a new session at once); what is idle
 * for exactly its time-out is dead (rule 9); and the end of the capture makes no difference, since the last window is sealed as
 * if time went on until its end: so scenario 7 has a state die at t=63 in a capture without a packet after t=3.
 */

const CLIENT = `${HOST}:7` as const;
const out = (sec: number, flags = 'A'): CaptureRecord => at(sec, tcp(CLIENT, S, flags, 52, { seq: 101, ack: 501 }));
const back = (sec: number, flags = 'A'): CaptureRecord => at(sec, tcp(S, CLIENT, flags, 52, { seq: 501, ack: 102 }));
const syn = (sec: number, seq: number): CaptureRecord => at(sec, tcp(CLIENT, S, 'S', 60, { seq }));
const datagram = (sec: number): CaptureRecord => at(sec, udp(CLIENT, S, 60));
const open = handshake(CLIENT, S, 0);

interface Case {
  readonly name: string;
  /** All before the window's end, at 600. */
  readonly packets: readonly CaptureRecord[];
  /** What comes of the same five-tuple behind it; default: a segment. */
  readonly then?: readonly CaptureRecord[];
  /** Of each session: end in seconds, and why; `open` for one that goes on behind the window. */
  readonly ends: readonly (readonly [endSec: number, reason: EndReason])[];
  readonly gateway?: Partial<Gateway>;
}

const CASES: readonly Case[] = [
  { name: 'alive', packets: [...open, out(590)], ends: [[600, 'open']] },
  { name: 'half closed', packets: [...open, out(590, 'FA')], ends: [[600, 'open']] },
  { name: 'closed by both, and over', packets: [...open, out(500, 'FA'), back(501, 'FA')], ends: [[501, 'fin']] },
  {
    name: 'closed by both, with its port taken',
    packets: [...open, out(590, 'FA'), back(591, 'FA')],
    ends: [[591, 'fin']],
  },
  {
    name: 'closed by both, whose port is taken until the edge',
    packets: [...open, out(539, 'FA'), back(540, 'FA')],
    ends: [[540, 'fin']],
  },
  {
    name: 'closed by both, which begins anew in the next window',
    packets: [...open, out(590, 'FA'), back(591, 'FA'), out(592)],
    then: [syn(601, 9000), at(602, tcp(S, CLIENT, 'SA', 60, { seq: 1, ack: 9001 }))],
    ends: [[592, 'fin']],
  },
  { name: 'reset, and over', packets: [...open, back(500, 'R')], ends: [[500, 'rst']] },
  {
    name: 'reset, which data brings back in the next window',
    packets: [...open, back(595, 'R')],
    then: [back(601), out(602)],
    ends: [[595, 'rst']],
  },
  { name: 'reset, which data has brought back', packets: [...open, back(595, 'R'), out(596)], ends: [[600, 'open']] },
  { name: 'never answered', packets: [syn(0, 1), syn(1, 1), syn(3, 1)], ends: [[3, 'idle']] },
  { name: 'idle before the edge', packets: [datagram(539)], then: [datagram(601)], ends: [[539, 'idle']] },
  { name: 'idle at the edge', packets: [datagram(540)], then: [datagram(600)], ends: [[540, 'idle']] },
  {
    name: 'idle just behind the edge',
    packets: [datagram(540.000000001)],
    then: [datagram(601)],
    ends: [[600, 'open']],
  },
  {
    name: 'of a five-tuple that is used again in the window',
    packets: [...open, out(10, 'FA'), back(11, 'FA'), syn(15, 9000), syn(580, 77)],
    then: [syn(650, 5)],
    ends: [
      [11, 'fin'],
      [15, 'idle'],
      [600, 'open'],
    ],
  },
  {
    name: 'idle for a minute, and of a five-tuple that is used again',
    packets: [...open, syn(100, 9000)],
    ends: [
      [0, 'reused'],
      [100, 'idle'],
    ],
  },
  {
    name: 'of an address that is taken from its host',
    packets: [...open],
    gateway: { changes: [{ atSec: Number(T0) + 300, snatEntries: [] }] },
    ends: [[0, 'forced_end']],
  },
  {
    name: 'closed, of an address that is taken from its host',
    packets: [...open, out(290, 'FA'), back(291, 'FA')],
    gateway: { changes: [{ atSec: Number(T0) + 300, snatEntries: [] }] },
    ends: [[291, 'fin']],
  },
  {
    name: 'of an address that is taken from its host at the edge, which is behind the window',
    packets: [...open],
    gateway: { changes: [{ atSec: Number(T0) + 600, snatEntries: [] }] },
    ends: [[600, 'open']],
  },
];

/** Another host, in the next window and the one after. */
const OTHERS = [700, 1900].map((sec) => at(sec, udp('10.0.0.99:9', S2, 60)));

const secondsOf = (ns: bigint): number => Number(ns / SECOND - T0);
const ofClient = ({ pri, windowStart }: Entry): boolean => pri === CLIENT && windowStart === Number(T0);

describe.each(['epoch', 'session'] as const)('with windows of the %s, the entry of a session', (windowPhase) => {
  // Those of a session begin with its first packet: at the same time where that is the only one, and comes in the first second.
  const cases = CASES.filter(
    ({ packets, ends }) => windowPhase === 'epoch' || (packets[0]!.atNs < (T0 + 1n) * SECOND && ends.length === 1),
  );

  test.each(cases)('that is $name', async ({ packets, then = [out(601)], ends, gateway = {} }) => {
    const captures = [
      { records: packets, isCutOff: true },
      { records: [...packets, ...OTHERS], isCutOff: false },
      { records: [...packets, ...then], isCutOff: false },
      { records: [...packets, ...then, ...OTHERS], isCutOff: false },
    ];
    for (const { records, isCutOff } of captures) {
      for (const timeModel of ['aliflow', 'packet'] as const) {
        const { entries } = await run(records, { windowPhase, timeModel, ...gateway });
        const expected = ends.map(([endSec, reason], index) => [
          timeModel === 'aliflow' ? endSec : lastOf(packets, ends, index),
          isCutOff && reason === 'open' ? 'capture_end' : reason,
        ]);
        const own = entries.filter(ofClient).sort((one, other) => one.sessionId - other.sessionId);
        expect(own.map(({ lastNs, end }) => [secondsOf(lastNs), end])).toEqual(expected);
      }
    }
  });
});

/** Second of the last packet of a session: an entry that does not end there is the last, and so is its packet. */
function lastOf(packets: readonly CaptureRecord[], ends: Case['ends'], index: number): number {
  return ends[index]![1] === 'open' ? secondsOf(packets.at(-1)!.atNs) : ends[index]![0];
}

/** A packet as both sides of the gateway see it, 2 ms apart, of a host that is seen with one port. */
function onBothSides(sec: number, host: Endpoint, flags: string, seq: number, isInward = false): CaptureRecord[] {
  const seen = (own: Endpoint, ttl: number): Uint8Array =>
    tcpPacket({ ...(isInward ? { from: S, to: own } : { from: own, to: S }), flags, seq, ttl });
  const [before, behind] = isInward ? [SEEN, host] : [host, SEEN];
  return [at(sec, seen(before, 64)), at(sec + 0.002, seen(behind, 63))];
}
const SEEN: Endpoint = '198.51.100.10:5000';

test.each([
  { name: 'that was closed', fin: 'FA', end: 'fin' },
  { name: 'that was not', fin: 'A', end: 'reused' },
])('a session $name, and whose port is seen with somebody else, says why it ended', async ({ fin, end }) => {
  const records = [
    ...[...onBothSides(0, CLIENT, 'S', 1), ...onBothSides(1, CLIENT, 'SA', 100, true)],
    ...[...onBothSides(8, CLIENT, fin, 2), ...onBothSides(9, CLIENT, fin, 101, true)],
    ...onBothSides(15, '10.0.0.8:8', 'S', 7),
  ];
  for (const windowPhase of ['epoch', 'session'] as const) {
    const { entries } = await run(records, { windowPhase, timeModel: 'aliflow' });
    expect(entries.map(({ pri, natPort, lastNs, end: why }) => [pri, natPort, secondsOf(lastNs), why])).toEqual([
      [CLIENT, 5000, 9, end],
      ['10.0.0.8:8', 5000, 15, 'idle'],
    ]);
  }
});

// §6 "Clock jump back": "all sessions end `forced_end` at their last packet", which is inside of the window.
test('where the clock is set back, an entry ends with its last packet', async () => {
  const again = Array.from({ length: 60 }, (_, index) => at(index, udp('10.0.0.99:9', S2, 60)));
  const { entries } = await run([...open, out(590), ...again], { timeModel: 'aliflow' });
  expect(entries.filter(ofClient).map(({ lastNs, end }) => [secondsOf(lastNs), end])).toEqual([[590, 'forced_end']]);
});

/* The law of it: the packets until a window's end decide on its rows. */

const isSyn = ({ bytes }: TrafficPacket): boolean => bytes[9] === 6 && (bytes[33]! & 0x17) === 0x02;

const isFragment = ({ bytes }: TrafficPacket): boolean => ((bytes[6]! << 8) | bytes[7]!) % 0x4000 !== 0;

/**
 * Five-tuples that wait by then for what tells where packets count that have come: the answer to a SYN, or the first fragment of a
 * packet.
 */
function waiting(packets: readonly TrafficPacket[], untilNs: bigint): ReadonlySet<string> {
  const after = new Set(
    packets
      .filter(({ atNs }) => atNs >= untilNs)
      .filter(isFragment)
      .map(({ tuple }) => tuple),
  );
  const found = new Set<string>();
  for (const packet of packets) {
    if (packet.atNs >= untilNs) continue;
    if (!packet.fromVpc) found.delete(packet.tuple);
    else if (isSyn(packet)) found.add(packet.tuple);
  }
  for (const packet of packets) {
    if (packet.atNs < untilNs && isFragment(packet) && after.has(packet.tuple)) found.add(packet.tuple);
  }
  return found;
}

const rowKey = ({ sessionId, windowStart }: Entry): string => `${sessionId} in ${windowStart}`;

/** Rows of windows that are over by then, by session and window, without what corrects them: that may have come later. */
function rowsUntil(
  { entries }: { readonly entries: readonly Entry[] },
  untilNs: bigint,
  { windowSec }: Gateway,
  without: ReadonlySet<string>,
): Map<string, Entry> {
  return new Map(
    entries
      .filter(({ windowStart }) => BigInt(windowStart + windowSec) * SECOND <= untilNs)
      .filter(({ revision }) => revision === 0)
      .filter(({ protocol, pri, pub }) => !without.has(`${protocol} ${pri} > ${pub}`))
      .map((entry) => [rowKey(entry), { ...entry, entryNo: 0 }]),
  );
}

/** What the end of the capture says of itself. */
const besidesTheEnd = (row: Entry): unknown =>
  row.end === 'capture_end' || row.end === 'open'
    ? { ...row, flags: flagsOf(row), end: 'open', mappingEndNs: 0n }
    : { ...row, flags: flagsOf(row) };

test('rows of a window are the same, whether the capture ends with it, or goes on with others, or with all', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      gateways,
      traffic,
      fc.constantFrom<Gateway['windowPhase'][]>('epoch', 'captureStart', 'session', 137),
      fc.constantFrom(600, 60),
      fc.nat(),
      async (any, packets, windowPhase, windowSec, seed) => {
        const random = seededRandom(seed);
        // Of windows of sessions, those that are over behind that of the gateway know nothing of a change after the capture.
        const changes = windowPhase === 'session' ? [] : changesOf(any, random);
        const gateway = { ...any, windowPhase, windowSec, changes, timeModel: 'aliflow' as const };
        const { log } = await translateTraffic(gateway, packets);
        if (log.entries.length === 0) return;
        const untilNs = BigInt(random.pick(log.entries).windowStart + windowSec) * SECOND;
        const whole = await translateTraffic(gateway, [...packets, ...others(max(untilNs, packets.at(-1)!.atNs))]);
        const before = packets.filter(({ atNs }) => atNs < untilNs);
        if (before.length === 0) return;
        const without = waiting(packets, untilNs);
        const rowsOf = async (records: readonly TrafficPacket[]): Promise<Map<string, Entry>> =>
          rowsUntil((await translateTraffic(gateway, records)).log, untilNs, gateway, without);
        const expected = rowsUntil(whole.log, untilNs, gateway, without);
        expect(await rowsOf([...before, ...others(untilNs)])).toEqual(expected);
        const cut = await rowsOf(before);
        expect([...cut.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [key, row] of cut) expect(besidesTheEnd(row)).toEqual(besidesTheEnd(expected.get(key)!));
        compared += cut.size;
      },
    ),
    { numRuns: PROPERTY_RUNS },
  );
  expect(compared).toBeGreaterThan(PROPERTY_RUNS);
});

/** SNAT entries come and go, also right at the edges of windows. */
const changesOf = ({ snatEntries }: Gateway, random: Random): Gateway['changes'] =>
  [0, random.int(0, 900), 600, 1200].map((sec) => ({
    atSec: Number(T0) + sec,
    snatEntries: snatEntries.filter(() => random.int(0, 3) > 0),
  }));

const max = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** Packets of a host that no other packet is of, from the window's end on. */
function others(fromNs: bigint): TrafficPacket[] {
  return [0n, 1n, 700n].map((sec) => ({
    atNs: fromNs + sec * SECOND,
    bytes: udp('10.0.2.2:9', '203.0.113.200:9', 40),
    fromVpc: true,
    tuple: 'of others',
  }));
}
