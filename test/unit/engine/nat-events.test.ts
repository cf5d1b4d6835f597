import { beforeAll, describe, expect, test } from 'vitest';
import type { NatEventsReport, NatEventsRequest } from '../../../src-main/contract/nat-events';
import type { ImportRequest } from '../../../src-main/contract/imports';
import type { ResultBatch, ResultColumn } from '../../../src-main/contract/result-batch';
import { findLogstore } from '../../../src-main/duckdb/catalogue';
import { logTable } from '../../../src-main/duckdb/log-table';
import { readNatEvents } from '../../../src-main/engine/nat-events-service';
import { formatIpv4 } from '../../../src-main/nat/address-text';
import { udpPacket, type Endpoint } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { tempFolderForFile } from '../../support/temp';
import { SECOND } from '../../support/time';
import { sharedDatabase } from '../duckdb/temporary-workspace';
import { importInto, PLACE, writeCapture } from './imported-database';

/** A window edge; times in tests are seconds behind it. */
const T0 = 1_700_000_400n;
const S: Endpoint = '203.0.113.80:443';
const S2: Endpoint = '203.0.113.81:53';

const ns = (sec: number): bigint => T0 * SECOND + BigInt(Math.round(sec * 1e9));
const at = (sec: number, from: Endpoint, to: Endpoint): CaptureRecord => ({
  atNs: ns(sec),
  bytes: udpPacket({ from, to, payload: new Uint8Array(32) }),
});

/** One port for all. */
const TIGHT = {
  ...{ portMin: 1025, portMax: 1025, portPolicy: 'sequential', eips: ['198.51.100.10'] },
  snatEntries: [{ snatEntryId: 'snat-office', sourceCidr: '10.0.0.0/16' }],
};
const BLOCKS = {
  ...{ portMin: 1024, portMax: 1151, portPolicy: 'blocks', portBlockSize: 64, eips: ['198.51.100.10'] },
  snatEntries: [{ sourceCidr: '10.0.0.0/16' }],
};

type Value = string | number | bigint | null;
type Row = Readonly<Record<string, Value>>;

function valueIn(column: ResultColumn, row: number): Value {
  if (column.validity?.[row] === 0) return null;
  if (column.type === 'ipv4') return formatIpv4(column.data[row]!);
  if (column.type === 'text' || column.type === 'json') return column.dictionary[column.data[row]!]!;
  return column.name.endsWith('_ns') ? column.data[row]! : Number(column.data[row]!);
}

function rowsOf({ rowCount, columns }: ResultBatch): Row[] {
  return Array.from({ length: rowCount }, (_, row) =>
    Object.fromEntries(columns.map((column) => [column.name, valueIn(column, row)])),
  );
}

const shared = sharedDatabase();
let folder = '';
let logstores = 0;
beforeAll(() => {
  folder = tempFolderForFile();
});

/** Imports captures, each as a run of its own, into a Logstore of their own. @returns its name */
async function logOf(
  gateway: NonNullable<ImportRequest['gateway']>,
  ...captures: readonly (readonly CaptureRecord[])[]
): Promise<string> {
  const logstore = `events-${logstores++}`;
  for (const [index, records] of captures.entries()) {
    await importInto(shared(), [writeCapture(folder, `${logstore}-${index}.pcap`, records)], { logstore, gateway });
  }
  return logstore;
}

async function read(
  logstore: string,
  changes: Partial<NatEventsRequest> = {},
  signal = new AbortController().signal,
): Promise<NatEventsReport & { readonly rows: readonly Row[] }> {
  const batches: ResultBatch[] = [];
  const request = { ...PLACE, logstore, from: null, to: null, zone: 'UTC', run: null, host: null, ...changes };
  const report = await readNatEvents(shared(), request, {
    signal,
    sendBatch: (batch) => {
      batches.push(batch);
      return Promise.resolve();
    },
  });
  expect(batches.length).toBeGreaterThan(0);
  const rows = batches.flatMap(rowsOf);
  expect(report.events).toBe(rows.length);
  expect(report.kinds.reduce((sum, { events }) => sum + events, 0)).toBe(rows.length);
  return { ...report, rows };
}

