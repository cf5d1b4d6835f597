import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import type { NatTableReport, NatTableRequest } from '../../../src-main/contract/nat-table';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import { Collected, int64, runCli, text, type StubEngine } from './run-cli';

const EIP = 0xcb007101;
const HOST = 0x0a000007;
const SERVER = 0xc6336450;
const NS = 1_700_000_000_000_000_000n;

const ipv4 = (name: string, values: readonly number[], validity?: readonly number[]) => ({
  name,
  type: 'ipv4' as const,
  data: Uint32Array.from(values),
  ...(validity ? { validity: Uint8Array.from(validity) } : {}),
});

function ports(...counts: readonly bigint[]): ResultBatch {
  const each = <T>(value: T): T[] => counts.map(() => value);
  return {
    rowCount: counts.length,
    columns: [
      int64('run', each(1n)),
      int64('epoch', each(0n)),
      ipv4('nat_ip', each(EIP)),
      int64('protocol', each(6n)),
      ipv4('pub_ip', each(SERVER)),
      int64('pub_port', each(443n)),
      int64('ports', counts),
      int64('held', each(2n)),
    ],
  };
}

/** The second of them was captured on the public side only. */
function sessions(): ResultBatch {
  return {
    rowCount: 2,
    columns: [
      int64('run', [1n, 1n]),
      int64('epoch', [0n, 0n]),
      int64('session_id', [7n, 8n]),
      int64('protocol', [6n, 253n]),
      ipv4('pri_ip', [HOST, 0], [1, 0]),
      int64('pri_port', [50_000n, 0n], [1, 0]),
      ipv4('nat_ip', [EIP, EIP]),
      ipv4('nat_eip', [EIP, EIP]),
      int64('nat_port', [40_000n, 40_001n]),
      ipv4('pub_ip', [SERVER, SERVER]),
      int64('pub_port', [443n, 443n]),
      int64('created_ns', [NS, NS + 1n]),
      int64('last_packet_ns', [NS + 500_000_000n, 0n], [1, 0]),
      int64('mapping_end_ns', [NS + 900_000_000_000n, NS + 60_000_000_001n]),
      text('nat_source', ['emulated', 'observed']),
    ],
  };
}

const REPORT: NatTableReport = {
  at: '1700000001.000000009',
  runs: [{ run: 1, instance: 'ngw-default', eips: 2, portsPerDestination: 55_000 }],
  sessions: 2,
  destinations: 1,
  totals: [
    {
      ...{ run: 1, epoch: 0, natIp: EIP, natEip: EIP, protocol: 6 },
      ...{ sessions: 1204, ports: 1200, held: 7, destinations: 3, busiestPorts: 1100, limit: 55_000 },
    },
  ],
  notices: [{ kind: 'info', text: 'Something to know.' }],
};

function answering(batches: readonly ResultBatch[], changes: Partial<NatTableReport> = {}): StubEngine {
  return {
    natTable: async (_request, call) => {
      for (const batch of batches) await call.batch(batch);
      return { ...REPORT, ...changes };
    },
  };
}

