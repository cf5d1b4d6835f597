import { TRAIT_ASCENDING, TRAIT_PLAIN, TRAIT_UNFRAGMENTED } from './codes';
import { beginTally } from './tally';

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
/* Of IPv4, and of fragments of IPv6; time to live of IPv4; tags of all IP packets. */
export const rowIpId: usize = memory.data(BATCH_ROWS * 4, 8);
/** Of fragments alone. */
export const rowFragmentSpan: usize = memory.data(BATCH_ROWS * 4, 8);
export const rowTtl: usize = memory.data(BATCH_ROWS, 8);
export const rowVlan: usize = memory.data(BATCH_ROWS * 4, 8);
/* Of TCP, and of ICMP messages: in other rows they are stale. */
export const rowTcpSeq: usize = memory.data(BATCH_ROWS * 4, 8);
export const rowTcpAck: usize = memory.data(BATCH_ROWS * 4, 8);
export const rowTcpWindow: usize = memory.data(BATCH_ROWS * 4, 8);
export const rowIcmpCode: usize = memory.data(BATCH_ROWS, 8);
/* Of rows with FLAG_ICMP_ERROR: the packet that the error quotes; version 0 when too little of it is there. */
export const rowQuotedVersion: usize = memory.data(BATCH_ROWS, 8);
export const rowQuotedProtocol: usize = memory.data(BATCH_ROWS, 8);
export const rowQuotedPorts: usize = memory.data(BATCH_ROWS * 4, 8);
/** Source and destination; of IPv4 the first word of each. */
export const rowQuotedAddress: usize = memory.data(BATCH_ROWS * 32, 8);
/* Of UDP, ICMP queries and later fragments, where it is asked for: in other rows it is 0, and stale where it is not. */
export const rowPayloadHash: usize = memory.data(BATCH_ROWS * 4, 8);
/** The link type of each row's frame, of formats in which every packet may have its own. */
export const rowLinkType: usize = memory.data(BATCH_ROWS * 4, 8);
/* Where frames are kept, the frame of each row, for as long as its octets stay in the input: where it begins, what was captured
 * of it, and its length on the wire; its link type, too, of all formats. Nobody copies these columns. */
export const rowFrameAt: usize = memory.data(BATCH_ROWS * 4, 8);
export const rowFrameBytes: usize = memory.data(BATCH_ROWS * 4, 8);
export const rowWireBytes: usize = memory.data(BATCH_ROWS * 4, 8);
/** Where the IPv4 header begins that the row is of; stale in other rows. */
export const rowIpAt: usize = memory.data(BATCH_ROWS * 4, 8);
/**
 * Checksums of tunnels, each over all of the packet in the tunnel: how many there are in the frame, and where. Those of
 * tunnels in the packet of the row are behind its IP header.
 */
const MAX_TUNNEL_SUMS: u32 = 8;
export const rowTunnelSums: usize = memory.data(BATCH_ROWS, 8);
export const rowTunnelSumAt: usize = memory.data(BATCH_ROWS * <i32>MAX_TUNNEL_SUMS * 4, 8);

/**
 * Rows since `beginRows` that use columns which most batches do without, so that those need not be copied. Headers, of
 * IPv6.
 */
export let ipv6Rows: u32 = 0;
export let fragmentRows: u32 = 0;
export let icmpRows: u32 = 0;
/** The last row that `fragmentRows` counts, plus one: of packets in each other, several may be fragments. */
let fragmentEnd: u32 = 0;
/** The rows with FLAG_ICMP_ERROR since `beginRows`, as uint16. */
export const quotingRows: usize = memory.data(BATCH_ROWS * 2, 8);
export let quotingCount: u32 = 0;

let isAscending: bool = true;
let isTagged: bool = false;
/* Of the row before; the time of the first one is behind it. */
let previousSec: f64 = -Infinity;
let previousNsec: u32 = 0;

/** @returns the `TRAIT_…` of all rows since `beginRows` */
export function rowTraits(): u32 {
  const order = isAscending ? TRAIT_ASCENDING : 0;
  const fragments = fragmentRows == 0 ? TRAIT_UNFRAGMENTED : 0;
  return order | fragments | (isTagged || quotingCount > 0 ? 0 : TRAIT_PLAIN);
}

export function beginRows(): void {
  isAscending = true;
  isTagged = false;
  previousSec = -Infinity;
  ipv6Rows = 0;
  fragmentRows = 0;
  icmpRows = 0;
  fragmentEnd = 0;
  beginTally();
  quotingCount = 0;
}

