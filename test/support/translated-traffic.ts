import { REASONS, type Reason } from '../../src-main/contract/ledger';
import type { Gateway } from '../../src-main/nat/gateway';
import type { TrafficPacket } from './adversarial-traffic';
import { memorySource } from './memory-source';
import type { Run } from './nat-invariants';
import { LINK, pcapFile, type CaptureRecord } from './pcap-writer';
import { sessionLog, type SessionLog } from './session-log';

export interface TranslatedTraffic extends Run {
  readonly log: SessionLog;
}

/** @returns a capture of the packets, without a link layer */
export const trafficFile = (records: readonly CaptureRecord[]): Uint8Array =>
  pcapFile(records, { linkType: LINK.raw, resolution: 'ns' });

/** Sends packets through a gateway. */
export async function translateTraffic(
  gateway: Gateway,
  packets: readonly TrafficPacket[],
): Promise<TranslatedTraffic> {
  const reasons: (Reason | null)[] = [];
  const log = await sessionLog([memorySource(trafficFile(packets))], gateway, 'auto', (batch, codes) => {
    for (let row = 0; row < batch.length; row++) {
      reasons[batch.packetNo[row]! - 1] = codes[row] === 0 ? null : REASONS[codes[row]! - 1]!;
    }
  });
  return { gateway, packets, log, reasons };
}
