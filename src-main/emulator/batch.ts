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
