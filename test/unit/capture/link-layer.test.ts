import { describe, expect, test } from 'vitest';
import { hex } from '../../support/bytes';
import { decodeOne, type DecodedFrame } from '../../support/decoded-frames';

/* Headers in hex, from the outside in: a row shows what is between the frame's first octet and its IP packet. */
const IPV4 = '4500 0020 0001 0000 4011 0000 0a000001 c0000207 1388 0035 000c 0000 6162 6364';
const ADDRESSES = '20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002';
const IPV6 = `60000000 000c 11 40 ${ADDRESSES} 1388 0035 000c 0000 61626364`;
const MACS = '000c29000001 000c29000002';
const SNAP = 'aaaa03 000000';
const BRIDGED = `aaaa03 0080c2 0007 0000 ${MACS}`;
const LABEL = '00010 040';
const BOTTOM = '00011 140';
const EXPLICIT_NULL = '00000 140';

const zeros = (count: number): string => '00'.repeat(count);

/** What the packets above are as. */
const UDP4 = 'UDP 10.0.0.1:5000 > 192.0.2.7:53, 32 bytes';
const TCP4 = '6 10.0.0.1:5000 > 192.0.2.7:53, 32 bytes';
const UDP6 = 'UDP 2001:db8::1:5000 > 2001:db8::2:53, 52 bytes';

function textOf({ ip, reason }: DecodedFrame): string {
  if (ip === null) return reason;
  const protocol = ip.protocol === 17 ? 'UDP' : String(ip.protocol);
  return `${protocol} ${ip.src}:${ip.srcPort} > ${ip.dst}:${ip.dstPort}, ${ip.ipBytes} bytes`;
}

interface Row {
  readonly name: string;
  readonly link: number;
  readonly frame: string;
  readonly is?: string;
}

const ethernet = (name: string, frame: string, is?: string): Row => ({
  name,
  link: 1,
  frame: `${MACS} ${frame}`,
  ...(is === undefined ? {} : { is }),
});

/* 802.11: frame control, duration, three addresses, sequence; more as the control says. */
const BEHIND_CONTROL = `0000 ${MACS} 000c29000003 0000`;
const DATA = `0801 ${BEHIND_CONTROL}`;
const QOS = `8801 ${BEHIND_CONTROL} 0000`;