const firstPort = at(0, '10.0.0.1:5000', S);
/** Refused: the only port is taken towards that destination. */
const refused = [at(1.5, '10.0.0.2:5000', S), at(4.25, '10.0.0.2:5001', S), at(9, '10.0.0.3:5000', S)];

describe('refusals', () => {
  test('have their cause, host, destination, SNAT entry, counts, first and last time', async () => {
    const log = await logOf(TIGHT, [firstPort, ...refused, at(9, '10.0.0.3:5000', S2)]);
    const { rows, kinds, range, notices } = await read(log);
    const common = {
      ...{ event: 'no_port', protocol: 17, pub_ip: '203.0.113.80', pub_port: 443, snat_entry: 'snat-office' },
      ...{ nat_ip: null, first_port: null, last_port: null, window_start_ns: ns(0) },
      flow_end_reason: 5,
    };
    expect(rows).toMatchObject([
      { ...common, pri_ip: '10.0.0.2', packets: 2, bytes: 120, first_ns: ns(1.5), last_ns: ns(4.25) },
      { ...common, pri_ip: '10.0.0.3', packets: 1, bytes: 60, first_ns: ns(9), last_ns: ns(9) },
    ]);
    expect(kinds).toEqual([{ event: 'no_port', protocol: 17, events: 2, hosts: 2, packets: 3, bytes: 180 }]);
    expect(range).toEqual({ fromSec: Number(T0), toSec: Number(T0) + 10 });
    expect(notices.map(({ kind }) => kind)).toEqual(['losses']);
  });

  test('are of one window each', async () => {
    const log = await logOf(TIGHT, [
      at(595, '10.0.0.1:5000', S),
      at(599, '10.0.0.2:5000', S),
      at(600, '10.0.0.2:5000', S),
    ]);
    const { rows } = await read(log);
    expect(rows.map((row) => [row['window_start_ns'], row['packets']])).toEqual([
      [ns(0), 1],
      [ns(600), 1],
    ]);
  });

  test('have no destination where the gateway was told not to keep it', async () => {
    const { rows } = await read(await logOf({ ...TIGHT, redactDestination: true }, [firstPort, ...refused]));
    const common = { event: 'no_port', pub_ip: null, pub_port: null, snat_entry: 'snat-office' };
    expect(rows).toMatchObject([
      { ...common, pri_ip: '10.0.0.2', packets: 2 },
      { ...common, pri_ip: '10.0.0.3', packets: 1 },
    ]);
  });

  test('may be behind the last entry, and are what the end of the log is then', async () => {
    const log = await logOf(TIGHT, [firstPort, ...refused]);
    expect((await read(log, { from: '-1s' })).rows).toMatchObject([{ pri_ip: '10.0.0.3' }]);
  });

  test('all come, however many there are', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) =>
      at(1 + index / 1e6, `10.0.${1 + (index >>> 8)}.${index & 255}:5000`, S),
    );
    const log = await logOf(TIGHT, [firstPort, ...many]);
    const { rows } = await read(log);
    expect(rows).toHaveLength(20_000);
    expect(rows.map((row) => row['first_ns'])).toEqual(many.map(({ atNs }) => atNs));
    expect(rows).toEqual((await read(log)).rows);
  });
});

