import { PACKETS_PER_CAPTURE } from '../capture/capture-merge';
import { PACKET_FLAG, PROTOCOL, type PacketBatch } from '../capture/packet-batch';
import type { PacketTime } from '../capture/time-order';
import { ADDRESS_CLASS, addressClassOf, type AddressClasses } from './address-classes';
import { isInNetwork } from './address-text';
import type { Network } from './gateway';
import { SIDE } from './leg-addresses';
import { findEnd } from './paired-sessions';
import { TupleTable } from './tuple-table';

/**
 * Without any packet of the public side for so long, its part of a capture that has both may have ended: where the session
 * itself was seen there, and where only others were.
 */
const QUIET_NSEC = 60e9;
const OTHERS_QUIET_NSEC = 4e9;
/** Other ends of pairs, and sessions of which one side has shown what the other has not. */
const CAPACITY = 1 << 16;
/** Bits of another end: which way packets went that were paired. */
const TO_IT = 1;
const FROM_IT = 2;

export interface CoverageOptions {
  /** Which addresses are behind the gateway. */
  readonly inside: AddressClasses;
  /** By SNAT entry, the addresses of its pool: each as all that it may be seen as on the public side, host order. */
  readonly poolOf: (entry: number) => readonly (readonly number[])[];
  /** Where nothing is seen to go through the gateway, although it comes from behind it. */
  readonly notBeyond: readonly Network[];
  /** The latest time of a capture, by its place, that has been read to its end; null before. */
  readonly latestOf: (capture: number) => PacketTime | null;
}

/** Packets of a capture by the side of the gateway that they were seen on. */
export interface CaptureSides {
  readonly private: number;
  readonly public: number;
}

/** What captures have shown of one side. */
interface ShownSide {
  /** Places of the captures that have. */
  readonly captures: number[];
  /** By place. */
  readonly packets: number[];
  firstNsec: number;
  lastNsec: number;
}
const newSide = (): ShownSide => ({ captures: [], packets: [], firstNsec: Infinity, lastNsec: -Infinity });

/**
 * Whether the capture of one side would have shown a packet that was seen on the other, had the gateway let it through. Of one
 * that goes out, the public side would if all of this holds:
 *
 * - The gateway translates it: its host is in an SNAT entry and has no DNAT mapping or address of its own, and its
 *   destination is none that is reached without translation.
 * - A capture of the public side was running: the packet is neither before its first one nor behind its last, or between two
 *   files of it. A file that has both sides may be put together of two, of which the public one ended earlier, or began
 *   later: that must have been seen within a minute.
 * - The capture is taken where the gateway's packets pass, and no filter leaves such out: packets of the same session were
 *   paired. Or, of a session without a pair, packets of that very destination, with its port, were paired, and such of every
 *   address that the host may be translated to. The public side of a file that has both must have been seen before then, and
 *   within 4 s.
 *
 * Of one that comes in, the private side would if a capture of it was running, and has shown packets from there.
 *
 * @see nat-gateway reference §5 detail 6, §7 scenario 71
 */
export class LegCoverage {
  readonly #options: CoverageOptions;
  readonly #firstNsec: number[] = [];
  readonly #private = newSide();
  readonly #public = newSide();
  /** Of pairs. */
  readonly #natAddresses = new Set<number>();
  #lastNat = -1;
  /** Null until there is one. */
  #farEnds: TupleTable | null = null;
  /** Sessions of which something came to a host alone, and of which something left the gateway alone. */
  #answered: TupleTable | null = null;
  #left: TupleTable | null = null;
  /** ICMP errors were paired, by the way that they went. */
  #hasErrorsOut = false;
  #hasErrorsIn = false;

  constructor(options: CoverageOptions) {
    this.#options = options;
  }

  get hasPublic(): boolean {
    return this.#public.captures.length > 0;
  }

  /** By the place of the capture; all zero while nothing has two sides. */
  get captures(): CaptureSides[] {
    return Array.from(this.#firstNsec, (_, place) => {
      return { private: this.#private.packets[place] ?? 0, public: this.#public.packets[place] ?? 0 };
    });
  }

  /** Takes each packet in order, also those that pass no gateway. @param side of `SIDE` */
  note(batch: PacketBatch, row: number, side: number, nowNsec: number): void {
    const capture = Math.floor(batch.packetNo[row]! / PACKETS_PER_CAPTURE);
    if (this.#firstNsec[capture] === undefined) {
      this.#firstNsec[capture] = nowNsec;
      this.#private.packets[capture] = 0;
      this.#public.packets[capture] = 0;
    }
    if (side === SIDE.none) return;
    const shown = side < SIDE.publicOut ? this.#private : this.#public;
    shown.lastNsec = nowNsec;
    shown.firstNsec = Math.min(shown.firstNsec, nowNsec);
    if (shown.packets[capture]!++ === 0) shown.captures.push(capture);
  }

