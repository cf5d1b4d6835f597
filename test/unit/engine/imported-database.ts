import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportReport, ImportRequest } from '../../../src-main/contract/imports';
import type { QueryRequest } from '../../../src-main/contract/query';
import type { Database } from '../../../src-main/duckdb/database';
import { runImport, type ImportContext, type ImportRoute } from '../../../src-main/engine/import-service';
import { importInThread, type Importer } from '../../../src-main/engine/importer';
import { udpPacket } from '../../support/frames';
import { LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { SECOND } from '../../support/time';

export const PLACE = { project: 'local', logstore: 'session-log' } as const;
export const WHOLE_LOG = { ...PLACE, text: '*', from: null, to: null, zone: 'UTC', snapshot: null } as const;
export const ALL_ENTRIES: QueryRequest = { ...WHOLE_LOG, limit: null, offset: 0, reverse: false };

/** One UDP datagram, so one log entry, at each time: whole epoch seconds. */
export function entriesAt(timesSec: readonly number[]): CaptureRecord[] {
  return timesSec
    .toSorted((a, b) => a - b)
    .map((sec, index) => ({
      atNs: BigInt(sec) * SECOND,
      bytes: udpPacket({
        from: `10.${(index >>> 14) & 255}.${(index >>> 7) & 127}.${(index & 127) + 1}:${1024 + (index % 60_000)}`,
        to: index % 3 === 0 ? '198.51.100.7:53' : '198.51.100.8:443',
        payload: new Uint8Array(8),
      }),
    }));
}

export function writeCapture(folder: string, name: string, records: readonly CaptureRecord[]): string {
  const path = join(folder, name);
  writeFileSync(path, pcapFile(records, { linkType: LINK.raw, resolution: 'ns' }));
  return path;
}

export function importInto(
  database: Database,
  captures: readonly string[],
  changes: Partial<ImportRequest> = {},
  importer: Importer = importInThread,
  { emit = () => undefined, ...route }: ImportRoute & Partial<Pick<ImportContext, 'emit'>> = {},
): Promise<ImportReport> {
  const request = {
    ...PLACE,
    captures,
    inside: [],
    eips: [],
    seed: 0,
    layer: 'auto' as const,
    createIndex: true,
    again: false,
  };
  const context = { signal: new AbortController().signal, emit, passNoReturn: () => undefined };
  return runImport(database, { ...request, keepGoing: false, ...changes }, context, importer, route);
}
