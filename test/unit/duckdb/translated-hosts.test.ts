import { expect, test } from 'vitest';
import { readTranslatedHosts } from '../../../src-main/duckdb/translated-hosts';
import { udpPacket } from '../../support/frames';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';
import { importInto, writeCapture } from '../engine/imported-database';
import { temporaryDatabase } from './temporary-workspace';

const SEC = 1_773_133_200;

/** One datagram of 28 + `payloadBytes` octets from each endpoint to each other one. */
function capture(
  name: string,
  packets: readonly (readonly [from: string, to: string, payloadBytes: number])[],
): string {
  const records = packets.map(([from, to, payloadBytes], index) => ({
    atNs: BigInt(SEC + index) * SECOND,
    bytes: udpPacket({ from: `${from}:${2000 + index}`, to: `${to}:53`, payload: new Uint8Array(payloadBytes) }),
  }));
  return writeCapture(tempFolder(), name, records);
}

test('the hosts of an import are those that were translated, the busiest first', async () => {
  const database = await temporaryDatabase();
  const quiet = ['10.0.0.11', '10.0.0.12', '10.0.0.13', '10.0.0.14', '10.0.0.15'] as const;
  const { run } = await importInto(database, [
    capture('a.pcap', [
      ...quiet.map((address) => [address, '198.51.100.1', 2] as const),
      ['10.0.0.2', '198.51.100.1', 72],
      ['10.0.0.2', '198.51.100.2', 72],
      // Within the VPC, and between public addresses: not translated.
      ['10.0.0.3', '10.0.0.4', 72],
      ['198.51.100.9', '198.51.100.1', 72],
    ]),
  ]);
  await importInto(database, [capture('b.pcap', [['10.0.9.9', '198.51.100.1', 500]])]);
  const { hosts, outbound, busiest } = await readTranslatedHosts(database, run);
  expect({ hosts, outbound }).toEqual({ hosts: 6, outbound: { packets: 7, bytes: 350 } });
  expect(busiest).toHaveLength(5);
  expect(busiest.slice(0, 2)).toEqual([
    { address: '10.0.0.2', packets: 2, bytes: 200 },
    { address: '10.0.0.11', packets: 1, bytes: 30 },
  ]);
});

test('an import that translated nothing has no hosts', async () => {
  const database = await temporaryDatabase();
  const { run } = await importInto(database, [capture('a.pcap', [['10.0.0.3', '10.0.0.4', 72]])]);
  expect(await readTranslatedHosts(database, run)).toEqual({
    hosts: 0,
    outbound: { packets: 0, bytes: 0 },
    busiest: [],
  });
});

test('an import that there is not is RUN_NOT_FOUND', async () => {
  const database = await temporaryDatabase();
  await expect(readTranslatedHosts(database, 3)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND', detail: { run: 3 } });
});
