import { expect, test } from 'vitest';
import type { CaptureDetails } from '../../../src-main/contract/capture-details';
import { captureLines } from '../../../src-renderer/features/ledger/capture-lines';

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

const textOf = (lines: ReturnType<typeof captureLines>): string[] =>
  lines.map(({ label, value }) => `${label} | ${value}`.replaceAll('\u202f', ' '));

test('all that is known of a capture', () => {
  const lines = textOf(captureLines(facts, { storedBytes: 900, details }));
  expect(lines).toContain('Format | pcapng 1.0, little-endian');
  expect(lines).toContain('Size on disk | 900 bytes');
  // The earliest, which is not the first of the file.
  expect(lines).toContain('First packet | 2026-03-10 08:59:59.000000000 UTC');
  expect(lines).toContain('Last packet | 2026-03-10 09:01:00.500000000 UTC');
  expect(lines).toContain('Order of time | 1 step back, 2 packets behind a later one');
  expect(lines.filter((line) => line.startsWith('Interface'))).toHaveLength(12);
  expect(lines).toContain('More interfaces | 2');
  expect(lines.find((line) => line.startsWith('Tunnels: VXLAN'))).toMatch(/^Tunnels: VXLAN \| 1 \(25/);
  expect(lines).toContain('Written by | dumpcap');
  expect(lines.some((line) => /^(Hardware|Comment|Fragments)/.test(line))).toBe(false);
});

test('of an import by an older version, what it kept', () => {
  const labels = captureLines(facts, { storedBytes: 900, details: null }).map(({ label }) => label);
  expect(labels).toEqual([
    'Path',
    'Format',
    'Size on disk',
    'Read, decompressed',
    'Packets',
    'First packet',
    'Last packet',
  ]);
});

test('a capture without times says so', () => {
  const lines = captureLines({ ...facts, firstTime: null, lastTime: null }, undefined);
  expect(lines.at(-1)).toEqual({ label: 'First packet', value: 'No packet has a time' });
});
