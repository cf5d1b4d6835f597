import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureStream } from '../../../src-main/capture/capture-stream';
import type { Frame } from '../../../src-main/capture/decoded-frames';
import { PacketBatch } from '../../../src-main/capture/packet-batch';
import { newLayerDecoder } from '../../../src-main/engine/decoder-module';
import { PUBLIC_RESULT, PublicSide, type NatMapping } from '../../../src-main/nat/public-side';
import { concat, hex, internetChecksum, u16, u32 } from '../../support/bytes';
import {
  ethernet,
  fragment,
  icmpEcho,
  icmpError,
  icmpPacket,
  ipv4Number,
  ipv4Packet,
  ipv6Packet,
  linuxCooked,
  tcpPacket,
  udpLitePacket,
  udpPacket,
  type Endpoint,
} from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { LINK, pcapFile } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { gatewayWith } from '../../support/session-log';

const HOST = '10.0.0.7';
const NAT = '198.51.100.10';
const SERVER = '203.0.113.80';
const PRIVATE: Endpoint = `${HOST}:47176`;
const PUBLIC: Endpoint = `${NAT}:1025`;
const SERVICE: Endpoint = `${SERVER}:443`;
const gateway = gatewayWith({ inside: ['10.0.0.0/16'], eips: [NAT] });

function mapping(protocol: number, changes: Partial<NatMapping> = {}): NatMapping {
  const nat = { natIp: ipv4Number(NAT), natEip: ipv4Number(NAT), natPort: 1025 };
  return { protocol, priIp: ipv4Number(HOST), priPort: 47_176, ...nat, ...changes };
}

/** A frame as the decoder gives it. */
function frameOf(bytes: Uint8Array, linkType: number = LINK.ethernet, wireBytes = bytes.length): Frame {
  const decoder = newLayerDecoder('auto', gateway);
  const batch = new PacketBatch();
  const file = pcapFile([{ atNs: 1_700_000_000_000_000_000n, bytes, wireBytes }], { linkType });
  const frames: Frame[] = [];
  decoder.tellRows(() => void frames.push(decoder.frameOf(0)));
  const stream = CaptureStream.open(memorySource(file), decoder) as CaptureStream;
  void stream.fill(batch);
  stream.release();
  const [frame] = frames;
  if (frame === undefined) throw new Error('the capture has no frame');
  return frame;
}

interface Translated {
  readonly result: number;
  readonly bytes: string;
}
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function translated(bytes: Uint8Array, of: NatMapping, linkType?: number, wireBytes?: number): Translated {
  const frame = frameOf(bytes, linkType, wireBytes);
  const result = new PublicSide().translate(frame, of);
  return { result, bytes: text(frame.bytes) };
}

const octets = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + 3) & 0xff);
const DATA = octets(33);
const TRANSLATED = { result: PUBLIC_RESULT.translated };

/** Makes a packet with one end of the session, or with the other. */
type Make = (near: Endpoint, far: Endpoint) => Uint8Array;
const tcpOut: Make = (near, far) => tcpPacket({ from: near, to: far, flags: 'PA', seq: 7, ack: 9, payload: DATA });
const tcpIn: Make = (near, far) => tcpPacket({ from: far, to: near, flags: 'A', seq: 9, ack: 40 });
const udpOut: Make = (near, far) => udpPacket({ from: near, to: far, payload: DATA });
const udpIn: Make = (near, far) => udpPacket({ from: far, to: near, payload: DATA });
const udpLiteOut: Make = (near, far) => udpLitePacket({ from: near, to: far, payload: DATA });
const udpLiteIn: Make = (near, far) => udpLitePacket({ from: far, to: near, payload: DATA, covered: 12 });
const addressOf = (endpoint: Endpoint): string => endpoint.slice(0, endpoint.lastIndexOf(':'));
const portOf = (endpoint: Endpoint): number => Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));
const ping: Make = (near, far) => icmpEcho({ from: addressOf(near), to: addressOf(far), id: portOf(near) });
const pong: Make = (near, far) =>
  icmpEcho({ from: addressOf(far), to: addressOf(near), id: portOf(near), reply: true });
/** From a router on the way, about a packet that went out. */
const expired =
  (about: Make): Make =>
  (near, far) =>
    icmpError({ from: '192.0.2.1', to: addressOf(near), type: 11, code: 0, about: about(near, far) });
/** From the host, about a packet that came in. */
const refused =
  (about: Make): Make =>
  (near, far) =>
    icmpError({ from: addressOf(near), to: addressOf(far), type: 3, code: 3, about: about(near, far) });
