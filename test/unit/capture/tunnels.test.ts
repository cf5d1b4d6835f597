import { describe, expect, test } from 'vitest';
import { concat, hex } from '../../support/bytes';
import { decodeCapture, decodeOne, type DecodedFrame } from '../../support/decoded-frames';
import { ipv4Packet, ipv6Packet } from '../../support/frames';
import { LINK, pcapFile } from '../../support/pcap-writer';

/* Headers in hex, from the outside in: a row shows what is between the packet of the tunnel and the one inside. */
const INNER4 = '4500 0020 0001 0000 4011 0000 0a000001 c0000207 1388 0035 000c 0000 6162 6364';
const ADDRESSES6 = '20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002';
const INNER6 = `60000000 000c 11 40 ${ADDRESSES6} 1388 0035 000c 0000 61626364`;
const MACS = '000c29000001 000c29000002';
const FRAME = `${MACS} 0800 ${INNER4}`;
const BOTTOM = '00011 140';
const zeros = (count: number): string => '00'.repeat(count);

const FROM = '10.9.9.9';
const TO = '192.0.2.99';
const IN4 = 'in 4: 10.0.0.1:5000 > 192.0.2.7:53, 32 bytes';
const IN6 = 'in 6: 2001:db8::1:5000 > 2001:db8::2:53, 52 bytes';
const CLOSED = 'outer';

function inside({ ip }: DecodedFrame): string {
  if (ip === null) return 'no IP';
  if (!ip.isDecapsulated) return CLOSED;
  return `in ${ip.version}: ${ip.src}:${ip.srcPort} > ${ip.dst}:${ip.dstPort}, ${ip.ipBytes} bytes`;
}

const over = (protocol: number, payload: string): Uint8Array =>
  ipv4Packet({ from: FROM, to: TO, protocol, payload: hex(payload) });
const word = (value: number): string => value.toString(16).padStart(4, '0');
const udp = (port: number, payload: string, from = 50_000): string =>
  `${word(from)} ${word(port)} ${word(8 + hex(payload).length)} 0000 ${payload}`;

interface Row {
  readonly name: string;
  readonly payload: string;
  readonly is: string;
}
type IpRow = Row & { readonly protocol: number };
type UdpRow = Row & { readonly port: number; readonly from?: number };

const gre = (name: string, payload: string, is = IN4): IpRow => ({ name: `GRE, ${name}`, protocol: 47, payload, is });
/** 802.11 in clear, from an access point. */
const WIRELESS = `0802 0000 ${MACS} 000c29000003 0000 aaaa03 000000 0800 ${INNER4}`;

const IP_TUNNELS: readonly IpRow[] = [
  { name: 'IPv4 in IPv4', protocol: 4, payload: INNER4, is: IN4 },
  { name: 'IPv6 in IPv4', protocol: 41, payload: INNER6, is: IN6 },
  { name: 'EtherIP', protocol: 97, payload: `3000 ${FRAME}`, is: IN4 },
  { name: 'Ethernet', protocol: 143, payload: FRAME, is: IN4 },
  { name: 'MPLS', protocol: 137, payload: `${BOTTOM} ${INNER6}`, is: IN6 },
  { name: 'PIM, a register', protocol: 103, payload: `2100 0000 00000000 ${INNER4}`, is: IN4 },
  { name: 'PIM, a hello', protocol: 103, payload: `2000 0000 00010002 ${INNER4}`, is: CLOSED },
  { name: 'ESP, which is encrypted', protocol: 50, payload: INNER4, is: CLOSED },
  { name: 'authenticated', protocol: 51, payload: `04 04 0000 00000007 00000001 ${zeros(12)} ${INNER4}`, is: IN4 },
  gre('plain', `0000 0800 ${INNER4}`),
  gre('IPv6', `0000 86dd ${INNER6}`, IN6),
  gre('checksum', `8000 0800 00000000 ${INNER4}`),
  gre('key', `2000 0800 00000007 ${INNER4}`),
  gre('sequence', `1000 0800 00000001 ${INNER4}`),
  gre('checksum, key and sequence', `b000 0800 00000000 00000007 00000001 ${INNER4}`),
  gre('a source route', `4000 0800 00000000 0800 00 08 0a000001 0a000002 0000 00 00 ${INNER4}`),
  gre('a route without an end', `4000 0800 00000000 0800 00 08 0a000001 0a000002`, CLOSED),
  gre('PPP of PPTP', `3001 880b 0022 0007 00000001 0021 ${INNER4}`),
  gre('PPP of PPTP with an acknowledgment', `3081 880b 0024 0007 00000001 00000001 ff03 0021 ${INNER4}`),
  gre('PPTP that only acknowledges', '2081 880b 0000 0007 00000001', CLOSED),
  gre('a frame', `0000 6558 ${FRAME}`),
  gre('a frame of MikroTik', `2001 6400 3000 0007 ${FRAME}`),
  gre('802.11 of Aruba', `0000 8200 ${WIRELESS}`),
  gre('MPLS', `0000 8847 ${BOTTOM} ${INNER4}`),
  gre('NSH', `0000 894f 0fc2 02 01 0000011f ${INNER4}`),
  gre('ERSPAN type I', `0000 88be ${FRAME}`),
  gre('ERSPAN type II', `1000 88be 00000001 1007 0001 00000000 ${FRAME}`),
  gre('ERSPAN of a version that is none', `1000 88be 00000001 7007 0001 00000000 ${FRAME}`, CLOSED),
  gre('ERSPAN type III', `1000 22eb 00000001 2007 0001 00000000 0000 0000 ${FRAME}`),
  gre('ERSPAN type III with a subheader', `1000 22eb 00000001 2007 0001 00000000 0000 0001 ${zeros(8)} ${FRAME}`),
  gre('ERSPAN type III, an IP packet', `1000 22eb 00000001 2007 0001 00000000 0000 0800 ${INNER4}`),
  gre('WCCP', `0000 883e ${INNER4}`),
  gre('WCCP version 2', `0000 883e 00000000 ${INNER4}`),
  gre('a tag, which is no packet', `0000 8100 0007 0800 ${INNER4}`, CLOSED),
  gre('a keepalive', '0000 0000', CLOSED),
];

