import { describe, expect, test } from 'vitest';
import { CaptureStream } from '../../../src-main/capture/capture-stream';
import { PACKET_FLAG, PacketBatch, TCP_WINDOW_UNKNOWN } from '../../../src-main/capture/packet-batch';
import { newDecoder } from '../../../src-main/engine/decoder-module';
import { ethernet, fragment, icmpEcho, icmpError, tcpPacket, udpPacket } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { LINK, pcapFile } from '../../support/pcap-writer';

const FROM = '10.0.0.5:40000';
const TO = '198.51.100.7:443';

/** The first row of a capture of one frame, of which the first `captured` octets are there. */
function decode(
  frame: Uint8Array,
  linkType: number = LINK.raw,
  captured = frame.length,
  hashesPayloads = false,
): PacketBatch {
  const record = { atNs: 1_000_000_000n, bytes: frame.subarray(0, captured), wireBytes: frame.length };
  const decoder = newDecoder();
  if (hashesPayloads) decoder.hashPayloads();
  const stream = CaptureStream.open(memorySource(pcapFile([record], { linkType })), decoder) as CaptureStream;
  const batch = new PacketBatch();
  // The source is in memory, so that nothing here is a promise.
  while (batch.length === 0 && (stream.fill(batch) as boolean));
  stream.release();
  expect(batch.length).toBe(1);
  return batch;
}

describe('TCP', () => {
  const segment = (flags: string, tcpOptions = new Uint8Array()) =>
    tcpPacket({ from: FROM, to: TO, flags, seq: 0xfedcba98, ack: 0x89abcdef, window: 0xfade, tcpOptions });

  test('sequence and acknowledgement numbers and the window are read', () => {
    const batch = decode(segment('PA'));
    expect([batch.tcpSeq[0], batch.tcpAck[0], batch.tcpWindow[0]]).toEqual([0xfedcba98, 0x89abcdef, 0xfade]);
  });

  test.each([
    { name: 'alone', options: [3, 3, 7, 0], scale: 8 },
    { name: 'behind padding and others', options: [1, 2, 4, 5, 180, 3, 3, 0], scale: 1 },
    { name: 'behind an option of an unknown kind', options: [253, 4, 0, 0, 3, 3, 2, 0], scale: 3 },
    { name: 'of more than the largest shift, which is that', options: [3, 3, 200, 0], scale: 15 },
    { name: 'behind the end of the options, which is none', options: [0, 3, 3, 7], scale: 0 },
    { name: 'of a wrong length, which is none', options: [3, 4, 7, 0], scale: 0 },
    { name: 'cut off by the header, which is none', options: [1, 1, 3, 3], scale: 0 },
    { name: 'missing', options: [], scale: 0 },
  ])('a SYN has the window scale option $name', ({ options, scale }) => {
    expect(decode(segment('S', Uint8Array.from(options))).tcpWindow[0]).toBe(0xfade + scale * 0x10000);
  });

  test('a segment without SYN scales nothing', () => {
    expect(decode(segment('A', Uint8Array.from([3, 3, 7, 0]))).tcpWindow[0]).toBe(0xfade);
  });

  test.each([
    { captured: 20 + 14, flags: 2 },
    { captured: 20 + 15, flags: 2 },
    { captured: 20 + 4, flags: 16 },
  ])('of a header cut at octet $captured the window is unknown', ({ captured, flags }) => {
    const batch = decode(segment('S'), LINK.raw, captured);
    expect([batch.tcpWindow[0], batch.l4Kind[0]]).toEqual([TCP_WINDOW_UNKNOWN, flags]);
  });

  test('of a later fragment, or one cut before its ports, it is unknown as well', () => {
    const later = fragment(tcpPacket({ from: FROM, to: TO, flags: 'A', payload: new Uint8Array(64) }), 40)[1]!;
    expect(decode(later).tcpWindow[0]).toBe(TCP_WINDOW_UNKNOWN);
    expect(decode(segment('S'), LINK.raw, 20 + 3).tcpWindow[0]).toBe(TCP_WINDOW_UNKNOWN);
  });
});

test('identification and time to live are read', () => {
  const batch = decode(udpPacket({ from: FROM, to: TO, identification: 0xbeef, ttl: 63 }));
  expect([batch.ipId[0], batch.ttl[0]]).toEqual([0xbeef, 63]);
});

test.each([
  { vlans: [], vlan: 0 },
  { vlans: [12], vlan: 12 },
  { vlans: [0], vlan: 0 },
  { vlans: [4000, 12], vlan: 4000 * 4096 + 12 },
  { vlans: [7, 4000, 12], vlan: 4000 * 4096 + 12 },
])('of tags $vlans the last two are read', ({ vlans, vlan }) => {
  expect(decode(ethernet(udpPacket({ from: FROM, to: TO }), { vlans }), LINK.ethernet).vlan[0]).toBe(vlan);
});