  /** A packet of the public side was paired. */
  notePair(batch: PacketBatch, row: number, isOut: boolean): void {
    const nat = (isOut ? batch.srcIp : batch.dstIp)[row]!;
    if (nat !== this.#lastNat) {
      this.#lastNat = nat;
      this.#natAddresses.add(nat);
    }
    if ((batch.flags[row]! & PACKET_FLAG.icmpError) !== 0) {
      if (isOut) this.#hasErrorsOut = true;
      else this.#hasErrorsIn = true;
    }
    const way = isOut ? TO_IT : FROM_IT;
    this.#farEnds ??= new TupleTable(CAPACITY);
    const place = findFarEnd(this.#farEnds, batch, row, isOut);
    const isOneWay = place < 0 || this.#farEnds.isAt(place, 0, way);
    this.#farEnds.set(place, 0, isOneWay ? way : TO_IT | FROM_IT, 0);
  }

  /** A packet has come to a host, and was not seen on the public side, which was captured: it came by another way. */
  noteAnswer(batch: PacketBatch, row: number, nowNsec: number): void {
    this.#answered ??= new TupleTable(CAPACITY);
    this.#answered.set(findEnd(this.#answered, batch, row, SIDE.privateIn), 0, 0, nowNsec);
  }

  /** A packet has left the gateway, and was not seen on the private side, which was captured: it shows no more of the session. */
  noteLeft(batch: PacketBatch, row: number, nowNsec: number): void {
    this.#left ??= new TupleTable(CAPACITY);
    this.#left.set(findEnd(this.#left, batch, row, SIDE.publicOut), 0, 0, nowNsec);
  }

  /** Whether the gateway translates a packet of the private side that goes out, as far as its ends tell. */
  isTranslated({ srcIp, dstIp }: PacketBatch, row: number): boolean {
    const host = addressClassOf(this.#options.inside, srcIp[row]!);
    if (host < ADDRESS_CLASS.inside || host >= ADDRESS_CLASS.hostWithDnat) return false;
    const { notBeyond } = this.#options;
    for (const network of notBeyond) if (isInNetwork(dstIp[row]!, network)) return false;
    return true;
  }

  /**
   * Whether a capture of the other side was running when a packet came.
   *
   * @param side of the packet
   * @param nsec the clock at the packet
   * @param isKnown packets of its session were paired
   */
  isRunning({ tsSec, tsNsec }: PacketBatch, row: number, side: number, nsec: number, isKnown: boolean): boolean {
    const isOfPrivate = side < SIDE.publicOut;
    const own = isOfPrivate ? this.#private : this.#public;
    const other = isOfPrivate ? this.#public : this.#private;
    const apartNsec = nsec - other.lastNsec;
    const isAlive = isKnown
      ? apartNsec <= QUIET_NSEC
      : Math.abs(apartNsec) <= OTHERS_QUIET_NSEC && nsec >= other.firstNsec;
    let hasEnded = false;
    let hasBegun = false;
    for (let at = other.captures.length - 1; at >= 0; at--) {
      const capture = other.captures[at]!;
      if (this.#firstNsec[capture]! > nsec) {
        hasBegun = true;
        continue;
      }
      const latest = this.#options.latestOf(capture);
      const behindNsec = latest === null ? 0 : (tsSec[row]! - latest.sec) * 1e9 + tsNsec[row]! - latest.nsec;
      if (behindNsec > QUIET_NSEC) continue;
      if (behindNsec > 0) hasEnded = true;
      else if (isAlive || own.packets[capture] === 0) return true;
    }
    return hasEnded && hasBegun;
  }

  /** Whether the session of a packet that goes out was answered on the private side alone, after a time. */
  isAnswered(batch: PacketBatch, row: number, sinceNsec: number): boolean {
    if (this.#answered === null) return false;
    const place = findEnd(this.#answered, batch, row, SIDE.privateOut);
    return place >= 0 && this.#answered.stampOf(place) > sinceNsec;
  }

  /** Whether something else of the session of a packet that comes in left the gateway, and was not seen before, after a time. */
  hasLeft(batch: PacketBatch, row: number, sinceNsec: number): boolean {
    if (this.#left === null) return false;
    const place = findEnd(this.#left, batch, row, SIDE.publicIn);
    return place >= 0 && this.#left.stampOf(place) > sinceNsec;
  }

  /** Whether packets from where one that comes in is from were paired. */
  showsFrom(batch: PacketBatch, row: number): boolean {
    if (this.#farEnds === null) return false;
    const place = findFarEnd(this.#farEnds, batch, row, false);
    return place >= 0 && !this.#farEnds.isAt(place, 0, TO_IT);
  }

  /** Whether ICMP errors were paired that went the same way. */
  showsErrors(isOut: boolean): boolean {
    return isOut ? this.#hasErrorsOut : this.#hasErrorsIn;
  }

  /** Whether packets like one that goes out were paired: of its destination, and of all addresses of its pool. */
  showsLike(batch: PacketBatch, row: number): boolean {
    if (this.#farEnds === null || findFarEnd(this.#farEnds, batch, row, true) < 0) return false;
    const entry = addressClassOf(this.#options.inside, batch.srcIp[row]!) - ADDRESS_CLASS.inside;
    return this.#options.poolOf(entry).every((names) => names.some((name) => this.#natAddresses.has(name)));
  }
}

function findFarEnd(table: TupleTable, batch: PacketBatch, row: number, isOut: boolean): number {
  const protocol = batch.protocol[row]!;
  const ports = batch.ports[row]!;
  const port = protocol === PROTOCOL.icmp ? 0 : isOut ? ports & 0xffff : ports >>> 16;
  return table.find(protocol, (isOut ? batch.dstIp : batch.srcIp)[row]!, 0, port, 0);
}
