import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../../src-main/duckdb/database';
import { runExport } from '../../../src-main/engine/export-service';
import { exportsFolder } from '../../../src-main/engine/exports-folder';
import { dnsLookup, framed, ping, tcpSession } from '../../support/conversations';
import { ethernet, fragment, udpPacket } from '../../support/frames';
import { inTimeOrder, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { networkInterface, packet, pcapngFile, section } from '../../support/pcapng-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom } from '../../support/random';
import { tempFolder } from '../../support/temp';
import { MILLISECOND, SECOND, timeNs } from '../../support/time';
import { sharedDatabase } from '../duckdb/temporary-workspace';
import { ALL_ENTRIES, importInto } from './imported-database';

/* The same packets give the same rows, to the octet, in whatever files they come. */

/** Each is an import of a dozen files. */
const SPLITS = Math.ceil(PROPERTY_RUNS / 5);

const startNs = timeNs('2026-03-10T09:58:00Z') + 123_456_789n;
const server = '198.51.100.7:443';
const datagram = udpPacket({ from: '10.0.0.8:7000', to: '198.51.100.9:7000', payload: new Uint8Array(3000) });

/** Sessions over two window edges, fragments and echoes; several packets at the same time. */
const records: readonly CaptureRecord[] = framed(
  inTimeOrder(
    tcpSession({ client: '10.0.0.5:40000', server, startNs, exchanges: [{ up: 500, down: 9000 }] }),
    tcpSession({ client: '10.0.0.6:40000', server, startNs, exchanges: [{ up: 50, down: 700, pauseMs: 130_000 }] }),
    tcpSession({ client: '10.0.0.7:40000', server, startNs: startNs + 721n * SECOND, exchanges: [{ up: 9, down: 9 }] }),
    dnsLookup({
      client: '10.0.0.5:5353',
      server: '198.51.100.53:53',
      startNs,
      name: 'a.test',
      address: '198.51.100.7',
    }),
    ping({ from: '10.0.0.5', to: '198.51.100.10', startNs: startNs + 100n * SECOND, id: 77, count: 20, rttMs: 14 }),
    fragment(datagram, 1480).map((bytes, index) => ({ atNs: startNs + BigInt(index) * MILLISECOND, bytes })),
  ),
  (ip) => ethernet(ip),
);

const asPcap = (some: readonly CaptureRecord[]): Uint8Array => pcapFile(some, { resolution: 'ns' });
const asPcapng = (some: readonly CaptureRecord[]): Uint8Array =>
  pcapngFile([section(), networkInterface({ resolution: 9 }), ...some.map((record) => packet(record))]);

const FORMATS: readonly { readonly name: string; readonly write: (some: readonly CaptureRecord[]) => Uint8Array }[] = [
  { name: 'pcap', write: asPcap },
  { name: 'pcapng', write: asPcapng },
  { name: 'gzip of pcap', write: (some) => gzipSync(asPcap(some)) },
  { name: 'gzip of pcapng', write: (some) => gzipSync(asPcapng(some)) },
];

const shared = sharedDatabase();
let logstores = 0;

/** Imports into a Logstore of its own. @returns its rows as CSV, and what the ledger says of them */
async function imported(captures: readonly string[]): Promise<{ readonly rows: string; readonly ledger: unknown }> {
  const database = shared();
  const logstore = `log-${logstores++}`;
  const { ledger } = await importInto(database, captures, { logstore });
  // How many octets of files there were is not theirs.
  return {
    rows: await rowsOf(database, logstore),
    ledger: [ledger.packets, ledger.ipBytes, ledger.fileBytes.unreadable],
  };
}

async function rowsOf(database: Database, logstore: string): Promise<string> {
  const { signal } = new AbortController();
  const request = { query: { ...ALL_ENTRIES, logstore }, format: 'csv' } as const;
  const { file } = await runExport(database, request, { signal, emit: () => undefined });
  return readFileSync(join(exportsFolder(database.workspaceDir), file), 'utf8');
}

function written(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function expected(folder: string): ReturnType<typeof imported> {
  const whole = await imported([written(folder, 'whole.pcap', asPcap(records))]);
  // Three windows, or the edges between them say little.
  expect(whole.rows.split('\n').length).toBeGreaterThan(8);
  return whole;
}

describe('the same packets', () => {
  test.each(FORMATS)('as a file of $name', async ({ write }) => {
    const folder = tempFolder();
    expect(await imported([written(folder, 'capture', write(records))])).toEqual(await expected(folder));
  });

  test.skipIf(process.platform === 'win32').each(FORMATS)('from a pipe, in any pieces, as $name', async ({ write }) => {
    const folder = tempFolder();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const importing = imported([pipe]);
    await sendInPieces(write(records), pipe);
    expect(await importing).toEqual(await expected(folder));
  });

  test(
    'split into files between different times, of any formats and named in any order',
    async () => {
      const folder = tempFolder();
      const whole = await expected(folder);
      const cuts = records.flatMap(({ atNs }, index) =>
        index > 0 && atNs !== records[index - 1]!.atNs ? [index] : [],
      );
      await fc.assert(
        fc.asyncProperty(
          fc.subarray(cuts, { minLength: 1, maxLength: 12 }),
          fc.array(fc.nat(FORMATS.length - 1), { minLength: 13, maxLength: 13 }),
          fc.boolean(),
          async (ends, formats, isReversed) => {
            const files = [...ends, records.length].map((end, index) => {
              const part = records.slice(ends[index - 1] ?? 0, end);
              return written(folder, `${logstores}-${index}`, FORMATS[formats[index]!]!.write(part));
            });
            expect(await imported(isReversed ? files.toReversed() : files)).toEqual(whole);
          },
        ),
        { numRuns: SPLITS },
      );
    },
    20_000 + 2000 * SPLITS,
  );
});

async function sendInPieces(bytes: Uint8Array, pipe: string): Promise<void> {
  const random = seededRandom(bytes.length);
  const writer = createWriteStream(pipe);
  for (let at = 0; at < bytes.length;) {
    const end = at + random.int(1, 400);
    await new Promise((resolve) => writer.write(bytes.subarray(at, end), resolve));
    at = end;
  }
  writer.end();
  await once(writer, 'close');
}
