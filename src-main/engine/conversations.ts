import { AppError } from '../contract/errors';
import { CaptureStream } from '../capture/capture-stream';
import { PROTOCOL, PacketBatch } from '../capture/packet-batch';
import { ConversationTable, type Conversation } from '../window/conversation-table';
import { formatIpv4 } from '../nat/address-text';
import { formatIpv6 } from './ipv6-text';
import { newDecoder } from './decoder-module';
import { openFileSource } from './file-source';
import { isPipe, pipeSource } from './pipe-source';
import { UnpackedSource } from './unpack/unpacked-source';
import { formatTime } from './time-text';
import { DEFAULT_MAX_EXPANSION } from '../contract/ipc';
import { REASONS, type ByReason, type Reason, type UnreadableRange } from '../contract/ledger';

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

export interface ConversationReport {
  /** In order of their first packet. */
  readonly conversations: readonly ConversationRow[];
  readonly unreadable: readonly UnreadableRange[];
  /** Packets that are in no conversation, having no readable IP header. */
  readonly notCounted: ByReason;
}

/**
 * Every conversation of the captures, by their outermost IP header, without any NAT.
 *
 * @param paths `-` is standard input
 * @throws AppError CAPTURE_* when a file cannot be read at all; CAPTURE_UNSUPPORTED for the inner layer of tunnels
 */
export async function readConversations(
  paths: readonly string[],
  layer: 'outer' | 'inner',
  maxExpansion = DEFAULT_MAX_EXPANSION,
): Promise<ConversationReport> {
  const table = new ConversationTable();
  const batch = new PacketBatch();
  const decoder = newDecoder();
  const unreadable: UnreadableRange[] = [];
  const notCounted: Partial<Record<Reason, number>> = {};
  for (const path of paths) {
    const source = new UnpackedSource(isPipe(path) ? pipeSource(path) : openFileSource(path), maxExpansion);
    try {
      const stream = await CaptureStream.open(source, decoder);
      for (let hasMore = true; hasMore;) {
        batch.length = 0;
        const filled = stream.fill(batch);
        hasMore = typeof filled === 'boolean' ? filled : await filled;
        if (layer === 'inner') refuseTunnels(batch, path);
        table.add(batch);
        countOthers(batch, notCounted);
      }
      unreadable.push(...stream.account.unreadable);
      stream.release();
    } finally {
      source.close();
    }
  }
  return { conversations: table.conversations.map(toRow), unreadable, notCounted };
}

function countOthers(batch: PacketBatch, counts: Partial<Record<Reason, number>>): void {
  for (let row = 0; row < batch.length; row++) {
    if (batch.ipVersion[row] !== 0) continue;
    const reason = REASONS[batch.reason[row]! - 1]!;
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
}

/** Protocols and ports behind which another IP header may be: IP in IP, 6in4, GRE, L2TP; Geneve, VXLAN, GTP-U, Teredo. */
const TUNNEL_PROTOCOLS: ReadonlySet<number> = new Set([4, 41, 47, 115]);
const TUNNEL_PORTS: ReadonlySet<number> = new Set([1701, 2152, 3544, 4789, 6081]);

/** Without tunnels, the inner layer is the outer one; with them, this version must not pretend so. */
function refuseTunnels(batch: PacketBatch, path: string): void {
  for (let row = 0; row < batch.length; row++) {
    if (batch.ipVersion[row] === 0) continue;
    const ports = batch.ports[row]!;
    const isTunnel =
      TUNNEL_PROTOCOLS.has(batch.protocol[row]!) ||
      (batch.protocol[row] === PROTOCOL.udp && (TUNNEL_PORTS.has(ports >>> 16) || TUNNEL_PORTS.has(ports & 0xffff)));
    if (!isTunnel) continue;
    throw new AppError(
      'CAPTURE_UNSUPPORTED',
      `${path} has tunnels (packet ${batch.packetNo[row]}), which this version does not open: use --layer outer`,
      { file: path, packet: batch.packetNo[row]! },
    );
  }
}

function toRow(conversation: Conversation): ConversationRow {
  const format = conversation.ipVersion === 6 ? formatIpv6 : ([address]: readonly number[]) => formatIpv4(address ?? 0);
  const hasTime = conversation.firstSec !== Infinity;
  const windows = [...conversation.windows.values()].sort((a, b) => a.startSec - b.startSec);
  return {
    ver: conversation.ipVersion,
    proto: conversation.protocol,
    a_ip: format(conversation.aAddress),
    a_port: conversation.aPort,
    b_ip: format(conversation.bAddress),
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
