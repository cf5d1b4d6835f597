import fc from 'fast-check';
import type { MergeSource } from '../../src-main/capture/capture-merge';
import { concat, u16 } from './bytes';
import {
  ethernet,
  fragment,
  icmpError,
  icmpPacket,
  splitEndpoint,
  tcpPacket,
  udpPacket,
  type Endpoint,
} from './frames';
import { memorySource } from './memory-source';
import { LINK, pcapFile, type CaptureRecord } from './pcap-writer';
import { gatewayWith } from './session-log';
import { MILLISECOND, SECOND } from './time';

/*
 * Traffic of few sessions in few ports, in which whatever can happen to a session happens soon.
 */

const T0 = 1_700_000_400n;
/** Few ports, so that sessions are refused, and VLANs that share addresses. */
export const fewPorts = gatewayWith({
  inside: ['10.0.0.0/16'],
  eips: ['198.51.100.10'],
  portMin: 2000,
  portMax: 2001,
  vlanAware: true,
  latePolicy: 'carry',
});

/** A record, so many milliseconds after a window has begun. */
export const at = (ms: number, bytes: Uint8Array): CaptureRecord => ({
  atNs: T0 * SECOND + BigInt(ms) * MILLISECOND,
  bytes,
});
/** A packet of few sessions, and whatever may come between theirs. */
const packet = fc
  .record({
    kind: fc.oneof(
      { arbitrary: fc.constant('tcp'), weight: 6 },
      { arbitrary: fc.constantFrom('udp', 'query', 'error', 'fragments', 'swapped fragments'), weight: 5 },
    ),
    host: fc.integer({ min: 1, max: 2 }),
    port: fc.integer({ min: 1, max: 2 }),
    isIn: fc.boolean(),
    // Two initial numbers, so that a SYN may be the session's own, or open the next one.
    flags: fc.constantFrom('S', 'S', 'SA', 'A', 'PA', 'FA', 'R', 'SF', ''),
    isn: fc.constantFrom(1000, 2000),
    about: fc.constantFrom('udp', 'tcp'),
    identification: fc.integer({ min: 0, max: 3 }),
    payloadBytes: fc.integer({ min: 0, max: 40 }),
  })
  .map(({ kind, host, port, isIn, flags, isn, about, identification, payloadBytes }): Uint8Array[] => {
    const [inside, outside]: [Endpoint, Endpoint] = [`10.0.0.${host}:${1000 + port}`, '203.0.113.9:1'];
    const ends = isIn ? { from: outside, to: inside } : { from: inside, to: outside };
    const addresses = { from: splitEndpoint(ends.from).address, to: splitEndpoint(ends.to).address };
    const payload = new Uint8Array(payloadBytes);
    const tcp = { ...ends, flags, seq: isn, ack: isn + 1, payload };
    switch (kind) {
      case 'udp':
        return [udpPacket({ ...ends, payload })];
      case 'tcp':
        return [tcpPacket(tcp)];
      case 'query': {
        const types = isIn === payloadBytes % 4 > 0 ? [0, 14] : [8, 13];
        const type = types[payloadBytes % 2]!;
        return [icmpPacket({ ...addresses, type, code: 0, body: concat(u16(port), u16(1), payload) })];
      }
      case 'error': {
        // About a packet that went the other way; from the host that it went to, or from one in between.
        const back = { from: ends.to, to: ends.from };
        const quoted = about === 'udp' ? udpPacket({ ...back, payload }) : tcpPacket({ ...tcp, ...back });
        const from = payloadBytes % 3 > 0 ? addresses.from : isIn ? '192.0.2.1' : '10.0.0.254';
        const type = [3, 4, 11, 12][identification]!;
        return [icmpError({ ...addresses, from, type, code: 0, about: quoted })];
      }
      default: {
        const parts = fragment(udpPacket({ ...ends, identification, payload: new Uint8Array(40 + payloadBytes) }), 24);
        return kind === 'fragments' ? parts : parts.toReversed();
      }
    }
  });

const capture = fc
  .array(
    fc.record({
      bytes: packet,
      vlan: fc.oneof({ arbitrary: fc.constant(1), weight: 9 }, { arbitrary: fc.constant(2), weight: 1 }),
      // Mostly close together, sometimes late by more than two seconds, sometimes in another window.
      stepMs: fc.oneof(
        { arbitrary: fc.integer({ min: 0, max: 900 }), weight: 12 },
        { arbitrary: fc.integer({ min: -6000, max: 0 }), weight: 4 },
        { arbitrary: fc.integer({ min: 10_000, max: 700_000 }), weight: 1 },
      ),
    }),
    { maxLength: 24 },
  )
  .map((steps) => {
    // Close to the edge, so that what is late is late for its window.
    let ms = 599_000;
    return steps.flatMap(({ bytes, vlan, stepMs }) => {
      ms = Math.max(0, ms + stepMs);
      return bytes.map((octets, index) => at(ms + index, ethernet(octets, { vlans: [vlan] })));
    });
  });

/** Captures of Ethernet, in the order in which an import would read them. */
export const fewSessions = fc
  .array(capture, { minLength: 1, maxLength: 3 })
  .map((captures) =>
    captures
      .filter((records) => records.length > 0)
      .toSorted((one, other) => Number((one[0]?.atNs ?? 0n) - (other[0]?.atNs ?? 0n))),
  )
  .filter((captures) => captures.length > 0);

export const sourceOf = (records: readonly CaptureRecord[]): MergeSource => {
  const ns = records[0]?.atNs ?? 0n;
  const bytes = pcapFile(records, { linkType: LINK.ethernet });
  return { source: memorySource(bytes), firstSec: Number(ns / SECOND), firstNsec: Number(ns % SECOND) };
};