describe('request', () => {
  const DEFAULTS: NatTableRequest = {
    ...{ project: 'local', logstore: 'session-log', at: '-1m', zone: 'UTC', run: null, host: null, nat: null },
  };

  test.each([
    { name: 'all sessions', argv: [], request: {} },
    { name: 'a zone', argv: ['--zone', '+08:00'], request: { zone: '+08:00' } },
    { name: 'an import', argv: ['--run', '3'], request: { run: 3 } },
    { name: 'a host', argv: ['--host', '10.0.0.7'], request: { host: '10.0.0.7' } },
    { name: 'an EIP', argv: ['--nat', '203.0.113.1'], request: { nat: { address: '203.0.113.1', port: null } } },
    { name: 'a port', argv: ['--nat', '203.0.113.1:0'], request: { nat: { address: '203.0.113.1', port: 0 } } },
    {
      name: 'another place',
      argv: ['--project', 'lab', '--logstore', 'edge'],
      request: { project: 'lab', logstore: 'edge' },
    },
  ])('$name', async ({ argv, request }) => {
    const requests: NatTableRequest[] = [];
    const natTable = (given: NatTableRequest) => {
      requests.push(given);
      return REPORT;
    };
    const { exitCode } = await runCli(['nat-table', '--at', '-1m', ...argv], { engine: { natTable } });
    expect(exitCode).toBe(0);
    expect(requests).toEqual([{ ...DEFAULTS, ...request }]);
  });

  test.each([
    { argv: [], says: "required option '--at <time>' not specified" },
    { argv: ['--at', '1', '--host', '10.0.0'], says: '"10.0.0" is no IPv4 address' },
    { argv: ['--at', '1', '--nat', '203.0.113.1:65536'], says: 'It must be an address, or one with a port' },
    { argv: ['--at', '1', '--nat', '203.0.113.1:'], says: 'It must be an address, or one with a port' },
    { argv: ['--at', '1', '--nat', '::1'], says: '"" is no IPv4 address' },
    { argv: ['--at', '1', '--run', '0'], says: 'whole number from 1' },
    { argv: ['--at', '1', '--zone', 'Mars/Olympus'], says: 'is no time zone' },
  ])('$argv is wrong usage', async ({ argv, says }) => {
    const { exitCode, stderr } = await runCli(['nat-table', ...argv]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(says);
  });
});

test('text is a table of ports, one of sessions with times in the zone, and one of addresses', async () => {
  const { exitCode, stdout, stderr } = await runCli(['nat-table', '--at', '1', '--zone', '+08:00'], {
    engine: answering([ports(12n, 3n), sessions()]),
  });
  expect(exitCode).toBe(0);
  expect(`\n${stdout}`).toMatchInlineSnapshot(`
    "
    Ports in use by destination
    run  epoch  nat_ip       protocol  pub_ip         pub_port  ports  held
    ───  ─────  ───────────  ────────  ─────────────  ────────  ─────  ────
      1      0  203.0.113.1  TCP       198.51.100.80       443     12     2
      1      0  203.0.113.1  TCP       198.51.100.80       443      3     2

    Live sessions
    run  epoch  session_id  protocol  pri_ip    pri_port  nat_ip       nat_eip      nat_port  pub_ip         pub_port  created                        last_packet                    mapping_end                    nat_source
    ───  ─────  ──────────  ────────  ────────  ────────  ───────────  ───────────  ────────  ─────────────  ────────  ─────────────────────────────  ─────────────────────────────  ─────────────────────────────  ──────────
      1      0           7  TCP       10.0.0.7     50000  203.0.113.1  203.0.113.1     40000  198.51.100.80       443  2023-11-15 06:13:20.000000000  2023-11-15 06:13:20.500000000  2023-11-15 06:28:20.000000000  emulated
      1      0           8  IP 253    –                –  203.0.113.1  203.0.113.1     40001  198.51.100.80       443  2023-11-15 06:13:20.000000001  –                              2023-11-15 06:14:20.000000001  observed

    Ports in use by address
    run  epoch  nat_ip       nat_eip      protocol  sessions  ports  held  destinations  busiest   limit
    ───  ─────  ───────────  ───────────  ────────  ────────  ─────  ────  ────────────  ───────  ──────
      1      0  203.0.113.1  203.0.113.1  TCP          1,204  1,200     7             3    1,100  55,000
    "
  `);
  expect(stderr).toBe('2 live sessions · 1 destination · 2023-11-15 06:13:21.000000009 +08:00\nSomething to know.\n');
});

test('JSON is one object, with exact times in UTC and NULL as null', async () => {
  const { exitCode, stdout } = await runCli(['nat-table', '--at', '1', '--zone', '+08:00', '--json'], {
    engine: answering([ports(12n), ports(3n), sessions()]),
  });
  expect(exitCode).toBe(0);
  const end = { run: 1, epoch: 0, nat_ip: '203.0.113.1' };
  const destination = { ...end, protocol: 6, pub_ip: '198.51.100.80', pub_port: 443 };
  const session = {
    run: 1,
    epoch: 0,
    nat_ip: '203.0.113.1',
    nat_eip: '203.0.113.1',
    pub_ip: '198.51.100.80',
    pub_port: 443,
  };
  expect(JSON.parse(stdout)).toEqual({
    at: '2023-11-14T22:13:21.000000009Z',
    runs: [{ run: 1, instance: 'ngw-default', eips: 2, ports_per_destination: 55_000 }],
    ports: [
      { ...destination, ports: 12, held: 2 },
      { ...destination, ports: 3, held: 2 },
    ],
    sessions: [
      {
        ...session,
        ...{
          session_id: 7,
          protocol: 6,
          pri_ip: '10.0.0.7',
          pri_port: 50_000,
          nat_port: 40_000,
          nat_source: 'emulated',
        },
        created: '2023-11-14T22:13:20.000000000Z',
        last_packet: '2023-11-14T22:13:20.500000000Z',
        mapping_end: '2023-11-14T22:28:20.000000000Z',
      },
      {
        ...session,
        ...{ session_id: 8, protocol: 253, pri_ip: null, pri_port: null, nat_port: 40_001, nat_source: 'observed' },
        created: '2023-11-14T22:13:20.000000001Z',
        last_packet: null,
        mapping_end: '2023-11-14T22:14:20.000000001Z',
      },
    ],
    totals: [
      {
        ...{ run: 1, epoch: 0, nat_ip: '203.0.113.1', nat_eip: '203.0.113.1', protocol: 6, sessions: 1204 },
        ...{ ports: 1200, held: 7, destinations: 3, busiest_ports: 1100, limit: 55_000 },
      },
    ],
    notices: REPORT.notices,
  });
});

test('an empty table is whole, too', async () => {
  const empty = (batch: ResultBatch): ResultBatch => ({
    rowCount: 0,
    columns: batch.columns.map((column) => ({ ...column, data: column.data.slice(0, 0) }) as typeof column),
  });
  const engine = answering([empty(ports(1n)), empty(sessions())], {
    ...{ at: null, runs: [], sessions: 0, destinations: 0, totals: [], notices: [] },
  });
  const json = await runCli(['nat-table', '--at', 'end', '--json'], { engine });
  expect(JSON.parse(json.stdout)).toEqual({ at: null, runs: [], ports: [], sessions: [], totals: [], notices: [] });
  const { stdout, stderr } = await runCli(['nat-table', '--at', 'end'], { engine });
  expect(stdout).toContain('Live sessions\nrun  epoch  session_id  protocol');
  expect(stderr).toBe('0 live sessions · 0 destinations · the log has no entries\n');
});

test('a refusal is told as JSON when nothing was written before', async () => {
  const natTable = (): never => {
    throw new AppError('RUN_NOT_FOUND', 'there is no import 9 in Logstore session-log', { run: 9 });
  };
  const { exitCode, stdout } = await runCli(['nat-table', '--at', '1', '--json'], { engine: { natTable } });
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'RUN_NOT_FOUND' } });
});

test('rows are written as they come', async () => {
  const stdout = new Collected();
  const seen: number[] = [];
  const engine: StubEngine = {
    natTable: async (_request, call) => {
      for (let index = 0; index < 3; index++) {
        await call.batch(sessions());
        seen.push(stdout.text.split('session_id').length - 1);
      }
      return REPORT;
    },
  };
  await runCli(['nat-table', '--at', '1', '--json'], { engine, io: { stdout } });
  expect(seen).toEqual([2, 4, 6]);
});
