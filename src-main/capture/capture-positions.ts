/** Octets `[offset, offset + bytes)` of a capture. */
export type OctetRange = readonly [offset: number, bytes: number];

/** A place from which on a capture can be read, as if what is before it were not there. */
export interface CapturePosition {
  /** Ordinal of the record there, from 1. */
  readonly record: number;
  readonly offset: number;
  /** The latest time of the records before it, whole epoch seconds. */
  readonly latestSec: number;
  /** Headers and descriptions of interfaces that have to be read before. */
  readonly preamble: readonly OctetRange[];
}

/** Where the packets of a capture are: sparse, and only of captures that are stored as they are. */
export interface CapturePositions {
  /** The latest time of all records; null when none was read. */
  readonly latestSec: number | null;
  /** In order of the file. */
  readonly positions: readonly CapturePosition[];
}

/** Octets between two positions: some 50 ms of reading. */
export const POSITION_BYTES = 16 << 20;
