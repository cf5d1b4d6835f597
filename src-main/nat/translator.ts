import { END_REASON_CODE, ENTRY_FLAG } from '../contract/log-entry';
import { REASON_CODE } from '../contract/ledger';
import { BATCH_ROWS, PROTOCOL, type PacketBatch } from '../capture/packet-batch';
import { AddressClasses } from './address-classes';
import type { Gateway } from './gateway';
import { PortAllocator } from './port-allocator';
import { SessionKeys } from './session-keys';
import { SESSION_STATE, TCP_FLAG, endReasonOf, isReusable, nextTcpState, timeoutsByState } from './session-state';
import { FLOAT, RECORD_WORDS, SessionTable, WORD } from './session-table';

/** Fewer records than this are not worth a sweep. */
const MIN_SWEEP_SIZE = 1 << 12;

/** What `Translator.translate` found for each row of a batch. */
export class Translation {
  /** Record of the session, or -1 when the packet is in no entry. */
  readonly session = new Int32Array(BATCH_ROWS);
  /** `REASON_CODE` of a packet that is in no entry, else 0. */
  readonly reason = new Uint8Array(BATCH_ROWS);
  /** What the packets themselves tell; its `fromVpc` is valid where there is a session. */
  readonly keys = new SessionKeys();
}

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
  readonly #classes: AddressClasses;
  readonly #timeouts: Float64Array;
  readonly #ports: PortAllocator;
  /** Indexes into `natAddresses` by SNAT entry. */
  readonly #pools: readonly (readonly number[])[];
  #nowSec = 0;
  #nowNsec = 0;
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

  /** Translates rows `[from, to)`. The columns of `translation` are valid until sessions are dropped. */
  translate(batch: PacketBatch, from: number, to: number, translation: Translation): void {
    const { keys, session, reason } = translation;
    keys.compute(batch, from, to, this.#classes, this.natAddresses);
    for (let row = from; row < to; row++) {
      const record = keys.reason[row] === 0 ? this.#translateRow(batch, row, keys) : -keys.reason[row]!;
      session[row] = record < 0 ? -1 : record;
      reason[row] = record < 0 ? -record : 0;
    }
  }

  /**
   * Ends the sessions whose time is up by `sec`, or all of them when the capture has ended.
   *
   * @param sec Infinity at the end of the capture
   */
  endIdle(sec: number): void {
    const isEnd = sec === Infinity;
    if (!isEnd) this.#advance(sec, 0);
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

  /** @returns the record of the packet's session, or minus a `REASON_CODE` */
  #translateRow(batch: PacketBatch, row: number, keys: SessionKeys): number {
    const protocol = batch.protocol[row]!;
    const l4Kind = batch.l4Kind[row]!;
    const fromVpc = keys.fromVpc[row] === 1;
    this.#advance(batch.tsSec[row]!, batch.tsNsec[row]!);

    let record = this.sessions.find(keys.hash[row]!, keys.priIp[row]!, keys.pubIp[row]!, keys.ports[row]!, protocol);
    if (record >= 0 && this.#isDead(record)) record = -1;
    if (protocol === PROTOCOL.tcp) {
      const opens = fromVpc && (l4Kind & (TCP_FLAG.syn | TCP_FLAG.ack | TCP_FLAG.rst)) === TCP_FLAG.syn;
      if (record >= 0 && opens && this.#isReusable(record)) {
        this.#end(record, this.#naturalEnd(record, END_REASON_CODE.reused));
        record = -1;
      }
      // A segment without SYN shows a session that began before the capture; a SYN from outside shows none of ours.
      if (record < 0 && !fromVpc && (l4Kind & TCP_FLAG.syn) !== 0) return -REASON_CODE.no_session;
    } else if (record < 0 && !fromVpc) {
      return -REASON_CODE.no_session;
    }

    if (record < 0) {
      record = this.#open(keys, row, protocol, l4Kind);
      if (record < 0) return record;
    } else if (protocol === PROTOCOL.tcp) {
      this.#track(record, l4Kind, fromVpc);
    }
    this.#touch(record);
    return record;
  }

  #open(keys: SessionKeys, row: number, protocol: number, l4Kind: number): number {
    const salt = Math.imul(Math.floor(this.#nowSec), 0x165667b1);
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
    this.#enter(at + WORD.state, firstState(protocol, l4Kind, keys.fromVpc[row] === 1));
    if (protocol === PROTOCOL.tcp && (l4Kind & (TCP_FLAG.syn | TCP_FLAG.ack)) !== TCP_FLAG.syn) {
      words[at + WORD.flags] = ENTRY_FLAG.midstream;
    }
    this.#ports.opened(record);
    return record;
  }

  #track(record: number, tcpFlags: number, fromVpc: boolean): void {
    const { words } = this.sessions;
    const at = record * RECORD_WORDS + WORD.state;
    const state = words[at]!;
    if (state === SESSION_STATE.established && (tcpFlags & (TCP_FLAG.fin | TCP_FLAG.syn | TCP_FLAG.rst)) === 0) return;
    const next = nextTcpState(state, tcpFlags, fromVpc);
    if (next !== state) this.#enter(at, next);
  }

  /** @param at word of the session's state */
  #enter(at: number, state: number): void {
    this.sessions.words[at] = state;
    const deadline = this.#nowSec + this.#timeouts[state]!;
    if (deadline < this.#nothingToReapBeforeSec) this.#nothingToReapBeforeSec = deadline;
  }

  /** Packet time as the sessions see it: it never goes back. */
  #advance(sec: number, nsec: number): void {
    if (sec < this.#nowSec || (sec === this.#nowSec && nsec < this.#nowNsec)) return;
    this.#nowSec = sec;
    this.#nowNsec = nsec;
  }

  #touch(record: number): void {
    this.sessions.floats[record * (RECORD_WORDS / 2) + FLOAT.lastSec] = this.#nowSec;
    this.sessions.words[record * RECORD_WORDS + WORD.lastNsec] = this.#nowNsec;
  }

  #isReusable(record: number): boolean {
    return isReusable(this.sessions.words[record * RECORD_WORDS + WORD.state]!);
  }

  /** Idle for its time-out or longer means dead; it is ended when that is found. */
  #isDead(record: number): boolean {
    const { words, floats } = this.sessions;
    const at = record * RECORD_WORDS;
    const state = words[at + WORD.state]!;
    if (state === SESSION_STATE.dead) return true;
    const idleSec = this.#nowSec - floats[(at >> 1) + FLOAT.lastSec]!;
    const timeoutSec = this.#timeouts[state]!;
    if (idleSec < timeoutSec) return false;
    if (idleSec === timeoutSec && this.#nowNsec < words[at + WORD.lastNsec]!) return false;
    this.#end(record, endReasonOf(state));
    return true;
  }

  /** Why a session ends now: by its own FIN or RST if there was one, else for the reason given. */
  #naturalEnd(record: number, otherwise: number): number {
    const own = endReasonOf(this.sessions.words[record * RECORD_WORDS + WORD.state]!);
    return own === END_REASON_CODE.idle ? otherwise : own;
  }

  #end(record: number, endReason: number): void {
    const { words } = this.sessions;
    const at = record * RECORD_WORDS;
    words[at + WORD.state] = SESSION_STATE.dead;
    words[at + WORD.endReason] = endReason;
    this.#ports.ended(record);
  }

  /** A search through all sessions, left out while it is known that it would find nothing. */
  #reapAll(): void {
    if (this.#nowSec < this.#nothingToReapBeforeSec) return;
    let nextDeadline = Infinity;
    const { sessions } = this;
    for (let record = 0; record < sessions.size; record++) {
      if (this.#isDead(record)) continue;
      const state = sessions.words[record * RECORD_WORDS + WORD.state]!;
      const deadline = sessions.floats[record * (RECORD_WORDS / 2) + FLOAT.lastSec]! + this.#timeouts[state]!;
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
