import { describe, expect, test } from 'vitest';
import { icmpEcho, icmpError, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLog, sessionLogOf, snatEntry, type SessionLog } from '../../support/session-log';
import { SECOND } from '../../support/time';
import type { Gateway } from '../../../src-main/nat/gateway';

/* Scenario 71 and its neighbours: what a gateway did not let out, and what nobody can say that of. */

const T0 = 1_700_000_400n;
const NAT = '198.51.100.10';
const HOST: Endpoint = '10.0.0.7:47176';
const OTHER: Endpoint = '10.0.0.8:5000';
const S: Endpoint = '203.0.113.80:443';
const gateway = gatewayWith({ inside: ['10.0.0.0/16'], eips: [NAT] });

const at = (ms: number, bytes: Uint8Array): CaptureRecord => ({
  atNs: T0 * SECOND + BigInt(Math.round(ms * 1e6)),
  bytes,
});
const syn = (from: Endpoint, seq: number, to: Endpoint = S, ttl = 64): Uint8Array =>
  tcpPacket({ from, to, flags: 'S', seq, ttl });
const fileOf = (records: readonly CaptureRecord[]): ReturnType<typeof memorySource> =>
  memorySource(pcapFile(records, { linkType: LINK.raw, resolution: 'ns' }));

/** What is inside, and what outside, in a file each. */
async function bothFiles(
  inside: readonly CaptureRecord[],
  outside: readonly CaptureRecord[],
  of: Gateway = gateway,
): Promise<SessionLog> {
  const source = (records: readonly CaptureRecord[]) => {
    const ns = records[0]?.atNs ?? 0n;
    return { source: fileOf(records), firstSec: Number(ns / SECOND), firstNsec: Number(ns % SECOND) };
  };
  const sources = [source(inside), source(outside)];
  return sessionLog(
    sources.toSorted((a, b) => a.firstSec - b.firstSec || a.firstNsec - b.firstNsec),
    of,
  );
}

/** A session of a host that is on both sides, from a time on. */
const seen = (ms: number, from: Endpoint = HOST, port = 48_155, to: Endpoint = S) => ({
  inside: [at(ms, tcpPacket({ from, to, flags: 'A', seq: ms, ttl: 64 }))],
  outside: [at(ms + 2, tcpPacket({ from: `${NAT}:${port}`, to, flags: 'A', seq: ms, ttl: 63 }))],
});

const reasonsOf = ({ ledger }: SessionLog) => ledger.packets.notInEntries;
const entriesOf = ({ entries }: SessionLog): string[] =>
  entries.map(({ pri, natPort, natSource, vpc }) => `${pri} ${natSource === 'observed' ? natPort : 'emulated'} ${vpc}`);

describe('71: a packet that was not seen to come out', () => {
  const retried = [
    ...[at(0, syn(HOST, 1)), at(1000, syn(HOST, 1)), at(1002, syn(`${NAT}:48155`, 1, S, 63))],
    ...[at(1010, tcpPacket({ from: S, to: `${NAT}:48155`, flags: 'SA', seq: 9, ack: 2, ttl: 60 }))],
    ...[at(1012, tcpPacket({ from: S, to: HOST, flags: 'SA', seq: 9, ack: 2, ttl: 59 }))],
  ];

  test('is lost also when it is the first of its session, whose next is on both sides', async () => {
    const log = await sessionLogOf(retried, gateway);
    expect(reasonsOf(log)).toEqual({ lost_in_nat: 1, public_copy: 2 });
    expect(entriesOf(log)).toEqual([`${HOST} 48155 40/1`]);
  });

  test.each([
    { name: 'after three seconds', ms: 3000, lost: 2 },
    { name: 'after seven', ms: 7000, lost: 1 },
  ])('as many SYNs as are in the four seconds before: $name', async ({ ms, lost }) => {
    const { inside, outside } = seen(0, OTHER, 4000, '203.0.113.99:443');
    const syns = [10, ms - 2000, ms].map((each) => at(each, syn(HOST, 1)));
    const log = await sessionLogOf(
      [...inside, ...outside, ...syns, at(ms + 2, syn(`${NAT}:48155`, 1, S, 63))],
      gateway,
    );
    expect(reasonsOf(log)).toEqual({ lost_in_nat: lost, public_copy: 2 });
  });

  test('is lost when none of its session came out, where others of its destination did', async () => {
    const session = [0, 1000, 3000, 5000].map((ms) => seen(ms));
    const refused = [at(1500, syn(OTHER, 7)), at(2500, syn(OTHER, 7)), at(4500, syn(OTHER, 7))];
    const log = await bothFiles(
      [...session.flatMap(({ inside }) => inside), ...refused].sort((a, b) => Number(a.atNs - b.atNs)),
      [...session.flatMap(({ outside }) => outside)],
    );
    expect(reasonsOf(log)).toEqual({ lost_in_nat: 3, public_copy: 4 });
    expect(entriesOf(log)).toEqual([`${HOST} 48155 160/4`]);
  });

  test('counts where the capture is told to miss packets', async () => {
    const log = await sessionLogOf(retried, { ...gateway, countUnpaired: true });
    expect(reasonsOf(log)).toEqual({ public_copy: 2 });
    expect(entriesOf(log)).toEqual([`${HOST} 48155 80/2`]);
  });
});