/** With all of the packet in it. */
const long =
  (about: Make): Make =>
  (near, far) =>
    icmpPacket({ from: '192.0.2.1', to: addressOf(near), type: 3, code: 4, body: concat(u32(1400), about(near, far)) });

const PACKETS: readonly { name: string; protocol: number; make: Make }[] = [
  { name: 'TCP that goes out', protocol: 6, make: tcpOut },
  { name: 'TCP that comes in', protocol: 6, make: tcpIn },
  { name: 'UDP that goes out', protocol: 17, make: udpOut },
  { name: 'UDP that comes in', protocol: 17, make: udpIn },
  { name: 'UDP-Lite that goes out', protocol: 136, make: udpLiteOut },
  { name: 'UDP-Lite that comes in, with a checksum of its beginning', protocol: 136, make: udpLiteIn },
  { name: 'an echo request', protocol: 1, make: ping },
  { name: 'its reply', protocol: 1, make: pong },
  { name: 'an error about TCP that went out', protocol: 6, make: expired(tcpOut) },
  { name: 'one about UDP', protocol: 17, make: expired(udpOut) },
  { name: 'one about UDP-Lite', protocol: 136, make: expired(udpLiteOut) },
  { name: 'one about an echo request', protocol: 1, make: expired(ping) },
  { name: 'one that quotes all of TCP', protocol: 6, make: long(tcpOut) },
  { name: 'one that quotes all of UDP', protocol: 17, make: long(udpOut) },
  { name: 'an error of the host about UDP that came in', protocol: 17, make: refused(udpIn) },
  {
    name: 'options of IPv4, also in what is quoted',
    protocol: 17,
    make: expired((near, far) => udpPacket({ from: near, to: far, payload: DATA, ipOptions: hex('9404 0000') })),
  },
  {
    name: 'UDP without a checksum',
    protocol: 17,
    make: (near, far) => {
      const packet = udpOut(near, far);
      packet.fill(0, 26, 28);
      return packet;
    },
  },
];

describe('a packet of the private side becomes the one that was sent', () => {
  test.each(PACKETS)('$name', ({ protocol, make }) => {
    const of = mapping(protocol);
    expect(translated(ethernet(make(PRIVATE, SERVICE)), of)).toEqual({
      ...TRANSLATED,
      bytes: text(ethernet(make(PUBLIC, SERVICE))),
    });
  });

  test.each(PACKETS)('and stays as it is where it was captured on the public side: $name', ({ protocol, make }) => {
    const bytes = ethernet(make(PUBLIC, SERVICE));
    for (const of of [mapping(protocol), mapping(protocol, { priIp: null, priPort: null })]) {
      expect(translated(bytes, of)).toEqual({ result: PUBLIC_RESULT.asCaptured, bytes: text(bytes) });
    }
  });

  test.each(PACKETS)('as far as it was captured: $name', ({ protocol, make }) => {
    const whole = ethernet(make(PRIVATE, SERVICE), { pad: false });
    const expected = ethernet(make(PUBLIC, SERVICE), { pad: false });
    // From right behind the ports, or the identifier, or those that are quoted. Of half a checksum nothing can be told.
    const isError = whole[23] === 1 && whole[34]! % 8 > 0;
    const least = isError ? 14 + 20 + 8 + ((whole[42]! & 0x0f) << 2) + 6 : 14 + 20 + 6;
    for (let bytes = least; bytes < whole.length; bytes += 2) {
      const cut = translated(whole.subarray(0, bytes), mapping(protocol), LINK.ethernet, whole.length);
      expect(cut.bytes, `${bytes} octets`).toBe(text(expected.subarray(0, bytes)));
    }
  });
});

test('from an address to which an EIP is bound, the EIP is what the Internet sees', () => {
  const bound = mapping(17, { natIp: ipv4Number('172.16.10.13') });
  const expected = { ...TRANSLATED, bytes: text(ethernet(udpOut(PUBLIC, SERVICE))) };
  expect(translated(ethernet(udpOut(PRIVATE, SERVICE)), bound)).toEqual(expected);
  expect(translated(ethernet(udpOut('172.16.10.13:1025', SERVICE)), bound)).toEqual(expected);
});

test('the address of every fragment changes, and the port and the checksum in the first', () => {
  const datagram = (near: Endpoint): Uint8Array =>
    udpPacket({ from: near, to: SERVICE, payload: octets(100), identification: 77 });
  const parts = fragment(datagram(PRIVATE), 40);
  expect(parts).toHaveLength(3);
  expect(parts.map((part) => translated(part, mapping(17), LINK.raw))).toEqual(
    fragment(datagram(PUBLIC), 40).map((part) => ({ ...TRANSLATED, bytes: text(part) })),
  );
});

