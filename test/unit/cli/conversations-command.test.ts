import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { concat } from '../../support/bytes';
import { ethernet, ipv4Packet, PROTOCOL, udpPacket } from '../../support/frames';
import { pcapFile } from '../../support/pcap-writer';
import { tempFolder } from '../../support/temp';
import { timeNs } from '../../support/time';
import { runCli } from './run-cli';

const udp = (from: `${string}:${number}`, to: `${string}:${number}`, payloadBytes: number) =>
  ethernet(udpPacket({ from, to, payload: new Uint8Array(payloadBytes) }));

const CAPTURE = pcapFile([
  { atNs: timeNs('2026-03-10T09:00:00Z'), bytes: udp('10.0.0.5:40000', '198.51.100.7:53', 2) },
  { atNs: timeNs('2026-03-10T09:00:01Z'), bytes: udp('10.0.0.6:40001', '198.51.100.7:443', 1000) },
  { atNs: timeNs('2026-03-10T09:10:00Z'), bytes: udp('198.51.100.7:53', '10.0.0.5:40000', 72) },
]);

function captureFolder(bytes: Uint8Array): string {
  const folder = tempFolder();
  writeFileSync(join(folder, 'a.pcap'), bytes);
  return folder;
}

test('--json prints an array, one conversation a line', async () => {
  const cwd = captureFolder(CAPTURE);
  const { exitCode, stdout, stderr } = await runCli(['conversations', 'a.pcap', '--json'], { io: { cwd } });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.split('\n')).toHaveLength(5);
  expect(JSON.parse(stdout)[0]).toEqual({
    ...{ ver: 4, proto: 17, a_ip: '10.0.0.5', a_port: 40000, b_ip: '198.51.100.7', b_port: 53 },
    ...{ pkts_ab: 1, pkts_ba: 1, bytes_ab: 30, bytes_ba: 100 },
    ...{ first_ts: '1773133200.000000000', last_ts: '1773133800.000000000' },
    windows: { 1773133200: [1, 30, 0, 0], 1773133800: [0, 0, 1, 100] },
  });
});

test('--icmp-errors lists what ICMP reported, as a table and as JSON', async () => {
  const lost = udpPacket({ from: '10.0.0.5:40000', to: '198.51.100.7:53' });
  const message = concat(Uint8Array.of(3, 3, 0, 0, 0, 0, 0, 0), lost);
  const cut = concat(Uint8Array.of(11, 0, 0, 0, 0, 0, 0, 0), lost.subarray(0, 16));
  const error = (payload: Uint8Array): Uint8Array =>
    ethernet(ipv4Packet({ from: '198.51.100.7', to: '10.0.0.5', protocol: PROTOCOL.icmp, payload }));
  const atNs = timeNs('2026-03-10T09:00:00Z');
  const cwd = captureFolder(pcapFile([message, cut].map((payload) => ({ atNs, bytes: error(payload) }))));
  const { exitCode, stdout } = await runCli(['conversations', 'a.pcap', '--icmp-errors'], { io: { cwd } });
  expect(exitCode).toBe(0);
  expect(`\n${stdout}`).toMatchInlineSnapshot(`
    "
    packet  time                  from          to        type/code  about
    ──────  ────────────────────  ────────────  ────────  ─────────  ─────────────────────────────────────
         1  1773133200.000000000  198.51.100.7  10.0.0.5  3/3        UDP 10.0.0.5:40000 → 198.51.100.7:53
         2  1773133200.000000000  198.51.100.7  10.0.0.5  11/0       a packet of which too little is there

    2 ICMP errors
    "
  `);
  const json = await runCli(['conversations', 'a.pcap', '--icmp-errors', '--json'], { io: { cwd } });
  expect(JSON.parse(json.stdout)).toMatchObject([
    { frame: 1, type: 3, code: 3 },
    { frame: 2, quoted: null },
  ]);
});

test('the table lists all conversations, the largest first, and the totals', async () => {
  const cwd = captureFolder(CAPTURE);
  const { exitCode, stdout } = await runCli(['conversations', 'a.pcap'], { io: { cwd } });
  expect(exitCode).toBe(0);
  expect(`\n${stdout}`).toMatchInlineSnapshot(`
    "
    protocol  a               b                 packets a→b  bytes a→b  packets b→a  bytes b→a  bytes
    ────────  ──────────────  ────────────────  ───────────  ─────────  ───────────  ─────────  ─────
    UDP       10.0.0.6:40001  198.51.100.7:443            1      1,028            0          0  1,028
    UDP       10.0.0.5:40000  198.51.100.7:53             1         30            1        100    130

    2 conversations · 3 packets · 1,158 IP bytes
    "
  `);
});

test('a capture without packets is an empty array', async () => {
  const cwd = captureFolder(pcapFile([]));
  expect(await runCli(['conversations', 'a.pcap', '--json'], { io: { cwd } })).toEqual({
    exitCode: 0,
    stdout: '[]\n',
    stderr: '',
  });
});

test('a cut capture gives what came before, names the loss and ends with 3', async () => {
  const cwd = captureFolder(CAPTURE.subarray(0, CAPTURE.length - 10));
  const { exitCode, stdout, stderr } = await runCli(['conversations', 'a.pcap', '--json'], { io: { cwd } });
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toHaveLength(2);
  expect(stderr).toMatch(/^natscope: .*a\.pcap: \d+ bytes from offset [\d,]+ unreadable and not counted: .+\n$/);
});

test('a file that is no capture is a coded failure', async () => {
  const cwd = captureFolder(new TextEncoder().encode('hello, world'));
  const { exitCode, stdout, stderr } = await runCli(['conversations', 'a.pcap', '--json'], { io: { cwd } });
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`natscope: ${join(cwd, 'a.pcap')} is no packet capture`);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'CAPTURE_NOT_A_CAPTURE' } });
});

test('--layer takes outer and inner only', async () => {
  expect(await runCli(['conversations', 'a.pcap', '--layer', 'middle'])).toMatchObject({ exitCode: 2 });
});

test('an empty path is wrong usage', async () => {
  const { exitCode, stdout, stderr } = await runCli(['conversations', 'a.pcap', '', '--json']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('It must be the path of a file');
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'OPTION_INVALID' } });
});
