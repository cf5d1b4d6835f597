import { BLOCK_EVENT, type GatewayEventBatch } from '../contract/gateway-event';
import type { LogEntryBatch } from '../contract/log-entry';

/** Takes the destinations out of entries. @see RFC 6888 REQ-12; nat-gateway reference §7 scenario 88 */
export function redactEntries(batch: LogEntryBatch): void {
  batch.pubIp.fill(0);
  batch.pubPort.fill(0);
  batch.destinationBytes.fill(0);
  batch.isRedacted.fill(1);
}

/** Takes them out of events: those of blocks have none. */
export function redactRefusals(batch: GatewayEventBatch): void {
  for (let row = 0; row < batch.length; row++) {
    if (batch.kind[row] === BLOCK_EVENT.allocate || batch.kind[row] === BLOCK_EVENT.free) continue;
    batch.pubIp[row] = 0;
    batch.ports[row] = 0;
    batch.isRedacted[row] = 1;
  }
}
