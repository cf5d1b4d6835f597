import { concat, hex, u16, u32, u8 } from './bytes';
import { intWriter } from './pcap-writer';
import type { Random } from './random';

/*
 * Frames of every link type, encapsulation and tunnel that the decoder opens, nested at random. What they carry is made
 * so that a dissector has nothing to guess: ports that nobody has registered, and a payload that looks like no protocol.
 */

/** Octets, and the names of what they are from the outside in. */
export interface Piece {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Frame extends Piece {
  readonly linkType: number;
  /** Octets on the wire; more than `bytes` has where the frame was cut. */
  readonly wireBytes: number;
}

const little = intWriter('little');
const le16 = (value: number): Uint8Array => little([value, 2]);
const le32 = (value: number): Uint8Array => little([value >>> 0, 4]);
const around = (name: string, inside: Piece, ...parts: readonly Uint8Array[]): Piece => ({
  name: `${name} ${inside.name}`,
  bytes: concat(...parts, inside.bytes),
});
const FILLER = hex('6e61 7473 636f 7065 6e61 7473 636f 7065');
/** Of a maker that is known: some dissectors guess by that whether a frame follows. */
const MAC = hex('000c 2900 0001 000c 2900 0002');

type Make = (random: Random, depth: number) => Piece;
/** Puts a header around an IP packet, a frame or whatever else it can hold, which it makes itself. */
type Table = readonly (readonly [name: string, make: Make])[];

function pickFrom(random: Random, table: Table, depth: number): Piece {
  const [name, make] = random.pick(table);
  const piece = make(random, depth);
  return name === '' ? piece : { name: `${name} ${piece.name}`.trimEnd(), bytes: piece.bytes };
}

// --- IP -------------------------------------------------------------------------------------------------------------

const port = (random: Random): Uint8Array => u16(random.int(50_000, 60_000));

const LEAVES: Table = [
  ['tcp', (random) => leaf(port(random), port(random), u32(random.u32()), u32(0), hex('5010 1000 0000 0000'), FILLER)],
  ['udp', (random) => leaf(port(random), port(random), u16(24), u16(0), FILLER)],
  [
    'sctp',
    (random) => leaf(port(random), port(random), u32(1), u32(0), hex('0300 0010 0000 0001 0000 1000 0000 0000')),
  ],
  ['dccp', (random) => leaf(port(random), port(random), hex('0400 0000 0400 0000 0000 0001'))],
  ['udplite', (random) => leaf(port(random), port(random), u16(8), u16(0), FILLER)],
  ['igmp', () => leaf(hex('1600 0000 e000 0001'))],
  ['esp', (random) => leaf(u32(random.u32()), u32(1), FILLER)],
  ['none', () => leaf()],
];
const LEAF_PROTOCOL: Readonly<Record<string, number>> = {
  ...{ tcp: 6, udp: 17, sctp: 132, dccp: 33, udplite: 136, igmp: 2, esp: 50, none: 59 },
};
const leaf = (...parts: readonly Uint8Array[]): Piece => ({ name: '', bytes: concat(...parts) });

interface Transport extends Piece {
  readonly protocol: number;
}

function transport(random: Random, depth: number, version: 4 | 6): Transport {
  const chance = random.int(0, 99);
  if (depth > 0 && chance < 55) return chance < 25 ? ipTunnel(random, depth) : udpTunnel(random, depth);
  if (chance < 70) return icmp(random, version);
  if (chance < 75) {
    let inside = transport(random, 0, version);
    while (inside.name === 'sctp') inside = leafOf(random);
    const bytes = concat(u8(inside.protocol), u8(4), u16(0), u32(7), u32(1), new Uint8Array(12), inside.bytes);
    return { name: `ah ${inside.name}`, protocol: 51, bytes };
  }
  return leafOf(random);
}

function leafOf(random: Random): Transport {
  const piece = pickFrom(random, LEAVES, 0);
  return { ...piece, protocol: LEAF_PROTOCOL[piece.name] ?? 59 };
}

function icmp(random: Random, version: 4 | 6): Transport {
  const protocol = version === 4 ? 1 : 58;
  const isQuery = random.int(0, 1) === 0;
  const type = random.pick(
    isQuery
      ? version === 4
        ? [0, 8, 13, 14, 15, 16, 17, 18]
        : [128, 129]
      : version === 4
        ? [3, 4, 5, 11, 12]
        : [1, 2, 3, 4],
  );
  const head = concat(u8(type), u8(0), u16(0));
  if (isQuery) {
    const bytes = concat(head, u16(random.int(1, 0xffff)), u16(1), FILLER);
    return { name: `icmp${version}-query`, protocol, bytes };
  }
  let quoted = ipPacket(random, 0, version);
  // Behind authentication in a quote dissectors read on or not, as it comes.
  while (/\bah\b/.test(quoted.name)) quoted = ipPacket(random, 0, version);
  // At least as much as RFC 792 asks for; sometimes less, as of a capture that was cut.
  // Dissectors find the ports of SCTP in a whole header only.
  const isSctp = quoted.name.includes('sctp');
  const shown = isSctp
    ? quoted.bytes.length
    : random.pick([quoted.bytes.length, 28, 48, 20, 40, 24, random.int(0, quoted.bytes.length)]);
  const bytes = concat(head, u32(0), quoted.bytes.subarray(0, shown));
  return { name: `icmp${version}-error(${quoted.name})`, protocol, bytes };
}

export function ipPacket(random: Random, depth: number, version: 4 | 6 = random.pick([4, 6])): Piece {
  const inside = transport(random, depth, version);
  return version === 4 ? ipv4(random, inside) : ipv6(random, inside);
}

/** None; two addresses of a route still to go, and a route at its end; a strict one behind a router alert; an end of all. */
const OPTIONS: readonly Uint8Array[] = [
  hex('0101 0101 0101 0100'),
  hex('830b 04c6 3364 63c6 3364 6400'),
  hex('8307 08c6 3364 6300'),
  hex('9404 0000 8907 04c6 3364 6300'),
  hex('0083 0704 c633 6463'),
];

function ipv4(random: Random, inside: Transport): Piece {
  const options = random.int(0, 5) === 0 ? random.pick(OPTIONS) : new Uint8Array();
  const headerBytes = 20 + options.length;
  const fragment = random.pick([0, 0, 0, 0, 0, 0x4000, 0x4000, 0x2000, 0x2005, 0x0010]);
  const length = random.int(0, 30) === 0 ? 0 : headerBytes + inside.bytes.length;
  return around(
    `ip4${fragment === 0x2000 ? '-first' : (fragment & 0x1fff) > 0 ? '-later' : ''}${options.length > 8 ? '-route' : ''}${length === 0 ? '-len0' : ''}`,
    inside,
    ...[u8(0x40 | (headerBytes / 4)), u8(0), u16(length), u16(random.int(1, 0xffff)), u16(fragment), u8(64)],
    ...[
      u8(inside.protocol),
      u16(0),
      hex('0a00 00'),
      u8(random.int(1, 250)),
      hex('c633 64'),
      u8(random.int(1, 250)),
      options,
    ],
  );
}

function ipv6(random: Random, transported: Transport): Piece {
  let inside: Transport = transported;
  const headers = random.pick([0, 0, 0, 1, 1, 2, 3]);
  for (let index = 0; index < headers; index++) {
    const next = u8(inside.protocol);
    const options = concat(next, u8(0), hex('0104 0000 0000'));
    const [name, protocol, bytes] = random.pick([
      ['destopts', 60, options],
      ['destopts16', 60, concat(next, u8(1), hex('010c'), new Uint8Array(12))],
      ['routing', 43, concat(next, u8(2), hex('0000 0000 0000'), new Uint8Array(16))],
      ['atomic', 44, concat(next, hex('00 0000'), u32(random.u32()))],
      ['first', 44, concat(next, hex('00 0001'), u32(random.u32()))],
      ['later', 44, concat(next, hex('00 0009'), u32(random.u32()))],
    ] as const);
    inside = { name: `${name} ${inside.name}`, protocol, bytes: concat(bytes, inside.bytes) };
  }
  if (random.int(0, 5) === 0) {
    inside = {
      name: `hopopts ${inside.name}`,
      protocol: 0,
      bytes: concat(u8(inside.protocol), hex('00 0502 0000 0100'), inside.bytes),
    };
  }
  const network = hex('2001 0db8 0000 0000 0000 0000 0000');
  return around(
    'ip6',
    inside,
    ...[hex('6000 0000'), u16(inside.bytes.length), u8(inside.protocol), u8(64)],
    ...[network, u16(random.int(1, 999)), network, u16(random.int(1, 999))],
  );
}

const versionOf = (packet: Piece): 4 | 6 => (packet.bytes[0]! >> 4 === 4 ? 4 : 6);
const etherTypeOf = (packet: Piece): Uint8Array => u16(versionOf(packet) === 4 ? 0x0800 : 0x86dd);

// --- Between a frame and its packet ---------------------------------------------------------------------------------

const ethernet: Make = (random, depth) => {
  const inside = behindEtherType(random, depth);
  const frame = around('eth', inside, MAC);
  if (random.int(0, 15) > 0 || frame.name.includes('len0')) return frame;
  // A dissector takes its last four octets for the checksum, as switches leave it there.
  return around('fabric', { name: frame.name, bytes: concat(frame.bytes, u32(0)) }, MAC, hex('8903 0001'));
};

/** Begins with the EtherType. */
function behindEtherType(random: Random, depth: number, levels = 2): Piece {
  const choice = levels === 0 ? 0 : random.int(0, 25);
  const typed = (): Piece => behindEtherType(random, depth, levels - 1);
  // A length where an EtherType is expected is read behind VLAN tags only.
  const tagged = (): Piece => behindEtherType(random, depth, 0);
  switch (choice) {
    case 1:
      return around('vlan', typed(), hex('8100'), u16(random.int(0, 0xffff)));
    case 2:
      return around('svlan', tagged(), hex('88a8'), u16(random.int(0, 0xffff)));
    case 3:
      return around('qinq9100', typed(), hex('9100 0007'));
    case 4:
      return around('etag', tagged(), hex('893f 0000 0001 0000'));
    case 5:
      return around('vntag', tagged(), hex('8926 0001 0002'));
    case 6:
      return around('cmd', tagged(), hex('8909 0101 0001 0007'));
    case 7:
      return around('pbb', around('eth', tagged(), MAC), hex('88e7 0000 0001'));
    case 8:
    case 9:
      return around('', mpls(random, depth), random.pick([hex('8847'), hex('8848')]));
    case 10:
    case 11:
      return pppoe(random, depth, hex('8864'));
    case 12:
    case 13: {
      const inside = llc(random, depth);
      return around('llc', inside, u16(inside.bytes.length));
    }
    case 14:
      return around('', nsh(random, depth), hex('894f'));
    case 15:
      return around('jumbo', llc(random, depth), hex('8870'));
    case 20:
      return around('hsr', tagged(), hex('892f 0030 0001'));
    case 21:
      return around('trill', around('eth', tagged(), MAC), hex('22f3 0004 0001 0002'));

    case 16:
      return around(
        'macsec',
        tagged(),
        hex('88e5'),
        random.pick([hex('0000 0000 0001'), hex('2000 0000 0001 0200 0000 0001 0001')]),
      );
    case 17:
      return around('teb', around('eth', typed(), MAC), hex('6558'));
    default: {
      const packet = ipPacket(random, depth);
      return around('', packet, etherTypeOf(packet));
    }
  }
}

function mpls(random: Random, depth: number): Piece {
  const labels = random.int(0, 2);
  const stack = concat(...Array.from({ length: labels }, () => u32((random.int(16, 0xfffff) << 12) | 64)));
  const bottom = random.pick([0x0140, (random.int(16, 0xfffff) << 12) | 0x140]);
  const choice = random.int(0, 4);
  if (choice === 0) return around('mpls-pw-cw', ethernet(random, depth), stack, u32(bottom), u32(random.pick([0, 7])));
  return around(`mpls${labels + 1}`, ipPacket(random, depth), stack, u32(bottom));
}

function pppoe(random: Random, depth: number, head: Uint8Array): Piece {
  const inside = ppp(random, depth, false);
  return around('pppoe', inside, head, hex('1100 0001'), u16(inside.bytes.length));
}

function ppp(random: Random, depth: number, mayHaveAddress = true): Piece {
  const packet = ipPacket(random, depth);
  const protocol = versionOf(packet) === 4 ? 0x21 : 0x57;
  const address = mayHaveAddress && random.int(0, 1) === 0 ? hex('ff03') : new Uint8Array();
  const isCompressed = random.int(0, 2) === 0;
  if (!isCompressed && random.int(0, 4) === 0) return around('ppp', mpls(random, depth), address, hex('0281'));
  return around(
    `ppp${isCompressed ? '-c' : ''}${address.length}`,
    packet,
    address,
    isCompressed ? u8(protocol) : u16(protocol),
  );
}

function llc(random: Random, depth: number): Piece {
  const packet = ipPacket(random, depth);
  switch (random.int(0, 4)) {
    case 0:
      return around('ip-sap', ipPacket(random, depth, 4), hex('0606 03'));
    case 1:
      return around('bridge-tunnel', packet, hex('aaaa 0300 00f8'), etherTypeOf(packet));
    case 2:
      return around('bridged', ethernet(random, depth), hex('aaaa 0300 80c2 0007 0000'));
    default:
      return around('snap', packet, hex('aaaa 0300 0000'), etherTypeOf(packet));
  }
}

function nsh(random: Random, depth: number): Piece {
  const choice = random.int(0, 3);
  const context = random.pick([0, 4]);
  const packet = choice === 0 ? ethernet(random, depth) : choice === 1 ? mpls(random, depth) : ipPacket(random, depth);
  const next = choice === 0 ? 3 : choice === 1 ? 5 : versionOf(packet) === 4 ? 1 : 2;
  const head = concat(u8(0x0f), u8(0xc0 | (2 + context)), u8(context === 0 ? 2 : 1), u8(next), u32(0x11f));
  return around('nsh', packet, head, new Uint8Array(context * 4));
}

// --- Tunnels --------------------------------------------------------------------------------------------------------

const IP_TUNNELS: readonly ((random: Random, depth: number) => Transport)[] = [
  (random, depth) => ({ ...ipPacket(random, depth - 1, 4), protocol: 4 }),
  (random, depth) => ({ ...ipPacket(random, depth - 1, 6), protocol: 41 }),
  (random, depth) => ({ ...around('etherip', ethernet(random, depth - 1), hex('3000')), protocol: 97 }),
  (random, depth) => ({ ...mpls(random, depth - 1), protocol: 137 }),
  (random, depth) => ({ ...ethernet(random, depth - 1), protocol: 143 }),
  (random, depth) => ({ ...gre(random, depth - 1), protocol: 47 }),
  (random, depth) => ({ ...gre(random, depth - 1), protocol: 47 }),
  (random, depth) => ({ ...gre(random, depth - 1), protocol: 47 }),
  (random, depth) => ({ ...around('pim', ipPacket(random, depth - 1), hex('2100 0000 0000 0000')), protocol: 103 }),
];

function ipTunnel(random: Random, depth: number): Transport {
  return random.pick(IP_TUNNELS)(random, depth);
}

function gre(random: Random, depth: number): Piece {
  const flags = random.pick([0, 0, 0x2000, 0x3000, 0x1000, 0x8000, 0xb000, 0x4000]);
  const words = concat(
    (flags & 0xc000) !== 0 ? u32(0) : new Uint8Array(),
    (flags & 0x2000) !== 0 ? u32(7) : new Uint8Array(),
    (flags & 0x1000) !== 0 ? u32(1) : new Uint8Array(),
    (flags & 0x4000) !== 0 ? hex('0800 0008 0a00 0001 0a00 0002 0000 0000') : new Uint8Array(),
  );
  const head = (type: number): Uint8Array => concat(u16(flags), u16(type), words);
  switch (random.int(0, 11)) {
    case 0:
      return around('gre-teb', ethernet(random, depth), head(0x6558));
    case 1:
      return around('erspan1', ethernet(random, depth), hex('0000 88be'));
    case 2:
      return around('erspan2', ethernet(random, depth), hex('1000 88be 0000 0001 1007 0001 0000 0000'));
    case 3:
      return around('erspan3', ethernet(random, depth), hex('1000 22eb 0000 0001 2007 0001 0000 0000 0000 0000'));
    case 4:
      return around(
        'erspan3-sub',
        ethernet(random, depth),
        hex('1000 22eb 0000 0001 2007 0001 0000 0000 0000 0001 0c00 0000 0000 0000'),
      );
    case 5: {
      const inside = ppp(random, depth);
      const ack = random.int(0, 1) === 0 ? hex('0000 0001') : new Uint8Array();
      const bits = 0x3001 | (ack.length > 0 ? 0x80 : 0);
      return around('pptp', inside, u16(bits), hex('880b'), u16(inside.bytes.length), hex('0001 0000 0001'), ack);
    }
    case 6:
      return around('gre-mpls', mpls(random, depth), head(0x8847));
    case 7:
      return around('wccp2', ipPacket(random, depth, 4), head(0x883e), hex('0000 0000'));
    case 8:
      return around('gre-nsh', nsh(random, depth), head(0x894f));
    default: {
      const packet = ipPacket(random, depth);
      return around('gre', packet, head(versionOf(packet) === 4 ? 0x0800 : 0x86dd));
    }
  }
}

type UdpTunnel = readonly [port: number, make: (random: Random, depth: number) => Piece];
const UDP_TUNNELS: readonly UdpTunnel[] = [
  [4789, (random, depth) => around('vxlan', ethernet(random, depth), hex('0800 0000 0000 0700'))],
  [4790, vxlanGpe],
  [6081, geneve],
  [2152, gtp],
  [2152, gtp],
  [434, (random, depth) => around('mobile-ip', ipPacket(random, depth, 4), hex('0404 0000'))],
  [4342, (random, depth) => around('lisp-control', ipPacket(random, depth), hex('8000 0000'))],
  [3544, teredo],
  [1701, l2tp],
  [4341, (random, depth) => around('lisp', ipPacket(random, depth), hex('c000 0001 0000 0001'))],
  [4754, gre],
  [6635, mpls],
  [5072, ayiya],
  [
    37_008,
    (random, depth) =>
      around('tzsp', ethernet(random, depth), hex('0100 0001'), random.pick([hex('01'), hex('00 0a01 ff 01')])),
  ],
  [3386, gtp0],
];

function udpTunnel(random: Random, depth: number): Transport {
  const [number, make] = random.pick(UDP_TUNNELS);
  const inside = make(random, depth - 1);
  const ports = random.int(0, 3) > 0 ? concat(port(random), u16(number)) : concat(u16(number), port(random));
  return { ...around('udp', inside, ports, u16(8 + inside.bytes.length), u16(0)), protocol: 17 };
}

function vxlanGpe(random: Random, depth: number): Piece {
  const choice = random.int(0, 4);
  const inside =
    choice === 0
      ? nsh(random, depth)
      : choice === 1
        ? mpls(random, depth)
        : choice === 2
          ? ethernet(random, depth)
          : ipPacket(random, depth);
  const next = choice === 0 ? 4 : choice === 1 ? 5 : choice === 2 ? 3 : versionOf(inside) === 4 ? 1 : 2;
  return around('gpe', inside, hex('0c00 00'), u8(next), hex('0000 0700'));
}

function geneve(random: Random, depth: number): Piece {
  const options = random.pick([new Uint8Array(), hex('0102 8001 0000 0007'), hex('0101 0102 0000 0007 0000 0000')]);
  const isEthernet = random.int(0, 2) > 0;
  const inside = isEthernet ? ethernet(random, depth) : ipPacket(random, depth);
  const type = isEthernet ? hex('6558') : etherTypeOf(inside);
  return around('geneve', inside, u8(options.length / 4), u8(0), type, hex('0000 0700'), options);
}

function gtp(random: Random, depth: number): Piece {
  const inside = ipPacket(random, depth);
  const form = random.pick(['plain', 'sequence', 'extension', 'two']);
  const optional =
    form === 'plain'
      ? new Uint8Array()
      : form === 'sequence'
        ? hex('0001 0000')
        : form === 'extension'
          ? hex('0000 0085 0110 0100')
          : hex('0000 0040 0108 6885 0100 0100');
  const flags = form === 'plain' ? 0x30 : form === 'sequence' ? 0x32 : 0x34;
  return around(
    `gtp-${form}`,
    inside,
    u8(flags),
    u8(0xff),
    u16(inside.bytes.length + optional.length),
    u32(9),
    optional,
  );
}

function gtp0(random: Random, depth: number): Piece {
  const inside = ipPacket(random, depth);
  return around('gtp0', inside, hex('1eff'), u16(inside.bytes.length), hex('0000 0000 ffff ffff 1122 3344 5566 7788'));
}

function teredo(random: Random, depth: number): Piece {
  const origin = hex('0000 1234 f5ff fffe');
  const authentication = hex('0001 0000 0102 0304 0506 0708 00');
  const before = random.pick([new Uint8Array(), origin, authentication, concat(authentication, origin)]);
  return around(`teredo${before.length}`, ipPacket(random, depth, 6), before);
}

function l2tp(random: Random, depth: number): Piece {
  const inside = ppp(random, depth);
  const flags = random.pick([0, 0x4000, 0x0800, 0x0200, 0x4a00, 0x4000]);
  const sequence = (flags & 0x0800) !== 0 ? u32(1) : new Uint8Array();
  const offset = (flags & 0x0200) !== 0 ? hex('0002 0000') : new Uint8Array();
  const bytes = 6 + ((flags & 0x4000) !== 0 ? 2 : 0) + sequence.length + offset.length + inside.bytes.length;
  const length = (flags & 0x4000) !== 0 ? u16(bytes) : new Uint8Array();
  return around(`l2tp-${flags.toString(16)}`, inside, u16(flags | 2), length, hex('0001 0002'), sequence, offset);
}

function ayiya(random: Random, depth: number): Piece {
  const inside = ipPacket(random, depth);
  return around('ayiya', inside, hex('4452 01'), u8(versionOf(inside) === 4 ? 4 : 41), u32(1), new Uint8Array(16 + 20));
}

// --- Link types -----------------------------------------------------------------------------------------------------

function wireless(random: Random): { readonly piece: Piece; readonly isPadded: boolean } {
  const [name, control, addresses] = random.pick([
    ['adhoc', 0x0008, 3],
    ['to-ap', 0x0108, 3],
    ['from-ap', 0x0208, 3],
    ['4addr', 0x0308, 4],
    ['qos', 0x0188, 3],
    ['qos-4addr', 0x0388, 4],
    ['protected', 0x4108, 3],
    ['null', 0x0148, 3],
    ['beacon', 0x0080, 3],
    ['amsdu', 0x0188, 3],
    ['amsdu3', 0x0188, 3],
    ['ack', 0x00d4, 0],
    ['rts', 0x00b4, 0],
  ] as const);
  if (addresses === 0) {
    const station = name === 'ack' ? MAC.subarray(0, 6) : MAC;
    return { piece: { name: `wlan-${name}`, bytes: concat(le16(control), u16(0), station) }, isPadded: false };
  }
  const isQos = (control & 0x80) !== 0 && name !== 'beacon';
  const isAggregate = name.startsWith('amsdu');
  const isPadded = isQos && addresses === 3 && random.int(0, 2) === 0;
  const header = concat(
    ...[
      le16(control),
      u16(0),
      MAC,
      hex('0200 0000 0003'),
      u16(0),
      addresses === 4 ? hex('0200 0000 0004') : u8(0).subarray(1),
    ],
    ...[isQos ? le16(isAggregate ? 0x80 : 0) : new Uint8Array(), isPadded ? u16(0) : new Uint8Array()],
  );
  const snap = (depth: number): Piece => {
    const packet = ipPacket(random, depth);
    return around('snap', packet, hex('aaaa 0300 0000'), etherTypeOf(packet));
  };
  // What is behind an ICMP message in a frame counts as quoted by it; and of tunnels a dissector shows the packets in another order.
  const quiet = (): Piece => {
    const piece = snap(0);
    return piece.name.includes('icmp') ? quiet() : piece;
  };
  const inside =
    name === 'amsdu' ? aggregate([snap(2)]) : isAggregate ? aggregate([quiet(), quiet(), quiet()]) : snap(2);
  return { piece: around(`wlan-${name}${isPadded ? '-padded' : ''}`, inside, header), isPadded };
}

/** Frames in one, each padded to four octets but the last. */
function aggregate(frames: readonly Piece[]): Piece {
  const parts = frames.flatMap(({ bytes }, index) => {
    const padding = index + 1 < frames.length ? (4 - ((14 + bytes.length) % 4)) % 4 : 0;
    return [MAC, u16(bytes.length), bytes, new Uint8Array(padding)];
  });
  return { name: frames.map(({ name }) => name).join(' + '), bytes: concat(...parts) };
}

function radiotap(random: Random): Piece {
  const { piece, isPadded } = wireless(random);
  const hasTime = random.int(0, 1) === 0;
  const words = random.int(1, 3);
  const present = [...Array(words).keys()].map(
    (index) => (index === 0 ? (hasTime ? 3 : 2) : 0) + (index < words - 1 ? 0x80000000 + (1 << 29) : 0),
  );
  const start = 4 + words * 4;
  const padding = hasTime ? (8 - (start % 8)) % 8 : 0;
  const fields = concat(
    new Uint8Array(padding),
    hasTime ? new Uint8Array(8) : new Uint8Array(),
    u8(isPadded ? 0x20 : 0),
  );
  const headerBytes = start + fields.length;
  return around(
    `radiotap${words}${hasTime ? 't' : ''}`,
    piece,
    hex('0000'),
    le16(headerBytes),
    ...present.map(le32),
    fields,
  );
}

function ppi(random: Random): Piece {
  const common = concat(le16(2), le16(20), new Uint8Array(8), le16(2), new Uint8Array(10));
  return around('ppi', unpadded(random), hex('0000'), le16(8 + common.length), le32(105), common);
}

function unpadded(random: Random): Piece {
  for (;;) {
    const { piece, isPadded } = wireless(random);
    if (!isPadded) return piece;
  }
}

const ipBehind =
  (name: string, bytes: (packet: Piece) => Uint8Array) =>
  (random: Random): Piece => {
    const packet = ipPacket(random, 3);
    return around(name, packet, bytes(packet));
  };

function nflog(random: Random): Piece {
  const packet = ipPacket(random, 3);
  const write = intWriter('little');
  const family = u8(versionOf(packet) === 4 ? 2 : 10);
  const prefix = concat(write([5, 2], [10, 2]), new Uint8Array(4));
  return around('nflog', packet, family, hex('00 0001'), prefix, write([4 + packet.bytes.length, 2], [9, 2]));
}

export const LINKS: readonly (readonly [linkType: number, make: (random: Random) => Piece])[] = [
  ...Array.from({ length: 12 }, () => [1, (random: Random) => ethernet(random, 4)] as const),
  [0, ipBehind('null', (packet) => (versionOf(packet) === 4 ? hex('0200 0000') : hex('1e00 0000')))],
  [0, ipBehind('null-be', (packet) => (versionOf(packet) === 4 ? hex('0000 0002') : hex('0000 0018')))],
  [108, ipBehind('loop', (packet) => (versionOf(packet) === 4 ? hex('0000 0002') : hex('0000 001c')))],
  [6, (random) => around('tr', llc(random, 3), hex('1040'), MAC)],
  [6, (random) => around('tr-route', llc(random, 3), hex('1040 0200 0000 0001 8200 0000 0002 0630 0011 0020'))],
  [9, (random) => ppp(random, 3)],
  [10, (random) => around('fddi', llc(random, 3), hex('54'), MAC)],
  [12, ipBehind('raw12', () => new Uint8Array())],
  [14, ipBehind('raw14', () => new Uint8Array())],
  [50, (random) => ppp(random, 3)],
  [50, (random) => behindCisco(random)],
  [51, (random) => pppoe(random, 3, new Uint8Array())],
  [100, (random) => around('rfc1483', llc(random, 3))],
  [101, ipBehind('raw', () => new Uint8Array())],
  [104, (random) => behindCisco(random)],
  [105, unpadded],
  [107, frameRelay],
  [204, (random) => around('ppp-dir', ppp(random, 3), u8(1))],
  [106, (random) => around('clip', ipPacket(random, 3, 4))],
  [
    109,
    ipBehind('enc', (packet) =>
      concat(versionOf(packet) === 4 ? hex('0200 0000') : hex('1800 0000'), new Uint8Array(8)),
    ),
  ],
  [113, (random) => around('sll', behindEtherType(random, 3), hex('0000 0001 0006 0200 0000 0001 0000'))],
  [113, (random) => around('sll-llc', llc(random, 3), hex('0000 0001 0006 0200 0000 0001 0000 0004'))],
  [
    117,
    ipBehind('pflog', (packet) =>
      concat(u8(61), u8(versionOf(packet) === 4 ? 2 : 24), hex('0000'), new Uint8Array(60)),
    ),
  ],
  [119, (random) => around('prism', unpadded(random), le32(0x44), le32(144), new Uint8Array(136))],
  [119, (random) => around('avs', unpadded(random), hex('8021 1001 0000 0040'), new Uint8Array(56))],
  [127, radiotap],
  [127, radiotap],
  [138, (random) => around('ieee1394', behindEtherType(random, 3, 0), new Uint8Array(16))],
  [163, (random) => around('avs', unpadded(random), hex('8021 1001 0000 0040'), new Uint8Array(56))],
  [192, ppi],
  [
    226,
    ipBehind('ipnet', (packet) =>
      concat(u8(1), u8(versionOf(packet) === 4 ? 2 : 26), u16(0), u32(packet.bytes.length), new Uint8Array(16)),
    ),
  ],
  [228, (random) => around('linkip4', ipPacket(random, 3, 4))],
  [229, (random) => around('linkip6', ipPacket(random, 3, 6))],
  [239, nflog],
  [242, ipoib],
  [258, (random) => around('pktap', ethernet(random, 3), le32(108), le32(1), le32(1), new Uint8Array(96))],
  [276, (random) => sll2(random)],
];

function ipoib(random: Random): Piece {
  const packet = ipPacket(random, 3);
  return around('ipoib', packet, new Uint8Array(40), etherTypeOf(packet), u16(0));
}

function behindCisco(random: Random): Piece {
  const address = random.pick([hex('0f00'), hex('8f00')]);
  if (random.int(0, 3) === 0) return around('chdlc', mpls(random, 3), address, hex('8847'));
  return around('chdlc', behindEtherType(random, 3, 0), address);
}

function frameRelay(random: Random): Piece {
  const address = random.pick([hex('1841'), hex('1840 0001')]);
  const packet = ipPacket(random, 3);
  switch (random.int(0, 3)) {
    case 0:
      return around('fr-cisco', behindEtherType(random, 3, 0), address);
    case 1:
      return around('fr-snap', packet, address, hex('0300 8000 0000'), etherTypeOf(packet));
    default:
      return around('fr-nlpid', packet, address, hex('03'), u8(versionOf(packet) === 4 ? 0xcc : 0x8e));
  }
}

function sll2(random: Random): Piece {
  const inside = behindEtherType(random, 3);
  const bytes = concat(
    inside.bytes.subarray(0, 2),
    hex('0000 0000 0001 0001 0006 0200 0000 0001 0000'),
    inside.bytes.subarray(2),
  );
  return { name: `sll2 ${inside.name}`, bytes };
}

export function makeFrame(random: Random): Frame {
  const [linkType, make] = random.pick(LINKS);
  const { name, bytes } = make(random);
  return { name: name.replace(/ +/g, ' ').trim(), bytes, linkType, wireBytes: bytes.length };
}

/** As a capture with a snap length would have it. */
export function cutFrame(random: Random, frame: Frame): Frame {
  // In these the dissector compares a length with what was captured, and gives up the packet that we read.
  if (frame.linkType === 226 || frame.linkType === 239) return frame;
  // Frames of PPP with a direction are expected to have one.
  const kept = random.int(frame.linkType === 204 ? 1 : 0, frame.bytes.length);
  return { ...frame, name: `cut at ${kept}: ${frame.name}`, bytes: frame.bytes.subarray(0, kept) };
}

/** Octets of what a capturing program or an adapter wrote: what a dissector makes of a wrong one is a guess of its own. */
const WRITTEN_BYTES: Readonly<Record<number, number>> = {
  ...{ 105: 32, 107: 12, 109: 12, 117: 64, 119: 176, 127: 64, 163: 96, 192: 60, 226: 24, 239: 16, 258: 108 },
};

/** With one to three octets changed, more often near its beginning. */
export function mutateFrame(random: Random, frame: Frame): Frame {
  const bytes = frame.bytes.slice();
  const changes: string[] = [];
  const first = WRITTEN_BYTES[frame.linkType] ?? 0;
  for (let count = random.int(1, 3); count > 0; count--) {
    const at = random.int(first, random.int(first, Math.max(first, bytes.length - 1)));
    if (at >= bytes.length) continue;
    bytes[at] = random.int(0, 255);
    changes.push(String(at));
  }
  return { ...frame, name: `changed at ${changes.join(', ')}: ${frame.name}`, bytes };
}
