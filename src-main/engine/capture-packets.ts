import { CaptureStream } from '../capture/capture-stream';
import type { Decoder } from '../capture/decoder';
import type { DecoderExports } from '../capture/decoder-exports';
import { BATCH_ROWS, PacketBatch } from '../capture/packet-batch';
import { TUNNEL_KINDS, type TunnelKind } from '../contract/capture-details';
import { AppError } from '../contract/errors';
import type { CaptureFact, CaptureNumber, LedgerPacket, LedgerPackets } from '../contract/ledger-packets';
import { newLayerDecoder } from './decoder-module';
import type { AgainTask } from './ledger-packets';
import { listedPacket } from './listed-packet';
import { allSourcesOf } from './run-sources';
import type { SearchTurns } from './search-turns';

/**
 * @param decoder has decoded one record, if any, since this was asked last
 * @returns what the facts of a capture count of it so far
 */
function countOf(fact: CaptureFact, { module }: Decoder): (stream: CaptureStream) => number {
  const [kind, of] = fact.split('/');
  switch (kind) {
    case 'ipv4':
      return ({ account }) => account.records - account.noIpRecords - account.outerIpv6Records;
    case 'ipv6':
      return ({ account }) => account.outerIpv6Records;
    case 'other':
      return ({ account }) => account.noIpRecords;
    case 'fragments':
      return ({ account }) => account.fragments;
    case 'tunnels':
      return ({ account }) => account.tunnelRecords;
    case 'tunnel': {
      const place = TUNNEL_KINDS.indexOf(of as TunnelKind);
      return ({ account }) => account.tunnelsByKind[place] ?? 0;
    }
    case 'link': {
      // Where each interface has its own, they are summed up at the end.
      let [records, found] = [0, 0];
      return ({ account }) => {
        if (account.records > records && lastLinkType(module) === Number(of)) found++;
        records = account.records;
        return found;
      };
    }
    case 'interface':
      return (stream) => {
        const described = stream.account.container.interfaces[Number(of)];
        return described === undefined ? 0 : stream.packetsOf(described);
      };
    default:
      return ({ account }) => account.records;
  }
}

function lastLinkType(module: DecoderExports): number {
  return new Uint32Array(module.memory.buffer, module.rowLinkType.value, 1)[0]!;
}

/** What goes through a capture again. */
export interface CaptureVisit {
  readonly decoder: Decoder;
  /** A packet of the number is in a row of the batch; as the only one that was decoded, the decoder has its frame as that of row 0. */
  readonly onPacket: (batch: PacketBatch, row: number) => void;
  readonly isOver: () => boolean;
  /** Whoever has to wait for what was done with a packet does so here. */
  readonly settle?: () => Promise<void> | undefined;
}

/**
 * Finds the packets behind a number of a capture's facts, by counting them again: the capture is read record by record, and
 * those are the packets by which the number grows.
 *
 * @throws AppError CAPTURE_NOT_FOUND, CAPTURE_CHANGED, CAPTURE_NOT_KEPT and other CAPTURE_*, QUERY_CANCELLED
 */
export async function visitCapture(
  { read }: Pick<AgainTask, 'read'>,
  { capture, fact }: CaptureNumber,
  { decoder, onPacket, isOver, settle }: CaptureVisit,
  turns: SearchTurns,
): Promise<void> {
  const source = allSourcesOf(read)[capture];
  if (source === undefined) {
    throw new AppError('CAPTURE_NOT_FOUND', `import ${read.run} has no capture ${capture + 1}`, { run: read.run });
  }
  const { firstPacketNo = 1 } = source;
  decoder.keepFrames();
  const count = countOf(fact, decoder);
  const batch = new PacketBatch();
  // There is room for one.
  const row = BATCH_ROWS - 1;
  let stream: CaptureStream | null = null;
  let found = 0;
  try {
    stream = await CaptureStream.open(source.source, decoder, { firstPacketNo });
    for (let hasMore = true; hasMore && !isOver();) {
      batch.length = row;
      const filling = stream.fill(batch);
      hasMore = typeof filling === 'boolean' ? filling : await filling;
      const counted = count(stream);
      if (counted > found && batch.length > row) onPacket(batch, row);
      found = counted;
      const settling = settle?.();
      if (settling !== undefined) await settling;
      const { storedBytes } = stream;
      const pause = turns.pass(() => ({ foundPackets: found, searchedBytes: storedBytes }));
      if (pause !== undefined) await pause;
    }
  } finally {
    stream?.release();
    source.source.close();
  }
}

/** A page of the packets behind a number of a capture's facts. @throws as `visitCapture` */
export async function readCapturePackets(
  again: AgainTask,
  of: CaptureNumber,
  { offset, limit }: { readonly offset: number; readonly limit: number },
  turns: SearchTurns,
): Promise<LedgerPackets> {
  const packets: LedgerPacket[] = [];
  let [toPass, isOver] = [offset, false];
  const onPacket = (batch: PacketBatch, row: number): void => {
    if (toPass > 0) toPass--;
    else if (packets.length < limit) packets.push(listedPacket(batch, row, null));
    else isOver = true;
  };
  const decoder = newLayerDecoder(again.layer, again.gateway);
  await visitCapture(again, of, { decoder, onPacket, isOver: () => isOver }, turns);
  return { packets, isEnd: !isOver };
}