const GTP = (flags: string, length: number, rest: string): string => `${flags} ff ${word(length)} 00000009 ${rest}`;

const UDP_TUNNELS: readonly UdpRow[] = [
  { name: 'VXLAN', port: 4789, payload: `08000000 00000700 ${FRAME}`, is: IN4 },
  { name: 'VXLAN by its source port', port: 50_000, from: 4789, payload: `08000000 00000700 ${FRAME}`, is: IN4 },
  {
    name: 'a port of VXLAN that talks to DNS',
    port: 53,
    from: 4789,
    payload: `08000000 00000700 ${FRAME}`,
    is: CLOSED,
  },
  { name: 'VXLAN-GPE, IPv4', port: 4790, payload: `0c000001 00000700 ${INNER4}`, is: IN4 },
  { name: 'VXLAN-GPE, IPv6', port: 4790, payload: `0c000002 00000700 ${INNER6}`, is: IN6 },
  { name: 'VXLAN-GPE, a frame', port: 4790, payload: `0c000003 00000700 ${FRAME}`, is: IN4 },
  { name: 'VXLAN-GPE, NSH', port: 4790, payload: `0c000004 00000700 0fc2 02 01 0000011f ${INNER4}`, is: IN4 },
  { name: 'VXLAN-GPE, MPLS', port: 4790, payload: `0c000005 00000700 ${BOTTOM} ${INNER4}`, is: IN4 },
  { name: 'Geneve, a frame', port: 6081, payload: `0000 6558 00000700 ${FRAME}`, is: IN4 },
  {
    name: 'Geneve, options and IPv6',
    port: 6081,
    payload: `0200 86dd 00000700 0102 80 01 00000007 ${INNER6}`,
    is: IN6,
  },
  { name: 'GTP-U', port: 2152, payload: GTP('30', 32, INNER4), is: IN4 },
  { name: 'GTP-U, a sequence', port: 2152, payload: GTP('32', 36, `0001 00 00 ${INNER4}`), is: IN4 },
  { name: 'GTP-U, an extension', port: 2152, payload: GTP('34', 40, `0000 00 85 01 100100 ${INNER4}`), is: IN4 },
  {
    name: 'GTP-U, two extensions',
    port: 2152,
    payload: GTP('34', 64, `0000 00 40 01 0868 85 01 1001 00 ${INNER6}`),
    is: IN6,
  },
  {
    name: 'GTP-U, an extension of no octets',
    port: 2152,
    payload: GTP('34', 40, `0000 00 85 00 100100 ${INNER4}`),
    is: CLOSED,
  },
  { name: 'GTP-U, a frame', port: 2152, payload: GTP('30', 46, FRAME), is: IN4 },
  { name: 'GTP-U, what could be PPP', port: 2152, payload: GTP('30', 36, `ff03 0021 ${INNER4}`), is: CLOSED },
  { name: 'GTP-U, neither', port: 2152, payload: GTP('30', 32, INNER4.replace('45', '44')), is: CLOSED },
  { name: 'GTP-U, a message', port: 2152, payload: `32 01 0004 00000000 ${zeros(4)}`, is: CLOSED },
  {
    name: 'GTP-U, shorter than the packet inside',
    port: 2152,
    payload: GTP('30', 20, INNER4),
    is: 'in 4: 10.0.0.1:0 > 192.0.2.7:0, 32 bytes',
  },
  { name: 'GTP of version 0', port: 3386, payload: `1e ff 0020 ${zeros(16)} ${INNER4}`, is: IN4 },
  { name: 'GTP on the port of its control', port: 2123, payload: GTP('30', 32, INNER4), is: IN4 },
  { name: 'Teredo', port: 3544, payload: INNER6, is: IN6 },
  { name: 'Teredo, an origin', port: 3544, payload: `0000 1234 f5fffffe ${INNER6}`, is: IN6 },
  { name: 'Teredo, authentication', port: 3544, payload: `0001 00 00 ${zeros(8)} 00 ${INNER6}`, is: IN6 },
  { name: 'Teredo, both', port: 3544, payload: `0001 02 03 ${zeros(5 + 8)} 00 0000 1234 f5fffffe ${INNER6}`, is: IN6 },
  { name: 'L2TP', port: 1701, payload: `0002 0001 0002 0021 ${INNER4}`, is: IN4 },
  {
    name: 'L2TP, every field',
    port: 1701,
    payload: `4a02 0032 0001 0002 0001 0001 0002 0000 ff03 0021 ${INNER4}`,
    is: IN4,
  },
  { name: 'L2TP, control', port: 1701, payload: `c802 000c 0001 0000 0000 0000`, is: CLOSED },
  { name: 'L2TP of version 3', port: 1701, payload: `0003 0000 00000007 ${FRAME}`, is: CLOSED },
  { name: 'LISP', port: 4341, payload: `c0000001 00000001 ${INNER4}`, is: IN4 },
  { name: 'LISP, a request on its way', port: 4342, payload: `80000000 ${INNER4}`, is: IN4 },
  { name: 'LISP, a reply', port: 4342, payload: `20000000 ${INNER4}`, is: CLOSED },
  { name: 'Mobile IP', port: 434, payload: `04 04 0000 ${INNER4}`, is: IN4 },
  { name: 'Mobile IP, GRE', port: 434, payload: `04 2f 0000 0000 0800 ${INNER4}`, is: IN4 },
  { name: 'Mobile IP, a registration', port: 434, payload: `01 04 0000 ${INNER4}`, is: CLOSED },
  { name: 'GRE in UDP', port: 4754, payload: `2000 0800 00000007 ${INNER4}`, is: IN4 },
  { name: 'MPLS in UDP', port: 6635, payload: `${BOTTOM} ${INNER4}`, is: IN4 },
  { name: 'AYIYA', port: 5072, payload: `44 52 01 29 00000001 ${zeros(16 + 20)} ${INNER6}`, is: IN6 },
  { name: 'AYIYA, a heartbeat', port: 5072, payload: `44 52 00 3b 00000001 ${zeros(16 + 20)}`, is: CLOSED },
  { name: 'TZSP', port: 37_008, payload: `01 00 0001 01 ${FRAME}`, is: IN4 },
  { name: 'TZSP, tags', port: 37_008, payload: `01 00 0001 00 0a 01 ff 01 ${FRAME}`, is: IN4 },
];

