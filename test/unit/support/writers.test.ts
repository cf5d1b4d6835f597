import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hex } from '../../support/bytes';
import { dnsLookup, framed, ping, tcpSession } from '../../support/conversations';
import { ethernet, fragment, icmpEcho, icmpError, linuxCooked, tcpPacket, udpPacket } from '../../support/frames';
import { LINK, cut, inTimeOrder, pcapFile } from '../../support/pcap-writer';
import { networkInterface, otherBlock, packet, pcapngFile, section, simplePacket } from '../../support/pcapng-writer';
import { tempFolder } from '../../support/temp';
import { timeNs } from '../../support/time';
import { hasTool, needing } from '../../support/tools';

const startNs = timeNs('2026-03-10T09:00:00.123456789Z');

test('a pcap file has the header and the records it was asked for', () => {
  const bytes = pcapFile([{ atNs: startNs, bytes: hex('45 00') }], { endian: 'big', resolution: 'ns', linkType: 101 });
  expect(Buffer.from(bytes).toString('hex')).toBe(
    ['a1b23c4d 0002 0004 00000000 00000000 00040000 00000065', '69afdd90 075bcd15 00000002 00000002', '4500']
      .join('')
      .replace(/ /g, ''),
  );
});

test('a TCP session has a handshake, its data in order and an orderly end', () => {
  const session = tcpSession({
    client: '10.0.0.5:40000',
    server: '198.51.100.7:443',
    startNs,
    exchanges: [{ up: 100, down: 3000 }],
  });
  const flags = session.map(({ bytes }) => bytes[33]);
  const [S, SA, A, PA, FA] = [0x02, 0x12, 0x10, 0x18, 0x11];
  expect(flags).toEqual([S, SA, A, PA, A, A, A, A, PA, A, FA, FA, A]);
});

test('records are mixed in order of time', () => {
  const a = ping({ from: '10.0.0.5', to: '198.51.100.7', startNs, id: 1, count: 2 });
  const b = dnsLookup({ client: '10.0.0.6:5353', server: '192.0.2.53:53', startNs: startNs + 1n, name: 'a.example' });
  const times = inTimeOrder(a, b).map(({ atNs }) => atNs);
  expect(times).toEqual([...times].sort((x, y) => (x < y ? -1 : 1)));
  expect(times).toHaveLength(6);
});

/** @returns what tshark reads, one line for each frame: time, captured and original length, protocols */
function dissect(bytes: Uint8Array): string[] {
  const path = join(tempFolder(), 'written.cap');
  writeFileSync(path, bytes);
  const fields = ['frame.time_epoch', 'frame.cap_len', 'frame.len', 'frame.protocols'].flatMap((name) => ['-e', name]);
  const checks = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);
  const args = [
    '-n',
    '-r',
    path,
    ...checks,
    '-T',
    'fields',
    ...fields,
    '-e',
    '_ws.expert.message',
    '-E',
    'separator= ',
  ];
  const output = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trim());
}

