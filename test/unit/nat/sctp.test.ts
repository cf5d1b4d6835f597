import { describe, expect, test } from 'vitest';
import type { EndReason } from '../../../src-main/contract/log-entry';
import type { Gateway } from '../../../src-main/nat/gateway';
import { profileValues } from '../../../src-main/nat/profiles';
import { RECORDING, gatewayProfile } from '../../../src-main/nat/profiles/gateway-profile';
import { ipv4Bytes, ipv4Packet, splitEndpoint, type Endpoint } from '../../support/frames';
import { concat, u16 } from '../../support/bytes';
import { at, expectScenario, flagsOf, rowText, run, udp, type Scenario } from '../../support/nat-scenario';
import { SCTP_CHUNKS, sctpPacket, sctpStep, type SctpChunk, type SctpStep } from '../../support/sctp';
import { snatEntry } from '../../support/session-log';

/*
 * SCTP of the profile `linux`: nat-gateway reference §4.3, "profile linux", is read as what netfilter does. It follows associations
 * by chunk (nf_conntrack_proto_sctp.c), and takes none for a session of which it has not seen the beginning: the mid-stream rules of
 * §4.2 are TCP's, as is nf_conntrack_tcp_loose. What a capture cannot show is an association that began before it. Such a one
 * is picked up, "since a pcap shows what really passed" (§4.2 rule 10), for as long as it could be alive without a packet.
 */

const HOST = '10.0.0.7';
const OTHER = '10.0.0.8';
const EIP = '198.51.100.10';
const CLIENT: Endpoint = `${HOST}:5000`;
const SERVER: Endpoint = '192.0.2.1:36412';

const LINUX: Partial<Gateway> = {
  ...gatewayProfile('linux', profileValues('linux'), RECORDING),
  addresses: [],
  snatEntries: [snatEntry('10.0.0.0/8', [EIP])],
};

const step = (sec: number, each: SctpStep): Scenario['packets'][number] => at(sec, sctpStep(each, CLIENT, SERVER));
const steps = (start: number, ...all: readonly SctpStep[]): Scenario['packets'] =>
  all.map((each, index) => step(start + index / 10, each));
const row = (counts: string): string => `132 ${CLIENT} -> ${SERVER} via ${EIP}:5000 | ${counts}`;
/** With it the capture has begun longer ago than an association lives without a packet. */
const LONG_BEFORE = at(0, udp(`${OTHER}:1`, '192.0.2.9:53', 60));
const ROW_LONG_BEFORE = `17 ${OTHER}:1 -> 192.0.2.9:53 via ${EIP}:1 | 60/1 | 0/0 | 0-0`;

const OPENED: readonly SctpStep[] = ['>init', '<initAck', '>cookieEcho', '<cookieAck'];
const SHUT: readonly SctpStep[] = [...OPENED, '>shutdown', '<shutdownAck'];

/** Idle seconds after which a session has died whose last packet is the last of these, and why it has then. */
const LIVES: readonly (readonly [steps: readonly SctpStep[], sec: number, end: EndReason])[] = [
  [['>init'], 10, 'idle'],
  [['>init', '>initAck'], 10, 'idle'],
  [['>init', '<cookieAck'], 10, 'idle'],
  [['>init', '<abort'], 10, 'rst'],
  [OPENED.slice(0, 2), 3, 'idle'],
  [[...OPENED.slice(0, 2), '>init'], 3, 'idle'],
  [[...OPENED.slice(0, 2), '<cookieAck'], 3, 'idle'],
  [OPENED.slice(0, 3), 3, 'idle'],
  [[...OPENED.slice(0, 3), '<error'], 10, 'idle'],
  [[...OPENED.slice(0, 3), '>error'], 3, 'idle'],
  [[...OPENED.slice(0, 3), '>cookieAck'], 210, 'idle'],
  [OPENED, 210, 'idle'],
  ...(['data', 'sack', 'init', 'initAck', 'heartbeat', 'heartbeatAck', 'shutdownAck', 'shutdownComplete'] as const).map(
    (chunk) => [[...OPENED, `>${chunk}`], 210, 'idle'] as const,
  ),
  [[...OPENED, '<error'], 210, 'idle'],
  [[...OPENED, '>abort'], 10, 'rst'],
  [[...OPENED, '<abort'], 10, 'rst'],
  [[...OPENED, '<abort', '<initAck', '>cookieEcho', '<cookieAck'], 210, 'idle'],
  [[...OPENED, '>shutdown'], 3, 'fin'],
  [[...OPENED, '<shutdown'], 3, 'fin'],
  [[...OPENED, '<shutdown', '<init'], 3, 'fin'],
  [[...OPENED, '<shutdown', '>init'], 10, 'idle'],
  [[...OPENED, '>shutdown', '>shutdownComplete'], 3, 'fin'],
  [SHUT, 3, 'fin'],
  [[...SHUT, '>init'], 3, 'fin'],
  [[...SHUT, '>shutdownComplete'], 10, 'fin'],
  [[...SHUT, '>shutdownComplete', '>data'], 10, 'fin'],
  [[...SHUT, '<shutdownComplete', '>init', ...OPENED.slice(1)], 210, 'idle'],
  [['>heartbeat'], 30, 'idle'],
  [['>heartbeat', '<heartbeat', '>heartbeatAck', '>data'], 30, 'idle'],
  [['>heartbeat', '<heartbeatAck'], 210, 'idle'],
  [['>heartbeat', '>init'], 3, 'idle'],
  [['>heartbeat', '>shutdownAck'], 3, 'fin'],
  [['>heartbeat', '>cookieEcho'], 10, 'idle'],
  [['>heartbeat', '>abort'], 10, 'rst'],
];

