import {
  END_FIN,
  END_IDLE,
  END_RST,
  ENTRY_AFFINITY_BROKEN,
  ENTRY_MIDSTREAM,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
} from './codes';

/** Distance of two records: two cache lines. */
export const SESSION_BYTES: usize = 128;

/**
 * One session and what it did since its window began.
 *
 * What a packet of a known session reads and writes is the first cache line, and nothing else; half of all packets
 * would otherwise wait for a second one.
 */
@unmanaged
export class Session {
  priIp: u32;
  pubIp: u32;
  /** `private port << 16 | public port`. */
  ports: u32;
  protocol: u8;
  /** `STATE_…`. */
  state: u8;
  /** Bits of `MARK_…`. */
  marks: u8;
  /** Shift counts of the windows: of the one from the VPC in the lower half, of the other in the upper. */
  scales: u8;
  pktsFromVpc: u32;
  pktsFromPub: u32;
  /** The lower 32 bits; see `bytesFromVpcHigh`. */
  bytesFromVpc: u32;
  bytesFromPub: u32;
  lastSec: f64;
  lastPacket: f64;
  /** Time of the session's last packet, which never goes back; idle time counts from it. */
  lastNsec: u32;
  /** The last acknowledgement of each side, and the window that came with it. */
  ackFromVpc: u32;
  ackFromPub: u32;
  windowFromVpc: u16;
  windowFromPub: u16;

  firstSec: f64;
  /** See `MARK_OWN_LAST`. */
  ownLastSec: f64;
  firstPacket: f64;
  firstNsec: u32;
  ownLastNsec: u32;
  sessionId: u32;
  /** Where the allocator counts the sessions of this destination. */
  load: u32;
  /** Ordinal in the window that closes, in order of the sessions' creation. */
  ordinal: u32;
  /**
   * Initial sequence number of the SYN from the VPC, see `MARK_SYN_FROM_VPC`; with `MARK_CANDIDATE` the place of what is kept, which
   * has that number.
   */
  isn: u32;
  bytesFromVpcHigh: u16;
  bytesFromPubHigh: u16;
  natPort: u16;
  /** Index of the address that the session is translated to. */
  natAddress: u16;
  /** Bits of `ENTRY_FLAG`. */
  flags: u16;
  /** See `realmOf` and `endReasonOf`. */
  realmAndEnd: u32;

  /** Counts a packet, and not its time. */
  count(ipBytes: u32, fromVpc: bool): void {
    if (fromVpc) {
      this.pktsFromVpc++;
      const sum = this.bytesFromVpc + ipBytes;
      if (sum < ipBytes) this.bytesFromVpcHigh++;
      this.bytesFromVpc = sum;
    } else {
      this.pktsFromPub++;
      const sum = this.bytesFromPub + ipBytes;
      if (sum < ipBytes) this.bytesFromPubHigh++;
      this.bytesFromPub = sum;
    }
  }

  clearCounts(): void {
    this.pktsFromVpc = 0;
    this.pktsFromPub = 0;
    this.bytesFromVpc = 0;
    this.bytesFromPub = 0;
    this.bytesFromVpcHigh = 0;
    this.bytesFromPubHigh = 0;
  }

  setIsn(isn: u32): void {
    this.isn = isn;
    this.marks |= <u8>MARK_SYN_FROM_VPC;
  }
}

const REALM: u32 = 0xffffff;
const END_SHIFT: u32 = 24;

/** The VLANs of the session's first packet, as `batchVlan` has them. */
export function realmOf(session: Session): u32 {
  return session.realmAndEnd & REALM;
}

/** @returns the `END_…` of a session that has ended */
export function endReasonOf(session: Session): u32 {
  return session.realmAndEnd >> END_SHIFT;
}

export function setEndReason(session: Session, endReason: u32): void {
  session.realmAndEnd = (session.realmAndEnd & REALM) | (endReason << END_SHIFT);
}