describe('an IP packet is found behind the header of its link type', () => {
  test.each<Row>([
    { name: 'NULL, little-endian', link: 0, frame: `02000000 ${IPV4}` },
    { name: 'NULL, big-endian', link: 0, frame: `00000002 ${IPV4}` },
    { name: 'NULL, IPv6 of Linux', link: 0, frame: `0a000000 ${IPV6}`, is: UDP6 },
    { name: 'NULL, IPv6 of NetBSD', link: 0, frame: `18000000 ${IPV6}`, is: UDP6 },
    { name: 'NULL, IPv6 of FreeBSD', link: 0, frame: `0000001c ${IPV6}`, is: UDP6 },
    { name: 'NULL, IPv6 of Darwin', link: 0, frame: `1e000000 ${IPV6}`, is: UDP6 },
    { name: 'NULL, another family', link: 0, frame: `07000000 ${IPV4}`, is: 'non_ip' },
    { name: 'LOOP', link: 108, frame: `00000002 ${IPV4}` },
    { name: 'LOOP, which is big-endian', link: 108, frame: `02000000 ${IPV4}`, is: 'non_ip' },
    { name: 'NULL, IPX', link: 0, frame: `17000000 ${IPV6}`, is: 'non_ip' },
    { name: 'ENC', link: 109, frame: `02000000 00000000 00000000 ${IPV4}` },
    { name: 'RAW, IPv4', link: 101, frame: IPV4 },
    { name: 'RAW, IPv6', link: 101, frame: IPV6, is: UDP6 },
    { name: 'RAW, neither', link: 101, frame: `55 ${zeros(40)}`, is: 'malformed' },
    { name: 'RAW of BSD', link: 12, frame: IPV4 },
    { name: 'RAW of OpenBSD', link: 14, frame: IPV4 },
    { name: 'IPV4', link: 228, frame: IPV4 },
    { name: 'IPV6', link: 229, frame: IPV6, is: UDP6 },
    { name: 'IPV6, holding IPv4', link: 229, frame: `${IPV4} ${zeros(20)}`, is: 'malformed' },
    { name: 'ATM_CLIP', link: 106, frame: IPV4 },
    { name: 'SLL', link: 113, frame: `0000 0001 0006 000c29000001 0000 0800 ${IPV4}` },
    { name: 'SLL, a VLAN', link: 113, frame: `0000 0001 0006 000c29000001 0000 8100 0007 86dd ${IPV6}`, is: UDP6 },
    { name: 'SLL, LLC', link: 113, frame: `0000 0001 0006 000c29000001 0000 0004 ${SNAP} 0800 ${IPV4}` },
    { name: 'SLL, ARP', link: 113, frame: `0000 0001 0006 000c29000001 0000 0806 ${zeros(28)}`, is: 'non_ip' },
    {
      name: 'SLL, radiotap of a monitor',
      link: 113,
      frame: `0003 0323 0000 0000000000000000 0004 0000 0800 00000000 ${DATA} ${SNAP} 0800 ${IPV4}`,
    },
    { name: 'SLL, frame relay', link: 113, frame: `0000 0302 0000 0000000000000000 0000 1841 03 cc ${IPV4}` },
    { name: 'SLL, PPP in GRE', link: 113, frame: `0000 030a 0000 0000000000000000 880b 0021 ${IPV4}` },
    { name: 'SLL, a frame', link: 113, frame: `0000 0001 0000 0000000000000000 0003 ${MACS} 0800 ${IPV4}` },
    { name: 'SLL2, PPP', link: 276, frame: `0007 0000 00000001 0200 00 00 0000000000000000 ff03 0021 ${IPV4}` },
    { name: 'SLL, netlink', link: 113, frame: `0004 0338 0000 0000000000000000 0800 ${IPV4}`, is: 'non_ip' },
    {
      name: 'SLL2, netlink',
      link: 276,
      frame: `0800 0000 00000001 0338 04 00 0000000000000000 ${IPV4}`,
      is: 'non_ip',
    },
    { name: 'SLL2', link: 276, frame: `0800 0000 00000001 0001 00 06 000c29000001 0000 ${IPV4}` },
    { name: 'PPP', link: 9, frame: `0021 ${IPV4}` },
    { name: 'PPP, address and control', link: 9, frame: `ff03 0057 ${IPV6}`, is: UDP6 },
    { name: 'PPP, compressed protocol', link: 9, frame: `21 ${IPV4}` },
    { name: 'PPP, both', link: 9, frame: `ff03 57 ${IPV6}`, is: UDP6 },
    { name: 'PPP, MPLS', link: 9, frame: `0281 ${BOTTOM} ${IPV4}` },
    { name: 'PPP, Cisco', link: 9, frame: `0f00 0800 ${IPV4}` },
    { name: 'PPP, a whole packet of several links', link: 9, frame: `ff03 003d c0000001 0021 ${IPV4}` },
    { name: 'PPP, a piece of a packet', link: 9, frame: `ff03 003d 80000001 0021 ${IPV4}`, is: 'non_ip' },
    { name: 'PPP, a frame', link: 9, frame: `ff03 0031 0001 ${MACS} 0800 ${IPV4}` },
    { name: 'PPP, a frame of a numbered network', link: 9, frame: `ff03 0031 4001 00000007 ${MACS} 0800 ${IPV4}` },
    { name: 'PPP, TCP with its whole header', link: 9, frame: `ff03 002f ${IPV4.replace('4011', '4007')}`, is: TCP4 },
    { name: 'PPP, LCP', link: 9, frame: 'c021 01010004', is: 'non_ip' },
    { name: 'PPP with a direction', link: 204, frame: `01 ff03 0021 ${IPV4}` },
    { name: 'PPP_HDLC, PPP', link: 50, frame: `ff03 0021 ${IPV4}` },
    { name: 'PPP_HDLC, Cisco', link: 50, frame: `0f00 0800 ${IPV4}` },
    { name: 'C_HDLC', link: 104, frame: `0f00 0800 ${IPV4}` },
    { name: 'C_HDLC, multicast', link: 104, frame: `8f00 86dd ${IPV6}`, is: UDP6 },
    { name: 'C_HDLC, SLARP', link: 104, frame: `8f00 8035 ${zeros(14)}`, is: 'non_ip' },
    { name: 'PPP_ETHER', link: 51, frame: `1100 0001 0022 0021 ${IPV4}` },
    { name: 'frame relay, NLPID', link: 107, frame: `1841 03 cc ${IPV4}` },
    { name: 'frame relay, NLPID of IPv6', link: 107, frame: `1841 03 8e ${IPV6}`, is: UDP6 },
    { name: 'frame relay, padding', link: 107, frame: `1841 03 00 cc ${IPV4}` },
    { name: 'frame relay, SNAP', link: 107, frame: `1841 03 00 80 000000 0800 ${IPV4}` },
    { name: 'frame relay, bridged', link: 107, frame: `1841 03 00 80 0080c2 0007 ${MACS} 0800 ${IPV4}` },
    { name: 'frame relay, PPP', link: 107, frame: `1841 03 cf 0021 ${IPV4}` },
    { name: 'frame relay, four octets of address', link: 107, frame: `18400001 03 cc ${IPV4}` },
    { name: 'frame relay of Cisco', link: 107, frame: `1841 0800 ${IPV4}` },
    { name: 'ATM_RFC1483', link: 100, frame: `${SNAP} 0800 ${IPV4}` },
    { name: 'ATM_RFC1483, bridged', link: 100, frame: `${BRIDGED} 0800 ${IPV4}` },
    { name: 'SunATM', link: 123, frame: `82 00 0064 ${SNAP} 0800 ${IPV4}` },
    { name: 'SunATM, emulation of a network', link: 123, frame: `81 00 0064 ${SNAP} 0800 ${IPV4}`, is: 'non_ip' },
    { name: 'InfiniBand, an EtherType', link: 247, frame: `0000 0001 000b 0002 0000 0800 ${IPV4}` },
    { name: 'InfiniBand, IPv6', link: 247, frame: `0001 0001 000b 0002 ${IPV6}`, is: UDP6 },
    { name: 'InfiniBand, its own', link: 247, frame: `0002 0001 000b 0002 ${IPV6}`, is: 'non_ip' },
    { name: 'ERF', link: 197, frame: `${zeros(8)} 02 04 0050 0000 0042 0000 ${MACS} 0800 ${IPV4}` },
    {
      name: 'ERF, extensions',
      link: 197,
      frame: `${zeros(8)} 82 04 0050 0000 0042 83${zeros(7)} 03${zeros(7)} 0000 ${MACS} 0800 ${IPV4}`,
    },
    {
      name: 'ERF, extensions without end',
      link: 197,
      frame: `${zeros(8)} 82 04 0050 0000 0042 ${'83' + zeros(7)}`,
      is: 'non_ip',
    },
    { name: 'ERF, of the card', link: 197, frame: `${zeros(8)} 1b 04 0050 0000 0042 ${zeros(8)}`, is: 'non_ip' },
    { name: 'FDDI', link: 10, frame: `54 ${MACS} ${SNAP} 0800 ${IPV4}` },
    { name: 'FDDI, management', link: 10, frame: `41 ${MACS} ${SNAP} 0800 ${IPV4}`, is: 'non_ip' },
    { name: 'token ring', link: 6, frame: `1040 ${MACS} ${SNAP} 0800 ${IPV4}` },
    {
      name: 'token ring, a route',
      link: 6,
      frame: `1040 000c29000001 800c29000002 0630 0011 0020 ${SNAP} 0800 ${IPV4}`,
    },
    { name: 'token ring, of the ring', link: 6, frame: `1000 ${MACS} ${SNAP} 0800 ${IPV4}`, is: 'non_ip' },
    { name: 'IEEE1394 of Apple', link: 138, frame: `${zeros(16)} 0800 ${IPV4}` },
    { name: 'IPoIB', link: 242, frame: `${zeros(40)} 0800 0000 ${IPV4}` },
    { name: 'MPLS', link: 219, frame: `${BOTTOM} ${IPV4}` },
    { name: 'IPNET', link: 226, frame: `01 02 0000 00000020 ${zeros(16)} ${IPV4}` },
    { name: 'PFLOG', link: 117, frame: `3d 02 ${zeros(62)} ${IPV4}` },
    { name: 'NFLOG, little-endian', link: 239, frame: `02 00 0001 0500 0a00 00 000000 2400 0900 ${IPV4}` },
    { name: 'NFLOG, big-endian', link: 239, frame: `02 00 0001 0005 000a 00 000000 0024 0009 ${IPV4}` },
    { name: 'NFLOG without a packet', link: 239, frame: '02 00 0001 0500 0a00 00 000000', is: 'non_ip' },
    { name: 'netANALYZER', link: 240, frame: `00104000 ${MACS} 0800 ${IPV4} 00000000` },
    { name: 'mPacket', link: 274, frame: `55555555555555d5 ${MACS} 0800 ${IPV4}` },
    { name: 'PKTAP', link: 258, frame: `6c000000 01000000 01000000 ${zeros(96)} ${MACS} 0800 ${IPV4}` },
    { name: 'PKTAP of before', link: 149, frame: `6c000000 01000000 01000000 ${zeros(96)} ${MACS} 0800 ${IPV4}` },
    { name: 'of private use', link: 149, frame: `${MACS} 0800 ${IPV4}`, is: 'unknown_link_type' },
    { name: 'PKTAP in itself', link: 258, frame: `6c000000 01000000 02010000 ${zeros(96)}`, is: 'unknown_link_type' },
    { name: 'DSA of Broadcom', link: 281, frame: `${MACS} 00000001 0800 ${IPV4}` },
    { name: 'DSA of Broadcom before the frame', link: 282, frame: `00000001 ${MACS} 0800 ${IPV4}` },
    { name: 'DSA', link: 284, frame: `${MACS} c0180000 0800 ${IPV4}` },
    { name: 'DSA with an EtherType', link: 285, frame: `${MACS} dada0000 c0180000 0800 ${IPV4}` },
    { name: 'IEEE 802.15.4 TAP', link: 283, frame: `${MACS} c0180000 0800 ${IPV4}`, is: 'unknown_link_type' },
    { name: 'one that nobody reads', link: 147, frame: IPV4, is: 'unknown_link_type' },
  ])('$name', ({ link, frame, is = UDP4 }) => {
    expect(textOf(decodeOne(link, hex(frame), 'outer'))).toBe(is);
  });
});

