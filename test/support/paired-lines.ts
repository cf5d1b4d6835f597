import { CaptureStream } from '../../src-main/capture/capture-stream';
import { FragmentResolver } from '../../src-main/capture/fragment-resolver';
import { BATCH_ROWS, LEG, PacketBatch } from '../../src-main/capture/packet-batch';
import { REASONS } from '../../src-main/contract/ledger';
import { newDecoder } from '../../src-main/engine/decoder-module';
import { addressClasses } from '../../src-main/nat/address-classes';
import { formatIpv4, parsePublicAddress } from '../../src-main/nat/address-text';
import { LegPairing } from '../../src-main/nat/leg-pairing';
import { memorySource } from './memory-source';
import { LINK, pcapFile, type CaptureRecord } from './pcap-writer';
import { gatewayWith, snatEntry } from './session-log';

const LEG_NAMES = Object.fromEntries(Object.entries(LEG).map(([name, leg]) => [leg, name]));

export interface PairOptions {
  readonly nat?: readonly string[];
  readonly countUnpaired?: boolean;
  readonly hasTwoClocks?: boolean;
  /** Rows of the next batch that is pushed. */
  readonly batchRows?: () => number;
  readonly pairing?: (stage: LegPairing) => void;
}

/** Reads records, IP packets without a link layer, and gives what the stage says of each, in order of its output. */
export function pair(records: readonly CaptureRecord[], options: PairOptions = {}): string[] {
  const { nat = ['203.0.113.1'], countUnpaired = false, hasTwoClocks = false, batchRows = () => BATCH_ROWS } = options;
  const decoder = newDecoder();
  decoder.hashPayloads();
  const file = pcapFile(records, { linkType: LINK.raw, resolution: 'ns' });
  const stream = CaptureStream.open(memorySource(file), decoder) as CaptureStream;
  const lines: string[] = [];
  const gateway = gatewayWith({ snatEntries: [snatEntry('10.0.0.0/8', nat)] });
  const stage = new LegPairing(
    { natAddresses: nat.map(parsePublicAddress), inside: addressClasses(gateway), countUnpaired, hasTwoClocks },
    (batch) => {
      for (let row = 0; row < batch.length; row++) lines.push(lineOf(batch, row));
    },
  );
  const piece = new PacketBatch();
  const fragments = new FragmentResolver((batch) => {
    for (let row = 0; row < batch.length;) {
      const end = Math.min(batch.length, row + batchRows());
      for (piece.length = 0; row < end; row++) piece.appendRow(batch, row);
      stage.push(piece);
    }
  });
  const batch = new PacketBatch();
  for (let hasMore = true; hasMore;) {
    batch.length = 0;
    hasMore = stream.fill(batch) as boolean;
    fragments.push(batch);
  }
  fragments.flush();
  stage.flush();
  stream.release();
  options.pairing?.(stage);
  return lines;
}

/** Number of the packet, and what the stage says of it. */
function lineOf(batch: PacketBatch, row: number): string {
  const number = batch.packetNo[row]!;
  const reason = REASONS[batch.reason[row]! - 1];
  if (reason !== undefined) return `${number} ${reason}`;
  const leg = LEG_NAMES[batch.leg[row]!]!;
  const natIp = batch.observedNatIp[row]!;
  return natIp === 0 ? `${number} ${leg}` : `${number} ${leg} ${formatIpv4(natIp)}:${batch.observedNatPort[row]!}`;
}
