import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FingerprintReport } from '../../../src-main/engine/fingerprint';
import { tcpSession, udpFlow } from '../../support/conversations';
import { fragment, udpPacket, type Endpoint } from '../../support/frames';
import { insideOf, outsideOf, simulateNat } from '../../support/nat-simulator';
import { inTimeOrder, LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { timeNs } from '../../support/time';
import { runCli } from './run-cli';

const START = timeNs('2026-03-10T09:00:00Z');
const TRAFFIC = inTimeOrder(
  tcpSession({ client: '10.0.0.5:40000', server: '198.51.100.7:443', startNs: START }),
  udpFlow({ client: '10.0.0.6:5000', server: '198.51.100.7:53', startNs: START + 1n, datagrams: [40, -90] }),
);

function folderOf(traffic: readonly CaptureRecord[]): string {
  const crossed = simulateNat(traffic, { seed: 1, clockAheadNs: 2_500_000_000n, delayUs: [300, 300] });
  const folder = tempFolder();
  writeFileSync(join(folder, 'inside.pcap'), pcapFile(insideOf(crossed), { linkType: LINK.raw }));
  writeFileSync(join(folder, 'outside.pcap'), pcapFile(outsideOf(crossed), { linkType: LINK.raw }));
  return folder;
}

test('a gateway is described in words', async () => {
  const cwd = folderOf(TRAFFIC);
  const { exitCode, stdout, stderr } = await runCli(['fingerprint', 'inside.pcap', 'outside.pcap'], { io: { cwd } });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(`\n${stdout}`).toMatchInlineSnapshot(`
    "
    protocol  host            gateway           destination       packets  confidence
    ────────  ──────────────  ────────────────  ────────────────  ───────  ──────────
    TCP       10.0.0.5:40000  203.0.113.1:9856  198.51.100.7:443        6  high
    UDP       10.0.0.6:5000   203.0.113.1:8910  198.51.100.7:53         2  medium

    2 translations of 2 hosts

    TCP
      mapping  unknown: no port of a host was used to two destinations at about the same time
      ports    0 of 1 kept (0.0 %), 1 changed to 9856–9856, in an order too few show, 100.0 % with the same parity
      timer    survived 0.020 s idle

    UDP
      mapping  unknown: no port of a host was used to two destinations at about the same time
      ports    0 of 1 kept (0.0 %), 1 changed to 8910–8910, in an order too few show, 100.0 % with the same parity
      timer    survived 0.005 s idle

    Addresses of the gateway: 203.0.113.1 (2); there is one
    Packets going out: 5 on both sides, 0 only inside, 0 only outside
    Packets going in: 3 on both sides, 0 only inside, 0 only outside
    Clock outside: 2.500000 s ahead; 0.300 ms between the captures; by 6 pairs

    A gateway that keeps ports looks endpoint-independent, and its timers cannot be seen by changed ports. Idle times are
    bounds, not the timer itself. What neither capture shows, such as filtering of packets from elsewhere, is not measured.
    "
  `);
});

test('--json prints all that was measured', async () => {
  const cwd = folderOf(TRAFFIC);
  const { stdout } = await runCli(['fingerprint', 'inside.pcap', 'outside.pcap', '--json'], { io: { cwd } });
  const report: unknown = JSON.parse(stdout);
  expect(report).toMatchObject({
    translations: [
      { protocol: 6, pri_ip: '10.0.0.5', pri_port: 40000, pub_ip: '198.51.100.7', pub_port: 443, confidence: 'high' },
      { protocol: 17, first: '1773133200.000000000', packets: 2, ambiguous_packets: 0, confidence: 'medium' },
    ],
    mapping: { tcp: { behaviour: 'unknown', endpoints: 0 }, udp: { behaviour: 'unknown' } },
    ports: { tcp: { translations: 1, preserved: 0, preservation_rate: 0 } },
    pool: { behaviour: 'single', addresses: [{ ip: '203.0.113.1', translations: 2 }] },
    loss: { outbound: { both: 5, inside_only: 0, outside_only: 0 } },
    clock_offset: { drift_ppm: 0 },
    ambiguous_packets: 0,
  });
});

test('captures that are swapped are refused, and which is which is said', async () => {
  const cwd = folderOf(TRAFFIC);
  const { exitCode, stdout, stderr } = await runCli(['fingerprint', 'outside.pcap', 'inside.pcap'], { io: { cwd } });
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`the captures are swapped: ${join(cwd, 'inside.pcap')} shows the hosts`);
  expect(stderr).toContain(`name ${join(cwd, 'inside.pcap')} first`);
});

