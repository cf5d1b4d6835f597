import { statSync } from 'node:fs';
import { CaptureStream } from '../capture/capture-stream';
import type { Decoder } from '../capture/decoder';
import { PACKETS_PER_CAPTURE } from '../capture/capture-merge';
import { FragmentResolver } from '../capture/fragment-resolver';
import { PacketBatch } from '../capture/packet-batch';
import { ConversationTable, type Conversation, type IcmpError } from '../window/conversation-table';
import { formatIpv4 } from '../nat/address-text';
import { formatIpv6 } from './ipv6-text';
import { byFirstPacket, peek } from './capture-survey';
import { newDecoder } from './decoder-module';
import { openFileSource } from './file-source';
import { isPipe, pipeSource } from './pipe-source';
import { UnpackedSource } from './unpack/unpacked-source';
import { formatTime } from './time-text';
import { AppError, isCaptureError } from '../contract/errors';
import { DEFAULT_MAX_EXPANSION, STANDARD_INPUT } from '../contract/imports';
import { REASONS, REASON_CODE, type ByReason, type Reason, type UnreadableRange } from '../contract/ledger';

/** A conversation as it is printed. Windows: start → [packets a→b, bytes a→b, packets b→a, bytes b→a]. */
export interface ConversationRow {
  readonly ver: number;
  readonly proto: number;
  readonly a_ip: string;
  readonly a_port: number;
  readonly b_ip: string;
  readonly b_port: number;
  readonly pkts_ab: number;
  readonly pkts_ba: number;
  readonly bytes_ab: number;
  readonly bytes_ba: number;
  /** Epoch seconds with nine digits behind the point; null when no packet of it has a time. */
  readonly first_ts: string | null;
  readonly last_ts: string | null;
  readonly windows: Readonly<Record<string, readonly [number, number, number, number]>>;
}

/** An ICMP error as it is printed, with the packet that it quotes. */
export interface IcmpErrorRow {
  /** Number of the packet within its capture, from 1. */
  readonly frame: number;
  readonly ts: string | null;
  readonly src: string;
  readonly dst: string;
  readonly type: number;
  readonly code: number;
  /** Null when too little of it was quoted or captured. */
  readonly quoted: {
    readonly ver: number;
    readonly proto: number;
    readonly src: string;
    readonly sport: number;
    readonly dst: string;
    readonly dport: number;
  } | null;
}

export interface ConversationReport {
  /** In order of their first packet. */
  readonly conversations: readonly ConversationRow[];
  readonly unreadable: readonly UnreadableRange[];
  /** Packets that are in no conversation, having no readable IP header. */
  readonly notCounted: ByReason;
  /** In order of the file. */
  readonly icmpErrors: readonly IcmpErrorRow[];
  /** Later fragments that count without ports since too many waited for their first ones at once. */
  readonly fragmentsGivenUp: number;
  /** Packets in more tunnels than are followed: they count by the header behind the last that is. */
  readonly tooDeep: number;
  /** Packets that share a frame of IEEE 802.11 with the one that counts. */
  readonly aggregatedPackets: number;
}

/**
 * Every conversation of the captures, by the outermost or the innermost IP header of each packet, without any NAT.
 *
 * @param paths `-` is standard input
 * @throws AppError CAPTURE_* when a file cannot be read at all; OPTION_INVALID when one is named twice
 */
export async function readConversations(
  paths: readonly string[],
  layer: 'outer' | 'inner',
  maxExpansion = DEFAULT_MAX_EXPANSION,
): Promise<ConversationReport> {
  const table = new ConversationTable();
  const fragments = new FragmentResolver((batch) => table.add(batch), Infinity);
  const batch = new PacketBatch();
  const decoder = newDecoder();
  decoder.useLayer(layer);
  const unreadable: UnreadableRange[] = [];
  const notCounted: Partial<Record<Reason, number>> = {};
  let tooDeep = 0;
  let aggregatedPackets = 0;
  refuseTwice(paths);
  for (const [place, path] of (await inTimeOrder(paths, maxExpansion)).entries()) {
    const source = sourceOf(path, maxExpansion);
    try {
      const stream = await CaptureStream.open(source, decoder, { firstPacketNo: place * PACKETS_PER_CAPTURE + 1 });
      for (let hasMore = true; hasMore;) {
        batch.length = 0;
        const filled = stream.fill(batch);
        hasMore = typeof filled === 'boolean' ? filled : await filled;
        countOthers(batch, notCounted);
        tooDeep += countTooDeep(batch);
        fragments.push(batch);
      }
      unreadable.push(...stream.account.unreadable);
      aggregatedPackets += stream.account.aggregatedPackets;
      stream.release();
    } finally {
      source.close();
    }
  }
  fragments.flush();
  return {
    conversations: table.conversations.map(toRow),
    icmpErrors: table.icmpErrors.toSorted((a, b) => a.packetNo - b.packetNo).map(toErrorRow),
    unreadable,
    notCounted,
    fragmentsGivenUp: fragments.givenUp,
    tooDeep,
    aggregatedPackets,
  };
}

