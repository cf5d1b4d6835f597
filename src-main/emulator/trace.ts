import { batchKept, batchOutward, batchSession, batchWindow } from './batch';
import { isOutward } from './sides';

/*
 * For whoever wants to know of each packet in which session it counts. An import does without.
 */

const INITIAL_SETTLED: u32 = 1 << 10;
const SETTLED_BYTES: usize = 16;

let isTraced: bool = false;
let settled: usize = 0;
let settledCapacity: u32 = 0;
let settledLength: u32 = 0;

/** From now on, `batchWindow`, `batchSession`, `batchKept` and `batchOutward` are filled. */
export function trace(): void {
  isTraced = true;
}

export function isTracing(): bool {
  return isTraced;
}

/** A row counts in a session, or in none. @param windowStartSec start of the window that it counts in */
export function notePlaced(row: u32, sessionId: u32, windowStartSec: f64): void {
  store<f64>(batchWindow + row * 8, windowStartSec);
  store<u32>(batchSession + row * 4, sessionId);
  store<u32>(batchKept + row * 4, 0);
  store<u8>(batchOutward + row, isOutward ? 1 : 0);
}

/** A row counts when what was kept is settled. */
export function noteKept(row: u32, keptNo: u32): void {
  store<f64>(batchWindow + row * 8, NaN);
  store<u32>(batchSession + row * 4, 0);
  store<u32>(batchKept + row * 4, keptNo);
  store<u8>(batchOutward + row, isOutward ? 1 : 0);
}

/** All that was kept with this number counts in the session, in the window that starts then. */
export function noteSettled(keptNo: u32, sessionId: u32, windowStartSec: f64): void {
  if (!isTraced) return;
  if (settledLength == settledCapacity) grow();
  const at = settled + settledLength * SETTLED_BYTES;
  store<u32>(at, keptNo);
  store<u32>(at + 4, sessionId);
  store<f64>(at + 8, windowStartSec);
  settledLength++;
}

function grow(): void {
  const old = settled;
  const oldCapacity = settledCapacity;
  settledCapacity = max(INITIAL_SETTLED, settledCapacity * 2);
  settled = heap.alloc(settledCapacity * SETTLED_BYTES);
  if (old == 0) return;
  memory.copy(settled, old, oldCapacity * SETTLED_BYTES);
  heap.free(old);
}

/** @returns how many were settled since the last `forgetSettled` */
export function settledCount(): u32 {
  return settledLength;
}

/** @returns where they are: each is `batchKept` and session, as uint32, and the start of the window as float64 */
export function settledAt(): usize {
  return settled;
}

export function forgetSettled(): void {
  settledLength = 0;
}
