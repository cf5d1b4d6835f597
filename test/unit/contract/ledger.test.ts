import { describe, expect, test } from 'vitest';
import {
  REASONS,
  REASON_CODE,
  REASON_TEXT,
  hasLosses,
  imbalances,
  type Ledger,
} from '../../../src-main/contract/ledger';

const balanced: Ledger = {
  fileBytes: {
    read: 1000,
    container: 200,
    captured: 700,
    unreadable: [{ file: 'a.pcap', offset: 900, bytes: 100, cause: 'cut' }],
  },
  packets: { read: 10, inEntries: 6, notInEntries: { non_ip: 3, intra: 1 } },
  ipBytes: { read: 650, inEntries: 600, notInEntries: { intra: 50 } },
};

test('a ledger whose three equations hold has no imbalance', () => {
  expect(imbalances(balanced)).toEqual([]);
});

test.each([
  {
    name: 'a byte of the file',
    ledger: { ...balanced, fileBytes: { ...balanced.fileBytes, read: 1001 } },
    says: 'file bytes: 1001 read, 1000 accounted for',
  },
  {
    name: 'a packet',
    ledger: { ...balanced, packets: { ...balanced.packets, inEntries: 5 } },
    says: 'packets: 10 read, 9 accounted for',
  },
  {
    name: 'an IP byte',
    ledger: { ...balanced, ipBytes: { ...balanced.ipBytes, notInEntries: {} } },
    says: 'IP bytes: 650 read, 600 accounted for',
  },
])('$name that is missing is named', ({ ledger, says }) => {
  expect(imbalances(ledger)).toEqual([says]);
});

describe('losses', () => {
  const whole: Ledger = { ...balanced, fileBytes: { read: 900, container: 200, captured: 700, unreadable: [] } };
  test.each([
    { name: 'unreadable bytes', ledger: balanced, expected: true },
    {
      name: 'a malformed packet',
      ledger: { ...whole, packets: { ...whole.packets, notInEntries: { malformed: 1 } } },
      expected: true,
    },
    {
      name: 'a refused session',
      ledger: { ...whole, packets: { ...whole.packets, notInEntries: { no_port: 1 } } },
      expected: true,
    },
    { name: 'ARP and packets inside the VPC', ledger: whole, expected: false },
    {
      name: 'IPv6',
      ledger: { ...whole, packets: { ...whole.packets, notInEntries: { ipv6_not_translated: 4 } } },
      expected: false,
    },
  ])('$name: $expected', ({ ledger, expected }) => {
    expect(hasLosses(ledger)).toBe(expected);
  });
});

test('every reason has a number of its own, from 1, and a sentence', () => {
  expect(REASONS.map((reason) => REASON_CODE[reason])).toEqual(REASONS.map((_, index) => index + 1));
  expect(Object.values(REASON_TEXT).every((text) => text.endsWith('.'))).toBe(true);
});
