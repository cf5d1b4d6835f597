import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import type { NatEventsReport, NatEventsRequest } from '../../../src-main/contract/nat-events';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import { int64, runCli, text, type StubEngine } from './run-cli';

const HOST = 0x0a000007;
const SERVER = 0xcb007150;
const EIP = 0xc633640a;
const NS = 1_700_000_400_000_000_000n;

const ipv4 = (name: string, values: readonly number[], validity?: readonly number[]) => ({
  name,
  type: 'ipv4' as const,
  data: Uint32Array.from(values),
  ...(validity ? { validity: Uint8Array.from(validity) } : {}),
});

/** A refusal, and a block of ports. */
function events(): ResultBatch {
  return {
    rowCount: 2,
    columns: [
      int64('run', [1n, 1n]),
      text('event', ['no_port', 'block_allocate']),
      int64('protocol', [6n, 17n]),
      ipv4('pri_ip', [HOST, HOST]),
      ipv4('pub_ip', [SERVER, 0], [1, 0]),
      int64('pub_port', [443n, 0n], [1, 0]),
      text('snat_entry', ['snat-1', ''], [1, 0]),
      int64('packets', [3n, 0n], [1, 0]),
      int64('bytes', [180n, 0n], [1, 0]),
      ipv4('nat_ip', [0, EIP], [0, 1]),
      int64('first_port', [0n, 1025n], [0, 1]),
      int64('last_port', [0n, 1088n], [0, 1]),
      int64('window_start_ns', [NS, NS]),
      int64('first_ns', [NS + 1n, NS + 2_000_000_000n]),
      int64('last_ns', [NS + 5_000_000_000n, NS + 2_000_000_000n]),
    ],
  };
}

const REPORT: NatEventsReport = {
  range: { fromSec: 1_700_000_400, toSec: 1_700_000_406 },
  events: 2,
  kinds: [
    { event: 'block_allocate', protocol: 17, events: 1, hosts: 1, packets: 0, bytes: 0 },
    { event: 'no_port', protocol: 6, events: 1, hosts: 1, packets: 3, bytes: 180 },
  ],
  notices: [{ kind: 'limited', text: 'Something to know.' }],
};

const answering = (batch: ResultBatch, changes: Partial<NatEventsReport> = {}): StubEngine => ({
  natEvents: async (_request, call) => {
    await call.batch(batch);
    return { ...REPORT, ...changes };
  },
});

