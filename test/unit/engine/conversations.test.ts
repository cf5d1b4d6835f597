import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConversations } from '../../../src-main/engine/conversations';
import { arpMessage, ethernet, ETHERTYPE, tcpPacket, udpPacket } from '../../support/frames';
import { pcapFile } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';

function captureOf(frames: readonly Uint8Array[]): string {
  const path = join(tempFolder(), 'a.pcap');
  writeFileSync(path, pcapFile(frames.map((bytes, index) => ({ atNs: BigInt(600 * index) * SECOND, bytes }))));
  return path;
}

test('a is whoever sent first, and each window is counted by itself', async () => {
  const there = tcpPacket({ from: '192.0.2.9:443', to: '10.0.0.1:5000', flags: 'A' });
  const back = tcpPacket({ from: '10.0.0.1:5000', to: '192.0.2.9:443', flags: 'A', payload: new Uint8Array(60) });
  const { conversations } = await readConversations([captureOf([ethernet(there), ethernet(back)])], 'outer');
  expect(conversations).toEqual([
    {
      ...{ ver: 4, proto: 6, a_ip: '192.0.2.9', a_port: 443, b_ip: '10.0.0.1', b_port: 5000 },
      ...{ pkts_ab: 1, pkts_ba: 1, bytes_ab: 40, bytes_ba: 100 },
      ...{ first_ts: '0.000000000', last_ts: '600.000000000' },
      windows: { 0: [1, 40, 0, 0], 600: [0, 0, 1, 100] },
    },
  ]);
});

test('packets in no conversation are counted by reason', async () => {
  const arp = arpMessage({ senderMac: '02:00:00:00:00:01', sender: '10.0.0.1', target: '10.0.0.2' });
  const bad = udpPacket({ from: '10.0.0.1:1', to: '10.0.0.2:2' });
  bad[0] = 0x75;
  const path = captureOf([ethernet(arp, { ethertype: ETHERTYPE.arp }), ethernet(bad), ethernet(bad)]);
  const { conversations, notCounted } = await readConversations([path], 'outer');
  expect(conversations).toEqual([]);
  expect(notCounted).toEqual({ non_ip: 1, malformed: 2 });
});

test('tunnels have no inner layer yet, and that is refused instead of guessed', async () => {
  const vxlan = udpPacket({ from: '10.0.0.1:50000', to: '10.0.0.2:4789' });
  const path = captureOf([ethernet(vxlan)]);
  expect((await readConversations([path], 'outer')).conversations).toHaveLength(1);
  await expect(readConversations([path], 'inner')).rejects.toThrow(
    expect.objectContaining({ code: 'CAPTURE_UNSUPPORTED' }) as Error,
  );
});
