import type { LogEntryBatch } from '../../src-main/contract/log-entry';
import { formatIpv4 } from '../../src-main/nat/address-text';

interface ValueSizes {
  readonly valueBytes: number;
  readonly destinationBytes: number;
}

/** What an entry's values are long, by writing them out. */
function sizesOf(batch: LogEntryBatch, row: number): ValueSizes {
  const values = [
    ...[batch.protocol[row], batch.natPort[row]],
    ...[batch.bytesFromPub, batch.pktsFromPub, batch.bytesFromVpc, batch.pktsFromVpc].map((column) => column.at(row)),
    ...[batch.firstSec.at(row), batch.lastSec.at(row)],
  ].map(String);
  const endpoint = (ips: Uint32Array, ports: Uint16Array): string => `${formatIpv4(ips[row] ?? 0)}${ports[row]}`;
  const host = batch.isPublicOnly[row] === 1 ? '' : endpoint(batch.priIp, batch.priPort);
  return {
    valueBytes: [...values, formatIpv4(batch.natIp[row] ?? 0), host].join('').length,
    destinationBytes: batch.isRedacted[row] === 1 ? 0 : endpoint(batch.pubIp, batch.pubPort).length,
  };
}

/** Fills `valueBytes` and `destinationBytes` of a batch that no emulator has filled. */
export function measureValues(batch: LogEntryBatch): void {
  for (let row = 0; row < batch.length; row++) {
    const { valueBytes, destinationBytes } = sizesOf(batch, row);
    batch.valueBytes[row] = valueBytes;
    batch.destinationBytes[row] = destinationBytes;
  }
}

/** @throws Error when an entry's values are not as long as the batch says */
export function requireSizes(batch: LogEntryBatch, row: number): void {
  const { valueBytes, destinationBytes } = sizesOf(batch, row);
  if (batch.valueBytes[row] === valueBytes && batch.destinationBytes[row] === destinationBytes) return;
  const said = `${batch.valueBytes[row]} and ${batch.destinationBytes[row]}`;
  throw new Error(
    `values of entry ${batch.entryNo.at(row)} have ${valueBytes} and ${destinationBytes} characters, not ${said}`,
  );
}
