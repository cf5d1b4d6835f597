import { PROTOCOL } from '../capture/packet-batch';
import { compareClocks, expectedNsec, surePairs, timeOf, type LegClocks, type SurePair } from './leg-clocks';
import { KEEPS_IDS_SHARE } from './identifications';
import { LegIndex } from './leg-index';
import { farAddress, farPort, nearAddressOf, nearPortOf, WAY, type LegLog, type Way } from './leg-log';

/** How far from its time a packet may be seen on the other side. @see nat-gateway reference §6.2 */
export const MATCH_NSEC = 50e6;
/** Equal packets of one moment beyond this are not told apart. */
const MAX_EQUAL = 256;
/** Datagrams may be equal by chance: an address that only they speak for needs as many of them. */
const MIN_DATAGRAMS = 2;

/** A packet that was found on both sides. */
export interface MatchedPacket extends SurePair {
  /** Another packet might be its copy as well; its session told them apart. */
  readonly isAmbiguous: boolean;
}

export interface MatchedLegs {
  readonly clocks: LegClocks;
  readonly hosts: ReadonlySet<number>;
  readonly natAddresses: ReadonlySet<number>;
  readonly keepsIds: boolean;
  /** In order of the capture inside. */
  readonly packets: readonly MatchedPacket[];
  /** Packets that pass the gateway and were seen on one side, while both captures ran. */
  readonly insideOnly: readonly OneSided[];
  readonly outsideOnly: readonly OneSided[];
  /** Packets that could be the copy of several, and are left out. */
  readonly ambiguous: number;
  /** Packets that passed without being translated. */
  readonly untranslated: number;
  /** Packets from before the other capture began or after it ended. */
  readonly notOverlapping: number;
}

export interface OneSided {
  readonly at: number;
  readonly way: Way;
}

const WAYS: readonly Way[] = [WAY.out, WAY.in];

/**
 * Finds which packets of a capture inside of a gateway are which of one outside. Nothing about the gateway is given: its
 * addresses are those that packets have outside which are alike but for their other end, and beyond doubt.
 *
 * @returns null when no packet is on both sides with another address
 */
export function matchLegs(inside: LegLog, outside: LegLog): MatchedLegs | null {
  const sure = WAYS.flatMap((way) =>
    surePairs(inside, outside, way, { inside: new LegIndex(inside, way), outside: new LegIndex(outside, way) }),
  );
  const clocks = compareClocks(inside, outside, sure);
  if (clocks === null) return null;
  const near = sure.filter((pair) => Math.abs(distanceNsec(inside, outside, clocks, pair)) <= MATCH_NSEC);
  const ends = speakingEnds(inside, outside, near);
  if (ends.natAddresses.size === 0) return null;
  const kept = near.filter((pair) => inside.ipId[pair.inside] === outside.ipId[pair.outside]).length;
  const keepsIds = kept >= near.length * KEEPS_IDS_SHARE;
  const hosts = new Set([...ends.hosts, ...hostsOfMoments(inside, outside, clocks, ends, keepsIds)]);
  const matching = new Matching(inside, outside, clocks, { ...ends, hosts }, keepsIds);
  return { clocks, ...ends, hosts, keepsIds, ...matching.run() };
}

/** From where the packet was expected outside to where it was seen. */
function distanceNsec(inside: LegLog, outside: LegLog, clocks: LegClocks, pair: SurePair): number {
  const expected = expectedNsec(clocks, timeOf(inside, pair.inside, clocks.baseSec), pair.way);
  return timeOf(outside, pair.outside, clocks.baseSec) - expected;
}

interface Ends {
  readonly hosts: ReadonlySet<number>;
  readonly natAddresses: ReadonlySet<number>;
}

/** The addresses that translation exchanges. */
function speakingEnds(inside: LegLog, outside: LegLog, pairs: readonly SurePair[]): Ends {
  const votes = new Map<number, number>();
  for (const { inside: at, outside: other, way } of pairs) {
    const weight = inside.protocol[at] === PROTOCOL.tcp ? MIN_DATAGRAMS : 1;
    const address = nearAddressOf(outside, other, way);
    votes.set(address, (votes.get(address) ?? 0) + weight);
  }
  const natAddresses = new Set([...votes].filter(([, count]) => count >= MIN_DATAGRAMS).map(([address]) => address));
  const hosts = new Set<number>();
  for (const { inside: at, outside: other, way } of pairs) {
    if (natAddresses.has(nearAddressOf(outside, other, way))) hosts.add(nearAddressOf(inside, at, way));
  }
  return { hosts, natAddresses };
}