test('captures of which none shows what the other does, translated, are refused with what to do', async () => {
  const cwd = folderOf(TRAFFIC);
  const { exitCode, stderr } = await runCli(['fingerprint', 'inside.pcap', 'inside.pcap'], { io: { cwd } });
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('name the capture behind the gateway first');
});

test('captures of which every packet could be the copy of several say so, with what to do', async () => {
  const query = (from: Endpoint, ms: number): CaptureRecord => ({
    atNs: START + BigInt(ms) * 1_000_000n,
    bytes: udpPacket({ from, to: '198.51.100.7:53', identification: 101, payload: Uint8Array.of(1, 2, 3) }),
  });
  const cwd = tempFolder();
  const sides = {
    'inside.pcap': [query('10.0.0.5:5353', 10), query('10.0.0.6:5353', 15)],
    'outside.pcap': [query('203.0.113.9:22023', 18), query('203.0.113.9:19922', 31)],
  };
  for (const [name, records] of Object.entries(sides)) {
    writeFileSync(join(cwd, name), pcapFile(records, { linkType: LINK.raw }));
  }
  const { exitCode, stderr } = await runCli(['fingerprint', 'inside.pcap', 'outside.pcap'], { io: { cwd } });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('2 of 2 packets of');
  expect(stderr).toContain('with another address, but each could be the copy of several');
  expect(stderr).toContain('(FINGERPRINT_AMBIGUOUS)');
});

test('later fragments are not compared, and counted', async () => {
  const halves = (from: Endpoint, fill: number, startMs: number): CaptureRecord[] => {
    const payload = new Uint8Array(200).fill(fill);
    const cut = fragment(udpPacket({ from, to: '198.51.100.8:5000', identification: 105, payload }), 104);
    return cut.map((bytes, no) => ({ atNs: START + BigInt(startMs * 1000 + no) * 1000n, bytes }));
  };
  const inside = [...halves('10.0.0.6:20010', 65, 0), ...halves('10.0.0.7:20025', 66, 168)];
  // Behind the gateway, the later one of the second datagram comes before the first.
  const [head, tail] = halves('203.0.113.1:36179', 66, 169) as [CaptureRecord, CaptureRecord];
  const overtaken = [
    { ...tail, atNs: head.atNs },
    { ...head, atNs: tail.atNs },
  ];
  const outside = [...halves('203.0.113.1:46795', 65, 1), ...overtaken];
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'inside.pcap'), pcapFile(inside, { linkType: LINK.raw }));
  writeFileSync(join(cwd, 'outside.pcap'), pcapFile(outside, { linkType: LINK.raw }));
  const { stdout } = await runCli(['fingerprint', 'inside.pcap', 'outside.pcap', '--json'], { io: { cwd } });
  const report = JSON.parse(stdout) as FingerprintReport;
  expect(report.translations.map((each) => [each.pri_ip, each.nat_port, each.packets])).toEqual([
    ['10.0.0.6', 46795, 1],
    ['10.0.0.7', 36179, 1],
  ]);
  expect(report.packets.outside).toEqual({ compared: 2, others: 2 });
});

test('a capture that is damaged is compared as far as it can be read, and ends with losses', async () => {
  const cwd = folderOf(TRAFFIC);
  const crossed = simulateNat(TRAFFIC, { seed: 1, delayUs: [300, 300] });
  writeFileSync(join(cwd, 'cut.pcap'), pcapFile(outsideOf(crossed), { linkType: LINK.raw }).subarray(0, -7));
  const { exitCode, stderr } = await runCli(['fingerprint', 'inside.pcap', 'cut.pcap'], { io: { cwd } });
  expect(exitCode).toBe(3);
  expect(stderr).toContain('unreadable');
});
