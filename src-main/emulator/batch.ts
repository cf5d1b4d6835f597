import { FLAG_ICMP_ERROR } from './codes';

/* The packets that the host hands over, as columns of `BATCH_ROWS` elements; see `PacketBatch`. */
export const BATCH_ROWS: i32 = 4096;
export const batchSec: usize = memory.data(BATCH_ROWS * 8, 8);
export const batchPacketNo: usize = memory.data(BATCH_ROWS * 8, 8);
export const batchNsec: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchIpBytes: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchSrcIp: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchDstIp: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchPorts: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchReason: usize = memory.data(BATCH_ROWS, 8);
export const batchProtocol: usize = memory.data(BATCH_ROWS, 8);
export const batchFlags: usize = memory.data(BATCH_ROWS, 8);
export const batchL4Kind: usize = memory.data(BATCH_ROWS, 8);
export const batchVlan: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchTcpSeq: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchTcpAck: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchTcpWindow: usize = memory.data(BATCH_ROWS * 4, 8);
/* Of rows with FLAG_ICMP_ERROR, else stale: the packet that the error quotes. Its addresses are IPv4's. */
export const batchQuotedVersion: usize = memory.data(BATCH_ROWS, 8);
export const batchQuotedProtocol: usize = memory.data(BATCH_ROWS, 8);
export const batchQuotedPorts: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchQuotedSrc: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchQuotedDst: usize = memory.data(BATCH_ROWS * 4, 8);
/** Of the fragments of a packet its number, see `PacketBatch`; only of batches that may have some. */
export const batchFragmentOf: usize = memory.data(BATCH_ROWS * 4, 8);
/** What an observed translation has made of the private endpoint; address 0 where none was observed. */
export const batchObservedIp: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchObservedPort: usize = memory.data(BATCH_ROWS * 2, 8);
/** See `LEG`. */
export const batchLeg: usize = memory.data(BATCH_ROWS, 8);
/* Left by `translate` where it is traced: start of the window that a row counts in; its session, or 0; and where it is not known yet, a number
 * that all SYNs have whose sessions will be the same, or 0. */
export const batchWindow: usize = memory.data(BATCH_ROWS * 8, 8);
export const batchSession: usize = memory.data(BATCH_ROWS * 4, 8);
export const batchKept: usize = memory.data(BATCH_ROWS * 4, 8);
/** Likewise: 1 for a packet from the VPC; without meaning where it counts in no session. */
export const batchOutward: usize = memory.data(BATCH_ROWS, 8);
/** The rows that `findQuoting` found, as uint16. */
export const quotingRows: usize = memory.data(BATCH_ROWS * 2, 8);

const ERROR_IN_EIGHT: u64 = <u64>FLAG_ICMP_ERROR * 0x0101010101010101;

/** Few packets are errors: eight are looked at together. @returns how many of the first `rows` are; `quotingRows` says which */
export function findQuoting(rows: u32): u32 {
  let found: u32 = 0;
  for (let first: u32 = 0; first < rows; first += 8) {
    if ((load<u64>(batchFlags + first) & ERROR_IN_EIGHT) == 0) continue;
    const end = min(first + 8, rows);
    for (let row = first; row < end; row++) {
      if (((<u32>load<u8>(batchFlags + row)) & FLAG_ICMP_ERROR) != 0) store<u16>(quotingRows + found++ * 2, <u16>row);
    }
  }
  return found;
}

/** @returns whether one of the first `rows` has a VLAN */
export function hasVlans(rows: u32): bool {
  for (let row: u32 = 0; row < rows; row++) if (load<u32>(batchVlan + row * 4) != 0) return true;
  return false;
}