export function setTime(row: u32, sec: f64, nsec: u32, packetNo: f64): void {
  if (sec < previousSec || (sec == previousSec && nsec < previousNsec)) isAscending = false;
  previousSec = sec;
  previousNsec = nsec;
  store<f64>(rowSec + row * 8, sec);
  store<u32>(rowNsec + row * 4, nsec);
  store<f64>(rowPacketNo + row * 8, packetNo);
}

/** Frames of rows are kept. An import does without, and takes a hundredth of its time less. */
let keepsFrames: bool = false;

export function setKeepsFrames(isOn: bool): void {
  keepsFrames = isOn;
}

export function setLinkType(row: u32, linkType: u32): void {
  store<u32>(rowLinkType + row * 4, linkType);
}

export function setFrame(row: u32, linkType: u32, at: usize, capturedBytes: u32, wireBytes: u32): void {
  if (!keepsFrames) return;
  store<u32>(rowFrameAt + row * 4, <u32>at);
  store<u32>(rowFrameBytes + row * 4, capturedBytes);
  store<u32>(rowWireBytes + row * 4, wireBytes);
  setLinkType(row, linkType);
  store<u8>(rowTunnelSums + row, 0);
}

/** @param at of a checksum over what is in a tunnel; tunnels in each other are far fewer than there is room for */
export function noteTunnelSum(row: u32, at: usize): void {
  if (!keepsFrames) return;
  const count: u32 = load<u8>(rowTunnelSums + row);
  if (count == MAX_TUNNEL_SUMS) return;
  store<u32>(rowTunnelSumAt + (row * MAX_TUNNEL_SUMS + count) * 4, <u32>at);
  store<u8>(rowTunnelSums + row, count + 1);
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
  store<u32>(rowVlan + row * 4, frameVlan);
  if (frameVlan != 0) isTagged = true;
  if (hashesPayloads) store<u32>(rowPayloadHash + row * 4, 0);
}

/** Payloads are hashed, which only pairing the two sides of a gateway needs. */
export let hashesPayloads: bool = false;
/** Captures of both sides may be cut at different lengths, if not before this. */
const HASHED_BYTES: usize = 64;

export function setHashesPayloads(isOn: bool): void {
  hashesPayloads = isOn;
}

/**
 * Hashes the octets from `at` to `end`, at most 64, and the length of the packet: words by multiply-xorshift, as the
 * emulator's tuples. 0 stands for no hash.
 *
 * @param offset of a fragment, since fragments of one packet may have the same octets
 */
export function hashPayload(row: u32, at: usize, end: usize, offset: u32 = 0): void {
  const last = at < end ? min(end, at + HASHED_BYTES) : at;
  let hash = (ipBytesOf(row) | (offset << 16)) * 0x9e3779b1;
  for (; at + 4 <= last; at += 4) hash = mix(hash ^ load<u32>(at));
  for (; at < last; at++) hash = mix(hash ^ load<u8>(at));
  store<u32>(rowPayloadHash + row * 4, hash == 0 ? 1 : hash);
}

function mix(value: u32): u32 {
  let hash = value * 0x85ebca6b;
  hash ^= hash >> 15;
  return hash * 0x2c1b3c6d;
}

/* Numbers of the tags of the frame so far: those of the last two, twelve bits each. */
let frameVlan: u32 = 0;

export function beginTags(): void {
  frameVlan = 0;
}

/** A tag of IEEE 802.1Q. Its number is 0 where it gives a priority only. */
export function noteTag(id: u32): void {
  frameVlan = ((frameVlan << 12) | id) & 0xffffff;
}

/**
 * @param at of the header
 * @param identification of the packet, which its fragments share
 */
export function setIpv4Header(row: u32, at: usize, identification: u32, ttl: u32): void {
  if (keepsFrames) store<u32>(rowIpAt + row * 4, <u32>at);
  store<u32>(rowIpId + row * 4, identification);
  store<u8>(rowTtl + row, ttl);
}

export function setIpv6Identification(row: u32, identification: u32): void {
  store<u32>(rowIpId + row * 4, identification);
}

/** @param window see `PacketBatch` */
export function setTcp(row: u32, seq: u32, ack: u32, window: u32): void {
  store<u32>(rowTcpSeq + row * 4, seq);
  store<u32>(rowTcpAck + row * 4, ack);
  store<u32>(rowTcpWindow + row * 4, window);
}

export function setIpv4Addresses(row: u32, src: u32, dst: u32): void {
  store<u32>(rowSrcIp + row * 4, src);
  store<u32>(rowDstIp + row * 4, dst);
}

/** @param at source and destination, sixteen octets each */
export function setIpv6Addresses(row: u32, at: usize): void {
  ipv6Rows++;
  copyAddresses6(rowAddress6 + row * 32, at);
}

