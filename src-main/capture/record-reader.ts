import type { CaptureAccount } from './capture-account';
import type { OctetRange } from './capture-positions';
import type { InterfaceFacts } from './container-facts';
import type { PacketBatch } from './packet-batch';

export const ReadStatus = {
  /** The batch has no room left. */
  batchFull: 0,
  /** The buffer holds too little to go on, and the file has not ended. */
  needBytes: 1,
  /** The file has been read to its end, and all of it is accounted for. */
  ended: 2,
} as const;
export type ReadStatus = (typeof ReadStatus)[keyof typeof ReadStatus];

/**
 * One container format: finds the records in a `ReadBuffer` and decodes them into batches. What is damaged is skipped as
 * far as the format tells where the next record begins, and booked as unreadable.
 */
export interface RecordReader {
  readonly account: CaptureAccount;
  /** Appends the complete records of the buffer to the batch, as far as both last. */
  fill(batch: PacketBatch): ReadStatus;
  /** Offset in the file from which on nothing has been accounted for. */
  readonly unfinishedOffset: number;
  /**
   * What has to be read before the next record, if it is to be read without those before it; null where that cannot be
   * said: within damage, and behind it. Another array when it changes.
   */
  readonly preamble: readonly OctetRange[] | null;
  /** Gives back what it holds of the decoder's memory. */
  release(): void;
  /** @returns records of an interface so far; `InterfaceFacts` may be told later */
  packetsOf(facts: InterfaceFacts): number;
}

/** Octets that are being skipped since they cannot be read. */
export interface Gap {
  readonly offset: number;
  readonly cause: string;
}
