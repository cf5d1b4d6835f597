/*
 * The emulator: the gateway's translation and the sums of its sessions by window, compiled to one module of WebAssembly.
 *
 * It is AssemblyScript because of what surrounds the loops: the same code in TypeScript takes 0.3 s to be optimised by
 * V8, at every import, and is then a third slower (design, section 3). One instance is one gateway and one import.
 * Addresses and ports are in host order, times packet times: seconds as float64 and nanoseconds within.
 */
import { advance } from './clock';
import { initSessions } from './session-table';
import { dropDead, initRows } from './window';
import { endAllSessions, endIdleSessions } from './reaper';

export * from './batch';
export * from './codes';
export {
  allocateEntries,
  allocateNatAddresses,
  allocatePoolAddresses,
  allocatePools,
  classOf,
  classesByUpperHalf,
  setPorts,
  timeouts,
} from './configuration';
export { bytesByReason, createdSessions, lateCount, packetsByReason, translate } from './gateway';
export {
  ENTRY_ROWS,
  clearRows,
  closeWindow,
  emit,
  isSweepDue,
  outBytesFromPub,
  outBytesFromVpc,
  outEndReason,
  outFirstNsec,
  outFirstPacket,
  outFirstSec,
  outFlags,
  outLastNsec,
  outLastPacket,
  outLastSec,
  outNatIp,
  outNatPort,
  outOrdinal,
  outPktsFromPub,
  outPktsFromVpc,
  outPriIp,
  outPriPort,
  outProtocol,
  outPubIp,
  outPubPort,
  outSessionId,
} from './window';

/** To be called once, before anything else. */
export function init(): void {
  initSessions();
  initRows();
}

/** Ends the sessions whose time is up by `sec`. */
export function endIdle(sec: f64): void {
  advance(sec, 0);
  endIdleSessions();
}

/** The capture has ended: every session ends. */
export function endAll(): void {
  endAllSessions();
}

/** Moves sessions that have died by `sec` out of the table of the living. */
export function sweep(sec: f64): void {
  endIdle(sec);
  dropDead();
}