describe('a packet is not lost', () => {
  const others = [0, 1000, 2000, 3000, 4000, 5000].map((ms) => seen(ms));
  const inside = others.flatMap((each) => each.inside);
  const outside = others.flatMap((each) => each.outside);
  const inOrder = (records: readonly CaptureRecord[]) => records.toSorted((a, b) => Number(a.atNs - b.atNs));

  test.each([
    { name: 'before the capture outside began', ms: -1500, from: HOST },
    { name: 'behind its end', ms: 5500, from: HOST },
    { name: 'of a session without a pair behind its end', ms: 5500, from: OTHER },
  ])('$name', async ({ ms, from }) => {
    const log = await bothFiles(inOrder([...inside, at(ms, syn(from, 99))]), outside);
    expect(reasonsOf(log)).toEqual({ public_copy: 6 });
  });

  test('between is one, in whatever long silence', async () => {
    const late = seen(600_000);
    const log = await bothFiles([...inside, at(300_000, syn(HOST, 99)), ...late.inside], [...outside, ...late.outside]);
    expect(reasonsOf(log)).toEqual({ public_copy: 7, lost_in_nat: 1 });
  });

  test('nor between two files of the side outside that follow each other', async () => {
    const late = seen(7000);
    const files = [[...inside, at(6000, syn(HOST, 99)), ...late.inside], outside, late.outside];
    const log = await sessionLog(
      files.map((records) => {
        const ns = records[0]!.atNs;
        return { source: fileOf(records), firstSec: Number(ns / SECOND), firstNsec: Number(ns % SECOND) };
      }),
      gateway,
    );
    expect(reasonsOf(log)).toEqual({ public_copy: 7, lost_in_nat: 1 });
  });

  const hostOf = { publicAddress: 0xc6336463, privateAddress: 0x0a000909 };
  test.each<{ name: string; packet: Uint8Array; of?: Partial<Gateway>; reason?: string }>([
    { name: 'of a destination that a filter outside leaves out', packet: syn(OTHER, 1, '203.0.113.99:443') },
    { name: 'of another port of the destination', packet: syn(OTHER, 1, '203.0.113.80:22') },
    { name: 'of another protocol', packet: udpPacket({ from: OTHER, to: S, payload: Buffer.from('x') }) },
    { name: 'that is a ping', packet: icmpEcho({ from: '10.0.0.8', to: '203.0.113.80', id: 1, seq: 1 }) },
    {
      name: 'of a host with a DNAT mapping',
      packet: syn('10.0.9.9:5000', 1),
      of: { dnatMappings: [hostOf] },
      reason: 'egress_dnat_ip',
    },
    {
      name: 'of a host with an address of its own',
      packet: syn('10.0.9.9:5000', 1),
      of: { hostEips: [hostOf] },
      reason: 'egress_own_eip',
    },
    {
      name: 'to where nothing is translated',
      packet: syn(OTHER, 1),
      of: { noNatNetworks: [{ base: 0xcb007100, prefixBits: 24 }] },
      reason: 'no_nat',
    },
    { name: 'to a private network', packet: syn(OTHER, 1, '192.168.1.1:443') },
    { name: 'to another host', packet: syn(OTHER, 1, '10.0.0.9:443'), reason: 'intra' },
  ])('$name', async ({ packet, of = {}, reason }) => {
    const log = await bothFiles(inOrder([...inside, at(2500, packet)]), outside, { ...gateway, ...of });
    expect(reasonsOf(log)).not.toHaveProperty('lost_in_nat');
    if (reason !== undefined) expect(reasonsOf(log)).toHaveProperty(reason);
  });

  test('of a session that is answered by another way', async () => {
    const answer = at(2530, tcpPacket({ from: S, to: OTHER, flags: 'SA', seq: 5, ack: 2, ttl: 50 }));
    const log = await bothFiles(inOrder([...inside, at(2500, syn(OTHER, 1)), answer]), outside);
    expect(reasonsOf(log)).toEqual({ public_copy: 6 });
    expect(entriesOf(log)).toEqual([`${HOST} 48155 240/6`, `${OTHER} emulated 40/1`]);
  });

  test('of a session of which a filter outside shows the first packets only', async () => {
    const of = (ms: number, flags: string, seq: number) =>
      at(ms, tcpPacket({ from: HOST, to: S, flags, seq, ack: 2, ttl: 64 }));
    const back = at(6020, tcpPacket({ from: S, to: HOST, flags: 'SA', seq: 5, ack: 2, ttl: 50 }));
    const first = { inside: of(6000, 'S', 1), outside: at(6001, syn(`${NAT}:48155`, 1, S, 63)) };
    const last = seen(9000);
    const log = await bothFiles(
      [...inside, { ...first.inside, bytes: syn(HOST, 1) }, back, of(6021, 'A', 2), of(6022, 'PA', 2), ...last.inside],
      [...outside, first.outside, ...last.outside],
    );
    expect(reasonsOf(log)).toEqual({ public_copy: 8 });
  });

  test('while an address of the pool was never seen outside', async () => {
    const pool = { ...gateway, ...gatewayWith({ inside: ['10.0.0.0/16'], eips: [NAT, '198.51.100.11'] }) };
    const records = inOrder([...inside, at(2500, syn(OTHER, 1))]);
    expect(reasonsOf(await bothFiles(records, outside, pool))).toEqual({ public_copy: 6 });
    const second = {
      inside: [at(10, syn('10.0.0.9:1', 4))],
      outside: [at(11, syn('198.51.100.11:2000', 4, S, 63))],
    };
    const log = await bothFiles(
      inOrder([...records, ...second.inside]),
      inOrder([...outside, ...second.outside]),
      pool,
    );
    expect(reasonsOf(log)).toEqual({ public_copy: 7, lost_in_nat: 1 });
  });

  test('while nothing of the gateway was on both sides', async () => {
    const wrong = outside.map(({ atNs, bytes }) => ({ atNs: atNs + 200_000_000n, bytes }));
    expect(reasonsOf(await bothFiles(inside, wrong))).toEqual({});
  });
});

