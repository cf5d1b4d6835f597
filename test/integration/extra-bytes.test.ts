import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { capturesFolder, needingCaptures, sharedCapture } from '../support/captures';
import { run } from '../support/command';
import { natscopeHere } from '../support/command-here';
import { tempFolder } from '../support/temp';
import { hasTool, needing } from '../support/tools';

/** Tagged, cut, without a length in the IP header, with other link layers, fragmented, in two windows. */
const CAPTURES = [
  'mercury-vlan-quic.pcap',
  'ipfixprobe-tls-snaplen.pcap',
  'mercury-tso-iplen0.pcap',
  'zeek-nflog.pcap',
  'zeek-radiotap.pcap',
  'sv-sip-26min.pcap',
  'sv-icmp-pmtu.pcap',
] as const;

const FIELDS = ['frame.len', 'ip.len', 'ip.hdr_len', 'ip.frag_offset', 'tcp.hdr_len', 'ip.proto', 'ip.src'] as const;
const PREFERENCES = ['ip.defragment', 'tcp.desegment_tcp_streams'];

const isPrivate = (address: string): boolean => /^(10|192\.168|172\.(1[6-9]|2\d|3[01]))\./.test(address);

/** Octets from the Internet and from the VPC: of frames, and behind the headers. */
interface Sums {
  frames: [number, number];
  payloads: [number, number];
}

/** By tshark's dissection of each packet. */
async function tsharkSums(path: string): Promise<Sums> {
  const fields = FIELDS.flatMap((field) => ['-e', field]);
  const preferences = PREFERENCES.flatMap((name) => ['-o', `${name}:FALSE`]);
  const shape = ['-T', 'fields', '-E', 'occurrence=f', '-E', 'separator=,'];
  const { stdout } = await run('tshark', ['-n', '-r', path, ...preferences, ...shape, ...fields]);
  const sums: Sums = { frames: [0, 0], payloads: [0, 0] };
  for (const line of stdout.trim().split('\n')) {
    const [frameBytes, ipBytes, ipHeaderBytes, offset, tcpHeaderBytes, protocol, source = ''] = line.split(',');
    const ownBytes = Number(offset) > 0 ? 0 : protocol === '6' ? Number(tcpHeaderBytes) : 8;
    const from = isPrivate(source) ? 1 : 0;
    sums.frames[from] += Number(frameBytes);
    sums.payloads[from] += Number(ipBytes) - Number(ipHeaderBytes) - ownBytes;
  }
  return sums;
}

describe.skipIf(capturesFolder === undefined || !hasTool('tshark'))(
  needing('tshark', needingCaptures('extra bytes')),
  () => {
    test.each(CAPTURES)('of %s are what tshark says of the same packets, each way', async (name) => {
      const folder = tempFolder();
      const gateway = join(folder, 'gateway.json');
      writeFileSync(gateway, JSON.stringify({ extraBytes: true }));
      const place = ['--workspace', join(folder, 'workspace')];
      const capture = sharedCapture(`dev/${name}`)!;
      const imported = await natscopeHere(['import', capture, '--gateway', gateway, '--layer', 'outer', ...place]);
      expect([0, 3]).toContain(imported.code);
      const packets = join(folder, 'packets.pcapng');
      expect((await natscopeHere(['packets', '--query', '*', '--out', packets, ...place])).code).toBe(0);
      const columns = [
        'frame_bytes_from_pub',
        'frame_bytes_from_vpc',
        'payload_bytes_from_pub',
        'payload_bytes_from_vpc',
      ];
      const sql = `* | SELECT ${columns.map((column) => `sum(${column}) AS ${column}`).join(', ')}`;
      const { stdout } = await natscopeHere(['query', sql, '--json', ...place]);
      const [row = {}] = JSON.parse(stdout) as Record<string, number>[];
      const [framesIn, framesOut, payloadsIn, payloadsOut] = columns.map((column) => Number(row[column]));
      const { frames, payloads } = await tsharkSums(packets);
      expect({ frames: [framesIn, framesOut], payloads: [payloadsIn, payloadsOut] }).toEqual({ frames, payloads });
      expect(framesOut).toBeGreaterThan(0);
    });
  },
);
