import { KEEPS_IDS_SHARE } from './identifications';
import { compareClocks, MATCH_NSEC, numberedPairs, surePairs, type LegClocks } from './leg-clocks';
import { distanceNsec, MAX_EQUAL, speakingEnds, type LegEnds } from './leg-ends';
import { LegIndex } from './leg-index';
import { nearAddressOf, WAY, type LegLog, type Way } from './leg-log';

export const WAYS: readonly Way[] = [WAY.out, WAY.in];

/** What is known of a gateway before its packets are matched. */
export interface LegGrounds extends LegEnds {
  readonly clocks: LegClocks;
  /** The gateway leaves identifications as they are. */
  readonly keepsIds: boolean;
}

/** @returns null when no packet that is beyond doubt is on both sides with another address */
export function groundsOf(inside: LegLog, outside: LegLog): LegGrounds | null {
  const indexes = indexesOf(inside, outside);
  for (const pairsOf of [surePairs, numberedPairs]) {
    const sure = indexes.flatMap((each) => pairsOf(inside, outside, each.way, each));
    const clocks = compareClocks(inside, outside, sure);
    if (clocks === null) continue;
    const near = sure.filter((pair) => Math.abs(distanceNsec(inside, outside, clocks, pair)) <= MATCH_NSEC);
    const ends = speakingEnds(inside, outside, near);
    if (ends.natAddresses.size === 0) continue;
    const kept = near.filter((pair) => inside.ipId[pair.inside] === outside.ipId[pair.outside]).length;
    return { clocks, ...ends, keepsIds: kept >= near.length * KEEPS_IDS_SHARE };
  }
  return null;
}

/** @returns how many packets inside are like one outside that has another address, whose copy or not */
export function alikePackets(inside: LegLog, outside: LegLog): number {
  const indexes = indexesOf(inside, outside);
  let alike = 0;
  for (let at = 0; at < inside.length; at++) {
    const isAlike = indexes.some(({ way, outside: index }) =>
      index
        .matches(inside, at, MAX_EQUAL)
        .some((other) => nearAddressOf(outside, other, way) !== nearAddressOf(inside, at, way)),
    );
    if (isAlike) alike++;
  }
  return alike;
}

function indexesOf(inside: LegLog, outside: LegLog): { way: Way; inside: LegIndex; outside: LegIndex }[] {
  return WAYS.map((way) => ({ way, inside: new LegIndex(inside, way), outside: new LegIndex(outside, way) }));
}
