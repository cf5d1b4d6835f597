import { END_REASON_CODE, ENTRY_FLAG } from '../contract/log-entry';
import { REASONS, REASON_CODE } from '../contract/ledger';
import { PACKET_FLAG, PROTOCOL, type PacketBatch } from '../capture/packet-batch';
import { AddressClasses } from './address-classes';
import type { Gateway } from './gateway';
import { PortAllocator } from './port-allocator';
import { SessionKeys } from './session-keys';
import { SESSION_STATE, TCP_FLAG, endReasonOf, isReusable, nextTcpState, timeoutsByState } from './session-state';
import { FLOAT, OWN_LAST, RECORD_WORDS, STATE_SHIFT, SessionTable, WORD } from './session-table';

/** A segment with one of these may change the state of an established session. */
const TCP_CHANGES = TCP_FLAG.fin | TCP_FLAG.syn | TCP_FLAG.rst;
/** Fewer records than this are not worth a sweep. */
const MIN_SWEEP_SIZE = 1 << 12;

/**
 * The gateway: finds or creates the session of each packet, or the reason why there is none.
 *
 * Time is packet time and never moves back for a session. What follows a packet is decided by what came before it
 * only, so any split of a capture into batches gives the same sessions.
 */
export class Translator {
  readonly sessions = new SessionTable();
  /** Public addresses, host order; `WORD.natAddress` indexes them. */
  readonly natAddresses: readonly number[];
  /** Sessions created so far. */
  sessionCount = 0;
  /** Packets that came too late for their own window. */
  latePackets = 0;
  /** Packets in no session, and their IP bytes, by `REASON_CODE`. */
  readonly packetsByReason = new Float64Array(REASONS.length + 1);
  readonly bytesByReason = new Float64Array(REASONS.length + 1);
  readonly #classes: AddressClasses;
  readonly #timeouts: Float64Array;
  readonly #ports: PortAllocator;
  /** Indexes into `natAddresses` by SNAT entry. */
  readonly #pools: readonly (readonly number[])[];
  readonly #keys = new SessionKeys();
  /** Packet time as the sessions see it, which never goes back: seconds and nanoseconds. Typed, so never boxed. */
  readonly #now = new Float64Array(2);
  #sweepAtSize = MIN_SWEEP_SIZE;
  /** No session can have died since a full search found none, before this time. */
  #nothingToReapBeforeSec = -Infinity;