describe('an IP packet is found behind tags, labels and LLC', () => {
  test.each<Row>([
    {
      name: 'ISL',
      link: 1,
      frame: `01000c0000 00 000c29000002 0034 aaaa03 00000c 0002 0000 0000 ${MACS} 0800 ${IPV4} 00000000`,
    },
    {
      name: 'ISL in ISL',
      link: 1,
      frame: `01000c0000 00 000c29000002 0034 aaaa03 00000c 0002 0000 0000 01000c0000 00 000c29000002 0800 ${IPV4}`,
      is: 'non_ip',
    },
    {
      name: 'ISL, token ring',
      link: 1,
      frame: `01000c0000 10 000c29000002 0034 aaaa03 00000c 0002 0000 0000 ${MACS} 0800 ${IPV4}`,
      is: 'non_ip',
    },
    ethernet('none of them', `0800 ${IPV4}`),
    ethernet('padding behind the packet', `0800 ${IPV4} ${zeros(14)}`),
    ethernet('ARP', `0806 ${zeros(28)}`, 'non_ip'),
    ethernet('a VLAN', `8100 0007 0800 ${IPV4}`),
    ethernet('QinQ', `88a8 0007 8100 0008 86dd ${IPV6}`, UDP6),
    ethernet('QinQ of before 802.1ad', `9100 0007 8100 0008 0800 ${IPV4}`),
    ethernet('a VLAN and LLC', `8100 0007 0028 ${SNAP} 0800 ${IPV4}`),
    ethernet('E-tag', `893f 0000 0001 0000 0800 ${IPV4}`),
    ethernet('VN-tag', `8926 8001 0002 0800 ${IPV4}`),
    ethernet('metadata of Cisco', `8909 0101 0001 0007 0800 ${IPV4}`),
    ethernet('HSR', `892f 0030 0001 0800 ${IPV4}`),
    ethernet('PBB', `88e7 00000001 ${MACS} 0800 ${IPV4}`),
    ethernet('TRILL', `22f3 0004 0001 0002 ${MACS} 0800 ${IPV4}`),
    ethernet('TRILL with options', `22f3 0044 0001 0002 00000000 ${MACS} 0800 ${IPV4}`),
    ethernet('FabricPath', `8903 0001 ${MACS} 0800 ${IPV4}`),
    ethernet('MACsec that only authenticates', `88e5 00 00 00000001 0800 ${IPV4}`),
    ethernet('MACsec with a channel', `88e5 20 00 00000001 000c290000010001 0800 ${IPV4}`),
    ethernet('MACsec that encrypts', `88e5 0c 00 00000001 0800 ${IPV4}`, 'non_ip'),
    ethernet('MACsec in MACsec', `88e5 00 00 00000001 88e5 00 00 00000001 0800 ${IPV4}`, 'non_ip'),
    ethernet('NSH', `894f 0fc6 01 01 0000011f ${zeros(16)} ${IPV4}`),
    ethernet('NSH of type 2, a frame', `894f 0fc2 02 03 0000011f ${MACS} 0800 ${IPV4}`),
    ethernet('PPPoE', `8864 1100 0001 0022 0021 ${IPV4}`),
    ethernet('PPPoE, compressed protocol', `8864 1100 0001 0021 57 ${IPV6}`, UDP6),
    ethernet('PPPoE with an address, which it never has', `8864 1100 0001 0024 ff03 0021 ${IPV4}`, 'non_ip'),
    ethernet('PPP', `880b 0021 ${IPV4}`, 'non_ip'),
    ethernet('PPPoE, discovery', `8863 1109 0000 0000 ${zeros(40)}`, 'non_ip'),
    ethernet('MPLS', `8847 ${BOTTOM} ${IPV4}`),
    ethernet('a stack of labels', `8847 ${LABEL} ${LABEL} ${BOTTOM} ${IPV6}`, UDP6),
    ethernet('the explicit null label', `8848 ${EXPLICIT_NULL} ${IPV4}`),
    ethernet('a stack without a bottom', `8847 ${LABEL} ${LABEL}`, 'non_ip'),
    ethernet('a pseudowire with a control word', `8847 ${BOTTOM} 00000000 ${MACS} 0800 ${IPV4}`),
    ethernet('a pseudowire without', `8847 ${BOTTOM} ${MACS} 0800 ${IPV4}`),
    ethernet('a pseudowire of PPPoE', `8847 ${BOTTOM} 00000007 ${MACS} 8864 1100 0001 0022 0021 ${IPV4}`),
    ethernet('an associated channel', `8847 ${BOTTOM} 10000021 ${IPV4}`),
    ethernet('an associated channel by its label', `8847 ${LABEL} 0000d 140 10000057 ${IPV6}`, UDP6),
    ethernet('an associated channel of something else', `8847 ${BOTTOM} 10000007 ${IPV4}`, 'non_ip'),
    ethernet('LLC and SNAP', `0028 ${SNAP} 0800 ${IPV4}`),
    ethernet('LLC with a poll bit', `0028 aaaa13 000000 0800 ${IPV4}`),
    ethernet('LLC, supervisory', `0028 aaaa01 000000 0800 ${IPV4}`, 'non_ip'),
    ethernet('LLC and its own number for IP', `0023 060603 ${IPV4}`),
    ethernet('the bridge tunnel', `0028 aaaa03 0000f8 0800 ${IPV4}`),
    ethernet('a bridged frame', `0038 ${BRIDGED} 0800 ${IPV4}`),
    ethernet('LLC in a jumbo frame', `8870 ${SNAP} 0800 ${IPV4}`),
    ethernet('spanning tree', `0026 424203 ${zeros(35)}`, 'non_ip'),
    ethernet('Netware', `0026 ffff ${zeros(36)}`, 'non_ip'),
  ])('$name', ({ link, frame, is = UDP4 }) => {
    expect(textOf(decodeOne(link, hex(frame), 'outer'))).toBe(is);
  });
});