describe('blocks of ports', () => {
  test('have their host, address and ports, in the order in which they were given', async () => {
    const sameTime = [at(1, '10.0.0.2:5000', S), at(1, '10.0.0.1:5000', S)];
    const { rows, kinds } = await read(await logOf(BLOCKS, sameTime));
    const blocks = rows.map((row) => [row['event'], row['pri_ip'], row['nat_ip'], row['first_port'], row['last_port']]);
    expect(blocks.slice(0, 2).map(([event, host]) => [event, host])).toEqual([
      ['block_allocate', '10.0.0.2'],
      ['block_allocate', '10.0.0.1'],
    ]);
    for (const [, , address, first, last] of blocks) {
      expect([address, Number(last) - Number(first)]).toEqual(['198.51.100.10', 63]);
    }
    expect(rows).toMatchObject(
      rows.map(() => ({
        pub_ip: null,
        pub_port: null,
        snat_entry: null,
        packets: null,
        bytes: null,
        flow_end_reason: null,
      })),
    );
    expect(kinds).toMatchObject([
      { event: 'block_allocate', events: 2, hosts: 2, packets: 0, bytes: 0 },
      { event: 'block_free', events: 2, hosts: 2 },
    ]);
  });
});

describe('what is asked for', () => {
  test('is a range of time that the event has a part of', async () => {
    const log = await logOf(TIGHT, [firstPort, ...refused]);
    const hostsIn = async (from: number, to: number): Promise<Value[]> => {
      const { rows } = await read(log, { from: String(Number(T0) + from), to: String(Number(T0) + to) });
      return rows.map((row) => row['pri_ip']!);
    };
    expect(await hostsIn(0, 1)).toEqual([]);
    expect(await hostsIn(0, 2)).toEqual(['10.0.0.2']);
    expect(await hostsIn(2, 4)).toEqual(['10.0.0.2']);
    expect(await hostsIn(4, 10)).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(await hostsIn(5, 9)).toEqual([]);
    expect(await hostsIn(9, 10)).toEqual(['10.0.0.3']);
  });

  test('may lie beyond what nanoseconds can say', async () => {
    const log = await logOf(TIGHT, [firstPort, ...refused]);
    expect((await read(log, { from: '0', to: '99999999999' })).events).toBe(2);
    expect((await read(log, { from: '99999999998', to: '99999999999' })).events).toBe(0);
  });

  test('is one host, or one import', async () => {
    const log = await logOf(TIGHT, [firstPort, ...refused], [at(2, '10.0.0.4:1', S), at(3, '10.0.0.2:5000', S)]);
    const { rows } = await read(log);
    const runs = [...new Set(rows.map((row) => Number(row['run'])))];
    expect(rows.map((row) => [runs.indexOf(Number(row['run'])), row['pri_ip']])).toEqual([
      [0, '10.0.0.2'],
      [0, '10.0.0.3'],
      [1, '10.0.0.2'],
    ]);
    expect((await read(log, { host: '10.0.0.2' })).rows).toEqual([rows[0], rows[2]]);
    expect((await read(log, { run: runs[1]! })).rows).toEqual([rows[2]]);
    await expect(read(log, { run: 4_000_000 })).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(read(log, { host: '10.0.0' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(read(log, { from: '5', to: '5' })).rejects.toMatchObject({ code: 'TIME_INVALID' });
    await expect(read('nowhere')).rejects.toMatchObject({ code: 'LOGSTORE_NOT_FOUND' });
  });

  test('may be nothing', async () => {
    const log = await logOf(TIGHT, [firstPort]);
    const { rows, kinds } = await read(log);
    expect([rows, kinds]).toEqual([[], []]);
  });
});

test('imports of a version that kept no events are named', async () => {
  const log = await logOf(TIGHT, [firstPort]);
  const { id } = await findLogstore(shared(), 'local', log);
  await shared().withConnection((connection) => connection.run(`UPDATE ${logTable(id)} SET mapping_end_ns = NULL`));
  const { notices } = await read(log);
  expect(notices).toMatchObject([{ kind: 'limited', text: expect.stringContaining('older version') as string }]);
});

test('a call that was cancelled does nothing', async () => {
  const log = await logOf(TIGHT, [firstPort]);
  await expect(read(log, {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
});