describe('whatever is around the packet stays, but for checksums over it', () => {
  const around: readonly { name: string; linkType?: number; wrap: (packet: Uint8Array) => Uint8Array }[] = [
    { name: 'tags', wrap: (packet) => ethernet(packet, { vlans: [5, 12] }) },
    { name: 'a cooked header', linkType: LINK.linuxCooked, wrap: (packet) => linuxCooked(packet) },
    {
      name: 'labels of MPLS',
      wrap: (packet) => ethernet(concat(hex('00010040 00020140'), packet), { ethertype: 0x8847 }),
    },
    {
      name: 'PPPoE',
      wrap: (packet) =>
        ethernet(concat(hex('1100 0001'), u16(packet.length + 2), hex('0021'), packet), { ethertype: 0x8864 }),
    },
    {
      name: 'VXLAN with a checksum',
      wrap: (packet) => ethernet(vxlan(ethernet(packet))),
    },
    { name: 'VXLAN over IPv6', wrap: (packet) => ethernet(overIpv6(ethernet(packet))) },
    { name: 'GRE with a checksum', wrap: (packet) => ethernet(gre(packet)) },
    { name: 'GRE in VXLAN, both with one', wrap: (packet) => ethernet(vxlan(ethernet(gre(packet)))) },
    // PPP whose protocol has one octet, so that words in the packet are none around it.
    {
      name: 'PPP in L2TP at an odd place',
      wrap: (packet) => ethernet(tunnelled(1701, hex('0002 0001 0001 21'), packet)),
    },
  ];
  const OUTER = { from: '192.168.1.1', to: '192.168.1.2' } as const;
  function tunnelled(port: number, header: Uint8Array, inside: Uint8Array): Uint8Array {
    return udpPacket({ from: `${OUTER.from}:${port}`, to: `${OUTER.to}:${port}`, payload: concat(header, inside) });
  }
  function vxlan(frame: Uint8Array): Uint8Array {
    return tunnelled(4789, hex('0800 0000 0000 0100'), frame);
  }
  function overIpv6(frame: Uint8Array): Uint8Array {
    const payload = concat(hex('0800 0000 0000 0100'), frame);
    const [from, to] = ['2001:db8::1', '2001:db8::2'];
    const head = (sum: number): Uint8Array => concat(u16(4789), u16(4789), u16(payload.length + 8), u16(sum), payload);
    const bare = ipv6Packet({ from, to, nextHeader: 17, payload: head(0) });
    const sum = internetChecksum(bare.subarray(8, 40), u32(payload.length + 8), u32(17), head(0));
    return ipv6Packet({ from, to, nextHeader: 17, payload: head(sum || 0xffff) });
  }
  function gre(packet: Uint8Array): Uint8Array {
    const message = (sum: number): Uint8Array => concat(hex('8000 0800'), u16(sum), u16(0), packet);
    return ipv4Packet({ ...OUTER, protocol: 47, payload: message(internetChecksum(message(0))) });
  }

  test.each(around)('$name', ({ linkType, wrap }) => {
    for (const { protocol, make } of PACKETS) {
      expect(translated(wrap(make(PRIVATE, SERVICE)), mapping(protocol), linkType)).toEqual({
        ...TRANSLATED,
        bytes: text(wrap(make(PUBLIC, SERVICE))),
      });
    }
  });
});