describe('an IP packet is found in a frame of 802.11', () => {
  const radiotap = (present: string, fields: string, frame: string): string => {
    const bytes = 4 + (present + fields).replace(/ /g, '').length / 2;
    return `0000 ${bytes.toString(16).padStart(2, '0')}00 ${present} ${fields} ${frame}`;
  };
  test.each<Row>([
    { name: 'data', link: 105, frame: `${DATA} ${SNAP} 0800 ${IPV4}` },
    { name: 'data with quality of service', link: 105, frame: `${QOS} ${SNAP} 0800 ${IPV4}` },
    {
      name: 'high throughput control',
      link: 105,
      frame: `8881 ${BEHIND_CONTROL} 0000 00000000 ${SNAP} 86dd ${IPV6}`,
      is: UDP6,
    },
    { name: 'between stations', link: 105, frame: `0803 ${BEHIND_CONTROL} 000c29000004 ${SNAP} 0800 ${IPV4}` },
    {
      name: 'a mesh',
      link: 105,
      frame: `8803 ${BEHIND_CONTROL} 000c29000004 0001 00 1f 00000001 ${SNAP} 0800 ${IPV4}`,
    },
    {
      name: 'a mesh, two addresses more',
      link: 105,
      frame: `8803 ${BEHIND_CONTROL} 000c29000004 0001 02 1f 00000001 ${MACS} ${SNAP} 0800 ${IPV4}`,
    },
    { name: 'the bit of a mesh without one', link: 105, frame: `8802 ${BEHIND_CONTROL} 0001 ${SNAP} 0800 ${IPV4}` },
    { name: 'both', link: 105, frame: `8803 ${BEHIND_CONTROL} 000c29000004 0000 ${SNAP} 0800 ${IPV4}` },
    {
      name: 'the first of an aggregate',
      link: 105,
      frame: `8801 ${BEHIND_CONTROL} 8000 ${MACS} 0028 ${SNAP} 0800 ${IPV4}`,
    },
    {
      name: 'an aggregate whose first frame is ARP',
      link: 105,
      frame: `8801 ${BEHIND_CONTROL} 8000 ${MACS} 0024 ${SNAP} 0806 ${zeros(28)} 0000 ${MACS} 0028 ${SNAP} 0800 ${IPV4}`,
    },
    { name: 'an aggregate of nothing', link: 105, frame: `8801 ${BEHIND_CONTROL} 8000 ${MACS}`, is: 'non_ip' },
    { name: 'an acknowledgement', link: 105, frame: 'd400 0000 000c29000001', is: 'non_ip' },
    { name: 'clear to send', link: 127, frame: radiotap('00000000', '', 'c400 0000 000c29000001'), is: 'non_ip' },
    { name: 'request to send', link: 105, frame: `b400 0000 ${MACS}`, is: 'non_ip' },
    { name: 'encrypted', link: 105, frame: `0841 ${BEHIND_CONTROL} ${zeros(60)}`, is: 'non_ip' },
    { name: 'without data', link: 105, frame: `4801 ${BEHIND_CONTROL}`, is: 'non_ip' },
    { name: 'a beacon', link: 105, frame: `8000 ${BEHIND_CONTROL} ${zeros(40)}`, is: 'non_ip' },
    { name: 'radiotap', link: 127, frame: radiotap('00000000', '', `${DATA} ${SNAP} 0800 ${IPV4}`) },
    { name: 'radiotap, padded', link: 127, frame: radiotap('02000000', '20', `${QOS} 0000 ${SNAP} 0800 ${IPV4}`) },
    {
      name: 'radiotap, padded, with a time before the flags',
      link: 127,
      frame: radiotap('03000000', `${zeros(8)} 20`, `${QOS} 0000 ${SNAP} 0800 ${IPV4}`),
    },
    {
      name: 'radiotap, padded, more words of bits and so a time that is aligned',
      link: 127,
      frame: radiotap('030000a0 00000000', `00000000 ${zeros(8)} 20`, `${QOS} 0000 ${SNAP} 0800 ${IPV4}`),
    },
    { name: 'radiotap, longer than the frame', link: 127, frame: '0000 ff00 00000000 0000', is: 'non_ip' },
    // Its second bit is the unit of the time: adapters that pad have no word for it here.
    {
      name: 'PPI',
      link: 192,
      frame: `0000 2000 69000000 0200 1400 ${zeros(8)} 0200 ${zeros(10)} ${QOS} ${SNAP} 0800 ${IPV4}`,
    },
    { name: 'PPI around Ethernet', link: 192, frame: `0000 0800 01000000 ${MACS} 0800 ${IPV4} ${zeros(4)}` },
    { name: 'PPI in itself', link: 192, frame: `0000 0800 c0000000 ${zeros(40)}`, is: 'unknown_link_type' },
    { name: 'AVS', link: 163, frame: `80211001 00000040 ${zeros(56)} ${DATA} ${SNAP} 0800 ${IPV4}` },
    { name: 'Prism', link: 119, frame: `44000000 90000000 ${zeros(136)} ${DATA} ${SNAP} 0800 ${IPV4}` },
    {
      name: 'AVS under the number of Prism',
      link: 119,
      frame: `80211001 00000040 ${zeros(56)} ${DATA} ${SNAP} 0800 ${IPV4}`,
    },
  ])('$name', ({ link, frame, is = UDP4 }) => {
    expect(textOf(decodeOne(link, hex(frame), 'outer'))).toBe(is);
  });
});