describe('the inner layer of a tunnel is the packet inside of it', () => {
  test.each([
    ...IP_TUNNELS.map((row) => ({ ...row, packet: over(row.protocol, row.payload) })),
    ...UDP_TUNNELS.map((row) => ({ ...row, packet: over(17, udp(row.port, row.payload, row.from)) })),
  ])('$name', ({ packet, is }) => {
    expect(inside(decodeOne(101, packet, 'inner'))).toBe(is);
    expect(decodeOne(101, packet, 'outer').ip).toMatchObject({ src: FROM, dst: TO, isDecapsulated: false });
  });

  test.each(IP_TUNNELS.filter(({ protocol }) => protocol !== 51))('$name, over IPv6', ({ protocol, payload, is }) => {
    const packet = ipv6Packet({ from: '2001:db8::9', to: '2001:db8::99', nextHeader: protocol, payload: hex(payload) });
    expect(inside(decodeOne(101, packet, 'inner'))).toBe(is);
  });

  test('a tunnel that was cut at any octet is the packet around it, or the one inside without what is missing', () => {
    const rows = [
      ...IP_TUNNELS.map((row) => over(row.protocol, row.payload)),
      ...UDP_TUNNELS.map((row) => over(17, udp(row.port, row.payload, row.from))),
    ];
    const inner = [IN4, IN6].flatMap((text) => [text, text.replace(/:5000 (.*):53,/, ':0 $1:0,')]);
    for (const packet of rows) {
      const cuts = Array.from({ length: packet.length - 20 }, (_, index) => index + 20);
      const records = cuts.map((length) => ({ atNs: 0n, bytes: packet.subarray(0, length), wireBytes: packet.length }));
      decodeCapture(pcapFile(records, { linkType: LINK.raw }), 'inner').forEach((frame, index) => {
        const name = `${cuts[index]} of ${Buffer.from(packet).toString('hex')}`;
        expect([CLOSED, ...inner], name).toContain(inside(frame));
      });
    }
  });

  test('four tunnels in each other are opened, and a fifth makes the packet one that is too deep', () => {
    let packet = hex(INNER4);
    for (let depth = 1; depth <= 5; depth++) {
      packet = ipv4Packet({ from: FROM, to: TO, protocol: 4, payload: packet });
      const { ip, reason } = decodeOne(101, packet, 'inner');
      expect([depth, ip?.src, reason]).toEqual([
        depth,
        depth < 5 ? '10.0.0.1' : FROM,
        depth < 5 ? 'ok' : 'encap_depth',
      ]);
    }
  });

  test('a datagram whose length leaves no room for its header is no tunnel, but in a jumbogram', () => {
    const vxlan = hex(`c350 12b5 0000 0000 08000000 00000700 ${FRAME}`);
    expect(inside(decodeOne(101, ipv4Packet({ from: FROM, to: TO, protocol: 17, payload: vxlan }), 'inner'))).toBe(
      CLOSED,
    );
    const jumbo = ipv6Packet({ from: '2001:db8::9', to: '2001:db8::99', nextHeader: 17, payload: vxlan });
    expect(inside(decodeOne(101, jumbo, 'inner'))).toBe(IN4);
  });

  test('a later fragment of a packet that is a tunnel is no tunnel', () => {
    const packet = ipv4Packet({ from: FROM, to: TO, protocol: 4, fragmentOffset: 1480, payload: hex(INNER4) });
    expect(decodeOne(101, packet, 'inner').ip).toMatchObject({ src: FROM, isLater: true, srcPort: 0 });
  });

  test('the first fragment of one is opened', () => {
    const packet = ipv4Packet({ from: FROM, to: TO, protocol: 4, moreFragments: true, payload: hex(INNER4) });
    expect(decodeOne(101, packet, 'inner').ip).toMatchObject({ src: '10.0.0.1', isFirst: false, srcPort: 5000 });
    expect(decodeOne(101, packet, 'outer').ip).toMatchObject({ src: FROM, isFirst: true });
  });
});

