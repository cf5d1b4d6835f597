import { CaptureStream } from '../../src-main/capture/capture-stream';
import { PacketBatch } from '../../src-main/capture/packet-batch';
import { newDecoder } from '../../src-main/engine/decoder-module';
import { fingerprintNat, type NatFingerprint } from '../../src-main/nat/fingerprint';
import { LegLog } from '../../src-main/nat/leg-log';
import { memorySource } from './memory-source';
import { insideOf, outsideOf, type CrossedPacket } from './nat-simulator';
import { LINK, pcapFile, type CaptureRecord } from './pcap-writer';

/** @returns what a fingerprint keeps of a capture */
export function legLogOf(records: readonly CaptureRecord[]): LegLog {
  const decoder = newDecoder();
  decoder.hashPayloads();
  const file = pcapFile(records, { linkType: LINK.raw, resolution: 'ns' });
  const stream = CaptureStream.open(memorySource(file), decoder) as CaptureStream;
  const log = new LegLog('memory.pcap');
  const batch = new PacketBatch();
  for (let hasMore = true; hasMore;) {
    batch.length = 0;
    hasMore = stream.fill(batch) as boolean;
    log.add(batch);
  }
  stream.release();
  return log;
}

/** @throws Error when nothing was translated */
export function fingerprintOf(crossed: readonly CrossedPacket[]): NatFingerprint {
  const fingerprint = fingerprintNat(legLogOf(insideOf(crossed)), legLogOf(outsideOf(crossed)));
  if (fingerprint === null) throw new Error('nothing was translated');
  return fingerprint;
}
