/*
 * The emulator: the gateway's translation and the sums of its sessions by window, compiled to one module of WebAssembly.
 *
 * It is AssemblyScript because of what surrounds the loops: the same code in TypeScript takes 0.3 s to be optimised by
 * V8, at every import, and is then a third slower (design, section 3). One instance is one gateway and one import.
 * Addresses and ports are in host order, times packet times: seconds as float64 and nanoseconds within.
 */
import { initBindings } from './bindings';
import { advance, nowSec, resetClock } from './clock';
import { END_FORCED_END, PROTOCOL_SCTP } from './codes';
import { HOST_WITH_DNAT, INSIDE, classOf, isInPool } from './configuration';
import { forgetDeadlines } from './deadlines';
import { recount } from './destination-load';
import { beginAnew, forgetAllExpired } from './expired';
import { forgetCounts } from './limits';
import { forgetLeft } from './moved';
import { initBlocks } from './port-blocks';
import { beginEndingAll, beginEndingIdle, endIdleSessions, endSession, noteAllCutOff } from './reaper';
import { MARK_PUBLIC_ONLY, Session, hasEnded } from './session';
import { initSessions, sessionAt, sessionCountNow } from './session-table';
import { sweepSessions } from './window';

export * from './batch';
export * from './codes';
export {
  BOUND_TO_DNAT,
  OF_DNAT,
  OF_GATEWAY,
  HOST_WITH_DNAT,
  HOST_WITH_EIP,
  INSIDE,
  UNCOVERED,
  allocateEntries,
  allocateNatAddresses,
  allocateNoNat,
  allocateOthers,
  allocatePoolAddresses,
  allocatePools,
  classOf,
  classesByUpperHalf,
  portHolds,
  setLimits,
  setOptions,
  setPortPolicy,
  setPorts,
  setWindows,
  timeouts,
} from './configuration';
export * from './event-rows';
export { beginBatch, bytesByReason, packetsByReason, translate } from './gateway';
export { lateCount, setWindowStart } from './packet-times';
export { createdSessions } from './session-opening';
export { forgetSettled, settledAt, settledCount, trace } from './trace';
export * from './entry-columns';
export { entryCount } from './entry-order';
export { clearRows, closeWindow, entriesAtMost, isSweepDue, isUntidy, makeRoom, tidyUp } from './window';

/** To be called once, when the configuration is written, before anything else. */
export function init(): void {
  initSessions();
  recount();
  initBindings();
  initBlocks();
}

/* Sessions that end with a window do so when it is closed, part by part. */

/** Sessions end whose time is up by `sec`. */
export function endIdle(sec: f64): void {
  advance(sec, 0);
  beginEndingIdle();
}

/** The capture has ended: every session ends, by its own time-out if that is up by the end of its window. */
export function endAll(): void {
  beginEndingAll(false);
}

/** The clock of the capture was set back: every session ends, and time begins anew when the window has been closed. */
export function endEpoch(): void {
  beginEndingAll(true);
}

export function startEpoch(): void {
  resetClock();
  forgetDeadlines();
  forgetAllExpired();
  forgetLeft();
  forgetCounts();
}

/**
 * The SNAT entries were exchanged: sessions end whose address is not one of their host's any more.
 *
 * @param isBehindEnd the capture had ended by then
 */
export function endMisplaced(sec: f64, nsec: u32, isBehindEnd: bool): void {
  if (isBehindEnd) noteAllCutOff();
  advance(sec, nsec);
  endIdleSessions();
  for (let place: u32 = 0; place < sessionCountNow(); place++) {
    const session = sessionAt(place);
    if (hasEnded(session.state) || ((<u32>session.marks) & MARK_PUBLIC_ONLY) != 0) continue;
    const hostClass = classOf(session.priIp);
    const hasEntry = hostClass >= INSIDE && hostClass < HOST_WITH_DNAT;
    if (hasEntry && isInPool(hostClass - INSIDE, session.natAddress)) continue;
    endSession(session, END_FORCED_END);
    if (session.protocol == PROTOCOL_SCTP) beginAnew();
  }
}

/** Moves sessions that have died by `sec` out of the table of the living. */
export function sweep(sec: f64): void {
  advance(sec, 0);
  sweepSessions();
}