describe('request', () => {
  const DEFAULTS: NatEventsRequest = {
    ...{ project: 'local', logstore: 'session-log', from: null, to: null, zone: 'UTC', run: null, host: null },
  };

  test.each([
    { name: 'all events', argv: [], request: {} },
    {
      name: 'a time',
      argv: ['--from', '-1h', '--to', 'end', '--zone', '+08:00'],
      request: { from: '-1h', to: 'end', zone: '+08:00' },
    },
    { name: 'an import and a host', argv: ['--run', '3', '--host', '10.0.0.7'], request: { run: 3, host: '10.0.0.7' } },
    {
      name: 'another place',
      argv: ['--project', 'lab', '--logstore', 'edge'],
      request: { project: 'lab', logstore: 'edge' },
    },
  ])('$name', async ({ argv, request }) => {
    const requests: NatEventsRequest[] = [];
    const natEvents = (given: NatEventsRequest) => {
      requests.push(given);
      return REPORT;
    };
    const { exitCode } = await runCli(['nat-events', ...argv], { engine: { natEvents } });
    expect(exitCode).toBe(0);
    expect(requests).toEqual([{ ...DEFAULTS, ...request }]);
  });

  test.each([
    { argv: ['--host', '10.0.0'], says: '"10.0.0" is no IPv4 address' },
    { argv: ['--run', '0'], says: 'whole number from 1' },
    { argv: ['--zone', 'Mars/Olympus'], says: 'is no time zone' },
    { argv: ['--format', 'xml'], says: 'Allowed choices are' },
  ])('$argv is wrong usage', async ({ argv, says }) => {
    const { exitCode, stderr } = await runCli(['nat-events', ...argv]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(says);
  });
});

test('a table has times in the zone, and standard error what each event means', async () => {
  const { exitCode, stdout, stderr } = await runCli(['nat-events', '--zone', '+08:00'], {
    engine: answering(events()),
  });
  expect(exitCode).toBe(0);
  expect(`\n${stdout}`).toMatchInlineSnapshot(`
    "
    run  event           protocol  pri_ip    pub_ip        pub_port  snat_entry  packets  bytes  nat_ip         first_port  last_port  window_start                   first                          last
    ───  ──────────────  ────────  ────────  ────────────  ────────  ──────────  ───────  ─────  ─────────────  ──────────  ─────────  ─────────────────────────────  ─────────────────────────────  ─────────────────────────────
      1  no_port         TCP       10.0.0.7  203.0.113.80       443  snat-1            3    180  –                       –          –  2023-11-15 06:20:00.000000000  2023-11-15 06:20:00.000000001  2023-11-15 06:20:05.000000000
      1  block_allocate  UDP       10.0.0.7  –                    –  –                 –      –  198.51.100.10        1025       1088  2023-11-15 06:20:00.000000000  2023-11-15 06:20:02.000000000  2023-11-15 06:20:02.000000000
    "
  `);
  expect(`\n${stderr}`).toMatchInlineSnapshot(`
    "
    2 events · 2023-11-15 06:20:00 – 2023-11-15 06:20:06 +08:00
    block_allocate, UDP: 1 event, 1 host. A host was given a block of ports.
    no_port, TCP: 1 event, 1 host, 3 packets. Every port that the host may have was taken for this destination, so the gateway refused the session.
    Something to know.
    "
  `);
});

test('JSON has exact times in UTC, numbers as they are, and NULL as null', async () => {
  const { stdout } = await runCli(['nat-events', '--json', '--zone', '+08:00'], { engine: answering(events()) });
  const of = { run: 1, pri_ip: '10.0.0.7', window_start: '2023-11-14T22:20:00.000000000Z' };
  expect(JSON.parse(stdout)).toEqual([
    {
      ...{ ...of, event: 'no_port', protocol: 6, pub_ip: '203.0.113.80', pub_port: 443, snat_entry: 'snat-1' },
      ...{ packets: 3, bytes: 180, nat_ip: null, first_port: null, last_port: null },
      ...{ first: '2023-11-14T22:20:00.000000001Z', last: '2023-11-14T22:20:05.000000000Z' },
    },
    {
      ...{ ...of, event: 'block_allocate', protocol: 17, pub_ip: null, pub_port: null, snat_entry: null },
      ...{ packets: null, bytes: null, nat_ip: '198.51.100.10', first_port: 1025, last_port: 1088 },
      ...{ first: '2023-11-14T22:20:02.000000000Z', last: '2023-11-14T22:20:02.000000000Z' },
    },
  ]);
});

test('without events there are no rows, and CSV has its header', async () => {
  const batch = events();
  const columns = batch.columns.map((column) => ({ ...column, data: column.data.slice(0, 0) }) as typeof column);
  const engine = answering({ rowCount: 0, columns }, { range: null, events: 0, kinds: [], notices: [] });
  expect(JSON.parse((await runCli(['nat-events', '--json'], { engine })).stdout)).toEqual([]);
  const { stdout, stderr } = await runCli(['nat-events', '--format', 'csv'], { engine });
  expect(stdout).toMatch(/^run,event,protocol,.*,window_start,first,last\r?\n$/u);
  expect(stderr).toBe('0 events · the log is empty\n');
});

test('a refusal is told as JSON when nothing was written before', async () => {
  const natEvents = (): never => {
    throw new AppError('RUN_NOT_FOUND', 'there is no import 9 in Logstore session-log', { run: 9 });
  };
  const { exitCode, stdout } = await runCli(['nat-events', '--json'], { engine: { natEvents } });
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'RUN_NOT_FOUND' } });
});