/** Hosts that only send what others send as well, but not at the same time, or with another identification that is kept. */
function hostsOfMoments(
  inside: LegLog,
  outside: LegLog,
  clocks: LegClocks,
  { hosts, natAddresses }: Ends,
  keepsIds: boolean,
): Set<number> {
  const found = new Set<number>();
  const own = new LegIndex(inside, WAY.out, (at) => !natAddresses.has(inside.src[at]!));
  const others = new LegIndex(outside, WAY.out, (at) => natAddresses.has(outside.src[at]!));
  for (let at = 0; at < inside.length; at++) {
    const host = inside.src[at]!;
    if (hosts.has(host) || found.has(host) || natAddresses.has(host)) continue;
    const nsec = timeOf(inside, at, clocks.baseSec);
    const expected = expectedNsec(clocks, nsec, WAY.out);
    const isNear = (log: LegLog, other: number, from: number): boolean =>
      Math.abs(timeOf(log, other, clocks.baseSec) - from) <= 2 * MATCH_NSEC;
    const ipId = keepsIds ? inside.ipId[at]! : 0;
    const mayBe = (log: LegLog, other: number, from: number): boolean =>
      isNear(log, other, from) && (ipId === 0 || log.ipId[other] === ipId);
    const copies = others.matches(inside, at, MAX_EQUAL).filter((other) => mayBe(outside, other, expected));
    const equals = own.matches(inside, at, MAX_EQUAL).filter((other) => mayBe(inside, other, nsec));
    if (copies.length === 1 && equals.length === 1) found.add(host);
  }
  return found;
}

/** Equal packets of one moment, of both sides; times are those of the clock outside. */
interface Moment {
  readonly inside: { readonly at: number; readonly nsec: number }[];
  readonly outside: { readonly at: number; readonly nsec: number }[];
}

/** What is left of a moment that cannot be told apart by itself. */
interface Doubt {
  readonly way: Way;
  readonly moment: Moment;
}

class Matching {
  readonly #inside: LegLog;
  readonly #outside: LegLog;
  readonly #clocks: LegClocks;
  readonly #ends: Ends;
  readonly #keepsIds: boolean;
  readonly #packets: MatchedPacket[] = [];
  readonly #doubts: Doubt[] = [];
  readonly #isInsideDone: Uint8Array;
  readonly #isOutsideDone: Uint8Array;
  /** By session, endpoints outside: learnt from what is sure. */
  readonly #natOf = new Map<string, Set<string>>();
  #ambiguous = 0;
  #untranslated = 0;

  constructor(inside: LegLog, outside: LegLog, clocks: LegClocks, ends: Ends, keepsIds: boolean) {
    this.#inside = inside;
    this.#outside = outside;
    this.#clocks = clocks;
    this.#ends = ends;
    this.#keepsIds = keepsIds;
    this.#isInsideDone = new Uint8Array(inside.length);
    this.#isOutsideDone = new Uint8Array(outside.length);
  }

  run(): Omit<MatchedLegs, 'clocks' | 'hosts' | 'natAddresses' | 'keepsIds'> {
    for (const way of WAYS) this.#matchWay(way);
    for (const doubt of this.#doubts) this.#resolve(doubt);
    this.#packets.sort((a, b) => a.inside - b.inside);
    const [insideOnly, insideApart] = this.#oneSided(this.#inside, this.#isInsideDone, (at) => this.#insideWay(at));
    const [outsideOnly, outsideApart] = this.#oneSided(this.#outside, this.#isOutsideDone, (at) =>
      this.#outsideWay(at),
    );
    return {
      packets: this.#packets,
      insideOnly,
      outsideOnly,
      ambiguous: this.#ambiguous,
      untranslated: this.#untranslated,
      notOverlapping: insideApart + outsideApart,
    };
  }

  #insideWay(at: number): Way | null {
    return wayBetween(this.#ends.hosts, this.#inside.src[at]!, this.#inside.dst[at]!);
  }

  #outsideWay(at: number): Way | null {
    return wayBetween(this.#ends.natAddresses, this.#outside.src[at]!, this.#outside.dst[at]!);
  }