describe('SCTP: a session is alive after', () => {
  test.each(LIVES.map(([path, sec, end]) => [path.join(' '), sec, end, path] as const))(
    '%s for %i s, and its end is %s',
    async (_name, sec, end, path) => {
      const packets = steps(1, ...path);
      const lastSec = 1 + (path.length - 1) / 10;
      const alive = await run([...packets, step(lastSec + sec - 0.001, '>data')], LINUX);
      expect(alive.ledger.packets.notInEntries).toEqual({});
      expect(alive.entries).toHaveLength(1);
      const dead = await run([...packets, step(lastSec + sec, '>data')], LINUX);
      expect(dead.ledger.packets.notInEntries).toEqual({ no_session: 1 });
      expect(dead.entries.map((entry) => entry.end)).toEqual([end]);
    },
  );
});

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'what asks again without an answer keeps no session alive',
    packets: [step(1, '>init'), step(5, '>init'), step(10.9, '>init'), step(11, '<initAck'), step(12, '>init')],
    rows: [row('156/3 | 0/0 | 1-10'), row('52/1 | 0/0 | 12-12')],
    reasons: { no_session: 1 },
    ends: ['idle', 'idle'],
    gateway: LINUX,
  },
  {
    name: 'nor does it one that was closed, which an answer opens anew',
    packets: [
      ...steps(1, ...SHUT, '>shutdownComplete'),
      ...[step(9, '>init'), step(11.5, '<initAck'), step(11.6, '>cookieEcho'), step(11.7, '<cookieAck')],
    ],
    rows: [row('312/6 | 260/5 | 1-11')],
    gateway: LINUX,
  },
  {
    name: 'of a path that is tried, nothing comes in but the answer',
    packets: [
      LONG_BEFORE,
      step(300, '>heartbeat'),
      ...(['<data', '<sack', '<abort', '<init', '<shutdown'] as const).map((each, index) => step(301 + index, each)),
      step(329.9, '<heartbeatAck'),
      step(330.1, '<data'),
    ],
    rows: [ROW_LONG_BEFORE, row('52/1 | 104/2 | 300-330')],
    reasons: { no_session: 5 },
    flags: [[], []],
    gateway: LINUX,
  },
  {
    name: 'an association is not picked up after its session has died',
    packets: [...steps(1, ...OPENED), step(211.3, '>data'), step(211.4, '<data'), step(212, '>heartbeat')],
    rows: [row('104/2 | 104/2 | 1-1'), row('52/1 | 0/0 | 212-212')],
    reasons: { no_session: 2 },
    flags: [[], []],
    gateway: LINUX,
  },
  {
    name: 'nor is one in the beginning, where others are',
    packets: [
      ...[step(1, '>heartbeat'), step(31, '>data'), step(31, '<data')],
      at(32, sctpPacket(`${OTHER}:5000`, SERVER, 'data')),
    ],
    rows: [row('52/1 | 0/0 | 1-1'), expect.stringMatching(`^132 ${OTHER}:5000 .* 52/1 . 0/0 . 32-32$`) as string],
    reasons: { no_session: 2 },
    flags: [[], ['midstream']],
    gateway: LINUX,
  },
  {
    name: 'one that began before the capture can be alive for 210 seconds until its first packet',
    packets: [LONG_BEFORE, step(209.999, '<data'), step(419, '>data')],
    rows: [ROW_LONG_BEFORE, row('52/1 | 52/1 | 209-419')],
    flags: [[], ['midstream']],
    gateway: LINUX,
  },
  {
    name: 'and no longer',
    packets: [LONG_BEFORE, step(210, '<data'), step(210, '>data')],
    rows: [ROW_LONG_BEFORE],
    reasons: { no_session: 2 },
    gateway: LINUX,
  },
  {
    name: 'by nanoseconds',
    packets: [
      at(0.9, udp(`${OTHER}:1`, '192.0.2.9:53', 60)),
      ...[step(210.899, '>data'), at(210.9, sctpPacket(`${HOST}:5001`, SERVER, 'data'))],
    ],
    rows: [ROW_LONG_BEFORE, row('52/1 | 0/0 | 210-210')],
    reasons: { no_session: 1 },
    gateway: LINUX,
  },
  {
    name: 'data from outside shows that a path had been tried before the capture began',
    packets: [step(1, '>heartbeat'), step(2, '<data'), step(211.9, '>data')],
    rows: [row('104/2 | 52/1 | 1-211')],
    flags: [['midstream']],
    gateway: LINUX,
  },
  {
    name: 'where the gateway drops what is under way, nothing is picked up',
    packets: [step(1, '<data'), step(1, '>data'), step(2, '>heartbeat'), step(3, '<data'), step(4, '<heartbeatAck')],
    rows: [row('52/1 | 52/1 | 2-4')],
    reasons: { no_session: 3 },
    gateway: { ...LINUX, midstream: 'drop' },
  },
  {
    // Scenario 25: the next packet has an address of the new pool.
    name: 'one whose address is taken from the gateway goes on with another',
    packets: [LONG_BEFORE, ...steps(300, ...OPENED), step(400, '>data')],
    rows: [
      ROW_LONG_BEFORE,
      row('104/2 | 104/2 | 300-300'),
      `132 ${CLIENT} -> ${SERVER} via 198.51.100.11:5000 | 52/1 | 0/0 | 400-400`,
    ],
    ends: ['idle', 'forced_end', 'capture_end'],
    gateway: {
      ...LINUX,
      changes: [{ atSec: Number(1_700_000_400n) + 350, snatEntries: [snatEntry('10.0.0.0/8', ['198.51.100.11'])] }],
    },
  },
  {
    name: 'what the Internet opens has no session',
    packets: [step(1, '<init')],
    rows: [],
    reasons: { no_session: 1 },
    gateway: LINUX,
  },
];