describe('a checksum that was left to the network card', () => {
  /** With the sum of the pseudo header in the place of the checksum. */
  function offloaded(packet: Uint8Array): Uint8Array {
    const at = packet[9] === 6 ? 36 : 26;
    const sum = ~internetChecksum(packet.subarray(12, 20), u16(packet[9]!), u16(packet.length - 20)) & 0xffff;
    packet.set(u16(sum), at);
    return packet;
  }

  test.each([
    { name: 'TCP', protocol: 6, make: tcpOut },
    { name: 'UDP', protocol: 17, make: udpOut },
  ])('of $name is computed where all of the packet was captured, and else stays that of the new addresses', (given) => {
    const { protocol, make } = given;
    const packet = offloaded(make(PRIVATE, SERVICE));
    expect(translated(packet, mapping(protocol), LINK.raw)).toEqual({
      result: PUBLIC_RESULT.completed,
      bytes: text(make(PUBLIC, SERVICE)),
    });
    const cut = translated(packet.subarray(0, 44), mapping(protocol), LINK.raw, packet.length);
    const expected = text(offloaded(make(PUBLIC, SERVICE)).subarray(0, 44));
    expect(cut).toEqual({ result: PUBLIC_RESULT.unfinished, bytes: expected });
  });

  describe('of a packet that the card divides, without the length', () => {
    function divided(packet: Uint8Array): Uint8Array {
      packet.set(u16(~internetChecksum(packet.subarray(12, 20), u16(6)) & 0xffff), 36);
      return packet;
    }
    const withoutLength = (packet: Uint8Array): Uint8Array => {
      packet.fill(0, 2, 4);
      packet.fill(0, 10, 12);
      packet.set(u16(internetChecksum(packet.subarray(0, 20))), 10);
      return packet;
    };

    test.each([
      { name: 'with its length', shape: (packet: Uint8Array) => packet },
      { name: 'without one', shape: withoutLength },
    ])('is computed in IPv4 $name', ({ shape }) => {
      expect(translated(shape(divided(tcpOut(PRIVATE, SERVICE))), mapping(6), LINK.raw)).toEqual({
        result: PUBLIC_RESULT.completed,
        bytes: text(shape(tcpOut(PUBLIC, SERVICE))),
      });
    });

    test('stays that of the new addresses where not all was captured', () => {
      const packet = withoutLength(divided(tcpOut(PRIVATE, SERVICE)));
      expect(translated(packet.subarray(0, 44), mapping(6), LINK.raw, packet.length)).toEqual({
        result: PUBLIC_RESULT.unfinished,
        bytes: text(withoutLength(divided(tcpOut(PUBLIC, SERVICE))).subarray(0, 44)),
      });
    });
  });

  test('of the header of IPv4 is computed', () => {
    const packet = udpOut(PRIVATE, SERVICE);
    packet.fill(0, 10, 12);
    expect(translated(packet, mapping(17), LINK.raw)).toEqual({
      result: PUBLIC_RESULT.completed,
      bytes: text(udpOut(PUBLIC, SERVICE)),
    });
  });
});

test('law: a wrong checksum is as wrong as it was, and a right one right, for any packet and translation', () => {
  const address = fc.integer({ min: 1, max: 0xfffe }).map((low) => `10.0.${low >>> 8}.${low & 0xff}`);
  const port = fc.integer({ min: 0, max: 0xffff });
  const traffic = fc.record({
    ...{ host: address, port, natPort: port, farPort: port, payload: fc.uint8Array({ maxLength: 60 }) },
    nat: fc.integer({ min: 0, max: 0xffff }).map((low) => `198.51.${low >>> 8}.${low & 0xff}`),
    error: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xfffe })),
    isTcp: fc.boolean(),
    isOut: fc.boolean(),
  });
  fc.assert(
    fc.property(traffic, ({ host, port: priPort, natPort, farPort, payload, nat, error, isTcp, isOut }) => {
      fc.pre(farPort !== 0);
      const make = (near: Endpoint): Uint8Array => {
        const far: Endpoint = `${SERVER}:${farPort}`;
        const ends = isOut ? { from: near, to: far } : { from: far, to: near };
        return isTcp ? tcpPacket({ ...ends, flags: 'A', payload }) : udpPacket({ ...ends, payload });
      };
      const packet = make(`${host}:${priPort}`);
      const checksumAt = isTcp ? 36 : 26;
      const right = (packet[checksumAt]! << 8) | packet[checksumAt + 1]!;
      const pseudo = ~internetChecksum(packet.subarray(12, 20), u16(packet[9]!), u16(packet.length - 20)) & 0xffff;
      const written = (right + error) % 0xffff || 0xffff;
      const ofDivided = ~internetChecksum(packet.subarray(12, 20), u16(packet[9]!)) & 0xffff;
      fc.pre(written !== pseudo && written !== ofDivided);
      if (error > 0) packet.set(u16(written), checksumAt);
      const frame = frameOf(packet, LINK.raw);
      const of = { protocol: isTcp ? 6 : 17, priIp: ipv4Number(host), priPort };
      new PublicSide().translate(frame, { ...of, natIp: ipv4Number(nat), natEip: ipv4Number(nat), natPort });
      const expected = make(`${nat}:${natPort}`);
      const sum = (expected[checksumAt]! << 8) | expected[checksumAt + 1]!;
      const found = (frame.bytes[checksumAt]! << 8) | frame.bytes[checksumAt + 1]!;
      // As far away as it was: the two zeros are one number.
      expect((found + 0xffff - sum) % 0xffff).toBe(error % 0xffff);
      expected.set(frame.bytes.subarray(checksumAt, checksumAt + 2), checksumAt);
      expect(text(frame.bytes)).toBe(text(expected));
    }),
    { numRuns: PROPERTY_RUNS * 2 },
  );
});
