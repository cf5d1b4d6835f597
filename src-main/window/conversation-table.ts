import { PACKET_FLAG, type PacketBatch } from '../capture/packet-batch';
import { hashTuple } from './hash-tuple';

/** Words of a key: version and protocol, ports, and two addresses of four words each. */
const KEY_WORDS = 10;
const WINDOW_SEC = 600;

/** Packets and IP bytes of one ten-minute window, each way. */
export interface ConversationWindow {
  readonly startSec: number;
  pktsAb: number;
  bytesAb: number;
  pktsBa: number;
  bytesBa: number;
}

/** One bidirectional conversation; `a` sent its first packet in file order. */
export interface Conversation {
  readonly ipVersion: number;
  readonly protocol: number;
  /** Four words an address for IPv6, the first of them for IPv4. */
  aAddress: readonly number[];
  aPort: number;
  bAddress: readonly number[];
  bPort: number;
  /** Ordinal of its first packet. */
  firstPacket: number;
  pktsAb: number;
  pktsBa: number;
  bytesAb: number;
  bytesBa: number;
  /** Earliest and latest time; `firstSec` is Infinity while no packet had one. */
  firstSec: number;
  firstNsec: number;
  lastSec: number;
  lastNsec: number;
  /** By start of the window, in order of first use. */
  readonly windows: Map<number, ConversationWindow>;
  /** The window used last: almost always the next packet's as well. */
  latestWindow: ConversationWindow | null;
}

/** An ICMP error, and the packet that it is about. */
export interface IcmpError {
  readonly packetNo: number;
  /** -Infinity without one. */
  readonly sec: number;
  readonly nsec: number;
  readonly ipVersion: number;
  readonly src: readonly number[];
  readonly dst: readonly number[];
  readonly type: number;
  readonly code: number;
  /** Null when too little of it is there. */
  readonly quoted: {
    readonly ipVersion: number;
    readonly protocol: number;
    readonly src: readonly number[];
    readonly srcPort: number;
    readonly dst: readonly number[];
    readonly dstPort: number;
  } | null;
}

/**
 * Counts packets by conversation without any NAT, with times as recorded: what `tshark -z conv` counts, in windows.
 *
 * One conversation is an IP version, a protocol and an unordered pair of address and port; ICMP queries have their
 * identifier for both ports, everything without ports has 0.
 */
export class ConversationTable {
  readonly icmpErrors: IcmpError[] = [];
  readonly #conversations: Conversation[] = [];
  #keys = new Int32Array(KEY_WORDS << 10);
  #slots = new Int32Array(1 << 11);
  readonly #key = new Int32Array(KEY_WORDS);

  /** In order of their first packet. */
  get conversations(): readonly Conversation[] {
    return this.#conversations.toSorted((a, b) => a.firstPacket - b.firstPacket);
  }

  /** Packets without an IP header are passed over. They may come in another order than that of the file. */
  add(batch: PacketBatch): void {
    for (let row = 0; row < batch.length; row++) {
      if (batch.ipVersion[row] !== 0) this.#addRow(batch, row);
    }
  }

  #addRow(batch: PacketBatch, row: number): void {
    const isSwapped = this.#writeKey(batch, row);
    const conversation = this.#findOrCreate(batch, row);
    const packetNo = batch.packetNo[row]!;
    if (packetNo < conversation.firstPacket) {
      // A fragment that waited for its first one may be the first packet of all.
      conversation.firstPacket = packetNo;
      if (!this.#isFromA(conversation, isSwapped)) swapEnds(conversation);
    }
    const isAb = this.#isFromA(conversation, isSwapped);
    const bytes = batch.ipBytes[row]!;
    if ((batch.flags[row]! & PACKET_FLAG.icmpError) !== 0) this.icmpErrors.push(icmpErrorOf(batch, row));
    if (isAb) {
      conversation.pktsAb++;
      conversation.bytesAb += bytes;
    } else {
      conversation.pktsBa++;
      conversation.bytesBa += bytes;
    }
    if ((batch.flags[row]! & PACKET_FLAG.noTime) !== 0) return;
    const sec = batch.tsSec[row]!;
    observeTime(conversation, sec, batch.tsNsec[row]!);
    const window = windowOf(conversation, sec);
    if (isAb) {
      window.pktsAb++;
      window.bytesAb += bytes;
    } else {
      window.pktsBa++;
      window.bytesBa += bytes;
    }
  }

