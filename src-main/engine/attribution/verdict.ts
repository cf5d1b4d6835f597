import type { Caveat, Confidence } from '../../contract/attribution';
import { ENTRY_FLAG } from '../../contract/log-entry';
import type { HoldingEntry } from '../../duckdb/attribution';
import { byLikelihood, type Hold } from './held-sessions';

/** Sessions of one host, the likeliest first. */
export interface HostHolds {
  readonly host: Pick<HoldingEntry, 'priIp' | 'realm' | 'instance' | 'vpc'>;
  readonly holds: readonly Hold[];
}

/**
 * The hosts that had an endpoint, the likeliest first. Addresses in different VPCs, or networks of one, are different hosts;
 * the same in several imports is the same.
 */
export function hostsOf(holds: readonly Hold[]): HostHolds[] {
  const hosts = new Map<string, { host: HostHolds['host']; holds: Hold[] }>();
  for (const hold of [...holds].sort(byLikelihood)) {
    const { priIp, realm, instance, vpc } = hold.session.entries[0]!;
    const key = JSON.stringify([priIp, realm, vpc, priIp === null ? instance : null]);
    const known = hosts.get(key);
    if (known === undefined) hosts.set(key, { host: { priIp, realm, instance, vpc }, holds: [hold] });
    else known.holds.push(hold);
  }
  return [...hosts.values()];
}

/**
 * Never guesses: as soon as two hosts come into question, the answer is that they do.
 *
 * @param hosts those within the skew
 */
export function confidenceOf(hosts: readonly HostHolds[]): Confidence {
  const [likeliest, other] = hosts;
  const best = likeliest?.holds[0];
  if (likeliest === undefined || best === undefined) return 'nobody';
  if (other !== undefined) return 'ambiguous';
  if (likeliest.host.priIp === null) return 'hidden';
  if (best.distanceNs > 0n) return 'near';
  return best.isActive ? 'active' : 'idle';
}

export interface Circumstances {
  /** The time that was asked for is two instants. */
  readonly isShownTwice: boolean;
  /** Some import has packets of the instant, or was loaded. */
  readonly isCaptured: boolean;
  readonly asksDestination: boolean;
  readonly hasLosses: boolean;
}

/** What the answer cannot rest on. */
export function caveatsOf(hosts: readonly HostHolds[], circumstances: Circumstances): Caveat[] {
  const holds = hosts.flatMap((host) => host.holds);
  const some = (is: (entry: HoldingEntry) => boolean): boolean => holds.some(({ session }) => session.entries.some(is));
  const isLoaded = ({ mappingEndNs, firstPacket }: HoldingEntry): boolean =>
    mappingEndNs === null && firstPacket === null;
  const found: Readonly<Record<Exclude<Caveat, 'other_destinations'>, boolean>> = {
    shown_twice: circumstances.isShownTwice,
    not_captured: !circumstances.isCaptured,
    midstream: some(({ flags }) => (flags & ENTRY_FLAG.midstream) !== 0),
    partial_window: holds.some(({ entries }) => entries.some(({ flags }) => (flags & ENTRY_FLAG.partialWindow) !== 0)),
    entries_only: some(isLoaded),
    no_mapping: some((entry) => entry.mappingEndNs === null && !isLoaded(entry)),
    destination_not_kept: circumstances.asksDestination && some(({ pubIp }) => pubIp === null),
    losses: circumstances.hasLosses,
  };
  return (Object.keys(found) as (keyof typeof found)[]).filter((caveat) => found[caveat]);
}
