import { describe, expect, test } from 'vitest';
import { icmpEcho, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
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
