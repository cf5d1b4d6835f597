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
