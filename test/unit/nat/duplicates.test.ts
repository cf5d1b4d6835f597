import { expect, test } from 'vitest';
import { fragment, icmpEcho, icmpError, tcpPacket, udpPacket } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLog, sessionLogOf } from '../../support/session-log';
import { SECOND } from '../../support/time';

/*
 * Copies of packets, as of a port that is mirrored twice; scenario 72. Times are microseconds.
 *
 * "Flag either way" is read as: with `dedupe`, each copy has a reason of its own in the ledger. By default nothing looks for
 * copies, as that means hashing every payload, and no entry says that it counts some.
 */

const T0 = 1_700_000_400n;
const at = (us: number, bytes: Uint8Array): CaptureRecord => ({ atNs: T0 * SECOND + BigInt(us) * 1000n, bytes });
const HOST = '10.0.0.7:47176';
const S = '203.0.113.80:443';
const udp = (identification: number, text = 'a') =>
  udpPacket({ from: HOST, to: S, identification, payload: new TextEncoder().encode(text) });
const tcp = (seq: number, identification = 0, ttl = 64) =>
  tcpPacket({ from: HOST, to: S, flags: 'A', seq, identification, ttl });
const echo = (sequence: number) =>
  icmpEcho({ from: '10.0.0.7', to: '203.0.113.9', id: 5, payload: Uint8Array.of(sequence) });

/** Fragments of which nothing but their offset tells two from each other. */
const fragmentsOf = (packet: Uint8Array) => fragment(packet, 1024).map((bytes, index) => at(index, bytes));
const zeros = new Uint8Array(4096);
const errorAbout = (port: number) =>
  icmpError({
    ...{ from: '203.0.113.80', to: '10.0.0.7', type: 3, code: 3 },
    about: udpPacket({ from: `10.0.0.7:${port}`, to: S }),
  });

const countedOf = async (records: readonly CaptureRecord[], dedupe: boolean) => {
  const { entries, ledger } = await sessionLogOf(records, gatewayWith({ inside: ['10.0.0.0/16'], dedupe }));
  const packets = entries.reduce((sum, { vpc }) => sum + Number(vpc.split('/')[1]), 0);
  return [packets, ledger.packets.notInEntries.duplicate ?? 0];
};

test.each([
  { name: 'a copy within a millisecond', records: [at(0, tcp(1)), at(900, tcp(1))], counted: [1, 1] },
  { name: 'one exactly a millisecond later', records: [at(0, tcp(1)), at(1000, tcp(1))], counted: [1, 1] },
  { name: 'one later than that', records: [at(0, tcp(1)), at(1001, tcp(1))], counted: [2, 0] },
  { name: 'three of one', records: [0, 100, 200].map((us) => at(us, udp(7))), counted: [1, 2] },
  { name: 'another identification', records: [at(0, udp(7)), at(10, udp(8))], counted: [2, 0] },
  { name: 'another payload', records: [at(0, udp(7, 'a')), at(10, udp(7, 'b'))], counted: [2, 0] },
  { name: 'another sequence number', records: [at(0, tcp(1)), at(10, tcp(2))], counted: [2, 0] },
  { name: 'the same one hop further', records: [at(0, tcp(1)), at(10, tcp(1, 0, 63))], counted: [2, 0] },
  { name: 'pings', records: [at(0, echo(1)), at(10, echo(1)), at(20, echo(2))], counted: [2, 1] },
  { name: 'fragments of UDP', records: fragmentsOf(udpPacket({ from: HOST, to: S, payload: zeros })), counted: [5, 0] },
  {
    name: 'fragments of TCP',
    records: fragmentsOf(tcpPacket({ from: HOST, to: S, flags: 'A', payload: zeros })),
    counted: [5, 0],
  },
  {
    name: 'fragments that come twice',
    records: fragmentsOf(tcpPacket({ from: HOST, to: S, flags: 'A', payload: zeros })).flatMap((each) => [each, each]),
    counted: [5, 5],
  },
])('72: of $name so many count', async ({ records, counted }) => {
  expect(await countedOf(records, true)).toEqual(counted);
  expect(await countedOf(records, false)).toEqual([records.length, 0]);
});

test('72: a copy counts twice without dedupe, in an entry without a flag; with it, its reason tells', async () => {
  const records = [at(0, tcp(1)), at(900, tcp(1))];
  const both = await Promise.all(
    [false, true].map((dedupe) => sessionLogOf(records, gatewayWith({ inside: ['10.0.0.0/16'], dedupe }))),
  );
  expect(both.map(({ entries }) => entries.map(({ vpc, flags }) => [vpc, flags]))).toEqual([
    [['80/2', ['midstream', 'partialWindow']]],
    [['40/1', ['midstream', 'partialWindow']]],
  ]);
  expect(both.map(({ ledger }) => ledger.packets.notInEntries)).toEqual([{}, { duplicate: 1 }]);
});

test('72: ICMP errors about several packets are no copies of each other', async () => {
  const sessions = [1, 2].map((port) => at(port, udpPacket({ from: `10.0.0.7:${port}`, to: S })));
  const errors = [1, 2, 2].map((port, index) => at(10 + index, errorAbout(port)));
  const { entries, ledger } = await sessionLogOf(
    [...sessions, ...errors],
    gatewayWith({ inside: ['10.0.0.0/16'], dedupe: true }),
  );
  expect(entries.map(({ inbound }) => inbound)).toEqual(['56/1', '56/1']);
  expect(ledger.packets.notInEntries).toEqual({ duplicate: 1 });
});

/** Later fragments of segments with other octets, and errors, of which nothing else tells two from each other. */
const headless = [1, 2].map(
  (octet) => fragment(tcpPacket({ from: HOST, to: S, flags: 'A', payload: zeros.map(() => octet) }), 1024)[1]!,
);
const short = [1, 2].map((port) => errorAbout(port).subarray(0, 20 + 8 + 10));

test.each([
  { name: 'later fragments of TCP without a first one', packets: headless, duplicate: 0 },
  { name: 'such a fragment that comes twice', packets: [headless[0]!, headless[0]!], duplicate: 1 },
  { name: 'ICMP errors that quote too little', packets: short, duplicate: 1 },
])('72: of $name, which are copies does not depend on how they are read', async ({ packets, duplicate }) => {
  const records = [tcp(1), errorAbout(1), tcp(2), errorAbout(2), ...packets].map((bytes, index) => at(index, bytes));
  const file = pcapFile(records, { linkType: LINK.raw, resolution: 'ns' });
  for (let chunkBytes = 30; chunkBytes < file.length + 30; chunkBytes += 30) {
    const source = memorySource(file, { chunkBytes });
    const { ledger } = await sessionLog([source], gatewayWith({ inside: ['10.0.0.0/16'], dedupe: true }));
    expect([chunkBytes, ledger.packets.notInEntries.duplicate ?? 0]).toEqual([chunkBytes, duplicate]);
  }
});

test('copies are found among many packets, over the edges of batches', async () => {
  const count = 70_000;
  const records = Array.from({ length: count }, (_, index) => at(index, tcp(index))).flatMap((record, index) => [
    record,
    at(index, tcp(index)),
  ]);
  expect(await countedOf(records, true)).toEqual([count, count]);
});
