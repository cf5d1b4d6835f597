import { PROTOCOL } from '../capture/packet-batch';
import { expectedNsec, MATCH_NSEC, timeOf, type LegClocks, type SurePair } from './leg-clocks';
import { hostsOfMoments, MAX_EQUAL, type LegEnds } from './leg-ends';
import { groundsOf, WAYS } from './leg-grounds';
import { LegIndex } from './leg-index';
import { farAddress, farPort, nearAddressOf, nearPortOf, WAY, type LegLog, type Way } from './leg-log';
import { haveOneEnd, momentsOf, type Moment, type SeenPacket } from './leg-moments';
import { MISREAD, SessionRivals } from './session-rivals';

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

/**
 * Finds which packets of a capture inside of a gateway are which of one outside. Nothing about the gateway is given: its
 * addresses are those that packets have outside which are alike but for their other end, and beyond doubt.
 *
 * @returns null when no packet that is beyond doubt is on both sides with another address
 */
export function matchLegs(inside: LegLog, outside: LegLog): MatchedLegs | null {
  const grounds = groundsOf(inside, outside);
  if (grounds === null) return null;
  const { clocks, keepsIds, ...ends } = grounds;
  const hosts = new Set([...ends.hosts, ...hostsOfMoments(inside, outside, clocks, ends, keepsIds)]);
  const matching = new Matching(inside, outside, clocks, { ...ends, hosts }, keepsIds);
  return { clocks, ...ends, hosts, keepsIds, ...matching.run() };
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
  readonly #ends: LegEnds;
  readonly #keepsIds: boolean;
  readonly #packets: MatchedPacket[] = [];
  /** Datagrams of a moment that nothing else is like, and those that others are. */
  readonly #lones: Doubt[] = [];
  readonly #doubts: Doubt[] = [];
  readonly #rivals = new SessionRivals();
  /** By way, packets with an equal one on the other side at their moment. */
  readonly #inMoments = { inside: [0, 0], outside: [0, 0] };
  readonly #isInsideDone: Uint8Array;
  readonly #isOutsideDone: Uint8Array;
  /** By session, endpoints outside: learnt from what is sure. */
  readonly #natOf = new Map<string, Set<string>>();
  #ambiguous = 0;
  #untranslated = 0;

  constructor(inside: LegLog, outside: LegLog, clocks: LegClocks, ends: LegEnds, keepsIds: boolean) {
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
    this.#matchLones();
    for (const doubt of this.#doubts) this.#resolve(doubt);
    for (const way of WAYS) this.#leaveOutUnknown(way);
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
    const inside = new LegIndex(this.#inside, way);
    const outside = new LegIndex(this.#outside, way);
    const isSeen = new Uint8Array(this.#inside.length);
    for (let at = 0; at < this.#inside.length; at++) {
      if (isSeen[at] === 1 || this.#insideWay(at) !== way) continue;
      const equals = inside.matches(this.#inside, at);
      for (const equal of equals) isSeen[equal] = 1;
      const copies = outside.matches(this.#inside, at);
      if (copies.length === 0) continue;
      // A host that nothing else speaks for, or an address, may be the one that an equal packet belongs to.
      const own = equals
        .filter((equal) => !this.#isNatEnd(this.#inside, equal, way))
        .map((equal) => this.#expected(equal, way));
      const others = copies.filter((copy) => this.#mayBeTranslated(copy, way)).map((copy) => this.#seen(copy));
      // Nobody else ever sent such packets, so that none of them can be another's whose copy was missed.
      const isLone = haveOneEnd(this.#inside, own, way) && haveOneEnd(this.#outside, others, way);
      for (const moment of momentsOf(own, others)) {
        this.#inMoments.inside[way]! += moment.inside.length;
        this.#inMoments.outside[way]! += moment.outside.length;
        this.#matchMoment(moment, way, isLone);
      }
      const passed = copies.filter((copy) => this.#outsideWay(copy) === null);
      if (passed.length > 0) this.#noteUntranslated(equals, passed, way);
    }
  }

  #expected(at: number, way: Way): SeenPacket {
    return { at, nsec: expectedNsec(this.#clocks, timeOf(this.#inside, at, this.#clocks.baseSec), way) };
  }

  #seen(at: number): SeenPacket {
    return { at, nsec: timeOf(this.#outside, at, this.#clocks.baseSec) };
  }

  #isNatEnd(log: LegLog, at: number, way: Way): boolean {
    return this.#ends.natAddresses.has(nearAddressOf(log, at, way));
  }

  /** Whether a packet outside is no host's own, of which nothing is known there. */
  #mayBeTranslated(at: number, way: Way): boolean {
    return this.#isNatEnd(this.#outside, at, way) || !this.#ends.hosts.has(nearAddressOf(this.#outside, at, way));
  }

  #matchMoment(moment: Moment, way: Way, isLone: boolean): void {
    const isNumbered = this.#inside.protocol[moment.inside[0]!.at] === PROTOCOL.tcp;
    if (!isNumbered && !this.#keepsIds) this.#noteRivals(moment, way, isLone);
    const rest = this.#matchIds(moment, way, isNumbered, isLone);
    // What a gateway that keeps identifications lets through with another one is another packet.
    if (this.#keepsIds || rest.inside.length === 0 || rest.outside.length === 0) return;
    this.#matchRest(rest, way, isNumbered, isLone);
  }

  /** Pairs what has the same identification. @returns what is left without */
  #matchIds(moment: Moment, way: Way, isNumbered: boolean, isLone: boolean): Moment {
    const rest: Moment = { inside: [], outside: [] };
    for (const [id, same] of this.#byId(moment)) {
      // Many hosts do not number datagrams that must not be cut.
      const isTold = isNumbered || (this.#keepsIds && id !== 0);
      if (same.inside.length > 0 && same.outside.length > 0) this.#matchRest(same, way, isTold, isLone);
      else {
        rest.inside.push(...same.inside);
        rest.outside.push(...same.outside);
      }
    }
    return rest;
  }

  /** What of a moment has the same identification, of both sides. */
  #byId(moment: Moment): Map<number, Moment> {
    const ids = new Map<number, Moment>();
    const of = (id: number): Moment => {
      const known = ids.get(id) ?? { inside: [], outside: [] };
      ids.set(id, known);
      return known;
    };
    for (const each of moment.inside) of(this.#inside.ipId[each.at]!).inside.push(each);
    for (const each of moment.outside) of(this.#outside.ipId[each.at]!).outside.push(each);
    return ids;
  }

  /** Packets that only their ends and times tell apart. */
  #matchRest(moment: Moment, way: Way, isTold: boolean, isLone: boolean): void {
    const { inside, outside } = moment;
    const isOfOne = haveOneEnd(this.#inside, inside, way) && haveOneEnd(this.#outside, outside, way);
    // Of hosts and addresses that nothing speaks for, nothing is known.
    const isKnown = this.#insideWay(inside[0]!.at) === way && this.#outsideWay(outside[0]!.at) === way;
    if (isOfOne && !isKnown) {
      this.#doubts.push({ way, moment });
      return;
    }
    const isShort = inside.length <= MAX_EQUAL && outside.length <= MAX_EQUAL;
    if (isTold && isOfOne && isShort) {
      this.#pairNearest(moment, way, false);
      return;
    }
    if (!isTold && this.#keepsIds) this.#noteRivals(moment, way, isLone);
    (isLone && isShort ? this.#lones : this.#doubts).push({ way, moment });
  }

  #noteRivals({ inside, outside }: Moment, way: Way, isLone: boolean): void {
    const sessions = new Set(inside.map(({ at }) => sessionKey(this.#inside, at, way)));
    const ends = new Set(outside.map(({ at }) => sessionKey(this.#outside, at, way)));
    this.#rivals.note(sessions, ends, inside[0]!.nsec, isLone);
  }

  /** What is alone belongs together, unless packets of other moments say that it need not; then only its session may tell. */
  #matchLones(): void {
    const needed = this.#neededMoments();
    const isElsewhere = (session: string, end: string): boolean => this.#natOf.get(session)?.has(end) === false;
    const sure: Doubt[] = [];
    for (const lone of this.#lones) {
      const { way, moment } = lone;
      const session = sessionKey(this.#inside, moment.inside[0]!.at, way);
      const end = sessionKey(this.#outside, moment.outside[0]!.at, way);
      (this.#rivals.isSure(session, end, needed, isElsewhere) ? sure : this.#doubts).push(lone);
    }
    for (const { way, moment } of sure) this.#pairNearest(moment, way, false);
  }

  /** Moments of which so many are not misread by chance, as far as packets are missing on either side. */
  #neededMoments(): number {
    const missing = WAYS.map((way) => {
      const inside = this.#shareAlone(this.#inside, way, (at) => this.#insideWay(at), this.#inMoments.inside);
      return inside * this.#shareAlone(this.#outside, way, (at) => this.#outsideWay(at), this.#inMoments.outside);
    });
    return Math.ceil(Math.log(MISREAD) / Math.log(Math.max(...missing)));
  }

  #shareAlone(log: LegLog, way: Way, wayOf: (at: number) => Way | null, inMoments: readonly number[]): number {
    let packets = 0;
    for (let at = 0; at < log.length; at++) if (wayOf(at) === way) packets++;
    return (Math.max(0, packets - inMoments[way]!) + 1) / (packets + 2);
  }

  /** What its session is known to be translated to decides; what is not known is left out, and counted. */
  #resolve({ way, moment }: Doubt): void {
    const isLong = moment.inside.length > MAX_EQUAL || moment.outside.length > MAX_EQUAL;
    const byEnds = new Map<string, Moment>();
    for (const each of isLong ? [] : moment.inside) {
      const known = this.#natOf.get(sessionKey(this.#inside, each.at, way));
      const ends = moment.outside.filter((other) => known?.has(sessionKey(this.#outside, other.at, way)));
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
    this.#leaveOutMoment(moment);
  }

  /** Packets of ends that too little speaks for, which may be one: those of hosts, and what the gateway may have made of them. */
  #leaveOutUnknown(way: Way): void {
    const isUnknown = (at: number): boolean =>
      this.#isInsideDone[at] === 0 && this.#insideWay(at) === null && !this.#isNatEnd(this.#inside, at, way);
    const isLeft = (at: number): boolean => this.#isOutsideDone[at] === 0 && this.#mayBeTranslated(at, way);
    const inside = new LegIndex(this.#inside, way, isUnknown);
    const outside = new LegIndex(this.#outside, way, isLeft);
    const isSeen = new Uint8Array(this.#inside.length);
    for (let at = 0; at < this.#inside.length; at++) {
      if (isSeen[at] === 1 || !isUnknown(at)) continue;
      const equals = inside.matches(this.#inside, at);
      for (const equal of equals) isSeen[equal] = 1;
      const copies = outside.matches(this.#inside, at);
      // What has the same end on both sides has passed as it was.
      const ends = new Set(equals.map((equal) => nearKey(this.#inside, equal, way)));
      const endsOutside = new Set(copies.map((copy) => nearKey(this.#outside, copy, way)));
      const own = equals.filter((equal) => !endsOutside.has(nearKey(this.#inside, equal, way)));
      const others = copies.filter((copy) => !ends.has(nearKey(this.#outside, copy, way)));
      const moments = momentsOf(
        own.map((equal) => this.#expected(equal, way)),
        others.map((copy) => this.#seen(copy)),
      );
      for (const moment of moments) {
        for (const same of this.#keepsIds ? this.#byId(moment).values() : [moment]) {
          if (same.inside.length > 0 && same.outside.length > 0) this.#leaveOutMoment(same);
        }
      }
    }
  }

  #leaveOutMoment({ inside, outside }: Moment): void {
    this.#ambiguous += this.#leaveOut(inside, this.#isInsideDone) + this.#leaveOut(outside, this.#isOutsideDone);
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
      natEnds.add(sessionKey(this.#outside, other.at, way));
      this.#natOf.set(session, natEnds);
    }
  }

  #noteUntranslated(equals: readonly number[], others: readonly number[], way: Way): void {
    for (const at of equals) {
      if (this.#insideWay(at) !== way) continue;
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

/** @returns which way a packet goes, whose hosts or addresses are given; null of one that does not pass the gateway */
export function wayBetween(own: ReadonlySet<number>, src: number, dst: number): Way | null {
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
