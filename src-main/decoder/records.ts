/*
 * What the readers of all formats say about the stretch that they read, beside the rows. They start at row 0, and end
 * with one of the states below.
 */

import { rowTraits } from './rows';

/** All rows that were asked for are there. */
export const READ_FULL: u32 = 0;
/** The input holds no further complete record. */
export const READ_NEEDS_BYTES: u32 = 1;
/** A block that is no packet: it is the host's to read. */
export const READ_OTHER_BLOCK: u32 = 2;
/** From here on, `READ_DAMAGED + n` stands for the n-th cause of the format. */
export const READ_DAMAGED: u32 = 16;

/** Octets that were asked for one record. @see libpcap MAXIMUM_SNAPLEN and Wireshark WTAP_MAX_PACKET_SIZE_STANDARD */
export const MAX_RECORD_BYTES: u32 = 262144;

/** The first octet that was not taken. */
export let readEnd: usize = 0;
export let readRows: u32 = 0;
/** Captured octets of the rows. */
export let readCapturedBytes: f64 = 0;
/** Octets that the rows had on the wire. */
export let readWireBytes: f64 = 0;
/** Sum of their IP lengths. */
export let readIpBytes: f64 = 0;
/** Rows without a readable IP header. */
export let readNoIpRows: u32 = 0;
/** What holds for all rows, see `rowTraits`. */
export let readTraits: u32 = 0;
/** Numbers that belong into the description of the damage. */
export let damageValue: u32 = 0;
export let damageLimit: u32 = 0;

/** @returns `state` */
export function finish(
  state: u32,
  end: usize,
  rows: u32,
  capturedBytes: u64,
  wireBytes: u64,
  ipBytes: u64,
  noIpRows: u32,
): u32 {
  readEnd = end;
  readRows = rows;
  readCapturedBytes = <f64>capturedBytes;
  readWireBytes = <f64>wireBytes;
  readIpBytes = <f64>ipBytes;
  readNoIpRows = noIpRows;
  readTraits = rowTraits();
  return state;
}

/** @returns the state for the n-th cause of a format */
export function damaged(cause: u32, value: u32, limit: u32): u32 {
  damageValue = value;
  damageLimit = limit;
  return READ_DAMAGED + cause;
}
