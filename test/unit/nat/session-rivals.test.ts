import { describe, expect, test } from 'vitest';
import { SessionRivals } from '../../../src-main/nat/session-rivals';
import { SECOND } from '../../support/time';

const SEC = Number(SECOND);
type Moment = readonly [sessions: string, ends: string, sec: number, isLone: boolean];
const lone = (session: string, end: string, sec: number): Moment => [session, end, sec, true];
const several = (sessions: string, ends: string, sec: number): Moment => [sessions, ends, sec, false];

describe('session a and endpoint 1, which were alone with each other,', () => {
  test.each<{ name: string; moments: Moment[]; needed: number; elsewhere?: string; sure: boolean }>([
    { name: 'are one where nobody else may be', moments: [lone('a', '1', 0)], needed: 9, sure: true },
    {
      name: 'are not where the endpoint may be of another session',
      moments: [lone('a', '1', 0), several('ab', '1', 1)],
      needed: 2,
      sure: false,
    },
    {
      name: 'are not where the session may have another endpoint',
      moments: [lone('a', '1', 0), several('a', '12', 1)],
      needed: 2,
      sure: false,
    },
    {
      name: 'are where they were alone so often that nobody misses so much',
      moments: [lone('a', '1', 0), lone('a', '1', 1), several('ab', '12', 2)],
      needed: 2,
      sure: true,
    },
    {
      name: 'are where the rival was alone with another endpoint',
      moments: [lone('a', '1', 0), lone('b', '2', 1), several('ab', '12', 2)],
      needed: 2,
      sure: true,
    },
    {
      name: 'are not where the rival was alone with this one as well',
      moments: [lone('a', '1', 0), lone('a', '1', 1), lone('b', '1', 1)],
      needed: 2,
      sure: false,
    },
    {
      name: 'are where the rival is known to have another endpoint',
      moments: [lone('a', '1', 0), several('ab', '1', 1)],
      needed: 2,
      elsewhere: 'b',
      sure: true,
    },
    {
      name: 'are where the endpoint was of another long before',
      moments: [lone('b', '1', 0), several('bc', '1', 10), lone('a', '1', 41)],
      needed: 2,
      sure: true,
    },
    {
      name: 'are not where they were in a crowd',
      moments: [lone('a', '1', 0), several('abcdefghijklmnopqr', '2', 1)],
      needed: 2,
      sure: false,
    },
  ])('$name', ({ moments, needed, elsewhere, sure }) => {
    const rivals = new SessionRivals();
    for (const [sessions, ends, sec, isLone] of moments) {
      rivals.note(new Set(sessions), new Set(ends), sec * SEC, isLone);
    }
    expect(rivals.isSure('a', '1', needed, (session) => session === elsewhere)).toBe(sure);
  });
});
