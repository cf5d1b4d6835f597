import { ascii, concat, u16, u32, u8 } from './bytes';
import type { Endpoint } from './frames';
import { icmpEcho, ipv4Bytes, tcpPacket, udpPacket } from './frames';
import type { CaptureRecord } from './pcap-writer';
import { seededRandom } from './random';
import type { TimeNs } from './time';
import { MICROSECOND, MILLISECOND } from './time';

/*
 * Scripts of whole conversations. Each returns IPv4 packets with times, in order; `framed` makes frames of them,
 * `inTimeOrder` mixes several:
 *
 *   pcapFile(framed(inTimeOrder(dnsLookup({ … }), tcpSession({ … })), ethernet))
 */

const MSS = 1460;
const SERVER_DELAY = 300n * MICROSECOND;

const inMs = (milliseconds: number): bigint => BigInt(Math.round(milliseconds * 1000)) * MICROSECOND;

/** Wraps whole IP packets into frames: `framed(packets, ethernet)`, `framed(packets, linuxCooked)`. */
export function framed(packets: readonly CaptureRecord[], wrap: (packet: Uint8Array) => Uint8Array): CaptureRecord[] {
  return packets.map((packet) => ({ ...packet, bytes: wrap(packet.bytes) }));
}

/** One request and its answer: bytes each way, or the bytes themselves. */
export interface Exchange {
  readonly up: number | Uint8Array;
  readonly down: number | Uint8Array;
  /** Idle time before the request; default 5 ms. */
  readonly pauseMs?: number;
}

export interface TcpScript {
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly startNs: TimeNs;
  /** Default 20. */
  readonly rttMs?: number;
  readonly exchanges?: readonly Exchange[];
  /** How it ends: the client closes in order (default), a reset by either side, or not at all. */
  readonly end?: 'fin' | 'client-rst' | 'server-rst' | 'open';
  /** No answer at all: `silent`; a reset instead of SYN ACK: `refused`. */
  readonly answer?: 'accepted' | 'refused' | 'silent';
  /** Initial sequence numbers, IP identifiers and filler bytes come from it; default from the client's port. */
  readonly seed?: number;
}

