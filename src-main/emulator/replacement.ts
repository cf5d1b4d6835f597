/*
 * The one table that is being replaced by a larger one. That of a million slots takes 0.1 s, so where it is large it is done
 * part by part between two packets, before it is due.
 */

/** Packets that come, at most, until it is asked again whether a table is due. */
export const NEXT_ROWS: u32 = 1024;
/** All parts at once. */
export const ALL_PARTS: u32 = 0xffffffff;
const OCTETS_AT_ONCE: usize = 1 << 24;

let old: usize = 0;
/** Of the old table; what is moved need not be its slots. */
let toMove: u32 = 0;
let moved: u32 = 0;
let fresh: usize = 0;
let freshBytes: usize = 0;
let cleared: usize = 0;
let isUnderWay: bool = false;

export function isReplacing(): bool {
  return isUnderWay;
}

/** @returns the new table, which is to be cleared first, with `clearPart` */
export function replaceTable(oldTable: usize, count: u32, bytes: usize): usize {
  old = oldTable;
  toMove = count;
  moved = 0;
  fresh = heap.alloc(bytes);
  freshBytes = bytes;
  cleared = 0;
  isUnderWay = true;
  return fresh;
}

/** Clears a part of the new table, or all that is left where all is to be done at once. @returns whether moving may go on */
export function clearPart(atOnce: u32): bool {
  if (cleared == freshBytes) return true;
  const left = freshBytes - cleared;
  const bytes = atOnce == ALL_PARTS ? left : min(left, OCTETS_AT_ONCE);
  memory.fill(fresh + cleared, 0, bytes);
  cleared += bytes;
  return atOnce == ALL_PARTS;
}

/** @returns the first of what is moved next */
export function beginPart(): u32 {
  return moved;
}

/** @returns the one after the last of what is moved next */
export function partEnd(atOnce: u32): u32 {
  return atOnce == ALL_PARTS ? toMove : min(toMove, moved + atOnce);
}

/** All before `end` has been moved. @returns whether that is all, so that the old table is gone */
export function endPart(end: u32): bool {
  moved = end;
  if (moved < toMove) return false;
  if (old != 0) heap.free(old);
  isUnderWay = false;
  return true;
}