/** Eight words in network order become words of the machine. */
export function copyAddresses6(to: usize, at: usize): void {
  for (let word: usize = 0; word < 32; word += 4) store<u32>(to + word, bswap<u32>(load<u32>(at + word)));
}

export function setTransport(row: u32, ports: u32, l4Kind: u32): void {
  store<u32>(rowPorts + row * 4, ports);
  store<u8>(rowL4Kind + row, l4Kind);
}

/** @param span see `PacketBatch` */
export function setFragment(row: u32, flag: u32, span: u32): void {
  if (fragmentEnd <= row) {
    fragmentRows++;
    fragmentEnd = row + 1;
  }
  addFlag(row, flag);
  store<u32>(rowFragmentSpan + row * 4, span);
}

export function setIcmpCode(row: u32, code: u32): void {
  icmpRows++;
  store<u8>(rowIcmpCode + row, code);
}

/** @returns where the addresses of the quoted packet go */
export function setQuoted(row: u32, version: u32, protocol: u32, ports: u32): usize {
  // Once a row: nothing is decoded behind an ICMP header.
  store<u16>(quotingRows + quotingCount * 2, row);
  quotingCount++;
  store<u8>(rowQuotedVersion + row, version);
  store<u8>(rowQuotedProtocol + row, protocol);
  store<u32>(rowQuotedPorts + row * 4, ports);
  return rowQuotedAddress + row * 32;
}

export function setReason(row: u32, reason: u32): void {
  store<u8>(rowReason + row, reason);
}

export function reasonOf(row: u32): u32 {
  return load<u8>(rowReason + row);
}

export function addFlag(row: u32, flag: u32): void {
  store<u8>(rowFlags + row, load<u8>(rowFlags + row) | flag);
}

export function ipVersionOf(row: u32): u32 {
  return load<u8>(rowIpVersion + row);
}

export function srcIpOf(row: u32): u32 {
  return load<u32>(rowSrcIp + row * 4);
}

export function dstIpOf(row: u32): u32 {
  return load<u32>(rowDstIp + row * 4);
}

export function ipBytesOf(row: u32): u32 {
  return load<u32>(rowIpBytes + row * 4);
}

/* A row whose place is taken for a while: one at a time. */
let keptReason: u32 = 0;
let keptVersion: u32 = 0;
let keptProtocol: u32 = 0;
let keptFlags: u32 = 0;
let keptIpBytes: u32 = 0;
let keptSrcIp: u32 = 0;
let keptDstIp: u32 = 0;
let keptPorts: u32 = 0;
let keptL4Kind: u32 = 0;
let keptIpAt: u32 = 0;
let keptIpId: u32 = 0;
let keptSpan: u32 = 0;
let keptTtl: u32 = 0;
let keptVlan: u32 = 0;
let keptHash: u32 = 0;
const keptAddress6: usize = memory.data(32, 8);

/** Keeps what the row says of a packet that is neither TCP nor an ICMP error, until `restoreRow`. */
export function keepRow(row: u32): void {
  keptReason = reasonOf(row);
  keptVersion = ipVersionOf(row);
  keptProtocol = load<u8>(rowProtocol + row);
  keptFlags = load<u8>(rowFlags + row);
  keptIpBytes = ipBytesOf(row);
  keptSrcIp = srcIpOf(row);
  keptDstIp = dstIpOf(row);
  keptPorts = load<u32>(rowPorts + row * 4);
  keptL4Kind = load<u8>(rowL4Kind + row);
  keptIpAt = load<u32>(rowIpAt + row * 4);
  keptIpId = load<u32>(rowIpId + row * 4);
  keptSpan = load<u32>(rowFragmentSpan + row * 4);
  keptTtl = load<u8>(rowTtl + row);
  keptVlan = load<u32>(rowVlan + row * 4);
  keptHash = load<u32>(rowPayloadHash + row * 4);
  if (keptVersion == 6) memory.copy(keptAddress6, rowAddress6 + row * 32, 32);
}

export function restoreRow(row: u32): void {
  setIp(row, keptVersion, keptProtocol, keptIpBytes, keptFlags);
  setReason(row, keptReason);
  setIpv4Addresses(row, keptSrcIp, keptDstIp);
  setTransport(row, keptPorts, keptL4Kind);
  setIpv4Header(row, keptIpAt, keptIpId, keptTtl);
  store<u32>(rowFragmentSpan + row * 4, keptSpan);
  store<u32>(rowVlan + row * 4, keptVlan);
  store<u32>(rowPayloadHash + row * 4, keptHash);
  if (keptVersion == 6) memory.copy(rowAddress6 + row * 32, keptAddress6, 32);
}