/** A TCP session with handshake, data in segments of 1,460 bytes acknowledged in pairs, and its end. */
export function tcpSession(script: TcpScript): CaptureRecord[] {
  const { client, server, exchanges = [], end = 'fin', answer = 'accepted' } = script;
  const random = seededRandom(script.seed ?? Number(client.split(':')[1]));
  const rtt = inMs(script.rttMs ?? 20);
  const packets: CaptureRecord[] = [];
  const near = { seq: random.u32(), id: random.int(0, 0xffff), ttl: 64 };
  const far = { seq: random.u32(), id: random.int(0, 0xffff), ttl: 50 };
  let now = script.startNs;

  const send = (
    outward: boolean,
    flags: string,
    payload: Uint8Array = new Uint8Array(),
    tcpOptions: Uint8Array = new Uint8Array(),
  ): void => {
    const [self, peer] = outward ? [near, far] : [far, near];
    self.id = (self.id + 1) & 0xffff;
    const bytes = tcpPacket({
      ...(outward ? { from: client, to: server } : { from: server, to: client }),
      ...{ flags, seq: self.seq, ack: flags.includes('A') ? peer.seq : 0, payload, tcpOptions },
      ...{ ttl: self.ttl, identification: self.id, dontFragment: true },
    });
    packets.push({ atNs: now, bytes });
    self.seq = (self.seq + payload.length + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
  };
  const wait = (duration: bigint): void => {
    now += duration;
  };
  const transfer = (outward: boolean, payload: Uint8Array): void => {
    for (let at = 0, segment = 1; at < payload.length; at += MSS, segment += 1) {
      const isLast = at + MSS >= payload.length;
      send(outward, isLast ? 'PA' : 'A', payload.subarray(at, at + MSS));
      wait(BigInt(random.int(12, 90)) * MICROSECOND);
      if (segment % 2 === 0 || isLast) send(!outward, 'A');
      wait(BigInt(random.int(12, 60)) * MICROSECOND);
    }
  };
  const content = (bytes: number | Uint8Array): Uint8Array => (typeof bytes === 'number' ? random.bytes(bytes) : bytes);

  const synOptions = concat(u8(2), u8(4), u16(MSS), u8(4), u8(2), u8(1), u8(1));
  send(true, 'S', undefined, synOptions);
  if (answer === 'silent') {
    for (const retryMs of [1000, 2000]) {
      near.seq = (near.seq - 1) >>> 0;
      wait(inMs(retryMs));
      send(true, 'S', undefined, synOptions);
    }
    return packets;
  }
  wait(rtt);
  if (answer === 'refused') {
    far.seq = 0;
    send(false, 'RA');
    return packets;
  }
  send(false, 'SA', undefined, synOptions);
  wait(50n * MICROSECOND);
  send(true, 'A');
  for (const exchange of exchanges) {
    wait(inMs(exchange.pauseMs ?? 5));
    transfer(true, content(exchange.up));
    wait(rtt + SERVER_DELAY);
    transfer(false, content(exchange.down));
  }
  wait(2n * MILLISECOND);
  if (end === 'client-rst') send(true, 'RA');
  if (end === 'server-rst') send(false, 'RA');
  if (end === 'fin') {
    send(true, 'FA');
    wait(rtt);
    send(false, 'FA');
    wait(40n * MICROSECOND);
    send(true, 'A');
  }
  return packets;
}

/** A lookup of one A record and its answer. */
export function dnsLookup(script: {
  client: Endpoint;
  server: Endpoint;
  startNs: TimeNs;
  name: string;
  /** Without it the name does not exist (NXDOMAIN); null: the server does not answer. */
  address?: string | null;
  rttMs?: number;
  id?: number;
}): CaptureRecord[] {
  const { client, server, startNs, name, address, rttMs = 8 } = script;
  const id = script.id ?? Number(client.split(':')[1]);
  const labels = name.split('.').map((label) => concat(u8(label.length), ascii(label)));
  const question = concat(...labels, u8(0), u16(1), u16(1));
  const header = (flags: number, answers: number): Uint8Array =>
    concat(u16(id), u16(flags), u16(1), u16(answers), u16(0), u16(0));
  const query = concat(header(0x0100, 0), question);
  const packets = [{ atNs: startNs, bytes: udpPacket({ from: client, to: server, payload: query }) }];
  if (address === null) return packets;
  const reply =
    address === undefined
      ? concat(header(0x8183, 0), question)
      : concat(header(0x8180, 1), question, u16(0xc00c), u16(1), u16(1), u32(300), u16(4), ipv4Bytes(address));
  const bytes = udpPacket({ from: server, to: client, payload: reply, ttl: 58 });
  return [...packets, { atNs: startNs + inMs(rttMs), bytes }];
}

/** Echo requests and their replies; those numbered in `lost` are not answered. */
export function ping(script: {
  from: string;
  to: string;
  startNs: TimeNs;
  id: number;
  count?: number;
  intervalMs?: number;
  rttMs?: number;
  lost?: readonly number[];
}): CaptureRecord[] {
  const { from, to, startNs, id, count = 4, intervalMs = 1000, rttMs = 12, lost = [] } = script;
  const payload = Uint8Array.from({ length: 56 }, (_, index) => index);
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((seq) => {
    const atNs = startNs + inMs(intervalMs) * BigInt(seq - 1);
    const request = { atNs, bytes: icmpEcho({ from, to, id, seq, payload }) };
    const reply = icmpEcho({ from: to, to: from, id, seq, payload, reply: true, ttl: 54 });
    return lost.includes(seq) ? [request] : [request, { atNs: atNs + inMs(rttMs), bytes: reply }];
  });
}

/** UDP datagrams back and forth: positive lengths go from the client, negative ones come back. */
export function udpFlow(script: {
  client: Endpoint;
  server: Endpoint;
  startNs: TimeNs;
  datagrams: readonly number[];
  intervalMs?: number;
  seed?: number;
  /** Put before the random rest of each datagram. */
  prefix?: Uint8Array;
}): CaptureRecord[] {
  const { client, server, startNs, datagrams, intervalMs = 5, prefix = new Uint8Array() } = script;
  const random = seededRandom(script.seed ?? Number(client.split(':')[1]));
  return datagrams.map((signedBytes, index) => {
    const payload = concat(prefix, random.bytes(Math.max(0, Math.abs(signedBytes) - prefix.length)));
    const ends = signedBytes > 0 ? { from: client, to: server } : { from: server, to: client, ttl: 52 };
    return { atNs: startNs + inMs(intervalMs) * BigInt(index), bytes: udpPacket({ ...ends, payload }) };
  });
}
