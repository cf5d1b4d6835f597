/* The packets that were decoded, as columns of `BATCH_ROWS` elements; see `PacketBatch`, whose columns these become. */
export const BATCH_ROWS: i32 = 4096;
export const rowSec: usize = memory.data(BATCH_ROWS * 8, 8);
export const rowNsec: usize = memory.data(BATCH_ROWS * 4, 8);
export const rowPacketNo: usize = memory.data(BATCH_ROWS * 8, 8);
export const rowReason: usize = memory.data(BATCH_ROWS, 8);
export const rowIpVersion: usize = memory.data(BATCH_ROWS, 8);
export const rowProtocol: usize = memory.data(BATCH_ROWS, 8);
export const rowFlags: usize = memory.data(BATCH_ROWS, 8);
export const rowIpBytes: usize = memory.data(BATCH_ROWS * 4, 8);
export const rowSrcIp: usize = memory.data(BATCH_ROWS * 4, 8);
export const rowDstIp: usize = memory.data(BATCH_ROWS * 4, 8);
export const rowPorts: usize = memory.data(BATCH_ROWS * 4, 8);
export const rowL4Kind: usize = memory.data(BATCH_ROWS, 8);
export const rowAddress6: usize = memory.data(BATCH_ROWS * 32, 8);

export function setTime(row: u32, sec: f64, nsec: u32, packetNo: f64): void {
  store<f64>(rowSec + row * 8, sec);
  store<u32>(rowNsec + row * 4, nsec);
  store<f64>(rowPacketNo + row * 8, packetNo);
}

/** A row without a readable IP header. */
export function setNone(row: u32, reason: u32): void {
  store<u8>(rowReason + row, reason);
  store<u8>(rowIpVersion + row, 0);
  store<u8>(rowFlags + row, 0);
  store<u32>(rowIpBytes + row * 4, 0);
}

export function setIp(row: u32, version: u32, protocol: u32, ipBytes: u32, flags: u32): void {
  store<u8>(rowReason + row, 0);
  store<u8>(rowIpVersion + row, version);
  store<u8>(rowProtocol + row, protocol);
  store<u8>(rowFlags + row, flags);
  store<u32>(rowIpBytes + row * 4, ipBytes);
}

export function setTransport(row: u32, ports: u32, l4Kind: u32): void {
  store<u32>(rowPorts + row * 4, ports);
  store<u8>(rowL4Kind + row, l4Kind);
}

export function setReason(row: u32, reason: u32): void {
  store<u8>(rowReason + row, reason);
}

export function addFlag(row: u32, flag: u32): void {
  store<u8>(rowFlags + row, load<u8>(rowFlags + row) | flag);
}

export function ipBytesOf(row: u32): u32 {
  return load<u32>(rowIpBytes + row * 4);
}
