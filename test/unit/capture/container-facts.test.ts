import { describe, expect, test } from 'vitest';
import { MAX_INTERFACE_FACTS } from '../../../src-main/capture/container-facts';
import { linkTypeName } from '../../../src-main/capture/link-type-names';
import { utf8Text } from '../../../src-main/capture/utf8-text';
import { ascii, concat, hex, u16, u32 } from '../../support/bytes';
import { ERF, erfFile } from '../../support/erf-writer';
import { ethernet, udpPacket } from '../../support/frames';
import { pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { networkInterface, packet, pcapngFile, section } from '../../support/pcapng-writer';
import { readCapture } from '../../support/read-capture';
import { snoopFile } from '../../support/snoop-writer';
import { timeNs } from '../../support/time';

const record: CaptureRecord = {
  atNs: timeNs('2026-03-10T09:58:00Z'),
  bytes: ethernet(udpPacket({ from: '10.0.0.1:1000', to: '192.0.2.1:53' })),
};
const factsOf = (bytes: Uint8Array) => readCapture(bytes).account.container;
const anonymous = { section: 1, name: null, description: null, offsetSec: 0 };
const microseconds = { base: 10, exponent: 6 };
const nanoseconds = { base: 10, exponent: 9 };

describe('what a capture says about itself', () => {
  test.each([
    {
      name: 'pcap',
      file: pcapFile([record], { snaplen: 96 }),
      facts: { format: 'pcap', version: '2.4', byteOrder: 'little', isModified: false, frameCheckBytes: null },
      interfaces: [{ ...anonymous, linkType: 1, snapBytes: 96, resolution: microseconds }],
    },
    {
      name: 'pcap of version 2.1, big endian, with nanoseconds',
      file: pcapFile([record], { version: [2, 1], endian: 'big', resolution: 'ns' }),
      facts: { format: 'pcap', version: '2.1', byteOrder: 'big' },
      interfaces: [{ ...anonymous, linkType: 1, snapBytes: 262_144, resolution: nanoseconds }],
    },
    {
      name: 'modified pcap',
      file: pcapFile([record], { modified: true }),
      facts: { format: 'pcap', isModified: true },
      interfaces: [{ linkType: 1 }],
    },
    {
      name: 'pcap whose frames end with a checksum of four octets',
      file: pcapFile([record], { linkType: 0x2400_0001 }),
      facts: { frameCheckBytes: 4 },
      interfaces: [{ linkType: 1 }],
    },
    {
      name: 'snoop of FDDI',
      file: snoopFile([record], { dataLink: 8 }),
      facts: { format: 'snoop', version: '2', byteOrder: 'big' },
      interfaces: [{ ...anonymous, linkType: 10, snapBytes: 0, resolution: microseconds }],
    },
    {
      name: 'ERF',
      file: erfFile([record]),
      facts: { format: 'erf', version: null, byteOrder: 'little' },
      interfaces: [],
    },
    {
      name: 'pcapng',
      file: pcapngFile([
        section({ endian: 'big', application: 'a program' }),
        networkInterface({ name: 'eth0', resolution: 9, options: [{ code: 3, bytes: hex('5a c3bc 72 ff') }] }),
        section({ application: 'another' }),
        networkInterface({ linkType: 101, snaplen: 0, resolution: 0x8a, offsetSec: -3600 }),
        packet(record),
      ]),
      facts: {
        format: 'pcapng',
        version: '1.0',
        byteOrder: 'big',
        sections: 2,
        application: 'a program',
        comment: null,
      },
      interfaces: [
        {
          ...anonymous,
          name: 'eth0',
          description: 'Zür\ufffd',
          linkType: 1,
          snapBytes: 262_144,
          resolution: nanoseconds,
        },
        {
          ...anonymous,
          section: 2,
          linkType: 101,
          snapBytes: 0,
          resolution: { base: 2, exponent: 10 },
          offsetSec: -3600,
        },
      ],
    },
  ])('$name', ({ file, facts, interfaces }) => {
    const container = factsOf(file);
    expect(container).toMatchObject(facts);
    expect(container.interfaces).toMatchObject(interfaces);
    expect(container.interfaceCount).toBe(interfaces.length);
  });

  test('all interfaces are counted, and the first are described', () => {
    const interfaces = Array.from({ length: MAX_INTERFACE_FACTS + 9 }, (_, index) =>
      networkInterface({ name: `eth${index}` }),
    );
    const container = factsOf(pcapngFile([section(), ...interfaces, packet(record, { interfaceId: 260 })]));
    expect(container.interfaceCount).toBe(MAX_INTERFACE_FACTS + 9);
    expect(container.interfaces.at(-1)?.name).toBe(`eth${MAX_INTERFACE_FACTS - 1}`);
  });
});

describe('packets of link types that cannot be decoded are counted by type', () => {
  test.each([
    { name: 'in pcap', file: pcapFile([record, record], { linkType: 195 }), counts: [[195, 2]] },
    {
      name: 'in pcap, beyond 16 bits',
      file: pcapFile([record], { linkType: 0x0003_0001 }),
      counts: [[0x0003_0001, 1]],
    },
    {
      name: 'in pcapng, by interface',
      file: pcapngFile([
        section(),
        networkInterface({ linkType: 147 }),
        networkInterface(),
        networkInterface({ linkType: 195 }),
        ...[0, 1, 2, 2].map((interfaceId) => packet(record, { interfaceId })),
      ]),
      counts: [
        [147, 1],
        [195, 2],
      ],
    },
    {
      name: 'in ERF, by record',
      file: erfFile([record, { ...record, type: 3 }, { ...record, type: 3 }, { ...record, type: ERF.padding }]),
      counts: [[0x2000_0003, 2]],
    },
    { name: 'in snoop', file: snoopFile([record], { dataLink: 5 }), counts: [[0x1000_0005, 1]] },
    { name: 'but known ones are not', file: pcapFile([record]), counts: [] },
  ])('$name', ({ file, counts }) => {
    expect([...readCapture(file).account.unknownLinkTypes]).toEqual(counts);
  });

  test.each([
    { linkType: 1, name: 'Ethernet (1)' },
    { linkType: 276, name: 'Linux cooked v2 (276)' },
    { linkType: 4711, name: 'link type 4711' },
    { linkType: 0x03ff_ffff, name: 'link type 67108863' },
    { linkType: 0x1000_0005, name: 'snoop data link 5' },
    { linkType: 0x2000_0003, name: 'ERF record type 3' },
  ])('$linkType is called $name', ({ linkType, name }) => {
    expect(linkTypeName(linkType)).toBe(name);
  });
});

describe('text of a capture', () => {
  test.each([
    { name: 'letters', octets: ascii('eth0'), text: 'eth0' },
    { name: 'two, three and four octets', octets: hex('c3a4 e282ac f09f9880'), text: 'ä€😀' },
    { name: 'an octet that begins nothing', octets: hex('61 ff 62'), text: 'a\ufffdb' },
    { name: 'a character that is cut', octets: hex('61 e282'), text: 'a\ufffd\ufffd' },
    { name: 'a character in more octets than it needs', octets: hex('c080'), text: '\ufffd\ufffd' },
    { name: 'half of a surrogate pair', octets: hex('eda080'), text: '\ufffd\ufffd\ufffd' },
    { name: 'what a terminal would obey', octets: hex('1b 5b 32 4a'), text: '\ufffd[2J' },
    { name: 'a mark that turns the direction', octets: hex('e280ae 61'), text: '\ufffda' },
    { name: 'more than is kept', octets: ascii('abcdefghijk'), text: 'abcdefgh…' },
  ])('$name', ({ octets, text }) => {
    expect(utf8Text(new DataView(octets.buffer, octets.byteOffset), 0, octets.length, 8)).toBe(text);
  });
});

describe('an ERF record', () => {
  const second = 0x69afeb68;
  const head = (type: string, recordBytes: number, wireBytes: number) =>
    concat(hex('00000080'), u32(second).reverse(), hex(type), hex('04'), u16(recordBytes), u16(0), u16(wireBytes));
  const ip = udpPacket({ from: '10.0.0.1:1000', to: '192.0.2.1:53' });
  const frame = ethernet(ip);
  const row = ['IPv4 17 28', 0x0a000001, 0xc0000201, 1000 * 65536 + 53, '0 0 0'].join(' ');

  test.each([
    { name: 'of IPv4', link: 228, file: concat(head('16', 16 + 28, 28), ip) },
    {
      name: 'of IPv4 with two extension headers',
      link: 228,
      file: concat(head('96', 32 + 28, 28), hex('83 00000000000000 03 00000000000000'), ip),
    },
    {
      name: 'of Ethernet, with its checksum and padding',
      link: 1,
      file: concat(head('02', frame.length + 26, frame.length + 4), hex('0000'), frame, new Uint8Array(8)),
    },
  ])('$name', ({ link, file }) => {
    const read = readCapture(file);
    expect(read).toMatchObject({ packets: 1, unreadable: [], balanced: true });
    // Half a second is 2^31 of its ticks.
    expect(read.times).toEqual([`${second}.500000000`]);
    if (link === 1) expect(read.rows).toEqual([`${second}.500000000 ${row}`]);
  });

  test('whose extension headers do not end is unreadable', () => {
    const read = readCapture(concat(head('96', 24, 28), hex('83 00000000000000')));
    expect(read).toMatchObject({ packets: 0, balanced: true, unreadable: [{ offset: 0, bytes: 24 }] });
  });

  test.each([
    { count: 16, packets: 1 },
    { count: 17, packets: 0 },
  ])(
    'with $count extension headers, of which there are at most 16: so many packets are read: $packets',
    ({ count, packets }) => {
      const extensions = Array.from({ length: count }, (_, index) =>
        hex(`${index + 1 < count ? '83' : '03'} 00000000000000`),
      );
      const read = readCapture(concat(head('96', 16 + 8 * count + 28, 28), ...extensions, ip));
      expect(read).toMatchObject({ packets, balanced: true });
    },
  );
});