describe('SCTP:', () => {
  test.each(SCENARIOS)('$name', expectScenario);

  test('a second host with the same port has another one', async () => {
    const { entries } = await run([step(1, '>init'), at(2, sctpPacket(`${OTHER}:5000`, SERVER, 'init'))], LINUX);
    expect(entries.map(({ pri }) => pri).sort()).toEqual([CLIENT, `${OTHER}:5000`]);
    const [first, second] = [CLIENT, `${OTHER}:5000`].map((pri) => entries.find((entry) => entry.pri === pri)!.natPort);
    expect(first).toBe(5000);
    expect(second).toBeGreaterThan(1023);
    expect(second).not.toBe(5000);
  });
});

describe('SCTP: without a session, when all that began before the capture is known,', () => {
  const OPENING: Partial<Record<SctpChunk, number>> = { init: 10, heartbeat: 30, heartbeatAck: 10, shutdownAck: 3 };

  test.each(SCTP_CHUNKS)('a host has one by %s, or has not', async (chunk) => {
    const lifeSec = OPENING[chunk];
    const packets = [LONG_BEFORE, step(300, `>${chunk}`)];
    const { entries, ledger } = await run(packets, LINUX);
    expect(entries.slice(1).map(rowText)).toEqual(lifeSec === undefined ? [] : [row('52/1 | 0/0 | 300-300')]);
    expect(entries.slice(1).flatMap(flagsOf)).toEqual([]);
    expect(ledger.packets.notInEntries).toEqual(lifeSec === undefined ? { no_session: 1 } : {});
    if (lifeSec === undefined) return;
    const dead = await run([...packets, step(300 + lifeSec, '>data')], LINUX);
    expect(dead.ledger.packets.notInEntries).toEqual({ no_session: 1 });
    const alive = await run([...packets, step(299.999 + lifeSec, '>data')], LINUX);
    expect(alive.ledger.packets.notInEntries).toEqual({});
  });

  test.each(SCTP_CHUNKS)('nobody outside has one by %s', async (chunk) => {
    const { entries, ledger } = await run([LONG_BEFORE, step(300, `<${chunk}`)], LINUX);
    expect(entries).toHaveLength(1);
    expect(ledger.packets.notInEntries).toEqual({ no_session: 1 });
  });
});