/* IPv6 with extension headers; the last one has the number of UDP in its first octet. */
const UDP = '1388 0035 000c 0000 61626364';
const OPTIONS = (next: string): string => `${next} 00 0104 00000000`;
const ROUTING = (next: string): string => `${next} 02 0000 00000000 ${zeros(16)}`;
const FRAGMENT = (next: string, offset: string): string => `${next} 00 ${offset} 00000007`;
const AUTHENTICATION = (next: string): string => `${next} 04 0000 00000007 00000001 ${zeros(12)}`;
const HOP = '00';
const ipv6 = (next: string, payload: string): string => {
  const bytes = hex(payload).length.toString(16).padStart(4, '0');
  return `60000000 ${bytes} ${next} 40 ${ADDRESSES} ${payload}`;
};

describe('the protocol and ports of IPv6 are those behind its extension headers', () => {
  test.each([
    { name: 'none', packet: ipv6('11', UDP), is: '17 5000 53' },
    { name: 'hop-by-hop', packet: ipv6(HOP, `${OPTIONS('11')} ${UDP}`), is: '17 5000 53' },
    { name: 'destination options', packet: ipv6('3c', `${OPTIONS('11')} ${UDP}`), is: '17 5000 53' },
    { name: 'routing', packet: ipv6('2b', `${ROUTING('11')} ${UDP}`), is: '17 5000 53' },
    { name: 'a fragment that is whole', packet: ipv6('2c', `${FRAGMENT('11', '0000')} ${UDP}`), is: '17 5000 53' },
    { name: 'the first fragment', packet: ipv6('2c', `${FRAGMENT('11', '0001')} ${UDP}`), is: '17 5000 53 first' },
    { name: 'a later fragment', packet: ipv6('2c', `${FRAGMENT('11', '0009')} ${UDP}`), is: '17 0 0 later' },
    { name: 'authentication', packet: ipv6('33', `${AUTHENTICATION('11')} ${UDP}`), is: '17 5000 53' },
    { name: 'authentication of OSPF', packet: ipv6('33', `${AUTHENTICATION('59')} ${UDP}`), is: '51 0 0' },
    {
      name: 'all, in their order',
      packet: ipv6(
        HOP,
        `${OPTIONS('3c')} ${OPTIONS('2b')} ${ROUTING('2c')} ${FRAGMENT('33', '0000')} ${AUTHENTICATION('3c')} ${OPTIONS('11')} ${UDP}`,
      ),
      is: '17 5000 53',
    },
    { name: 'out of order', packet: ipv6('3c', `${OPTIONS('00')} ${OPTIONS('11')} ${UDP}`), is: '17 5000 53' },
    { name: 'none that follows', packet: ipv6('3c', OPTIONS('3b')), is: '59 0 0' },
    { name: 'longer than the packet', packet: ipv6('3c', `11 ff 0104 00000000 ${UDP}`), is: '17 0 0' },
    { name: 'an option longer than the packet', packet: ipv6('3c', `11 00 01f0 00000000 ${UDP}`), is: '17 0 0' },
  ])('$name', ({ packet, is }) => {
    const { ip, reason } = decodeOne(101, hex(packet), 'outer');
    const marks = `${ip?.isFirst ? ' first' : ''}${ip?.isLater ? ' later' : ''}`;
    expect(reason).toBe('ipv6_not_translated');
    expect(`${ip?.protocol} ${ip?.srcPort} ${ip?.dstPort}${marks}`).toBe(is);
  });
});

