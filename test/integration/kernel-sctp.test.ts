import { describe, expect, test } from 'vitest';
import { profileValues } from '../../src-main/nat/profiles';
import { RECORDING, gatewayProfile } from '../../src-main/nat/profiles/gateway-profile';
import { followKernelSctp, kernelSctpMissing, type FollowedStep } from '../support/kernel-nat';
import { at, run, udp } from '../support/nat-scenario';
import type { CaptureRecord } from '../support/pcap-writer';
import { seededRandom } from '../support/random';
import { SCTP_CHUNKS, sctpStep, type SctpStep } from '../support/sctp';
import { snatEntry } from '../support/session-log';

/*
 * Each chunk, from both sides, in each state of an association, and a few more behind it: the profile `linux` translates what this
 * machine's own kernel does, and its sessions die when those of the kernel do.
 */
const missing = kernelSctpMissing();
const title = 'associations of SCTP';

const OPENED: readonly SctpStep[] = ['>init', '<initAck', '>cookieEcho', '<cookieAck'];
/** To each state that netfilter has. */
const PATHS: readonly (readonly SctpStep[])[] = [
  [],
  ...[1, 2, 3, 4].map((length) => OPENED.slice(0, length)),
  ...[[...OPENED, '>shutdown'] as const, [...OPENED, '<shutdown'] as const],
  [...OPENED, '>shutdown', '<shutdownAck'],
  [...OPENED, '>shutdown', '<shutdownAck', '>shutdownComplete'],
  [...OPENED, '<abort'],
  ['>heartbeat'],
];
const ANY_STEP: readonly SctpStep[] = SCTP_CHUNKS.flatMap((chunk) => [`>${chunk}`, `<${chunk}`] as const);

/** Where the server's tag has been seen on a path that is tried, the kernel lets more of it in: which tags fit is not known here. */
const isByTag = (walk: readonly SctpStep[]): boolean => walk[0] === '>heartbeat' && walk.includes('<heartbeat');

const LIVES_SEC = [3, 10, 30, 210];
/** Of the kernel's seconds some may have passed. */
const lifeOf = (left: number): number => LIVES_SEC.find((sec) => left <= sec && left > sec - 3) ?? NaN;

const HOST = '10.0.0.7';
const SERVER = '192.0.2.1:36412';
const LINUX = {
  ...gatewayProfile('linux', profileValues('linux'), RECORDING),
  addresses: [],
  snatEntries: [snatEntry('10.0.0.0/8', ['198.51.100.10'])],
};
/** So long after the capture began that no association is from before it. */
const START = 300;

interface Case {
  readonly walk: readonly SctpStep[];
  readonly followed: readonly FollowedStep[];
}

/** Packets that the profile translates of a walk, to its last step and with data a moment before, or after, the kernel's session dies. */
async function translatedOf(cases: readonly Case[], offsetSec: number): Promise<number[]> {
  const packets = cases.flatMap(({ walk, followed }, index): CaptureRecord[] => {
    const client = `${HOST}:${1024 + index}` as const;
    const left = followed.at(-1)?.[1] ?? null;
    const lastSec = START + (walk.length - 1) / 1000;
    const sent = walk.map((step, place) => at(START + place / 1000, sctpStep(step, client, SERVER)));
    // A last packet that leaves the idle time as it was is a millisecond later than the one before.
    return left === null ? sent : [...sent, at(lastSec + lifeOf(left) + offsetSec, sctpStep('>data', client, SERVER))];
  });
  const before = at(0, udp('10.0.0.8:1', '192.0.2.9:53', 60));
  const inOrder = [before, ...packets].sort((one, other) => Number(one.atNs - other.atNs));
  const { entries } = await run(inOrder, LINUX);
  const counts = cases.map(() => 0);
  for (const { protocol, pri, vpc, inbound } of entries) {
    if (protocol !== 132) continue;
    const packetsIn = (text: string): number => Number(text.split('/')[1]);
    counts[Number(pri.split(':')[1]) - 1024]! += packetsIn(vpc) + packetsIn(inbound);
  }
  return counts;
}

describe.skipIf(missing !== null)(missing === null ? title : `${title} (skipped: ${missing})`, () => {
  test('are translated, live and die as in the kernel', async () => {
    const random = seededRandom(7);
    const walks = PATHS.flatMap((path) =>
      ANY_STEP.map((step) => [...path, step, random.pick(ANY_STEP), random.pick(ANY_STEP)]),
    ).filter((walk) => !isByTag(walk));
    const followed = await followKernelSctp(walks);
    const cases = walks.flatMap((walk, index): Case[] =>
      walk.map((_, place) => ({ walk: walk.slice(0, place + 1), followed: followed[index]!.slice(0, place + 1) })),
    );
    const [alive, dead] = [await translatedOf(cases, -0.01), await translatedOf(cases, 0.01)];
    const told = cases.map(({ walk, followed: steps }, index) => {
      const translated = steps.filter(([isTranslated]) => isTranslated).length;
      const [, left = null] = steps.at(-1) ?? [];
      const kernel = `${translated + (left === null ? 0 : 1)} packets, ${translated} before its session dies`;
      const profile = `${alive[index]} packets, ${dead[index]} before its session dies`;
      return { walk: walk.join(' '), left, kernel, profile };
    });
    expect(told.filter(({ kernel, profile }) => profile !== kernel)).toEqual([]);
    expect(new Set(followed.flat().map(([, left]) => (left === null ? null : lifeOf(left))))).toEqual(
      new Set([null, ...LIVES_SEC]),
    );
  });

  test('are not kept alive by what asks again without an answer', async () => {
    const [asked, opened] = await followKernelSctp([
      ['>init', 4, '>init'],
      [...OPENED, 4, '>init'],
    ]);
    expect(asked?.at(-1)?.[1]).toBeLessThan(7);
    expect(opened?.at(-1)?.[1]).toBeGreaterThan(206);
  });
});
