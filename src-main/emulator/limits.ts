import { findBinding } from './bindings';
import { nowSec } from './clock';
import { NO_LIMIT, limits } from './configuration';
import { REASON_CPS_LIMIT, REASON_HOST_LIMIT, REASON_SESSION_LIMIT } from './codes';
import { COUNT_TABLE_BYTES, CountTable, clearCounts, counterOf, secondNow } from './count-table';
import { isIndependent } from './other-protocols';
import { liveSessions, reapAll } from './reaper';
import { MARK_PUBLIC_ONLY, Session } from './session';

/*
 * Limits of new sessions, of the gateway and of each host. What a host has is counted only where it is limited: by host
 * and protocol its ports, by host its new sessions within the second. A live session has a port of its own, but that of a
 * mapping for all destinations is of all of its sessions.
 */

let countedSec: f64 = -1;
let newInSecond: u32 = 0;
const counts = changetype<CountTable>(memory.data(COUNT_TABLE_BYTES, 8));
/** In the place of a protocol. */
const NEW_SESSIONS: u32 = 0xffff;

/** @returns 0 when a session may open now, else a `REASON_CODE` */
export function refusalOf(host: u32, ports: u32, protocol: u32): u32 {
  const hasteRefusal = refusalOfHaste(host);
  if (hasteRefusal == REASON_CPS_LIMIT) return hasteRefusal;
  if (liveSessions >= limits.sessions) {
    reapAll();
    if (liveSessions >= limits.sessions) return REASON_SESSION_LIMIT;
  }
  if (hasteRefusal != 0) return hasteRefusal;
  if (limits.portsPerHost != NO_LIMIT && needsTooMany(host, ports, protocol)) {
    reapAll();
    if (needsTooMany(host, ports, protocol)) return REASON_HOST_LIMIT;
  }
  return 0;
}

/** Whether a new session would be given one port more than its host may have. */
function needsTooMany(host: u32, ports: u32, protocol: u32): bool {
  return counterOf(counts, host, protocol, 0).count >= limits.portsPerHost && !hasPort(host, ports, protocol);
}

/** Whether a live session has the port of this one, too. */
function hasPort(host: u32, ports: u32, protocol: u32): bool {
  return isIndependent(protocol) && findBinding(host, ports >> 16, protocol);
}

/** As `refusalOf`, of new sessions within a second alone: a session that ends makes no room for those. */
export function refusalOfHaste(host: u32): u32 {
  if (limits.newPerSec != NO_LIMIT) {
    if (nowSec != countedSec) {
      countedSec = nowSec;
      newInSecond = 0;
    }
    if (newInSecond >= limits.newPerSec) return REASON_CPS_LIMIT;
  }
  if (limits.newPerSecPerHost == NO_LIMIT) return 0;
  const fresh = counterOf(counts, host, NEW_SESSIONS, 0);
  return fresh.second == secondNow() && fresh.count >= limits.newPerSecPerHost ? REASON_HOST_LIMIT : 0;
}

/** Counts a session that was opened, before its mapping does. */
export function countHostSession(host: u32, ports: u32, protocol: u32): void {
  if (limits.newPerSec != NO_LIMIT) newInSecond++;
  if (limits.newPerSecPerHost != NO_LIMIT) {
    const fresh = counterOf(counts, host, NEW_SESSIONS, 0);
    if (fresh.second != secondNow()) {
      fresh.second = secondNow();
      fresh.count = 0;
    }
    fresh.count++;
  }
  if (limits.portsPerHost != NO_LIMIT && !hasPort(host, ports, protocol)) counterOf(counts, host, protocol, 0).count++;
}

/** The clock was set back when all sessions had ended: a second that comes again is another one. */
export function forgetCounts(): void {
  countedSec = -1;
  newInSecond = 0;
  clearCounts(counts);
}

/** A session that was counted no more is live after all, and its mapping does not count it yet. */
export function returnHostSession(session: Session): void {
  if (limits.portsPerHost == NO_LIMIT || hasPort(session.priIp, session.ports, session.protocol)) return;
  counterOf(counts, session.priIp, session.protocol, 0).count++;
}

/** Counts a session no more, that has ended, and that its mapping does not count any more. */
export function forgetHostSession(session: Session): void {
  if (((<u32>session.marks) & MARK_PUBLIC_ONLY) != 0) return;
  if (limits.portsPerHost == NO_LIMIT || hasPort(session.priIp, session.ports, session.protocol)) return;
  counterOf(counts, session.priIp, session.protocol, 0).count--;
}