  constructor(gateway: Gateway) {
    this.#classes = new AddressClasses(gateway.snatEntries);
    this.#timeouts = timeoutsByState(gateway.timeouts);
    this.natAddresses = [...new Set(gateway.snatEntries.flatMap((entry) => entry.eips))];
    this.#pools = gateway.snatEntries.map((entry) => entry.eips.map((eip) => this.natAddresses.indexOf(eip)));
    this.#ports = new PortAllocator(this.sessions, gateway, {
      isDead: (record) => this.#isDead(record),
      reapAll: () => {
        this.#reapAll();
      },
    });
  }

  /**
   * Finds or creates the sessions of rows `[from, to)` and counts each packet, in its session or by the reason why it
   * has none.
   *
   * @param windowStartSec a packet from before it comes too late for its own window: it counts at this time
   */
  translate(batch: PacketBatch, from: number, to: number, windowStartSec: number): void {
    const { sessions } = this;
    const keys = this.#keys;
    const now = this.#now;
    const timeouts = this.#timeouts;
    keys.compute(batch, from, to, this.#classes, this.natAddresses);
    for (let row = from; row < to; row++) {
      const reason = keys.reason[row]!;
      if (reason !== 0) {
        this.#refuse(reason, batch.ipBytes[row]!);
        continue;
      }
      const sec = batch.tsSec[row]!;
      const nsec = batch.tsNsec[row]!;
      const isBehind = sec < now[0]! || (sec === now[0]! && nsec < now[1]!);
      if (!isBehind) {
        now[0] = sec;
        now[1] = nsec;
      }
      const isLate = isBehind || sec < windowStartSec;
      const protocol = batch.protocol[row]!;
      let record = sessions.find(keys.hash[row]!, keys.priIp[row]!, keys.pubIp[row]!, keys.ports[row]!, protocol);
      let words = sessions.words;
      let floats = sessions.floats;
      let at = record * RECORD_WORDS;
      const state = record < 0 ? SESSION_STATE.dead : words[at + WORD.kind]! >>> STATE_SHIFT;
      const isSettled =
        protocol !== PROTOCOL.tcp || (state === SESSION_STATE.established && (batch.l4Kind[row]! & TCP_CHANGES) === 0);
      if (
        !isSettled ||
        state === SESSION_STATE.dead ||
        !(now[0]! - floats[(at >> 1) + FLOAT.lastSec]! < timeouts[state]!)
      ) {
        record = this.#admit(record, batch, row);
        if (record < 0) {
          this.#refuse(-record, batch.ipBytes[row]!);
          continue;
        }
        words = sessions.words;
        floats = sessions.floats;
        at = record * RECORD_WORDS;
      }
      const floatAt = at >> 1;
      const flags = words[at + WORD.flags]!;
      if (isLate || ((flags & OWN_LAST) | (batch.flags[row]! & PACKET_FLAG.lengthInferred)) !== 0) {
        this.#countUnusual(record, batch, row, windowStartSec, isLate);
      } else if ((words[at + WORD.pktsFromVpc]! | words[at + WORD.pktsFromPub]!) === 0) {
        floats[floatAt + FLOAT.firstSec] = sec;
        words[at + WORD.firstNsec] = nsec;
        floats[floatAt + FLOAT.firstPacket] = batch.packetNo[row]!;
      }
      floats[floatAt + FLOAT.lastSec] = now[0]!;
      words[at + WORD.lastNsec] = now[1]!;
      floats[floatAt + FLOAT.lastPacket] = batch.packetNo[row]!;
      if (keys.fromVpc[row] === 1) {
        words[at + WORD.pktsFromVpc]!++;
        floats[floatAt + FLOAT.bytesFromVpc]! += batch.ipBytes[row]!;
      } else {
        words[at + WORD.pktsFromPub]!++;
        floats[floatAt + FLOAT.bytesFromPub]! += batch.ipBytes[row]!;
      }
    }
  }

  /**
   * Ends the sessions whose time is up by `sec`, or all of them when the capture has ended.
   *
   * @param sec Infinity at the end of the capture
   */
  endIdle(sec: number): void {
    const isEnd = sec === Infinity;
    if (!isEnd && sec > this.#now[0]!) {
      this.#now[0] = sec;
      this.#now[1] = 0;
    }
    for (let record = 0; record < this.sessions.size; record++) {
      if (!this.#isDead(record) && isEnd) this.#end(record, this.#naturalEnd(record, END_REASON_CODE.capture_end));
    }
  }

  /** True when so many sessions were created since the last sweep that looking for dead ones is worth it. */
  get isSweepDue(): boolean {
    return this.sessions.size >= this.#sweepAtSize;
  }

  /** Forgets dead sessions, after showing each to `drop`. Record numbers change. */
  dropDead(drop: (record: number) => void): void {
    this.sessions.compact(drop);
    this.#ports.recount();
    this.#sweepAtSize = Math.max(MIN_SWEEP_SIZE, 2 * this.sessions.size);
  }

  #refuse(reason: number, ipBytes: number): void {
    this.packetsByReason[reason]!++;
    this.bytesByReason[reason]! += ipBytes;
  }

  /**
   * A packet that opens a session, changes the state of one, or may come too late for it.
   *
   * @param found record of its five-tuple, dead or alive, or -1
   * @returns the record of its session, or minus a `REASON_CODE`
   */
  #admit(found: number, batch: PacketBatch, row: number): number {
    const keys = this.#keys;
    const protocol = batch.protocol[row]!;
    const l4Kind = batch.l4Kind[row]!;
    const fromVpc = keys.fromVpc[row] === 1;
    let record = found >= 0 && this.#isDead(found) ? -1 : found;
    if (protocol === PROTOCOL.tcp) {
      const opens = fromVpc && (l4Kind & (TCP_FLAG.syn | TCP_FLAG.ack | TCP_FLAG.rst)) === TCP_FLAG.syn;
      if (record >= 0 && opens && isReusable(this.sessions.stateOf(record))) {
        this.#end(record, this.#naturalEnd(record, END_REASON_CODE.reused));
        record = -1;
      }
      // A segment without SYN shows a session that began before the capture; a SYN from outside shows none of ours.
      if (record < 0 && !fromVpc && (l4Kind & TCP_FLAG.syn) !== 0) return -REASON_CODE.no_session;
    } else if (record < 0 && !fromVpc) {
      return -REASON_CODE.no_session;
    }
    if (record < 0) return this.#open(keys, row, protocol, l4Kind);
    if (protocol === PROTOCOL.tcp) this.#track(record, l4Kind, fromVpc);
    return record;
  }

  /**
   * Times and flags of a packet that is late, comes after a late one, or has a length that was inferred. Its session's
   * own time never goes back, but the times of its entry are those of its packets.
   */
  #countUnusual(record: number, batch: PacketBatch, row: number, windowStartSec: number, isLate: boolean): void {
    const { words, floats } = this.sessions;
    const at = record * RECORD_WORDS;
    const floatAt = at >> 1;
    let sec = batch.tsSec[row]!;
    let nsec = batch.tsNsec[row]!;
    if (sec < windowStartSec) {
      sec = windowStartSec;
      nsec = 0;
      this.latePackets++;
      words[at + WORD.flags]! |= ENTRY_FLAG.lateCarried;
    }
    if ((batch.flags[row]! & PACKET_FLAG.lengthInferred) !== 0) words[at + WORD.flags]! |= ENTRY_FLAG.lengthInferred;
    const isFirst = (words[at + WORD.pktsFromVpc]! | words[at + WORD.pktsFromPub]!) === 0;
    const hasOwnLast = (words[at + WORD.flags]! & OWN_LAST) !== 0;
    const lastSec = hasOwnLast ? floats[floatAt + FLOAT.ownLastSec]! : floats[floatAt + FLOAT.lastSec]!;
    const lastNsec = words[at + (hasOwnLast ? WORD.ownLastNsec : WORD.lastNsec)]!;
    if (isFirst || isAfter(floats[floatAt + FLOAT.firstSec]!, words[at + WORD.firstNsec]!, sec, nsec)) {
      floats[floatAt + FLOAT.firstSec] = sec;
      words[at + WORD.firstNsec] = nsec;
    }
    if (isFirst) floats[floatAt + FLOAT.firstPacket] = batch.packetNo[row]!;
    if (!isLate) {
      words[at + WORD.flags]! &= ~OWN_LAST;
      return;
    }
    words[at + WORD.flags]! |= OWN_LAST;
    const isLast = isFirst || isAfter(sec, nsec, lastSec, lastNsec);
    floats[floatAt + FLOAT.ownLastSec] = isLast ? sec : lastSec;
    words[at + WORD.ownLastNsec] = isLast ? nsec : lastNsec;
  }

  #open(keys: SessionKeys, row: number, protocol: number, l4Kind: number): number {
    const salt = Math.imul(Math.floor(this.#now[0]!), 0x165667b1);
    const pool = this.#pools[keys.entry[row]!]!;
    const priIp = keys.priIp[row]!;
    const pubIp = keys.pubIp[row]!;
    const ports = keys.ports[row]!;
    if (!this.#ports.choose(priIp, pubIp, ports, protocol, pool, salt)) return -REASON_CODE.no_port;
    const { natAddress, natPort } = this.#ports;
    const record = this.sessions.create(keys.hash[row]!, priIp, pubIp, ports, protocol, natAddress, natPort);
    const { words } = this.sessions;
    const at = record * RECORD_WORDS;
    words[at + WORD.sessionId] = ++this.sessionCount;
    this.#enter(record, firstState(protocol, l4Kind, keys.fromVpc[row] === 1));
    if (protocol === PROTOCOL.tcp && (l4Kind & (TCP_FLAG.syn | TCP_FLAG.ack)) !== TCP_FLAG.syn) {
      words[at + WORD.flags] = ENTRY_FLAG.midstream;
    }
    this.#ports.opened(record);
    return record;
  }

  #track(record: number, tcpFlags: number, fromVpc: boolean): void {
    const state = this.sessions.stateOf(record);
    const next = nextTcpState(state, tcpFlags, fromVpc);
    if (next !== state) this.#enter(record, next);
  }

  #enter(record: number, state: number): void {
    this.sessions.setState(record, state);
    const deadline = this.#now[0]! + this.#timeouts[state]!;
    if (deadline < this.#nothingToReapBeforeSec) this.#nothingToReapBeforeSec = deadline;
  }

  /** Idle for its time-out or longer means dead; it is ended when that is found. */
  #isDead(record: number): boolean {
    const { words, floats } = this.sessions;
    const at = record * RECORD_WORDS;
    const state = words[at + WORD.kind]! >>> STATE_SHIFT;
    if (state === SESSION_STATE.dead) return true;
    const idleSec = this.#now[0]! - floats[(at >> 1) + FLOAT.lastSec]!;
    const timeoutSec = this.#timeouts[state]!;
    if (idleSec < timeoutSec) return false;
    if (idleSec === timeoutSec && this.#now[1]! < words[at + WORD.lastNsec]!) return false;
    this.#end(record, endReasonOf(state));
    return true;
  }

  /** Why a session ends now: by its own FIN or RST if there was one, else for the reason given. */
  #naturalEnd(record: number, otherwise: number): number {
    const own = endReasonOf(this.sessions.stateOf(record));
    return own === END_REASON_CODE.idle ? otherwise : own;
  }

  #end(record: number, endReason: number): void {
    this.sessions.setState(record, SESSION_STATE.dead);
    this.sessions.words[record * RECORD_WORDS + WORD.endReason] = endReason;
    this.#ports.ended(record);
  }

  /** A search through all sessions, left out while it is known that it would find nothing. */
  #reapAll(): void {
    if (this.#now[0]! < this.#nothingToReapBeforeSec) return;
    let nextDeadline = Infinity;
    const { sessions } = this;
    for (let record = 0; record < sessions.size; record++) {
      if (this.#isDead(record)) continue;
      const lastSec = sessions.floats[record * (RECORD_WORDS / 2) + FLOAT.lastSec]!;
      const deadline = lastSec + this.#timeouts[sessions.stateOf(record)]!;
      if (deadline < nextDeadline) nextDeadline = deadline;
    }
    this.#nothingToReapBeforeSec = nextDeadline;
  }
}

function firstState(protocol: number, l4Kind: number, fromVpc: boolean): number {
  if (protocol === PROTOCOL.udp) return SESSION_STATE.udp;
  if (protocol === PROTOCOL.icmp) return SESSION_STATE.icmp;
  if ((l4Kind & (TCP_FLAG.syn | TCP_FLAG.ack)) === TCP_FLAG.syn) return SESSION_STATE.opening;
  return nextTcpState(SESSION_STATE.established, l4Kind, fromVpc);
}

function isAfter(sec: number, nsec: number, otherSec: number, otherNsec: number): boolean {
  return sec > otherSec || (sec === otherSec && nsec > otherNsec);
}