describe('checksums of ICMP errors', () => {
  const quoted = udpPacket({ from: FROM, to: TO, payload: new Uint8Array(9) });
  const error = icmpError({ from: '192.0.2.1', to: '10.0.0.5', type: 11, code: 0, about: quoted });
  const isBad = (bytes: Uint8Array, captured?: number): boolean => {
    const batch = decode(bytes, LINK.raw, captured);
    expect(batch.flags[0]! & PACKET_FLAG.icmpError).not.toBe(0);
    return (batch.flags[0]! & PACKET_FLAG.badIcmpChecksum) !== 0;
  };
  const changed = (at: number, bytes = error): Uint8Array =>
    bytes.map((octet, index) => (index === at ? ~octet : octet));

  test('are right in an error that nobody changed', () => {
    expect(isBad(error)).toBe(false);
  });

  test('are wrong when an octet of the message is', () => {
    for (let at = 21; at < error.length; at++) {
      // The version and the header's length of the quoted packet decide what is quoted at all.
      if (at !== 28) expect([at, isBad(changed(at))]).toEqual([at, true]);
    }
  });

  test('are wrong when that of the quoted header is, though the message sums up', () => {
    const inner = icmpError({ from: '192.0.2.1', to: '10.0.0.5', type: 11, code: 0, about: changed(10, quoted) });
    expect(isBad(inner)).toBe(true);
  });

  test('are not looked at in an error that was cut', () => {
    expect(isBad(changed(40), error.length - 1)).toBe(false);
  });

  test('of the quoted transport do not matter', () => {
    const inner = icmpError({ from: '192.0.2.1', to: '10.0.0.5', type: 3, code: 3, about: changed(26, quoted) });
    expect(isBad(inner)).toBe(false);
  });
});

describe('hashes of payloads', () => {
  const hashOf = (packet: Uint8Array, captured?: number): number =>
    decode(packet, LINK.raw, captured, true).payloadHash[0]!;
  const payload = Uint8Array.from({ length: 100 }, (_, index) => index * 7);

  test('are the same however UDP was translated', () => {
    const inside = hashOf(udpPacket({ from: FROM, to: TO, payload, ttl: 64 }));
    expect(inside).not.toBe(0);
    expect(hashOf(udpPacket({ from: '192.0.2.1:1025', to: TO, payload, ttl: 63 }))).toBe(inside);
  });

  test('are the same however an echo request was translated, and tell its sequence numbers apart', () => {
    const echo = (from: string, id: number, seq: number) => hashOf(icmpEcho({ from, to: '198.51.100.7', id, seq }));
    expect(echo('192.0.2.1', 9, 1)).toBe(echo('10.0.0.5', 7, 1));
    expect(echo('10.0.0.5', 7, 2)).not.toBe(echo('10.0.0.5', 7, 1));
  });

  test.each([0, 1, 2, 3, 4, 63])('differ by octet %d of the payload, and by its length', (octet) => {
    const changed = payload.slice();
    changed[octet]! ^= 1;
    const packet = (bytes: Uint8Array) => udpPacket({ from: FROM, to: TO, payload: bytes });
    const hash = hashOf(packet(payload.subarray(0, 64)));
    expect(hashOf(packet(changed.subarray(0, 64)))).not.toBe(hash);
    expect(hashOf(packet(payload.subarray(0, 65)))).not.toBe(hash);
  });

  test('are of 64 octets at most, so that a snap length behind them does not matter', () => {
    const packet = udpPacket({ from: FROM, to: TO, payload });
    expect(hashOf(packet, 28 + 64)).toBe(hashOf(packet));
    expect(hashOf(packet, 28 + 63)).not.toBe(hashOf(packet));
  });

  test('are there of later fragments, and 0 of TCP', () => {
    const [, later] = fragment(udpPacket({ from: FROM, to: TO, payload }), 48);
    expect(hashOf(later!)).not.toBe(0);
    expect(hashOf(tcpPacket({ from: FROM, to: TO, flags: 'A', payload }))).toBe(0);
  });

  test('are 0 where nobody asked', () => {
    expect(decode(udpPacket({ from: FROM, to: TO, payload })).payloadHash[0]).toBe(0);
  });
});

describe('fragments', () => {
  const spanOf = (packet: Uint8Array) => {
    const span = decode(packet).fragmentSpan[0]!;
    return { start: (span >>> 18) * 8, end: span & 0x1ffff, more: (span & 0x20000) !== 0 };
  };

  test('of IPv4 have the octets of their packet that they bring, by the header', () => {
    const pieces = fragment(udpPacket({ from: FROM, to: TO, payload: new Uint8Array(3000) }), 1480);
    expect(pieces.map(spanOf)).toEqual([
      { start: 0, end: 1480, more: true },
      { start: 1480, end: 2960, more: true },
      { start: 2960, end: 3008, more: false },
    ]);
  });

  test('of IPv4 may end behind the largest packet', () => {
    const [, last] = fragment(udpPacket({ from: FROM, to: TO, payload: new Uint8Array(3000) }), 1600) as [
      Uint8Array,
      Uint8Array,
    ];
    new DataView(last.buffer, last.byteOffset).setUint16(6, 0x1fff);
    expect(spanOf(last)).toEqual({ start: 65_528, end: 65_528 + 1408, more: false });
  });

  test('of IPv6 have theirs behind the fragment header', () => {
    const packet = (offsetAndMore: number): Uint8Array => {
      const bytes = new Uint8Array(40 + 8 + 8 + 100);
      const view = new DataView(bytes.buffer);
      view.setUint8(0, 0x60);
      view.setUint16(4, bytes.length - 40);
      // Destination options, and behind them the fragment header, of UDP.
      bytes[6] = 60;
      bytes.set([44, 0, 1, 4, 0, 0, 0, 0, 17, 0], 40);
      view.setUint16(50, offsetAndMore);
      return bytes;
    };
    expect(spanOf(packet(1480 | 1))).toEqual({ start: 1480, end: 1580, more: true });
    expect(spanOf(packet(2960))).toEqual({ start: 2960, end: 3060, more: false });
    expect(spanOf(packet(1))).toEqual({ start: 0, end: 100, more: true });
  });
});