/* Bits of `marks`. */
/** The window's last packet counts at another time than the session's own last one: see `ownLast…`. */
export const MARK_OWN_LAST: u32 = 1;
export const MARK_ACK_FROM_VPC: u32 = 2;
export const MARK_ACK_FROM_PUB: u32 = 4;
export const MARK_SYN_FROM_VPC: u32 = 8;
export const MARK_SYN_FROM_PUB: u32 = 64;
/** Keeps a SYN that may open it anew: see `isn`. */
export const MARK_CANDIDATE: u32 = 128;
/** Its translated endpoint was seen, not chosen. */
export const MARK_OBSERVED: u32 = 16;
/** Its private endpoint is not known: it is the translated one. */
export const MARK_PUBLIC_ONLY: u32 = 32;

/** Whether the session did anything in the window. */
export function isActive(session: Session): bool {
  return (session.pktsFromVpc | session.pktsFromPub) != 0;
}

/** A window begins, in which the session has done nothing yet. */
export function beginWindow(session: Session): void {
  session.clearCounts();
  session.flags &= <u16>(ENTRY_MIDSTREAM | ENTRY_AFFINITY_BROKEN);
  session.marks &= ~(<u8>MARK_OWN_LAST);
}

/* Word by word: a call of the runtime for 128 octets takes longer. */

export function copySession(to: usize, from: usize): void {
  for (let word: usize = 0; word < SESSION_BYTES; word += 8) store<u64>(to + word, load<u64>(from + word));
}

export function clearSession(at: usize): void {
  for (let word: usize = 0; word < SESSION_BYTES; word += 8) store<u64>(at + word, 0);
}

/* States. TCP's follow RFC 7857 figure 1, and SCTP's netfilter's table; see sctp.ts. */
export const STATE_UDP: u32 = 0;
export const STATE_UDP_REPLIED: u32 = 1;
export const STATE_ICMP: u32 = 2;
export const STATE_OPENING: u32 = 3;
export const STATE_SYN_RECEIVED: u32 = 4;
export const STATE_ESTABLISHED: u32 = 5;
export const STATE_FIN_FROM_VPC: u32 = 6;
export const STATE_FIN_FROM_PUB: u32 = 7;
export const STATE_FIN_BOTH: u32 = 8;
export const STATE_RESET: u32 = 9;
export const STATE_GRE: u32 = 10;
export const STATE_GRE_REPLIED: u32 = 11;
/** An association was asked for, and nobody has answered; or somebody has said no. */
export const STATE_SCTP_ASKED: u32 = 12;
export const STATE_SCTP_COOKIE_WAIT: u32 = 13;
export const STATE_SCTP_COOKIE_ECHOED: u32 = 14;
export const STATE_SCTP_ESTABLISHED: u32 = 15;
export const STATE_SCTP_SHUTDOWN: u32 = 16;
export const STATE_SCTP_SHUTDOWN_ACKED: u32 = 17;
export const STATE_SCTP_CLOSED: u32 = 18;
export const STATE_SCTP_ABORTED: u32 = 19;
/** A path of an association is tried, and nobody has answered. */
export const STATE_SCTP_HEARTBEAT: u32 = 20;
/** Of a protocol of which nothing is known. */
export const STATE_OTHER: u32 = 21;
/** Ended, and its port is held back for a while; no packet finds it. */
export const STATE_HELD: u32 = 22;
/** Ended: its port is free and no packet finds it; its entry waits for the window to close. */
export const STATE_DEAD: u32 = 23;

/** True of a session that has ended. */
export function hasEnded(state: u32): bool {
  return state >= STATE_HELD;
}

/** @returns the `END_…` of a session that ended by itself in this state */
export function naturalEndOf(state: u32): u32 {
  if (state == STATE_FIN_BOTH || (state >= STATE_SCTP_SHUTDOWN && state <= STATE_SCTP_CLOSED)) return END_FIN;
  if (state == STATE_RESET || state == STATE_SCTP_ABORTED) return END_RST;
  return END_IDLE;
}

/** Place of a protocol in tables of three: those without one of their own are with UDP. */
export function protocolPlace(protocol: u32): u32 {
  if (protocol == PROTOCOL_TCP) return 0;
  return protocol == PROTOCOL_ICMP ? 2 : 1;
}