describe('§5, detail 6: a packet that came in', () => {
  const answer = (ms: number, to: Endpoint, ttl: number, seq = 7000 + ms) =>
    at(ms, tcpPacket({ from: S, to, flags: 'A', seq, ack: 2, ttl }));
  /** Both ways of the host's session, each on both sides. */
  const both = (ms: number) => ({
    inside: [...seen(ms).inside, answer(ms + 12, HOST, 59, 7010 + ms)],
    outside: [...seen(ms).outside, answer(ms + 10, `${NAT}:48155`, 60)],
  });
  const [first, last] = [both(0), both(1000)];
  const late = answer(500, `${NAT}:48155`, 60);

  test('and was not seen to come to its host is lost', async () => {
    const log = await bothFiles([...first.inside, ...last.inside], [...first.outside, late, ...last.outside]);
    expect(reasonsOf(log)).toEqual({ public_copy: 4, lost_in_nat: 1 });
    expect(log.entries.map(({ vpc, inbound }) => [vpc, inbound])).toEqual([['80/2', '80/2']]);
  });

  test('counts where the captures are told to miss packets, and its entry says so', async () => {
    const files = [
      [...first.inside, ...last.inside],
      [...first.outside, late, ...last.outside],
    ] as const;
    const log = await bothFiles(...files, { ...gateway, countUnpaired: true });
    expect(reasonsOf(log)).toEqual({ public_copy: 4 });
    expect(log.entries.map(({ inbound, flags }) => [inbound, flags.includes('legMissing')])).toEqual([['120/3', true]]);
  });

  test.each([
    {
      name: 'behind the end of the capture inside',
      inside: first.inside,
      outside: [...first.outside, answer(70_000, `${NAT}:48155`, 60)],
    },
    {
      name: 'before a capture inside began again',
      inside: first.inside,
      outside: [...first.outside, answer(1500, `${NAT}:48155`, 60), ...last.outside],
    },
    {
      name: 'when what goes out is seen outside alone since then, too',
      inside: [...first.inside, ...both(3000).inside],
      outside: [...first.outside, seen(400).outside[0]!, late, ...both(3000).outside],
    },
    {
      name: 'where the capture inside has shown only what hosts send',
      inside: [...seen(0).inside, ...seen(1000).inside],
      outside: [...seen(0).outside, late, ...seen(1000).outside],
    },
  ])('is not lost $name', async ({ inside, outside }) => {
    const log = await bothFiles(
      inside,
      outside.toSorted((a, b) => Number(a.atNs - b.atNs)),
    );
    expect(reasonsOf(log)).not.toHaveProperty('lost_in_nat');
    expect(log.entries.some(({ flags }) => flags.includes('legMissing'))).toBe(true);
  });

  test('is none’s that belongs to no session', async () => {
    const scan = at(500, tcpPacket({ from: S, to: `${NAT}:22`, flags: 'A', seq: 1, ttl: 60 }));
    const log = await bothFiles([...first.inside, ...last.inside], [...first.outside, scan, ...last.outside]);
    expect(reasonsOf(log)).toEqual({ public_copy: 4, no_session: 1 });
    expect(log.entries).toHaveLength(1);
  });
});

