import { describe, expect, test } from 'vitest';
import type { CaptureDetails, ImportedDetails } from '../../../src-main/contract/capture-details';
import type { CaptureGlance } from '../../../src-main/contract/imports';
import { packetsOfFact, type CaptureFact } from '../../../src-main/contract/ledger-packets';
import type { FactLine } from '../../../src-renderer/lib/fact-line';
import { captureFactName, captureLines, glanceLines, hostLines } from '../../../src-renderer/services/capture-lines';

const facts = {
  path: '/a.pcapng',
  format: 'pcapng',
  fileBytes: 5000,
  packets: 4,
  firstTime: '1773133200.000000001',
  lastTime: '1773133260.500000000',
} as const;

const link = { linkType: 1, name: 'Ethernet (1)', packets: 4 };
const details: CaptureDetails = {
  ...{ format: 'pcapng', version: '1.0', byteOrder: 'little', sections: 2, interfaceCount: 14 },
  interfaces: Array.from({ length: 14 }, (_, index) => ({
    ...{ ...link, packets: index === 0 ? 4 : 0, section: 1, interfaceName: `eth${index}`, description: null },
    ...{ snapBytes: index === 0 ? 262_144 : 0, resolution: { base: 10, exponent: 9 } },
  })),
  linkTypes: [link],
  ...{ application: 'dumpcap', operatingSystem: null, hardware: null, comment: null },
  ...{ packets: 4, fileBytes: 5000, capturedBytes: 300, wireBytes: 400 },
  ...{ earliestTime: '1773133199.000000000', latestTime: '1773133260.500000000' },
  ...{ backwardSteps: 1, disorderedPackets: 2, timelessRecords: 0, impossibleTimes: 0 },
  ...{ ipv4: { packets: 3, bytes: 250 }, ipv6: { packets: 0, bytes: 0 }, otherPackets: 1, fragments: 0 },
  ...{ tunnelPackets: 1, tunnels: [{ kind: 'vxlan', packets: 1 }], unreadable: [] },
};

const digest: FactLine = { label: 'SHA-256', value: 'e3b0c442' };
const none = (): void => undefined;

const textOf = (lines: readonly FactLine[]): string[] =>
  lines.map(({ label, value }) => `${label} | ${value}`.replaceAll('\u202f', ' '));

