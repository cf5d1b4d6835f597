import { concat, u16, u32, u8 } from './bytes';
import { ipv4Packet, splitEndpoint, type Endpoint } from './frames';

/** Types of chunks. @see RFC 9260 §3.2 */
export const SCTP_CHUNK = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
} as const;
export type SctpChunk = keyof typeof SCTP_CHUNK;
export const SCTP_CHUNKS = Object.keys(SCTP_CHUNK) as SctpChunk[];

/** A packet of one chunk of 20 octets: 52 in all. Its checksum is none. */
export function sctpPacket(from: Endpoint, to: Endpoint, chunk: SctpChunk): Uint8Array {
  const [source, target] = [splitEndpoint(from), splitEndpoint(to)];
  const body = concat(u8(SCTP_CHUNK[chunk]), u8(0), u16(20), new Uint8Array(16));
  const payload = concat(u16(source.port), u16(target.port), u32(1), u32(0), body);
  return ipv4Packet({ from: source.address, to: target.address, protocol: 132, payload });
}

/** What a side sends: `>` is the client's, and `<` the server's. */
export type SctpStep = `${'>' | '<'}${SctpChunk}`;

export function sctpStep(step: SctpStep, client: Endpoint, server: Endpoint): Uint8Array {
  const chunk = step.slice(1) as SctpChunk;
  return step.startsWith('>') ? sctpPacket(client, server, chunk) : sctpPacket(server, client, chunk);
}