describe('SCTP: in the beginning, the first packet shows an association', () => {
  const LIVES_BY_CHUNK: Partial<Record<SctpChunk, number>> = {
    ...{ initAck: 3, cookieEcho: 3, shutdown: 3, shutdownAck: 3, shutdownComplete: 10, abort: 10, heartbeat: 30 },
  };

  test.each(SCTP_CHUNKS.filter((chunk) => chunk !== 'init'))('%s, from both sides', async (chunk) => {
    for (const side of ['>', '<'] as const) {
      const isTried = side === '>' && chunk === 'heartbeat';
      const lifeSec = (side === '<' && chunk === 'heartbeat' ? undefined : LIVES_BY_CHUNK[chunk]) ?? 210;
      const { entries } = await run([step(1, `${side}${chunk}`), step(0.999 + lifeSec, '>data')], LINUX);
      expect(entries.map(flagsOf)).toEqual([isTried ? [] : ['midstream']]);
      const dead = await run([step(1, `${side}${chunk}`), step(1 + lifeSec, '>data')], LINUX);
      expect(dead.ledger.packets.notInEntries).toEqual({ no_session: 1 });
    }
  });
});

/** A packet of several chunks, each of 20 octets. */
function bundle(from: Endpoint, to: Endpoint, ...[first = 'data', ...others]: readonly SctpChunk[]): Uint8Array {
  const chunkOf = (chunk: SctpChunk): Uint8Array => sctpPacket(from, to, chunk).subarray(32);
  const [packet, ...chunks] = [sctpPacket(from, to, first), ...others.map(chunkOf)];
  return ipv4Packet({
    from: HOST,
    to: splitEndpoint(to).address,
    protocol: 132,
    payload: concat(packet.subarray(20), ...chunks),
  });
}

describe('SCTP: of several chunks in a packet,', () => {
  const CASES: readonly (readonly [what: string, chunks: readonly SctpChunk[], lifeSec: number])[] = [
    ['the one that ends the association decides', ['sack', 'shutdown'], 3],
    ['wherever it is', ['data', 'heartbeat', 'abort'], 10],
    ['nothing decides where all of them go on', ['sack', 'data', 'data'], 210],
  ];

  test.each(CASES)('%s', async (_what, chunks, lifeSec) => {
    const packets = [...steps(1, ...OPENED), at(2, bundle(CLIENT, SERVER, ...chunks))];
    const alive = await run([...packets, step(1.999 + lifeSec, '>data')], LINUX);
    expect(alive.ledger.packets.notInEntries).toEqual({});
    const dead = await run([...packets, step(2 + lifeSec, '>data')], LINUX);
    expect(dead.ledger.packets.notInEntries).toEqual({ no_session: 1 });
  });

  test('one whose length cannot be is the last that is read', async () => {
    const packet = bundle(CLIENT, SERVER, 'data', 'abort');
    for (const bytes of [0, 3, 0xffff]) {
      packet.set(u16(bytes), 34);
      const { entries } = await run([...steps(1, ...OPENED), at(2, packet)], LINUX);
      expect(entries.map(({ end }) => end)).toEqual(['idle']);
    }
  });
});

test('SCTP: what was seen to go out has a session, whenever it comes', async () => {
  const out = sctpStep('>data', CLIENT, SERVER);
  const copy = sctpStep('>data', `${EIP}:5000`, SERVER);
  copy[8]! -= 1;
  const { entries, ledger } = await run([LONG_BEFORE, at(300, out), at(300.001, copy)], LINUX);
  expect(copy.subarray(12, 16)).toEqual(ipv4Bytes(EIP));
  expect(entries.map(rowText)).toEqual([ROW_LONG_BEFORE, row('52/1 | 0/0 | 300-300')]);
  expect(entries.map(flagsOf)).toEqual([[], ['midstream']]);
  expect(ledger.packets.notInEntries).toEqual({ public_copy: 1 });
});