function sourceOf(path: string, maxExpansion: number): UnpackedSource {
  return new UnpackedSource(isPipe(path) ? pipeSource(path) : openFileSource(path), maxExpansion);
}

/**
 * Captures by the times at which they begin, so that who sent first does not go by the order in which they are named. A pipe can be
 * read only once: with one among them, they stay as they are.
 */
async function inTimeOrder(paths: readonly string[], maxExpansion: number): Promise<readonly string[]> {
  if (paths.length === 1 || paths.some(isPipe)) return paths;
  const decoder = newDecoder();
  const begins: Begin[] = [];
  for (const path of paths) begins.push(await beginOf(path, maxExpansion, decoder));
  return begins.sort(byFirstPacket).map(({ path }) => path);
}

interface Begin {
  readonly path: string;
  readonly firstSec: number | null;
  readonly firstNsec: number;
}

/** Of a capture that cannot be read, which is told later, there is none. */
async function beginOf(path: string, maxExpansion: number, decoder: Decoder): Promise<Begin> {
  const source = sourceOf(path, maxExpansion);
  try {
    const { firstSec, firstNsec } = await peek(source, decoder);
    return { path, firstSec, firstNsec };
  } catch (cause) {
    if (isCaptureError(cause)) return { path, firstSec: null, firstNsec: 0 };
    throw cause;
  } finally {
    source.close();
  }
}

/** @returns packets of the batch that were not followed through all of their tunnels */
function countTooDeep({ reason, length }: PacketBatch): number {
  let count = 0;
  for (let row = 0; row < length; row++) if (reason[row] === REASON_CODE.encap_depth) count++;
  return count;
}

/** The same for all names of a file; the name itself where there is no file. */
function fileNumber(path: string): string {
  if (path === STANDARD_INPUT) return path;
  try {
    // Of NTFS, they do not fit a double.
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return path;
  }
}

/** @throws AppError OPTION_INVALID */
function refuseTwice(paths: readonly string[]): void {
  const seen = new Set<string>();
  for (const path of paths) {
    const key = fileNumber(path);
    if (seen.has(key)) {
      throw new AppError('OPTION_INVALID', `${path} is named twice: its packets would count twice`, { file: path });
    }
    seen.add(key);
  }
}

function countOthers(batch: PacketBatch, counts: Partial<Record<Reason, number>>): void {
  for (let row = 0; row < batch.length; row++) {
    if (batch.ipVersion[row] !== 0) continue;
    const reason = REASONS[batch.reason[row]! - 1]!;
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
}

function addressText(ipVersion: number, address: readonly number[]): string {
  return ipVersion === 6 ? formatIpv6(address) : formatIpv4(address[0] ?? 0);
}

function toErrorRow({ packetNo, sec, nsec, ipVersion, src, dst, type, code, quoted }: IcmpError): IcmpErrorRow {
  return {
    frame: ((packetNo - 1) % PACKETS_PER_CAPTURE) + 1,
    ts: sec === -Infinity ? null : formatTime(sec, nsec),
    src: addressText(ipVersion, src),
    dst: addressText(ipVersion, dst),
    type,
    code,
    quoted:
      quoted === null
        ? null
        : {
            ver: quoted.ipVersion,
            proto: quoted.protocol,
            src: addressText(quoted.ipVersion, quoted.src),
            sport: quoted.srcPort,
            dst: addressText(quoted.ipVersion, quoted.dst),
            dport: quoted.dstPort,
          },
  };
}

function toRow(conversation: Conversation): ConversationRow {
  const hasTime = conversation.firstSec !== Infinity;
  const windows = [...conversation.windows.values()].sort((a, b) => a.startSec - b.startSec);
  return {
    ver: conversation.ipVersion,
    proto: conversation.protocol,
    a_ip: addressText(conversation.ipVersion, conversation.aAddress),
    a_port: conversation.aPort,
    b_ip: addressText(conversation.ipVersion, conversation.bAddress),
    b_port: conversation.bPort,
    pkts_ab: conversation.pktsAb,
    pkts_ba: conversation.pktsBa,
    bytes_ab: conversation.bytesAb,
    bytes_ba: conversation.bytesBa,
    first_ts: hasTime ? formatTime(conversation.firstSec, conversation.firstNsec) : null,
    last_ts: hasTime ? formatTime(conversation.lastSec, conversation.lastNsec) : null,
    windows: Object.fromEntries(
      windows.map(({ startSec, pktsAb, bytesAb, pktsBa, bytesBa }) => [startSec, [pktsAb, bytesAb, pktsBa, bytesBa]]),
    ),
  };
}