describe('a frame that was cut anywhere is never read as something else', () => {
  const rows = [
    { name: 'UDP over IPv4', link: 1, frame: `${MACS} 0800 ${IPV4}`, ipEnd: 14 + 20, portsEnd: 14 + 24 },
    {
      name: 'UDP over IPv6',
      link: 1,
      frame: `${MACS} 86dd ${IPV6}`,
      ipEnd: 14 + 40,
      portsEnd: 14 + 44,
      headerBytes: 40,
    },
    {
      name: 'IPv4 options',
      link: 101,
      frame: `46${IPV4.slice(2, 47)} 01010101 ${IPV4.slice(47)}`,
      ipEnd: 24,
      portsEnd: 28,
      headerBytes: 24,
    },
    {
      name: 'QinQ, MPLS and PPPoE',
      link: 1,
      frame: `${MACS} 88a8 0007 8100 0008 8864 1100 0001 0026 0281 ${BOTTOM} ${IPV4}`,
      ipEnd: 54,
      portsEnd: 58,
    },
    { name: 'LLC', link: 1, frame: `${MACS} 0028 ${SNAP} 0800 ${IPV4}`, ipEnd: 42, portsEnd: 46 },
    {
      name: 'radiotap',
      link: 127,
      frame: `0000 0900 02000000 20 ${QOS} 0000 ${SNAP} 0800 ${IPV4}`,
      ipEnd: 65,
      portsEnd: 69,
    },
    { name: 'NFLOG', link: 239, frame: `02 00 0001 0500 0a00 00 000000 2400 0900 ${IPV4}`, ipEnd: 36, portsEnd: 40 },
    {
      name: 'SLL2',
      link: 276,
      frame: `0800 0000 00000001 0001 00 06 000c29000001 0000 ${IPV4}`,
      ipEnd: 40,
      portsEnd: 44,
    },
    { name: 'frame relay', link: 107, frame: `1841 03 00 80 000000 0800 ${IPV4}`, ipEnd: 30, portsEnd: 34 },
  ];
  test.each(rows)('$name', ({ link, frame, ipEnd, portsEnd, headerBytes = 20 }) => {
    const whole = hex(frame);
    for (let length = 0; length <= whole.length; length++) {
      const { ip, reason } = decodeOne(link, whole.subarray(0, length), 'inner', whole.length);
      if (length < ipEnd) {
        // Nothing is said of a packet of which nothing was captured.
        const isBegun = length > ipEnd - headerBytes;
        if (length === ipEnd - headerBytes) expect(['l4_truncated', 'non_ip']).toContain(reason);
        else expect([length, ip, reason]).toEqual([length, null, isBegun ? 'l4_truncated' : 'non_ip']);
        continue;
      }
      expect([length, ip?.protocol, ip?.isLater]).toEqual([length, 17, false]);
      const ports = length < portsEnd ? [0, 0] : [5000, 53];
      expect([length, ip?.srcPort, ip?.dstPort]).toEqual([length, ...ports]);
      if (ip?.version === 4) expect([length, reason]).toEqual([length, length < portsEnd ? 'l4_truncated' : 'ok']);
    }
  });

  test.each(rows)('$name, also when it was no longer on the wire', ({ link, frame, ipEnd, portsEnd }) => {
    const whole = hex(frame);
    for (let length = 0; length <= whole.length; length++) {
      const { ip, reason } = decodeOne(link, whole.subarray(0, length), 'inner');
      if (length < ipEnd)
        expect([length, ip, reason === 'malformed' || reason === 'non_ip']).toEqual([length, null, true]);
      else expect([length, ip?.srcPort]).toEqual([length, length < portsEnd ? 0 : 5000]);
    }
  });
});

test.each([
  { name: 'frames in frames', envelope: `${MACS} 6558` },
  { name: 'backbone tags', envelope: `${MACS} 88e7 00000001` },
  { name: 'pseudowires', envelope: `${MACS} 8847 ${BOTTOM} 00000000` },
  { name: 'tags between authentications', envelope: '88e5 00 00 00000001 8100 0007', before: MACS },
  { name: 'PPPoE and frames in it', envelope: `${MACS} 8864 1100 0001 0022 0031 0001` },
])('$name without end are no packet, and take no more than a part of the stack', ({ envelope, before = '' }) => {
  const count = Math.floor(250_000 / hex(envelope).length);
  const frame = hex(`${before} ${envelope.repeat(count)} ${before === '' ? MACS : ''} 0800 ${IPV4}`);
  expect(textOf(decodeOne(1, frame, 'inner'))).toBe('non_ip');
  const few = hex(`${before} ${envelope.repeat(20)} ${before === '' ? MACS : ''} 0800 ${IPV4}`);
  expect(textOf(decodeOne(1, few, 'inner'))).toBe(UDP4);
});
