import { batchFlags, batchFragmentOf, batchTcpSeq, batchTcpWindow } from './batch';
import {
  FLAG_FIRST_FRAGMENT,
  FLAG_ICMP_ERROR,
  REASON_DUPLICATE,
  REASON_LATE_DROPPED,
  REASON_LOST_IN_NAT,
  REASON_NO_PORT,
  REASON_PUBLIC_COPY,
} from './codes';
import { eventAt, lastRefusal, noteRefusal } from './events';
import { quotedPorts, quotedPriIp, quotedProtocol, quotedPubIp, setQuoted } from './icmp';

/*
 * Fragments follow the first one of their packet: they have no header by which anything could be decided, so that what became of
 * that one becomes of them. Where it is in a session, they count in the one that its five-tuple has when they come; they open
 * none, end none, and change no state.
 * @see nat-gateway reference §5 detail 2, §7.E; RFC 4787 REQ-14
 */

/** First fragments that are known, a power of two: as many as the host knows at once. */
const CAPACITY: u32 = 1 << 16;

/** What became of a first fragment. */
@unmanaged
class Head {
  /** As `batchFragmentOf`; 0 where the place is free. */
  packet: u32;
  /* Of a SYN its number and its window, as `batchTcpWindow` has it. */
  isn: u32;
  window: u32;
  /* Of one that was refused a session, what was told of it: addresses, port of the destination and entry. Of an ICMP error, the
   * five-tuple of what it quotes. */
  priIp: u32;
  pubIp: u32;
  ports: u32;
  entry: u32;
  protocol: u8;
  /** Why it is in no session; 0 when it is in one, or kept for one. */
  reason: u8;
  /** It is a SYN that was kept. */
  isKept: bool;
  /** It refreshes nothing. */
  isVain: bool;
}
const HEAD_BYTES: usize = 32;

/** Zero before the first fragment. */
let heads: usize = 0;

function headAt(packet: u32): Head {
  return changetype<Head>(heads + (packet & (CAPACITY - 1)) * HEAD_BYTES);
}

/** @returns null when nothing is known of the first fragment */
function headOf(row: u32): Head | null {
  if (heads == 0) return null;
  const packet = load<u32>(batchFragmentOf + row * 4);
  const head = headAt(packet);
  return head.packet == packet ? head : null;
}

/** Whether a row is a later fragment whose first one has come. */
export function isFollowing(row: u32, flags: u32): bool {
  return (flags & FLAG_FIRST_FRAGMENT) == 0 && load<u32>(batchFragmentOf + row * 4) != 0;
}

/**
 * A packet has been counted, or was refused: if it is a first fragment, the later ones follow it from then on.
 *
 * @param reason 0 for one in a session, or that is kept
 */
export function noteHead(row: u32, reason: u32, isKept: bool, isVain: bool): void {
  const flags: u32 = load<u8>(batchFlags + row);
  const packet = load<u32>(batchFragmentOf + row * 4);
  if ((flags & FLAG_FIRST_FRAGMENT) == 0 || packet == 0 || saysNothing(reason)) return;
  if (heads == 0) {
    heads = heap.alloc(CAPACITY * HEAD_BYTES);
    memory.fill(heads, 0, CAPACITY * HEAD_BYTES);
  }
  const head = headAt(packet);
  head.packet = packet;
  head.reason = <u8>reason;
  head.isKept = isKept;
  head.isVain = isVain;
  head.isn = load<u32>(batchTcpSeq + row * 4);
  head.window = load<u32>(batchTcpWindow + row * 4);
  if (isRefusal(reason)) {
    const told = eventAt(lastRefusal);
    head.priIp = told.priIp;
    head.pubIp = told.pubIp;
    head.ports = told.ports;
    head.protocol = <u8>told.protocol;
    head.entry = told.place;
  } else if (reason == 0 && (flags & FLAG_ICMP_ERROR) != 0) {
    head.priIp = quotedPriIp;
    head.pubIp = quotedPubIp;
    head.ports = quotedPorts;
    head.protocol = <u8>quotedProtocol;
  } else {
    head.protocol = 0;
  }
}

/** Of reasons that tell what was seen of the packet, or when, and not what the gateway did with it. */
function saysNothing(reason: u32): bool {
  return (
    reason == REASON_PUBLIC_COPY ||
    reason == REASON_LOST_IN_NAT ||
    reason == REASON_DUPLICATE ||
    reason == REASON_LATE_DROPPED
  );
}

/** Of reasons of which events tell. */
function isRefusal(reason: u32): bool {
  return reason >= REASON_NO_PORT;
}

/** @returns why the first fragment of a later one is in no session; 0 when it is in one, or that is not known */
export function reasonToFollow(row: u32): u32 {
  const head = headOf(row);
  return head == null ? 0 : head.reason;
}

/** A later fragment is refused with its first one, and told as that was. */
export function refuseWithHead(row: u32, reason: u32, ipBytes: u32): u32 {
  if (!isRefusal(reason)) return reason;
  const head = headOf(row)!;
  noteRefusal(reason, head.priIp, head.pubIp, head.ports, head.protocol, head.entry, ipBytes);
  return reason;
}

/** What the first fragment, an ICMP error, quotes, is left as `findQuoted` does. @returns false when that is not known */
export function findQuotedByHead(row: u32): bool {
  const head = headOf(row);
  if (head == null || head.protocol == 0) return false;
  setQuoted(head.priIp, head.pubIp, head.ports, head.protocol);
  return true;
}

/** Whether the idle time of the session went on as if the first fragment had not come. */
export function isVainHead(row: u32): bool {
  const head = headOf(row);
  return head != null && head.isVain;
}

/** Whether the first fragment was a SYN that was kept; the later one has its number and its window then. */
export function isKeptHead(row: u32): bool {
  const head = headOf(row);
  if (head == null || !head.isKept) return false;
  store<u32>(batchTcpSeq + row * 4, head.isn);
  store<u32>(batchTcpWindow + row * 4, head.window);
  return true;
}
