import { MATCH_NSEC } from './leg-clocks';
import { nearAddressOf, nearPortOf, type LegLog, type Way } from './leg-log';

/** A packet, and when it was seen, or should have been, by the clock outside. */
export interface SeenPacket {
  readonly at: number;
  readonly nsec: number;
}

/** Equal packets of one moment, of both sides. */
export interface Moment {
  readonly inside: SeenPacket[];
  readonly outside: SeenPacket[];
}

/** Cuts equal packets where no two are near enough to be one. @returns what has packets of both sides, each in order of time */
export function momentsOf(inside: readonly SeenPacket[], outside: readonly SeenPacket[]): Moment[] {
  const own = inside.toSorted(byTime);
  const others = outside.toSorted(byTime);
  const moments: Moment[] = [];
  let [nextOwn, nextOther] = [0, 0];
  let lastNsec = -Infinity;
  while (nextOwn < own.length || nextOther < others.length) {
    const isInside = (own[nextOwn]?.nsec ?? Infinity) <= (others[nextOther]?.nsec ?? Infinity);
    const seen = isInside ? own[nextOwn++]! : others[nextOther++]!;
    if (seen.nsec - lastNsec > MATCH_NSEC) moments.push({ inside: [], outside: [] });
    moments.at(-1)?.[isInside ? 'inside' : 'outside'].push(seen);
    lastNsec = seen.nsec;
  }
  return moments.filter((moment) => moment.inside.length > 0 && moment.outside.length > 0);
}

const byTime = (one: SeenPacket, other: SeenPacket): number => one.nsec - other.nsec;

/** Whether all of some packets have the same near end. */
export function haveOneEnd(log: LegLog, packets: readonly SeenPacket[], way: Way): boolean {
  const [first] = packets;
  if (first === undefined) return false;
  if (packets.length === 1) return true;
  const address = nearAddressOf(log, first.at, way);
  const port = nearPortOf(log, first.at, way);
  return packets.every(({ at }) => nearAddressOf(log, at, way) === address && nearPortOf(log, at, way) === port);
}