  #matchWay(way: Way): void {
    const inside = new LegIndex(this.#inside, way, (at) => this.#insideWay(at) === way);
    const outside = new LegIndex(this.#outside, way, (at) => this.#outsideWay(at) === way);
    const any = new LegIndex(this.#outside, way, (at) => this.#outsideWay(at) === null);
    const isSeen = new Uint8Array(this.#inside.length);
    for (let at = 0; at < this.#inside.length; at++) {
      if (isSeen[at] === 1 || this.#insideWay(at) !== way) continue;
      const equals = inside.matches(this.#inside, at);
      for (const equal of equals) isSeen[equal] = 1;
      const others = outside.matches(this.#inside, at);
      const isLone = this.#isOfOneSession(equals, others, way);
      for (const moment of this.#moments(equals, others, way)) this.#matchMoment(moment, way, isLone);
      this.#noteUntranslated(equals, any.matches(this.#inside, at), way);
    }
  }

  /** Equal packets, cut where no two are near enough to be one. */
  #moments(inside: readonly number[], outside: readonly number[], way: Way): Moment[] {
    if (outside.length === 0) return [];
    const { baseSec } = this.#clocks;
    const events = [
      ...inside.map((at) => ({
        at,
        isInside: true,
        nsec: expectedNsec(this.#clocks, timeOf(this.#inside, at, baseSec), way),
      })),
      ...outside.map((at) => ({ at, isInside: false, nsec: timeOf(this.#outside, at, baseSec) })),
    ].sort((a, b) => a.nsec - b.nsec);
    const moments: Moment[] = [];
    let lastNsec = -Infinity;
    for (const { at, isInside, nsec } of events) {
      if (nsec - lastNsec > MATCH_NSEC) moments.push({ inside: [], outside: [] });
      moments.at(-1)?.[isInside ? 'inside' : 'outside'].push({ at, nsec });
      lastNsec = nsec;
    }
    return moments.filter((moment) => moment.inside.length > 0 && moment.outside.length > 0);
  }

  /** Nobody else ever sent such packets, so that none of them can be another's whose copy was missed. */
  #isOfOneSession(inside: readonly number[], outside: readonly number[], way: Way): boolean {
    const [one] = inside;
    const [other] = outside;
    if (one === undefined || other === undefined) return false;
    if (this.#inside.protocol[one] === PROTOCOL.tcp) return true;
    const isEnd = (log: LegLog, at: number, first: number): boolean =>
      nearAddressOf(log, at, way) === nearAddressOf(log, first, way) &&
      nearPortOf(log, at, way) === nearPortOf(log, first, way);
    return inside.every((at) => isEnd(this.#inside, at, one)) && outside.every((at) => isEnd(this.#outside, at, other));
  }

  #matchMoment(moment: Moment, way: Way, isLone: boolean): void {
    const rest = this.#matchIds(moment, way, isLone);
    // What a gateway that keeps identifications lets through with another one is another packet.
    if (this.#keepsIds || rest.inside.length === 0 || rest.outside.length === 0) return;
    this.#matchRest(rest, way, isLone);
  }

  /** Pairs what has the same identification. @returns what is left without */
  #matchIds(moment: Moment, way: Way, isLone: boolean): Moment {
    const ids = new Map<number, Moment>();
    const of = (id: number): Moment => {
      const known = ids.get(id) ?? { inside: [], outside: [] };
      ids.set(id, known);
      return known;
    };
    for (const each of moment.inside) of(this.#inside.ipId[each.at]!).inside.push(each);
    for (const each of moment.outside) of(this.#outside.ipId[each.at]!).outside.push(each);
    const rest: Moment = { inside: [], outside: [] };
    for (const [id, same] of ids) {
      // Many hosts do not number datagrams that must not be cut.
      const isTold = isLone || (this.#keepsIds && id !== 0);
      if (same.inside.length > 0 && same.outside.length > 0) this.#matchRest(same, way, isTold);
      else {
        rest.inside.push(...same.inside);
        rest.outside.push(...same.outside);
      }
    }
    return rest;
  }

  /** Packets that only their ends and times tell apart. */
  #matchRest(moment: Moment, way: Way, isTold: boolean): void {
    const sessions = new Set(moment.inside.map(({ at }) => nearKey(this.#inside, at, way)));
    const natEnds = new Set(moment.outside.map(({ at }) => nearKey(this.#outside, at, way)));
    const isClear = isTold && sessions.size === 1 && natEnds.size === 1 && moment.inside.length <= MAX_EQUAL;
    if (isClear && moment.outside.length <= MAX_EQUAL) this.#pairNearest(moment, way, false);
    else this.#doubts.push({ way, moment });
  }

  /** What its session is known to be translated to decides; what is not known is left out, and counted. */
  #resolve({ way, moment }: Doubt): void {
    const isLong = moment.inside.length > MAX_EQUAL || moment.outside.length > MAX_EQUAL;
    const byEnds = new Map<string, Moment>();
    for (const each of isLong ? [] : moment.inside) {
      const known = this.#natOf.get(sessionKey(this.#inside, each.at, way));
      const ends = moment.outside.filter((other) => known?.has(nearKey(this.#outside, other.at, way)));
      const keys = new Set(ends.map((other) => nearKey(this.#outside, other.at, way)));
      const [key] = keys;
      if (key === undefined || keys.size > 1) continue;
      const group = byEnds.get(key) ?? { inside: [], outside: ends };
      group.inside.push(each);
      byEnds.set(key, group);
    }
    for (const group of byEnds.values()) {
      const sessions = new Set(group.inside.map(({ at }) => nearKey(this.#inside, at, way)));
      if (sessions.size === 1) this.#pairNearest(group, way, true);
    }
    this.#ambiguous +=
      this.#leaveOut(moment.inside, this.#isInsideDone) + this.#leaveOut(moment.outside, this.#isOutsideDone);
  }

  #leaveOut(packets: readonly { readonly at: number }[], isDone: Uint8Array): number {
    const left = packets.filter(({ at }) => isDone[at] === 0);
    for (const { at } of left) isDone[at] = 1;
    return left.length;
  }

  /** One to one, the nearest in time first. */
  #pairNearest({ inside, outside }: Moment, way: Way, isAmbiguous: boolean): void {
    const choices = inside.flatMap((one) =>
      outside.map((other) => ({ one, other, distance: Math.abs(one.nsec - other.nsec) })),
    );
    for (const { one, other, distance } of choices.sort((a, b) => a.distance - b.distance)) {
      if (distance > MATCH_NSEC) return;
      if (this.#isInsideDone[one.at] === 1 || this.#isOutsideDone[other.at] === 1) continue;
      this.#isInsideDone[one.at] = 1;
      this.#isOutsideDone[other.at] = 1;
      this.#packets.push({ inside: one.at, outside: other.at, way, isAmbiguous });
      if (isAmbiguous) continue;
      const session = sessionKey(this.#inside, one.at, way);
      const natEnds = this.#natOf.get(session) ?? new Set();
      natEnds.add(nearKey(this.#outside, other.at, way));
      this.#natOf.set(session, natEnds);
    }
  }

  #noteUntranslated(equals: readonly number[], others: readonly number[], way: Way): void {
    for (const at of equals) {
      const isPassed = others.some((other) => nearKey(this.#outside, other, way) === nearKey(this.#inside, at, way));
      if (!isPassed || this.#isInsideDone[at] === 1) continue;
      this.#isInsideDone[at] = 1;
      this.#untranslated++;
    }
  }

  /** @returns the packets without a copy, and how many there are from when the other capture did not run */
  #oneSided(log: LegLog, isDone: Uint8Array, wayOf: (at: number) => Way | null): [OneSided[], number] {
    const other = log === this.#inside ? this.#outside : this.#inside;
    const [from, to] = spanOf(other, this.#clocks.baseSec);
    const found: OneSided[] = [];
    let apart = 0;
    for (let at = 0; at < log.length; at++) {
      const way = wayOf(at);
      if (way === null || isDone[at] === 1) continue;
      const nsec = timeOf(log, at, this.#clocks.baseSec);
      const ownNsec =
        log === this.#inside ? expectedNsec(this.#clocks, nsec, way) : nsec - expectedNsec(this.#clocks, 0, way);
      if (ownNsec < from || ownNsec > to) apart++;
      else found.push({ at, way });
    }
    return [found, apart];
  }
}

function spanOf(log: LegLog, baseSec: number): [from: number, to: number] {
  let from = Infinity;
  let to = -Infinity;
  for (let at = 0; at < log.length; at++) {
    const nsec = timeOf(log, at, baseSec);
    from = Math.min(from, nsec);
    to = Math.max(to, nsec);
  }
  return [from, to];
}

function wayBetween(own: ReadonlySet<number>, src: number, dst: number): Way | null {
  const isFrom = own.has(src);
  if (isFrom === own.has(dst)) return null;
  return isFrom ? WAY.out : WAY.in;
}

function nearKey(log: LegLog, at: number, way: Way): string {
  return `${nearAddressOf(log, at, way)}:${nearPortOf(log, at, way)}`;
}

/** @returns what names a session, seen from one side */
export function sessionKey(log: LegLog, at: number, way: Way): string {
  return `${log.protocol[at]!} ${nearKey(log, at, way)} ${farAddress(log, at, way)}:${farPort(log, at, way)}`;
}