/* What ICMP errors quote. */
const quotedV4 = (head: string, payload: string): string => `${head} 4011 0000 0a000001 c0000207 ${payload}`;
const WHOLE = '4500 0020 0001 0000';
const quotedV6 = (next: string, payload: string): string => `60000000 0020 ${next} 40 ${ADDRESSES6} ${payload}`;
const ENDS4 = (protocol: number, from: number, to: number): string => `${protocol} 10.0.0.1:${from} > 192.0.2.7:${to}`;
const ENDS6 = (protocol: number, from: number, to: number): string =>
  `${protocol} 2001:db8::1:${from} > 2001:db8::2:${to}`;

describe('an ICMP error says which packet it is about', () => {
  const text = ({ error }: DecodedFrame): string | null => {
    if (error === null) return 'no error';
    const { quoted } = error;
    if (quoted === null) return null;
    return `${quoted.protocol} ${quoted.src}:${quoted.srcPort} > ${quoted.dst}:${quoted.dstPort}`;
  };
  const v4 = (name: string, quoted: string, is: string | null, type = '03') => ({
    name,
    packet: over(1, `${type} 01 0000 00000000 ${quoted}`),
    is,
  });
  const v6 = (name: string, quoted: string, is: string | null, type = '01') => ({
    name: `ICMPv6, ${name}`,
    packet: ipv6Packet({
      ...{ from: '2001:db8::9', to: '2001:db8::99', nextHeader: 58 },
      payload: hex(`${type} 00 0000 00000000 ${quoted}`),
    }),
    is,
  });
  test.each([
    v4('UDP', quotedV4(WHOLE, '1388 0035 000c 0000'), ENDS4(17, 5000, 53)),
    v4('TCP', `${WHOLE} 4006 0000 0a000001 c0000207 1388 01bb 00000001`, ENDS4(6, 5000, 443)),
    v4('an echo request', `${WHOLE} 4001 0000 0a000001 c0000207 0800 0000 1234 0001`, ENDS4(1, 0x1234, 0x1234)),
    v4('another ICMP message', `${WHOLE} 4001 0000 0a000001 c0000207 0900 0000 1234 0001`, ENDS4(1, 0, 0)),
    v4('options', `4600 0024 0001 0000 4011 0000 0a000001 c0000207 01010101 1388 0035 0010 0000`, ENDS4(17, 5000, 53)),
    v4('options that were cut', `4600 0024 0001 0000 4011 0000 0a000001 c0000207 0101`, null),
    v4('a first fragment', quotedV4('4500 0020 0001 2000', '1388 0035 000c 0000'), ENDS4(17, 5000, 53)),
    v4('a later fragment', quotedV4('4500 0020 0001 0009', '1388 0035 000c 0000'), ENDS4(17, 0, 0)),
    v4('no ports', quotedV4(WHOLE, '1388'), ENDS4(17, 0, 0)),
    v4('a header that was cut', WHOLE, null),
    v4('nothing', '', null),
    v4('no IPv4', quotedV4('7500 0020 0001 0000', '1388 0035 000c 0000'), null),
    v4('a length that cannot be', quotedV4('4500 0010 0001 0000', '1388 0035 000c 0000'), null),
    v4(
      'authentication',
      `${WHOLE} 4033 0000 0a000001 c0000207 11 04 0000 00000007 00000001 ${zeros(12)} 1388 0035`,
      ENDS4(51, 5000, 53),
    ),
    v4('source quench', quotedV4(WHOLE, '1388 0035 000c 0000'), ENDS4(17, 5000, 53), '04'),
    v4('redirect', quotedV4(WHOLE, '1388 0035 000c 0000'), ENDS4(17, 5000, 53), '05'),
    v4('time exceeded', quotedV4(WHOLE, '1388 0035 000c 0000'), ENDS4(17, 5000, 53), '0b'),
    v4('parameter problem', quotedV4(WHOLE, '1388 0035 000c 0000'), ENDS4(17, 5000, 53), '0c'),
    v4('an echo, which is none', quotedV4(WHOLE, '1388 0035 000c 0000'), 'no error', '08'),
    v6('UDP', quotedV6('11', '1388 0035 000c 0000'), ENDS6(17, 5000, 53)),
    v6('packet too big', quotedV6('06', '1388 01bb 00000001'), ENDS6(6, 5000, 443), '02'),
    v6('time exceeded', quotedV6('3a', '8000 0000 1234 0001'), ENDS6(58, 0x1234, 0x1234), '03'),
    v6('parameter problem', quotedV6('11', '1388 0035 000c 0000'), ENDS6(17, 5000, 53), '04'),
    v6('extension headers', quotedV6('00', `3c 00 0104 00000000 11 00 0104 00000000 1388 0035`), ENDS6(17, 5000, 53)),
    v6('a later fragment', quotedV6('2c', `11 00 0009 00000007 1388 0035 000c 0000`), ENDS6(17, 0, 0)),
    v6('a header that was cut', quotedV6('11', '').slice(0, 60), null),
    v6('a neighbour, which is none', quotedV6('11', '1388 0035'), 'no error', '87'),
  ])('$name', ({ packet, is }) => {
    const frame = decodeOne(101, packet, 'inner');
    expect(text(frame)).toBe(is);
    // An error is its own conversation, and what it quotes is no tunnel.
    expect(frame.ip).toMatchObject({ isDecapsulated: false });
    if (frame.error !== null) expect(frame.ip).toMatchObject({ srcPort: 0, dstPort: 0 });
  });

  test('octets behind the IP packet are not quoted', () => {
    const packet = over(1, `03 01 0000 00000000 ${WHOLE} 4011 0000 0a000001 c0000207`);
    expect(text(decodeOne(101, concat(packet, hex('1388 0035 000c 0000')), 'inner'))).toBe(ENDS4(17, 0, 0));
  });
});