describe.skipIf(!hasTool('tshark'))(needing('tshark', 'tshark reads'), () => {
  const request = icmpEcho({ from: '10.0.0.5', to: '198.51.100.7', id: 7 });

  test.each([
    { endian: 'little', resolution: 'us', time: '1773133200.123456000' },
    { endian: 'big', resolution: 'us', time: '1773133200.123456000' },
    { endian: 'little', resolution: 'ns', time: '1773133200.123456789' },
    { endian: 'big', resolution: 'ns', time: '1773133200.123456789' },
  ] as const)('pcap, $endian, $resolution', ({ time, ...options }) => {
    const records = [{ atNs: startNs, bytes: ethernet(request) }];
    expect(dissect(pcapFile(records, options))).toEqual([`${time} 98 98 eth:ethertype:ip:icmp:data`]);
  });

  test.each([
    { resolution: undefined, offsetSec: undefined, endian: 'little', time: '1773133200.123456000' },
    { resolution: 9, offsetSec: 1_000_000_000, endian: 'little', time: '1773133200.123456789' },
    { resolution: 9, offsetSec: 1_000_000_000, endian: 'big', time: '1773133200.123456789' },
    { resolution: 0x80 | 10, offsetSec: undefined, endian: 'big', time: '1773133200.123046875' },
    { resolution: 3, offsetSec: undefined, endian: 'little', time: '1773133200.123000000' },
  ] as const)('pcapng, $endian, resolution $resolution, offset $offsetSec', (row) => {
    const blocks = [
      section({ endian: row.endian }),
      networkInterface({
        ...(row.resolution === undefined ? {} : { resolution: row.resolution }),
        ...(row.offsetSec === undefined ? {} : { offsetSec: row.offsetSec }),
      }),
      otherBlock(0x7777, hex('00 00 00 01 ff')),
      packet({ atNs: startNs, bytes: ethernet(request) }),
    ];
    expect(dissect(pcapngFile(blocks))[0]).toBe(`${row.time} 98 98 eth:ethertype:ip:icmp:data`);
  });

  test('sections, interfaces and simple packets', () => {
    const blocks = [
      ...[section(), networkInterface(), networkInterface({ linkType: LINK.raw, resolution: 9 })],
      packet({ atNs: startNs, bytes: request }, { interfaceId: 1 }),
      ...[section({ endian: 'big' }), networkInterface(), simplePacket(ethernet(request))],
    ];
    const lines = dissect(pcapngFile(blocks));
    expect(lines[0]).toBe('1773133200.123456789 84 84 raw:ip:icmp:data');
    expect(lines[1]).toContain('98 98 eth:ethertype:ip:icmp:data');
  });

  test.each([
    {
      name: 'VLAN tags',
      linkType: LINK.ethernet,
      bytes: ethernet(request, { vlans: [100, 12] }),
      protocols: 'eth:ethertype:ieee8021ad:ethertype:vlan:ethertype:ip:icmp:data',
    },
    {
      name: 'Linux cooked',
      linkType: LINK.linuxCooked,
      bytes: linuxCooked(request),
      protocols: 'sll:ethertype:ip:icmp:data',
    },
    { name: 'RAW', linkType: LINK.raw, bytes: request, protocols: 'raw:ip:icmp:data' },
    {
      name: 'IP options',
      linkType: LINK.raw,
      bytes: udpPacket({
        from: '10.0.0.5:40000',
        to: '198.51.100.7:50001',
        ipOptions: hex('94040000'),
        payload: hex('00'),
      }),
      protocols: 'raw:ip:udp:data',
    },
    {
      name: 'a TCP segment',
      linkType: LINK.raw,
      bytes: tcpPacket({ from: '10.0.0.5:40000', to: '198.51.100.7:50001', flags: 'PA', payload: hex('00') }),
      protocols: 'raw:ip:tcp:data',
    },
    {
      name: 'an ICMP error',
      linkType: LINK.raw,
      bytes: icmpError({ from: '198.51.100.1', to: '10.0.0.5', type: 3, code: 1, about: request }),
      protocols: 'raw:ip:icmp:ip:icmp',
    },
  ])('$name without a complaint', ({ linkType, bytes, protocols }) => {
    const [line = ''] = dissect(pcapFile([{ atNs: startNs, bytes }], { linkType }));
    expect(line.split(' ').slice(3).join(' ')).toBe(protocols);
  });

  test('fragments that join to the packet they were', () => {
    const whole = udpPacket({
      from: '10.0.0.5:40000',
      to: '198.51.100.7:50001',
      identification: 9,
      payload: new Uint8Array(3000),
    });
    const records = fragment(whole, 1480).map((bytes) => ({ atNs: startNs, bytes }));
    expect(records).toHaveLength(3);
    expect(dissect(pcapFile(records, { linkType: LINK.raw })).at(-1)).toContain('raw:ip:udp:data');
  });

  test('cut records with their length on the wire', () => {
    const records = cut(framed([{ atNs: startNs, bytes: request }], ethernet), 60);
    expect(dissect(pcapFile(records))[0]).toContain(' 60 98 ');
  });
});