  /** @returns true when the packet went from the second end of the key to the first */
  #writeKey(batch: PacketBatch, row: number): boolean {
    const key = this.#key.fill(0);
    const isV6 = batch.ipVersion[row] === 6;
    key[0] = (batch.ipVersion[row]! << 8) | batch.protocol[row]!;
    const ports = batch.ports[row]!;
    if (isV6) {
      for (let word = 0; word < 8; word++) key[2 + word] = batch.address6[row * 8 + word]!;
    } else {
      key[2] = batch.srcIp[row]!;
      key[6] = batch.dstIp[row]!;
    }
    let order = 0;
    for (let word = 2; word < 6 && order === 0; word++) order = (key[word]! >>> 0) - (key[word + 4]! >>> 0);
    if (order === 0) order = (ports >>> 16) - (ports & 0xffff);
    if (order <= 0) {
      key[1] = ports;
      return false;
    }
    key[1] = (ports << 16) | (ports >>> 16);
    for (let word = 2; word < 6; word++) {
      const source = key[word]!;
      key[word] = key[word + 4]!;
      key[word + 4] = source;
    }
    return true;
  }

  /** The key is in ascending order of its two ends, while `a` is whoever sent first. */
  #isFromA({ aAddress, aPort }: Conversation, isSwapped: boolean): boolean {
    const key = this.#key;
    const from = isSwapped ? 6 : 2;
    const fromPort = isSwapped ? key[1]! & 0xffff : key[1]! >>> 16;
    if (fromPort !== aPort) return false;
    return aAddress.every((word, index) => word === key[from + index]! >>> 0);
  }

  #findOrCreate(batch: PacketBatch, row: number): Conversation {
    const key = this.#key;
    const keys = this.#keys;
    const mask = this.#slots.length - 1;
    let slot = this.#hash(key, 0) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const at = (this.#slots[slot]! - 1) * KEY_WORDS;
      let word = 0;
      while (word < KEY_WORDS && keys[at + word] === key[word]) word++;
      if (word === KEY_WORDS) return this.#conversations[this.#slots[slot]! - 1]!;
    }
    const index = this.#conversations.length;
    this.#conversations.push(newConversation(batch, row));
    if ((index + 1) * KEY_WORDS > keys.length) this.#growKeys();
    this.#keys.set(key, index * KEY_WORDS);
    this.#slots[slot] = index + 1;
    if ((index + 1) * 2 > this.#slots.length) this.#growSlots();
    return this.#conversations[index]!;
  }

  #hash(words: Int32Array, at: number): number {
    let hash = 0;
    for (let word = 2; word < KEY_WORDS; word++) hash = Math.imul(hash, 31) + words[at + word]!;
    return hashTuple(hash, hash >>> 16, words[at + 1]!, words[at]!);
  }

  #growKeys(): void {
    const keys = new Int32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let index = 0; index < this.#conversations.length; index++) {
      let slot = this.#hash(this.#keys, index * KEY_WORDS) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }
}

function newConversation(batch: PacketBatch, row: number): Conversation {
  return {
    ipVersion: batch.ipVersion[row]!,
    protocol: batch.protocol[row]!,
    aAddress: addressOf(batch, row, 0),
    aPort: batch.ports[row]! >>> 16,
    bAddress: addressOf(batch, row, 1),
    bPort: batch.ports[row]! & 0xffff,
    firstPacket: batch.packetNo[row]!,
    pktsAb: 0,
    pktsBa: 0,
    bytesAb: 0,
    bytesBa: 0,
    firstSec: Infinity,
    firstNsec: 0,
    lastSec: -Infinity,
    lastNsec: 0,
    windows: new Map(),
    latestWindow: null,
  };
}

/** @param end 0 for the source, 1 for the destination */
function addressOf({ ipVersion, srcIp, dstIp, address6 }: PacketBatch, row: number, end: 0 | 1): readonly number[] {
  if (ipVersion[row] === 6) return [...address6.subarray(row * 8 + end * 4, row * 8 + end * 4 + 4)];
  return [(end === 0 ? srcIp : dstIp)[row]!];
}

function swapEnds(conversation: Conversation): void {
  const { aAddress, aPort, bAddress, bPort, pktsAb, pktsBa, bytesAb, bytesBa } = conversation;
  Object.assign(conversation, { aAddress: bAddress, aPort: bPort, bAddress: aAddress, bPort: aPort });
  Object.assign(conversation, { pktsAb: pktsBa, pktsBa: pktsAb, bytesAb: bytesBa, bytesBa: bytesAb });
  for (const window of conversation.windows.values()) {
    const { pktsAb: pkts, bytesAb: bytes } = window;
    Object.assign(window, { pktsAb: window.pktsBa, bytesAb: window.bytesBa, pktsBa: pkts, bytesBa: bytes });
  }
}

function icmpErrorOf(batch: PacketBatch, row: number): IcmpError {
  const hasTime = (batch.flags[row]! & PACKET_FLAG.noTime) === 0;
  const ipVersion = batch.quotedVersion[row]!;
  const words = ipVersion === 6 ? 4 : 1;
  const quotedEnd = (at: number): readonly number[] => [...batch.quotedAddress.subarray(at, at + words)];
  const ports = batch.quotedPorts[row]!;
  return {
    packetNo: batch.packetNo[row]!,
    sec: hasTime ? batch.tsSec[row]! : -Infinity,
    nsec: batch.tsNsec[row]!,
    ipVersion: batch.ipVersion[row]!,
    src: addressOf(batch, row, 0),
    dst: addressOf(batch, row, 1),
    type: batch.l4Kind[row]!,
    code: batch.icmpCode[row]!,
    quoted:
      ipVersion === 0
        ? null
        : {
            ipVersion,
            protocol: batch.quotedProtocol[row]!,
            src: quotedEnd(row * 8),
            srcPort: ports >>> 16,
            dst: quotedEnd(row * 8 + 4),
            dstPort: ports & 0xffff,
          },
  };
}

function observeTime(conversation: Conversation, sec: number, nsec: number): void {
  if (sec < conversation.firstSec || (sec === conversation.firstSec && nsec < conversation.firstNsec)) {
    conversation.firstSec = sec;
    conversation.firstNsec = nsec;
  }
  if (sec > conversation.lastSec || (sec === conversation.lastSec && nsec > conversation.lastNsec)) {
    conversation.lastSec = sec;
    conversation.lastNsec = nsec;
  }
}

function windowOf(conversation: Conversation, sec: number): ConversationWindow {
  const startSec = Math.floor(sec / WINDOW_SEC) * WINDOW_SEC;
  if (conversation.latestWindow?.startSec === startSec) return conversation.latestWindow;
  const window = conversation.windows.get(startSec) ?? { startSec, pktsAb: 0, bytesAb: 0, pktsBa: 0, bytesBa: 0 };
  conversation.windows.set(startSec, window);
  conversation.latestWindow = window;
  return window;
}
