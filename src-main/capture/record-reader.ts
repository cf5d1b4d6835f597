import type { CaptureAccount } from './capture-account';
import type { PacketBatch } from './packet-batch';

export const ReadStatus = {
  /** The batch has no room left. */
  batchFull: 0,
  /** The buffer holds no complete record. */
  needBytes: 1,
  /** Nothing more can be read: `account.damage` says why. */
  ended: 2,
} as const;
export type ReadStatus = (typeof ReadStatus)[keyof typeof ReadStatus];

/** One container format: finds the records in a `ReadBuffer` and decodes them into batches. */
export interface RecordReader {
  readonly format: 'pcap' | 'pcapng';
  readonly account: CaptureAccount;
  /** Appends the complete records of the buffer to the batch, as far as both last. */
  fill(batch: PacketBatch): ReadStatus;
  /** Offset in the file of what has been begun and not completed: all of it is unreadable if the file ends here. */
  readonly unfinishedOffset: number;
  /** Why octets are left in the buffer at the end of the file, for the ledger. */
  cutCause(): string;
  /** Gives back what it holds of the decoder's memory. */
  release(): void;
}
