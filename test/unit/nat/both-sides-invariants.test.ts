import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Gateway } from '../../../src-main/nat/gateway';
import { gateways, traffic, type TrafficPacket } from '../../support/adversarial-traffic';
import { internetChecksum } from '../../support/bytes';
import { memorySource } from '../../support/memory-source';
import { LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { expectRowsToShareNoEndpoint } from '../../support/nat-invariants';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom } from '../../support/random';
import { sessionLog } from '../../support/session-log';

/*
 * Both sides of a gateway whose translation is none that the emulated one would choose: endpoints that hosts share, that
 * change in the middle of a session, and that are in no range; packets that are missing on either side.
 */

const MS = 1_000_000n;
const ICMP = 1;
const ICMP_UNREACHABLE = 3;

/** The packet with another TTL and identification, and with a translated endpoint where one is given. */
function copyOf(packet: TrafficPacket, identification: number, ttl: number, nat?: { ip: number; port: number }) {
  const bytes = packet.bytes.slice();
  const view = new DataView(bytes.buffer);
  view.setUint16(4, identification);
  view.setUint8(8, ttl);
  // What an error quotes is left as it is, so that it is about nothing on the public side.
  if (nat !== undefined && !(bytes[9] === ICMP && bytes[20] === ICMP_UNREACHABLE)) {
    view.setUint32(packet.fromVpc ? 12 : 16, nat.ip);
    view.setUint16(bytes[9] === ICMP ? 24 : packet.fromVpc ? 20 : 22, nat.port);
  }
  view.setUint16(10, 0);
  view.setUint16(10, internetChecksum(bytes.subarray(0, 20)));
  return bytes;
}

function bothSides(gateway: Gateway, packets: readonly TrafficPacket[], seed: number): CaptureRecord[] {
  const random = seededRandom(seed);
  const endpoints = new Map<string, { ip: number; port: number }>();
  const records = packets.flatMap((packet, index) => {
    let nat = endpoints.get(packet.tuple);
    if (nat === undefined || random.int(0, 30) === 0) {
      const { address, privateAddress } = random.pick(gateway.addresses);
      const ip = gateway.bindMode === 'NAT' ? (privateAddress ?? address) : address;
      nat = { ip, port: random.pick([gateway.portMin, gateway.portMin + 1, gateway.portMax, 1025, 40_000]) };
      endpoints.set(packet.tuple, nat);
    }
    const later = packet.atNs + 2n * MS;
    const { fromVpc, atNs } = packet;
    const inner = { atNs: fromVpc ? atNs : later, bytes: copyOf(packet, index, fromVpc ? 64 : 62) };
    const outer = { atNs: fromVpc ? later : atNs, bytes: copyOf(packet, index, fromVpc ? 62 : 63, nat) };
    const seen = random.int(0, 9);
    return [...(seen > 0 ? [inner] : []), ...(seen < 7 ? [outer] : [])];
  });
  return records.sort((one, other) => Number(one.atNs - other.atNs));
}

/** Windows begin for all sessions at once, or with each. */
const bothSidesGateways = fc
  .record({ gateway: gateways, hasOwnWindows: fc.boolean() })
  .map(({ gateway, hasOwnWindows }): Gateway => (hasOwnWindows ? { ...gateway, windowPhase: 'session' } : gateway));

test('whatever both sides show, each packet is in one row or has a reason, no endpoint is that of two at once, and blocks are given back', () =>
  fc.assert(
    fc.asyncProperty(bothSidesGateways, traffic, fc.nat(), async (gateway, packets, seed) => {
      const records = bothSides(gateway, packets, seed);
      const log = await sessionLog(
        [memorySource(pcapFile(records, { linkType: LINK.raw, resolution: 'ns' }))],
        gateway,
      );
      const { entries, events, ledger } = log;
      expectRowsToShareNoEndpoint({ gateway, log });
      const counted = entries.flatMap(({ vpc, inbound }) => [vpc, inbound]).map((sum) => Number(sum.split('/')[1]));
      const left = Object.values(ledger.packets.notInEntries);
      expect([...counted, ...left].reduce((sum, count) => sum + count, 0)).toBe(records.length);
      const [given, taken] = ['block_allocate', 'block_free'].map(
        (kind) => events.filter(({ event }) => event === kind).length,
      );
      expect(given).toBe(taken);
    }),
    { numRuns: PROPERTY_RUNS, endOnFailure: true },
  ));