test('all that is known of a capture', () => {
  const lines = textOf(
    captureLines(facts, { storedBytes: 900, sha256: null, details: { ...details, compression: 'gzip' } }, digest, none),
  );
  expect(lines).toContain('Format | pcapng 1.0, little-endian');
  expect(lines).toContain('Size on disk | 900 bytes, gzip');
  expect(lines).toContain('SHA-256 | e3b0c442');
  // The earliest, which is not the first of the file.
  expect(lines).toContain('First packet | 2026-03-10 08:59:59.000000000 UTC');
  expect(lines).toContain('Last packet | 2026-03-10 09:01:00.500000000 UTC');
  expect(lines).toContain('Order of time | 1 step back, 2 packets behind a later one');
  expect(lines.filter((line) => line.startsWith('Interface'))).toHaveLength(12);
  expect(lines).toContain('More interfaces | 2');
  expect(lines.find((line) => line.startsWith('Packets in tunnels'))).toMatch(/^Packets in tunnels \| 1 \(25/);
  expect(lines.find((line) => line.startsWith('In VXLAN'))).toMatch(/^In VXLAN \| 1 \(25/);
  expect(lines).toContain('Written by | dumpcap');
  expect(lines.some((line) => /^(Hardware|Comment|Fragments)/.test(line))).toBe(false);
});

test('each number of packets opens those packets, by a name that a title repeats; none opens nothing', () => {
  const opened: string[] = [];
  const lines = captureLines(facts, { storedBytes: 900, sha256: null, details }, digest, (fact) => opened.push(fact));
  const acting = lines.flatMap(({ label, action }) => (action === undefined ? [] : [{ label, action }]));
  for (const { action } of acting) action.run();
  expect(opened).toEqual(['packets', 'link/1', 'interface/0', 'ipv4', 'other', 'tunnels', 'tunnel/vxlan']);
  expect(acting.map(({ action }) => action.name)).toEqual(acting.map(({ label }) => `Packets: ${label}`));
  expect(opened.map((fact) => captureFactName(fact as CaptureFact, details))).toEqual([
    'Packets',
    'Ethernet (1)',
    'Interface 0: eth0',
    'IPv4',
    'Not IP, or unreadable',
    'Packets in tunnels',
    'In VXLAN',
  ]);
  expect(opened.map((fact) => packetsOfFact(details, fact as CaptureFact))).toEqual([4, 4, 4, 3, 1, 1, 1]);
});

test('of an import by an older version, what it kept', () => {
  const labels = captureLines(facts, { storedBytes: 900, sha256: null, details: null }, digest, none).map(
    ({ label }) => label,
  );
  expect(labels).toEqual([
    'Path',
    'Format',
    'Size on disk',
    'Read, decompressed',
    'SHA-256',
    'Packets',
    'First packet',
    'Last packet',
  ]);
});

test('a capture without times says so', () => {
  const lines = captureLines({ ...facts, firstTime: null, lastTime: null }, undefined, digest, none);
  expect(lines.at(-1)).toEqual({ label: 'First packet', value: 'No packet has a time' });
});

test('what is not compressed says so, and nothing is said where nobody knows', () => {
  const sizeOf = (more: Partial<ImportedDetails>): string | undefined =>
    captureLines(facts, { storedBytes: 900, sha256: null, details: { ...details, ...more } }, digest, none).find(
      ({ label }) => label === 'Size on disk',
    )?.value;
  expect(sizeOf({ compression: null })).toBe('900 bytes, not compressed');
  expect(sizeOf({})).toBe('900 bytes');
});

test('a capture without tunnels says so', () => {
  const without = { ...details, tunnelPackets: 0, tunnels: [] };
  const lines = textOf(captureLines(facts, { storedBytes: 900, sha256: null, details: without }, digest, none));
  expect(lines).toContain('Packets in tunnels | None');
});

describe('before the import', () => {
  const glance: CaptureGlance = {
    ...{ path: '/a.pcapng.gz', format: 'pcapng', version: '1.0', byteOrder: 'big', storedBytes: 900 },
    ...{ compression: 'gzip', linkTypes: ['Ethernet (1)', 'raw IP (101)'], interfaceCount: 13 },
    interfaces: details.interfaces.slice(0, 13),
    ...{ firstTime: '1773133200.000000001', run: null },
  };

  test('what the beginning of a capture tells is told, and what it does not is named', () => {
    expect(textOf(glanceLines(glance))).toEqual([
      'Path | /a.pcapng.gz',
      'Format | pcapng 1.0, big-endian',
      'Size on disk | 900 bytes, gzip',
      'Link types | Ethernet (1), raw IP (101)',
      'Interface 0: eth0 | Ethernet (1), snap length 262,144, clock 1 ns',
      ...Array.from(
        { length: 11 },
        (_, index) => `Interface ${index + 1}: eth${index + 1} | Ethernet (1), no snap length, clock 1 ns`,
      ),
      'More interfaces | 1',
      'First packet | 2026-03-10 09:00:00.000000001 UTC',
      'Not known yet | Packets and their bytes, last packet, order of time, shares of IPv4, IPv6 and others, tunnels and inside hosts: known when all of it has been read.',
      'SHA-256 | Computed after the import.',
    ]);
    const unknown = glanceLines(glance).filter(({ isUnknown }) => isUnknown);
    expect(unknown.map(({ label }) => label)).toEqual(['Not known yet', 'SHA-256']);
  });

  test('a capture that says nothing of itself is told as one', () => {
    const bare = { ...glance, compression: null, linkTypes: [], interfaces: [], interfaceCount: 0, firstTime: null };
    const lines = textOf(glanceLines(bare));
    expect(lines).toContain('Size on disk | 900 bytes, not compressed');
    expect(lines).toContain('Link types | None described before the first packets');
    expect(lines).toContain('First packet | None of the first packets has a time');
  });
});

test('inside hosts are counted, and the busiest are named', () => {
  const busiest = [
    { address: '10.0.0.2', packets: 5000, bytes: 700_000 },
    { address: '10.0.0.9', packets: 1, bytes: 60 },
  ];
  const outbound = { packets: 5010, bytes: 700_900 };
  expect(textOf(hostLines({ hosts: 12, outbound, busiest }, () => undefined))).toEqual([
    'Translated by the gateway | 12 hosts, 5,010 packets, 700,900 IP bytes to the Internet',
    '10.0.0.2 | 5,000 packets, 700,000 IP bytes',
    '10.0.0.9 | 1 packet, 60 IP bytes',
    'Other hosts | 10',
  ]);
  expect(textOf(hostLines({ hosts: 2, outbound, busiest }, () => undefined))).toHaveLength(3);
  expect(textOf(hostLines({ hosts: 0, outbound: { packets: 0, bytes: 0 }, busiest: [] }, () => undefined))).toEqual([
    'Translated by the gateway | None',
  ]);
});