describe('an ICMP error about a session that is on both sides', () => {
  const query = (ms: number, from: Endpoint, ttl: number) =>
    at(ms, udpPacket({ from, to: S, ttl, identification: ms, payload: Buffer.from(`query ${ms}`) }));
  const asked = (ms: number) => ({ inside: [query(ms, HOST, 64)], outside: [query(ms, `${NAT}:48155`, 63)] });
  const reply = (to: Endpoint) => udpPacket({ from: S, to, payload: Buffer.from('reply') });
  const errorOut = (ms: number, isInside: boolean) => {
    const [from, about, ttl] = isInside ? (['10.0.0.7', HOST, 64] as const) : ([NAT, `${NAT}:48155`, 63] as const);
    return at(
      ms,
      icmpError({
        from,
        to: '203.0.113.80',
        type: 3,
        code: 3,
        about: reply(about),
        ttl,
        identification: ms,
      }),
    );
  };
  const errorIn = (ms: number, isInside: boolean) => {
    const [to, about, ttl] = isInside ? (['10.0.0.7', HOST, 59] as const) : ([NAT, `${NAT}:48155`, 60] as const);
    const { bytes } = query(ms, about, 1);
    return at(ms, icmpError({ from: '192.0.2.1', to, type: 11, code: 0, about: bytes, ttl, identification: ms }));
  };

  test.each([
    { name: 'out', error: errorOut, isInside: true, counted: ['166/4', '0/0'] },
    { name: 'in', error: errorIn, isInside: false, counted: ['110/3', '56/1'] },
  ])('is lost when it went $name and not on, as such that went on before', async ({ error, isInside, counted }) => {
    const lost = error(500, isInside);
    const entry = isInside ? [lost] : [];
    const exit = isInside ? [] : [lost];
    const [start, end] = [asked(0), asked(1000)];
    const mid = asked(200);
    const log = await bothFiles(
      [...start.inside, error(100, true), ...mid.inside, ...entry, ...end.inside],
      [...start.outside, error(100, false), ...mid.outside, ...exit, ...end.outside],
    );
    expect(reasonsOf(log)).toEqual({ public_copy: 4, lost_in_nat: 1 });
    expect(log.entries.map(({ vpc, inbound }) => [vpc, inbound])).toEqual([counted]);
    const alone = await bothFiles(
      [...start.inside, ...mid.inside, ...entry, ...end.inside],
      [...start.outside, ...mid.outside, ...exit, ...end.outside],
    );
    // A filter may leave errors out.
    expect(reasonsOf(alone)).toEqual({ public_copy: 3 });
  });
});

test('71: hosts of an entry with pools of its own are told by these', async () => {
  const entries = [snatEntry('10.0.0.0/24', [NAT]), snatEntry('10.0.1.0/24', ['198.51.100.20'])];
  const of = gatewayWith({
    snatEntries: entries,
    addresses: [0xc633640a, 0xc6336414].map((address) => ({ address, privateAddress: null })),
  });
  const session = [0, 1000, 2000].map((ms) => seen(ms));
  const records = [
    ...session.flatMap(({ inside, outside }) => [...inside, ...outside]),
    ...[at(2100, syn('10.0.0.9:1', 1)), at(2200, syn('10.0.1.9:1', 1))],
  ];
  expect(reasonsOf(await sessionLogOf(records, of))).toEqual({ public_copy: 3, lost_in_nat: 1 });
});
