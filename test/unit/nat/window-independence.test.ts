import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src-main/nat/gateway';
import { gateways, traffic, tupleOf } from '../../support/adversarial-traffic';
import { groupBy, livesOf, type Run } from '../../support/nat-invariants';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { SECOND } from '../../support/time';
import { translateTraffic } from '../../support/translated-traffic';

/* A window says where rows are cut, and nothing of translation. */

/** No window ends in the capture. */
const NEVER_SEC = 2_000_000_000;

const OTHER_WINDOWS: readonly { readonly name: string; readonly windows: Partial<Gateway> }[] = [
  { name: '600 s', windows: { windowSec: 600 } },
  { name: '60 s', windows: { windowSec: 60 } },
  { name: '60 s from the session on', windows: { windowSec: 60, windowPhase: 'session' } },
];

/**
 * Why a session has ended by itself or its successor. An end that no row tells is `open`: the packet that ended it is the
 * next session's, and has no row in this one. At the end of the capture, sessions end whose window is still open.
 */
const isTold = (end: string): boolean => end !== 'open' && end !== 'capture_end';

interface Told {
  readonly endpoint: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly counts: readonly number[];
  readonly end: string;
}

/** What is told of each session, by its number. */
function toldOf(all: Run): Map<number, Told> {
  const rows = groupBy(all.log.entries, ({ sessionId }) => sessionId);
  return new Map(
    livesOf(all).map(({ entry, startNs, endNs }) => {
      const { sessionId, protocol, pri, pub, natIp, natPort } = entry;
      const counts = [0, 0, 0, 0];
      for (const { vpc, inbound } of rows.get(sessionId)!) {
        `${vpc}/${inbound}`.split('/').forEach((count, place) => (counts[place]! += Number(count)));
      }
      const endpoint = `${tupleOf(protocol, pri, pub)} ${natIp}:${natPort}`;
      return [sessionId, { endpoint, startNs, endNs, counts, end: entry.end }];
    }),
  );
}

/** Blocks of ports that were given and given back before a time. */
const blocksOf = ({ log }: Run, untilNs: bigint): string[] =>
  log.events
    .filter(({ event, firstNs }) => event.startsWith('block_') && firstNs < untilNs)
    .map(({ event, firstNs, pri, place, ports }) => `${firstNs} ${event} ${pri} ${place} ${ports.join('-')}`)
    .sort();

describe.each(OTHER_WINDOWS)('windows of $name', ({ windows }) => {
  test('change nothing but where rows are cut', () =>
    fc.assert(
      fc.asyncProperty(gateways, traffic, async (gateway, packets) => {
        const whole = await translateTraffic({ ...gateway, windowSec: NEVER_SEC }, packets);
        const cut = await translateTraffic({ ...gateway, ...windows }, packets);
        expect(cut.reasons).toEqual(whole.reasons);
        const untilNs = packets.at(-1)!.atNs;
        expect(blocksOf(cut, untilNs)).toEqual(blocksOf(whole, untilNs));
        expectSameSessions(cut, whole);
      }),
      { numRuns: PROPERTY_RUNS },
    ));
});

/**
 * Sessions that are not compared: what was sent in a window counts in it, so that a SYN of which the answer comes in a later
 * one counts in the session before its own.
 *
 * @param whole has one row for each session
 */
function answeredLater(cut: Run, whole: Run): Set<number> {
  const found = new Set<number>();
  const rows = groupBy(cut.log.entries, ({ sessionId }) => sessionId);
  const inOrder = [...whole.log.entries].sort((a, b) => a.sessionId - b.sessionId);
  const ofTuple = ({ protocol, pri, pub }: (typeof inOrder)[number]) => tupleOf(protocol, pri, pub);
  for (const [tuple, sessions] of groupBy(inOrder, ofTuple)) {
    sessions.slice(1).forEach(({ sessionId, firstNs }, index) => {
      const before = sessions[index]!;
      const answer = whole.packets.find((packet) => packet.tuple === tuple && !packet.fromVpc && packet.atNs > firstNs);
      if (before.end !== 'reused' || answer === undefined) return;
      // Also where windows begin with their session.
      const phaseNs = BigInt(rows.get(before.sessionId)![0]!.windowStart) * SECOND;
      const windowOf = (atNs: bigint) => (atNs - phaseNs) / (BigInt(cut.gateway.windowSec) * SECOND);
      if (windowOf(firstNs) !== windowOf(answer.atNs)) found.add(sessionId).add(before.sessionId);
    });
  }
  return found;
}

function expectSameSessions(cut: Run, whole: Run): void {
  const ofCut = toldOf(cut);
  const ofWhole = toldOf(whole);
  expect([...ofCut.keys()].sort()).toEqual([...ofWhole.keys()].sort());
  const untilNs = whole.packets.at(-1)!.atNs;
  const leftOut = answeredLater(cut, whole);
  for (const [sessionId, told] of ofWhole) {
    const other = ofCut.get(sessionId)!;
    expect(other.endpoint).toBe(told.endpoint);
    if (told.endNs > untilNs || leftOut.has(sessionId)) continue;
    expect({ ...other, end: '' }).toEqual({ ...told, end: '' });
    if (isTold(other.end)) expect(other.end).toBe(told.end);
  }
}
