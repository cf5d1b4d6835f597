import { expect } from 'vitest';
import type { NatTableReport, NatTableRequest } from '../../../src-main/contract/nat-table';
import { natTablePart } from '../../../src-main/contract/nat-table';
import type { ResultBatch, ResultColumn } from '../../../src-main/contract/result-batch';
import type { Database } from '../../../src-main/duckdb/database';
import { readNatTable } from '../../../src-main/engine/nat-table-service';
import { formatIpv4 } from '../../../src-main/nat/address-text';
import { icmpEcho, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { seededRandom } from '../../support/random';
import { SECOND } from '../../support/time';
import { PLACE } from './imported-database';

/** A window edge; times in tests are seconds behind it. */
export const T0 = 1_700_000_400n;
export const EIP = '203.0.113.1';
export const HOST = '10.0.0.7';
export const S: Endpoint = '198.51.100.80:443';
export const S2: Endpoint = '198.51.100.81:443';

export const ns = (sec: number): bigint => T0 * SECOND + BigInt(Math.round(sec * 1e9));
export const at = (sec: number, bytes: Uint8Array): CaptureRecord => ({ atNs: ns(sec), bytes });
export const tcp = (from: Endpoint, to: Endpoint, flags: string): Uint8Array => tcpPacket({ from, to, flags });
export const udp = (from: Endpoint, to: Endpoint): Uint8Array => udpPacket({ from, to, payload: new Uint8Array(8) });
/** As `--at` takes it. */
export const timeText = (atNs: bigint): string => `${atNs / SECOND}.${String(atNs % SECOND).padStart(9, '0')}`;

export type Value = string | number | bigint | null;
export type Row = Readonly<Record<string, Value>>;

export interface Table extends NatTableReport {
  readonly sessionRows: readonly Row[];
  readonly portRows: readonly Row[];
}

function valueIn(column: ResultColumn, row: number): Value {
  if (column.validity?.[row] === 0) return null;
  if (column.type === 'ipv4') return formatIpv4(column.data[row]!);
  if (column.type === 'text' || column.type === 'json') return column.dictionary[column.data[row]!]!;
  const value = column.data[row]!;
  return column.name.endsWith('_ns') ? value : Number(value);
}

function rowsOf({ rowCount, columns }: ResultBatch): Row[] {
  return Array.from({ length: rowCount }, (_, row) =>
    Object.fromEntries(columns.map((column) => [column.name, valueIn(column, row)])),
  );
}

/** The table of a Logstore at an instant. */
export async function readTable(
  database: Database,
  logstore: string,
  atText: string,
  changes: Partial<NatTableRequest> = {},
  signal = new AbortController().signal,
): Promise<Table> {
  const rows: Record<'ports' | 'sessions', Row[]> = { ports: [], sessions: [] };
  const parts: string[] = [];
  const request = { ...PLACE, logstore, at: atText, zone: 'UTC', run: null, host: null, nat: null, ...changes };
  const report = await readNatTable(database, request, {
    signal,
    sendBatch: (batch) => {
      const part = natTablePart(batch);
      if (parts.at(-1) !== part) parts.push(part);
      rows[part].push(...rowsOf(batch));
      return Promise.resolve();
    },
  });
  expect(parts).toEqual(['ports', 'sessions']);
  expect(report).toMatchObject({ sessions: rows.sessions.length, destinations: rows.ports.length });
  return { ...report, sessionRows: rows.sessions, portRows: rows.ports };
}

const DURATION_SEC = 4000;

/** Packets in order of time, over several windows. A nanosecond of its own keeps each away from the time-outs of others. */
export function traffic(seed: number, count: number, protocols: readonly ('tcp' | 'udp' | 'icmp')[]): CaptureRecord[] {
  const random = seededRandom(seed);
  const times = Array.from({ length: count }, () => random.int(0, DURATION_SEC * 1000)).toSorted((a, b) => a - b);
  return times.map((ms, index) => ({
    atNs: T0 * SECOND + BigInt(ms) * 1_000_000n + BigInt(2 * index + 1),
    bytes: anyPacket(random, random.pick(protocols)),
  }));
}

function anyPacket(random: ReturnType<typeof seededRandom>, protocol: 'tcp' | 'udp' | 'icmp'): Uint8Array {
  const host: Endpoint = `10.0.0.${random.int(1, 3)}:${random.int(1000, 1002)}`;
  const server: Endpoint = `198.51.100.${random.int(1, 2)}:443`;
  const isInward = random.int(0, 2) === 0;
  const [from, to] = isInward ? [server, host] : [host, server];
  if (protocol === 'udp') return udp(from, to);
  if (protocol === 'tcp')
    return tcp(from, to, random.pick(isInward ? ['SA', 'A', 'FA', 'R'] : ['S', 'A', 'A', 'FA', 'R']));
  const [source, target] = [from.split(':')[0]!, to.split(':')[0]!];
  return icmpEcho({ from: source, to: target, id: 5, reply: isInward });
}

/** Instants between the packets, at some of them, and a nanosecond before; none behind the last, where all has ended. */
export function instants(seed: number, packets: readonly { readonly atNs: bigint }[]): bigint[] {
  const random = seededRandom(seed ^ 0x5eed);
  const anywhere = Array.from({ length: 4 }, () => ns(0) + BigInt(random.int(0, DURATION_SEC * 1000)) * 1_000_000n);
  const edges = Array.from({ length: 2 }, () => random.pick(packets).atNs);
  const endNs = packets.at(-1)!.atNs;
  return [...anywhere, ...edges, ...edges.map((edge) => edge - 1n)].filter((atNs) => atNs <= endNs);
}
