import { PACKET_FLAG, PROTOCOL, TCP_WINDOW_UNKNOWN, type PacketBatch } from '../capture/packet-batch';
import { SIDE } from './leg-addresses';

/** Words of a key. */
export const PACKET_KEY_WORDS = 5;

/**
 * Writes what translation leaves as it is: the other end, protocol, length, TCP flags or ICMP type, and what tells packets
 * of a session apart: sequence numbers, or a hash of the payload. Of ICMP errors it is the other end of the packet that they
 * quote. Identifications are none of it, as some gateways number packets anew.
 *
 * @param side of `SIDE`, not none
 * @param withOthers the gateway translates other protocols than TCP, UDP and ICMP
 * @returns false for what cannot be known again: without payload, cut before its sequence numbers, not translated
 * @see nat-gateway reference §6.2
 */
export function writePacketKey(
  batch: PacketBatch,
  row: number,
  side: number,
  key: Uint32Array,
  withOthers: boolean,
): boolean {
  const protocol = batch.protocol[row]!;
  const flags = batch.flags[row]!;
  if ((flags & PACKET_FLAG.laterFragment) !== 0) return false;
  const isOut = (side & 1) === 0;
  key[0] = (isOut ? batch.dstIp : batch.srcIp)[row]!;
  key[2] = batch.ipBytes[row]!;
  if ((flags & PACKET_FLAG.icmpError) !== 0) return protocol === PROTOCOL.icmp && writeError(batch, row, isOut, key);
  const ports = batch.ports[row]!;
  const otherPort = protocol === PROTOCOL.icmp ? 0 : isOut ? ports & 0xffff : ports >>> 16;
  key[1] = (otherPort << 16) | (batch.l4Kind[row]! << 8) | protocol;
  if (isNumbered(batch, row)) {
    key[3] = batch.tcpSeq[row]!;
    key[4] = batch.tcpAck[row]!;
    return true;
  }
  key[3] = batch.payloadHash[row]!;
  key[4] = 0;
  const isKnown = protocol === PROTOCOL.udp || protocol === PROTOCOL.icmp || protocol === PROTOCOL.tcp;
  return (isKnown || withOthers) && key[3] !== 0;
}

/** Whether a packet has sequence numbers, so that nothing but a copy of it is alike. */
export function isNumbered(batch: PacketBatch, row: number): boolean {
  return batch.protocol[row] === PROTOCOL.tcp && batch.tcpWindow[row] !== TCP_WINDOW_UNKNOWN;
}

function writeError(batch: PacketBatch, row: number, isOut: boolean, key: Uint32Array): boolean {
  const protocol = batch.quotedProtocol[row]!;
  const ports = batch.quotedPorts[row]!;
  // What comes in quotes what went out, and the other way round.
  const otherPort = protocol === PROTOCOL.icmp ? 0 : isOut ? ports >>> 16 : ports & 0xffff;
  key[1] = (batch.icmpCode[row]! << 16) | (batch.l4Kind[row]! << 8) | PROTOCOL.icmp;
  key[3] = batch.quotedAddress[row * 8 + (isOut ? 0 : 4)]!;
  key[4] = (protocol << 16) | otherPort;
  return batch.quotedVersion[row] === 4;
}

/** The end of a packet that translation changes: the host on the private side, the gateway on the public one. */
export function nearAddress(batch: PacketBatch, row: number, side: number): number {
  return ((side & 1) === SIDE.privateOut ? batch.srcIp : batch.dstIp)[row]!;
}

/** Its port, or identifier; of an ICMP error that of the packet which it quotes. */
export function nearPort(batch: PacketBatch, row: number, side: number): number {
  const isOut = (side & 1) === 0;
  const isError = (batch.flags[row]! & PACKET_FLAG.icmpError) !== 0;
  const ports = (isError ? batch.quotedPorts : batch.ports)[row]!;
  // The host is the source of what it sends, and of what an error about that quotes.
  return isOut !== isError ? ports >>> 16 : ports & 0xffff;
}

/** The same on both sides of the gateway. */
export function hashKey(key: Uint32Array, side: number): number {
  let hash = side & 1;
  for (let word = 0; word < PACKET_KEY_WORDS; word++) hash = Math.imul(hash ^ key[word]!, 0x9e3779b1);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}
