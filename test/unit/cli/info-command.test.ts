import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { concat } from '../../support/bytes';
import { ethernet, ipv4Packet, udpPacket } from '../../support/frames';
import { pcapFile } from '../../support/pcap-writer';
import { networkInterface, packet, pcapngFile, section } from '../../support/pcapng-writer';
import { tempFolder } from '../../support/temp';
import { timeNs } from '../../support/time';
import { runCli } from './run-cli';

const T0 = timeNs('2026-03-10T09:00:00Z');
const out = udpPacket({ from: '10.0.0.5:40000', to: '198.51.100.7:53', payload: new Uint8Array(2) });
const back = udpPacket({ from: '198.51.100.7:53', to: '10.0.0.5:40000', payload: new Uint8Array(72) });
const mirrored = ipv4Packet({ from: '192.168.0.1', to: '192.168.0.2', protocol: 4, payload: out });
const multicast = udpPacket({ from: '10.0.0.6:5353', to: '224.0.0.251:5353' });

const CAPTURE = pcapngFile([
  section({ application: 'dumpcap' }),
  networkInterface({ name: 'eth0', resolution: 9 }),
  networkInterface({ name: 'lo', snaplen: 0 }),
  ...[out, back, mirrored, multicast].map((bytes, index) =>
    packet({ atNs: T0 + BigInt(index) * 1_000_000_001n, bytes: ethernet(bytes) }),
  ),
]);

function captureFolder(bytes: Uint8Array = CAPTURE): string {
  const folder = tempFolder();
  writeFileSync(join(folder, 'a.pcap'), bytes);
  return folder;
}

test('it says what a capture is', async () => {
  const cwd = captureFolder();
  const { exitCode, stdout, stderr } = await runCli(['info', 'a.pcap'], { io: { cwd } });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(`\n${stdout.replace(cwd, '/captures')}`).toMatchInlineSnapshot(`
    "
    /captures/a.pcap
      format              pcapng 1.0, little-endian
      size on disk        544 bytes
      SHA-256             c0a3595fdb21c86848632042e389b20108f51c384699ea369e924c01753b8578
      application         dumpcap
      packets             4
      captured            298 bytes
      on the wire         298 bytes

    Time
      first packet        2026-03-10 09:00:00.000000000 UTC
      last packet         2026-03-10 09:00:03.000000003 UTC
      duration            3.000000003 s
      order               time never goes back

    2 interfaces
      Ethernet (1)        4 packets
      interface  link type     snap length  resolution  packets
      ─────────  ────────────  ───────────  ──────────  ───────
      eth0       Ethernet (1)      262,144  1 ns              4
      lo         Ethernet (1)    not given  1 µs              0

      packets of  packets     share  IP bytes     share
      ──────────  ───────  ────────  ────────  ────────
      IPv4              4  100.00 %       208  100.00 %
      IPv6              0    0.00 %         0    0.00 %
      other             0    0.00 %
      tunnels           1   25.00 %
        IP in IP        1   25.00 %

    The default gateway
      would translate     3 packets (75.00 %)
      inside hosts        1, with 2 packets to the Internet
      inside host  packets out  IP bytes out
      ───────────  ───────────  ────────────
      10.0.0.5               2            60
      would not translate
        1 packet: An end is a multicast, broadcast, loopback, link-local or
        unspecified address.
    "
  `);
});

test('--json prints an array, one capture a line', async () => {
  const cwd = captureFolder();
  const { exitCode, stdout } = await runCli(['info', 'a.pcap', 'a.pcap', '--json'], { io: { cwd } });
  expect(exitCode).toBe(0);
  const lines = stdout.split('\n');
  expect([lines.length, lines[0], lines[3]]).toEqual([5, '[', ']']);
  const [first, second] = JSON.parse(stdout);
  expect(second).toEqual(first);
  expect({ ...first, path: '', sha256: '' }).toMatchInlineSnapshot(`
    {
      "aggregated_packets": 0,
      "application": "dumpcap",
      "backward_steps": 0,
      "byte_order": "little",
      "captured_bytes": 298,
      "comment": null,
      "compression": null,
      "decoding": {},
      "disordered_packets": 0,
      "duration": "3.000000003",
      "earliest_time": "1773133200.000000000",
      "file_bytes": 544,
      "format": "pcapng",
      "fragments": 0,
      "frame_check_bytes": null,
      "hardware": null,
      "impossible_times": 0,
      "inside": {
        "busiest": [
          {
            "address": "10.0.0.5",
            "ip_bytes": 60,
            "packets": 2,
          },
        ],
        "hosts": 1,
        "ip_bytes": 60,
        "packets": 2,
      },
      "interface_count": 2,
      "interfaces": [
        {
          "description": null,
          "link_type": 1,
          "name": "eth0",
          "packets": 4,
          "resolution": {
            "base": 10,
            "exponent": -9,
          },
          "section": 1,
          "snap_bytes": 262144,
        },
        {
          "description": null,
          "link_type": 1,
          "name": "lo",
          "packets": 0,
          "resolution": {
            "base": 10,
            "exponent": -6,
          },
          "section": 1,
          "snap_bytes": null,
        },
      ],
      "ipv4": {
        "ip_bytes": 208,
        "packets": 4,
      },
      "ipv6": {
        "ip_bytes": 0,
        "packets": 0,
      },
      "latest_time": "1773133203.000000003",
      "link_types": [
        {
          "link_type": 1,
          "name": "Ethernet (1)",
          "packets": 4,
        },
      ],
      "modified": false,
      "not_translated": {
        "not_routable": 1,
      },
      "operating_system": null,
      "other_packets": 0,
      "packets": 4,
      "path": "",
      "sections": 1,
      "sha256": "",
      "stored_bytes": 544,
      "timeless_records": 0,
      "translated": {
        "ip_bytes": 160,
        "packets": 3,
      },
      "tunnel_packets": 1,
      "tunnels": [
        {
          "kind": "ipip",
          "packets": 1,
        },
      ],
      "unreadable": [],
      "version": "1.0",
      "wire_bytes": 298,
      "zone": "UTC",
    }
  `);
});

test('what cannot be read ends with exit code 3, and is named', async () => {
  const whole = pcapFile([{ atNs: T0, bytes: ethernet(out) }]);
  const cwd = captureFolder(concat(whole, whole.subarray(24, 50)));
  const { exitCode, stdout } = await runCli(['info', 'a.pcap'], { io: { cwd } });
  expect(exitCode).toBe(3);
  expect(stdout).toContain(`Unreadable\n  26 bytes from offset ${whole.length}: `);
});

test('what is no capture is refused', async () => {
  const cwd = captureFolder(new Uint8Array(100));
  const { exitCode, stdout, stderr } = await runCli(['info', 'a.pcap'], { io: { cwd } });
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toContain('a.pcap');
});

test('Ctrl-C ends it', async () => {
  const cwd = captureFolder();
  const onInterrupt = (listener: () => void): (() => void) => {
    listener();
    return () => undefined;
  };
  const { exitCode, stdout } = await runCli(['info', 'a.pcap'], { io: { cwd, onInterrupt } });
  expect([exitCode, stdout]).toEqual([1, '']);
});
