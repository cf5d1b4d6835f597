import { expect, test } from 'vitest';
import { askedTime } from '../../../../src-main/engine/attribution/asked-time';

/** 2026-03-10 14:03:21 UTC */
const AT_NS = 1_773_151_401_000_000_000n;
const LOG = { firstSec: 1_773_151_000, lastSec: 1_773_151_400 };
const HOUR_NS = 3_600_000_000_000n;

test.each([
  { at: '2026-03-10 14:03:21', ns: AT_NS },
  { at: 'end', ns: AT_NS },
  { at: '2026-03-10T14:03:21', ns: AT_NS },
  { at: '2026-03-10T14:03:21.250+0100', ns: AT_NS - HOUR_NS + 250_000_000n },
  { at: '10/Mar/2026:14:03:21 +0000', ns: AT_NS },
  { at: '[10/Mar/2026:14:03:21 +0000]', ns: AT_NS },
  { at: 'Tue, 10 Mar 2026 15:03:21 +0100', ns: AT_NS },
  { at: 'Mar 10, 2026 2:03:21 PM UTC', ns: AT_NS },
  { at: '10.03.2026 14:03:21', ns: AT_NS },
  { at: '2026-03-10 10:03:21 EDT', ns: AT_NS },
  { at: '20260310T140321Z', ns: AT_NS },
  { at: '1773151401000', ns: AT_NS },
])('$at is a time', ({ at, ns }) => {
  expect(askedTime({ text: at, zone: 'UTC' }, LOG).atNs).toBe(ns);
});

test('a time without a zone is of the one that is asked in', () => {
  expect(askedTime({ text: '10.03.2026 22:03:21', zone: 'Asia/Shanghai' }, LOG).atNs).toBe(AT_NS);
});

test.each([
  { name: 'a day that may be a month', at: '03/04/2026 14:03:21', why: 'which the month is not told' },
  { name: 'a name of several zones', at: '2026-03-10 14:03:21 CST', why: 'CST is the name of several zones' },
  { name: 'a time without a year', at: 'Mar 10 14:03:21', why: 'its shape is not known' },
  { name: 'two times', at: '2026-03-10T14:03:21 10.03.2026 14:03:22', why: 'its shape is not known' },
  { name: 'a time among words', at: 'about 2026-03-10T14:03:21', why: 'its shape is not known' },
  { name: 'a word', at: 'noon', why: 'its shape is not known' },
  { name: 'a day that is none', at: '2026-02-30 14:03:21', why: 'there is no such date' },
])('$name is refused, with the reason', ({ at, why }) => {
  const ask = (): unknown => askedTime({ text: at, zone: 'UTC' }, LOG);
  expect(ask).toThrow(why);
  expect(ask).toThrow(expect.objectContaining({ code: 'TIME_INVALID', detail: expect.objectContaining({ text: at }) }));
});
