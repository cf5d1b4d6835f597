import { left } from './octets';
import {
  NO_SECOND,
  RECORD_CUT,
  RECORD_POSSIBLE,
  RECORD_SUSPECT,
  headerBytesOf,
  headerCaptured,
  headerProblem,
  headerRecordBytes,
  headerSec,
  isNear,
  isNearTime,
  isSoundHeader,
  problemValue,
  readHeader,
} from './record-header';
import { MAX_RECORD_BYTES, READ_FULL, READ_NEEDS_BYTES, damaged } from './records';

/*
 * Whether octets are a record, told by what follows them. Every answer depends on the octets of the file alone: where
 * they are not all there, more are asked for, at most four records' worth.
 */

/** Headers behind an odd record that are looked at, and headers that make a run. */
const RUN_RECORDS: u32 = 3;

/** The search found a record at `foundAt`. */
export const SEARCH_FOUND: u32 = 0;
/** It needs more octets to decide about `foundAt`. */
export const SEARCH_NEEDS_BYTES: u32 = 1;
/** There is none. */
export const SEARCH_FAILED: u32 = 2;

export let foundAt: usize = 0;

/** The time to measure the next record by, as the last `judgeRecord` left it. */
export let judgedSec: f64 = NO_SECOND;

/** @returns `READ_FULL` for a record that is possible and all there */
export function recordState(at: usize, end: usize, isAtEnd: bool, layout: u32): u32 {
  readHeader(at, layout);
  const problem = headerProblem(layout);
  if (problem != RECORD_POSSIBLE) return damaged(problem, problemValue(problem), MAX_RECORD_BYTES);
  if (<u32>left(at, end) < headerRecordBytes) return isAtEnd ? damaged(RECORD_CUT, 0, 0) : READ_NEEDS_BYTES;
  return READ_FULL;
}

/**
 * Judges a record with something odd: no octets, more captured than were on the wire, a fraction of a second above one,
 * a time far from the last. Each happens in good captures, and each is what misread octets look like.
 *
 * @param lastSec  time of the last record that was not odd, or `NO_SECOND`
 * @returns `READ_FULL` when a sound record follows, several possible ones, or the end of the file
 */
export function judgeRecord(at: usize, end: usize, isAtEnd: bool, layout: u32, lastSec: f64): u32 {
  const state = recordState(at, end, isAtEnd, layout);
  if (state != READ_FULL) return state;
  const ownSec = headerSec;
  const ownBytes = headerRecordBytes;
  judgedSec = lastSec;
  let next = at + ownBytes;
  for (let count: u32 = 0; count < RUN_RECORDS; count++) {
    if (left(next, end) < <i32>headerBytesOf(layout)) return isAtEnd ? READ_FULL : READ_NEEDS_BYTES;
    readHeader(next, layout);
    if (headerProblem(layout) != RECORD_POSSIBLE) return damaged(RECORD_SUSPECT, ownBytes, 0);
    if (isSoundHeader(layout)) {
      if (isNear(headerSec, ownSec)) {
        judgedSec = <f64>ownSec;
        return READ_FULL;
      }
      if (isNearTime(<f64>headerSec, lastSec)) return READ_FULL;
    }
    next += headerRecordBytes;
    if (next > end) return isAtEnd ? damaged(RECORD_SUSPECT, ownBytes, 0) : READ_NEEDS_BYTES;
  }
  return READ_FULL;
}

/**
 * Finds the first octet from `at` and before `limit` at which a run of sound records begins, that is near `lastSec` in
 * time: three of them, or fewer that end exactly where the file ends. No octet is looked at more than a few times.
 */
export function findRecord(at: usize, limit: usize, end: usize, isAtEnd: bool, layout: u32, lastSec: f64): u32 {
  for (; at < limit; at++) {
    const state = runState(at, end, isAtEnd, layout, lastSec);
    if (state == SEARCH_FAILED) continue;
    foundAt = at;
    return state;
  }
  foundAt = at;
  return SEARCH_FAILED;
}

function runState(at: usize, end: usize, isAtEnd: bool, layout: u32, lastSec: f64): u32 {
  const headerBytes = <i32>headerBytesOf(layout);
  let previousSec = lastSec;
  for (let count: u32 = 0; count < RUN_RECORDS; count++) {
    const room = left(at, end);
    if (room < headerBytes) return isAtEnd ? endState(room, count) : SEARCH_NEEDS_BYTES;
    readHeader(at, layout);
    if (!isSoundHeader(layout) || !isNearTime(<f64>headerSec, previousSec)) return SEARCH_FAILED;
    previousSec = <f64>headerSec;
    at += headerRecordBytes;
  }
  return SEARCH_FOUND;
}

/** A run at the end of the file: one record that ends there is enough, but two when the last one is cut. */
function endState(room: i32, count: u32): u32 {
  return (room == 0 && count > 0) || count > 1 ? SEARCH_FOUND : SEARCH_FAILED;
}
