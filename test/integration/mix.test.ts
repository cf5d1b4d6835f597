import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { capturesFolder, needingCaptures } from '../support/captures';
import { natscope } from '../support/command';
import { tempFolder } from '../support/temp';
import { hasTool, needing } from '../support/tools';
import { readConversations } from '../../src-main/engine/conversations';

/* The 100 MB mix, for correctness only: each conversation against tshark's dissection of the same packets. */

const canBuild = capturesFolder !== undefined && hasTool('tshark') && hasTool('cc') && hasTool('zstd');
const title = needing('zstd', needing('cc', needing('tshark', needingCaptures('100 MB of mixed traffic'))));

const FIELDS = [
  ...['ip.src', 'ip.dst', 'ip.proto', 'ip.len', 'tcp.srcport', 'tcp.dstport', 'udp.srcport', 'udp.dstport'],
  ...['icmp.type', 'icmp.ident'],
];

/** Packets and bytes by conversation, its two ends in order of their text. */
async function tsharkCounts(
  capture: string,
  folder: string,
): Promise<{ packets: number; byKey: Map<string, number[]> }> {
  // Only what is counted is dissected, which is five times as fast.
  const wanted = new Set(['frame', 'eth', 'ethertype', 'ip', 'tcp', 'udp', 'icmp', 'data']);
  const protocols = execFileSync('tshark', ['-G', 'protocols'], {
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .toString()
    .split('\n')
    .map((line) => line.split('\t')[2])
    .filter((name) => name !== undefined && !wanted.has(name));
  const config = join(folder, 'tshark');
  mkdirSync(config);
  writeFileSync(join(config, 'disabled_protos'), `${protocols.join('\n')}\n`);
  const preferences = ['tcp.desegment_tcp_streams:FALSE', 'tcp.analyze_sequence_numbers:FALSE', 'ip.defragment:FALSE'];
  const child = spawn(
    'tshark',
    [
      ...['-n', '-r', capture, '-T', 'fields', '-E', 'occurrence=f'],
      ...preferences.flatMap((preference) => ['-o', preference]),
      ...FIELDS.flatMap((field) => ['-e', field]),
    ],
    { env: { ...process.env, WIRESHARK_CONFIG_DIR: config }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const byKey = new Map<string, number[]>();
  let packets = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    packets++;
    const [from = '', to = '', protocol = '', length = '', tcpFrom, tcpTo, udpFrom, udpTo, type, id] = line.split('\t');
    if (from === '') continue;
    const identifier = type === '0' || type === '8' ? (id ?? '') : '';
    // An ICMP error shows the ports of the packet that it quotes.
    const isIcmp = protocol === '1';
    const fromPort = Number(isIcmp ? identifier : `${tcpFrom ?? ''}${udpFrom ?? ''}`);
    const toPort = Number(isIcmp ? identifier : `${tcpTo ?? ''}${udpTo ?? ''}`);
    const ends = [`${from} ${fromPort}`, `${to} ${toPort}`].sort();
    const key = `${protocol} ${ends.join(' ')}`;
    const counts = byKey.get(key) ?? [0, 0];
    counts[0]! += 1;
    counts[1]! += Number(length);
    byKey.set(key, counts);
  }
  return { packets, byKey };
}

test.skipIf(!canBuild)(title, async () => {
  const folder = tempFolder();
  execFileSync('sh', [join(capturesFolder ?? '', 'perf/build.sh'), folder, 'small'], { stdio: 'ignore' });
  const capture = join(folder, 'mix-100m.pcap');
  const [imported, truth] = await Promise.all([
    natscope(['import', capture, '--workspace', join(folder, 'workspace'), '--json']),
    tsharkCounts(capture, folder),
  ]);
  expect(imported.code).toBe(0);
  expect(JSON.parse(imported.stdout)).toMatchObject({ balanced: true, packets: { read: truth.packets } });

  const { conversations } = await readConversations([capture], 'outer');
  const own = conversations.filter(({ ver }) => ver === 4);
  expect(own.length).toBe(truth.byKey.size);
  for (const row of own) {
    const ends = [`${row.a_ip} ${row.a_port}`, `${row.b_ip} ${row.b_port}`].sort();
    const key = `${row.proto} ${ends.join(' ')}`;
    const counted = truth.byKey.get(key);
    if (counted?.[0] !== row.pkts_ab + row.pkts_ba || counted[1] !== row.bytes_ab + row.bytes_ba) {
      expect({ key, packets: row.pkts_ab + row.pkts_ba, bytes: row.bytes_ab + row.bytes_ba }).toEqual({
        key,
        packets: counted?.[0],
        bytes: counted?.[1],
      });
    }
  }
});
