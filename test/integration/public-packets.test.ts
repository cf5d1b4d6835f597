import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PacketSide, PacketsReport } from '../../src-main/contract/packets';
import { readRows } from '../../src-main/duckdb/catalogue';
import type { Database } from '../../src-main/duckdb/database';
import { exportsFolder } from '../../src-main/engine/exports-folder';
import { writePackets } from '../../src-main/engine/packets-service';
import { formatIpv4 } from '../../src-main/nat/address-text';
import { bundledSample, sharedCapture } from '../support/captures';
import { hasTool, needing } from '../support/tools';
import { CHECKSUM_STATE, checksumStates, dissect, type DissectedFrame, type IpLayer } from '../support/tshark';
import { temporaryDatabase } from '../unit/duckdb/temporary-workspace';
import { importInto, WHOLE_LOG } from '../unit/engine/imported-database';

/*
 * All packets of an import as the Internet saw them, read by tshark.
 */

const EIP = '203.0.113.1';
const TIMEOUT_MS = 120_000;
const CAPTURES = [
  ...['gen-lan-2h.pcap', 'brimcap-alerts.pcap', 'brimcap-multisection.pcapng', 'sv-icmp-pmtu.pcap', 'sv-vxlan.pcap'],
  ...['d-snap96-alerts.pcap', 'ipfixprobe-tls-snaplen.pcap', 'ipfixprobe-mixed-14min.pcap', 'mercury-vlan-quic.pcap'],
  ...['zeek-qinq.pcap', 'zeek-pppoe.pcap', 'zeek-gre-teb.pcap', 'zeek-nanosec.pcap', 'ppp-sll.pcap', 'sv-raw-ip4.pcap'],
  'mercury-tso-iplen0.pcap',
].flatMap((name) => {
  const path = sharedCapture(`dev/${name}`);
  return path === undefined ? [] : [{ name, path }];
});

async function write(
  database: Database,
  side: PacketSide,
): Promise<{ readonly report: PacketsReport; readonly path: string }> {
  const { signal } = new AbortController();
  const request = { query: WHOLE_LOG, side };
  const report = await writePackets(database, request, { signal, emit: () => undefined });
  return { report, path: join(exportsFolder(database.workspaceDir), report.file) };
}

interface Totals {
  packets: number;
  ipBytes: number;
}
type ByTuple = Map<string, Totals>;

function add(to: ByTuple, key: string, packets: number, ipBytes: number): void {
  const sums = to.get(key) ?? { packets: 0, ipBytes: 0 };
  sums.packets += packets;
  sums.ipBytes += ipBytes;
  to.set(key, sums);
}

/** A five-tuple with the translated end first. */
type Tuple = Pick<IpLayer, 'protocol' | 'src' | 'srcPort' | 'dst' | 'dstPort'>;

function tupleOf({ protocol, src, srcPort, dst, dstPort }: Tuple): string {
  const [near, far] = src === EIP ? [srcPort, dstPort] : [dstPort, srcPort];
  return `${protocol} ${near} ${src === EIP ? dst : src} ${protocol === 1 ? 0 : far}`;
}

/** Of all frames, by session: an error counts in that which it is about. Later fragments have no ports, and one key. */
function totalsOf(frames: readonly DissectedFrame[]): ByTuple {
  const totals: ByTuple = new Map();
  for (const { outer, inner, errors } of frames) {
    // Of a host's own tunnel the gateway translates the packet around it.
    const own = [outer, inner].find((layer) => layer?.src === EIP || layer?.dst === EIP);
    if (own == null) throw new Error('a packet without a translated end');
    const quoted = errors[0]?.quoted ?? null;
    // What an error quotes went the other way.
    if (quoted !== null) expect(own.src === EIP ? quoted.dst : quoted.src).toBe(EIP);
    add(totals, own.isLater ? 'later fragments' : tupleOf(quoted ?? own), 1, own.ipBytes);
  }
  return totals;
}

async function entryTotals(database: Database): Promise<ByTuple> {
  const sql = `
    SELECT protocol, nat_eip, nat_port, pub_ip, pub_port, sum(pkts_from_vpc + pkts_from_pub)::DOUBLE AS packets,
      sum(bytes_from_vpc + bytes_from_pub)::DOUBLE AS ip_bytes
    FROM entries.log_1 GROUP BY ALL`;
  const rows = await database.withConnection((connection) => readRows(connection, sql));
  const totals: ByTuple = new Map();
  for (const row of rows) {
    const number = (name: string): number => Number(row[name]);
    expect(formatIpv4(number('nat_eip'))).toBe(EIP);
    const far = `${formatIpv4(number('pub_ip'))} ${number('pub_port')}`;
    add(totals, `${number('protocol')} ${number('nat_port')} ${far}`, number('packets'), number('ip_bytes'));
  }
  return totals;
}

function sumOf(totals: ByTuple): Totals {
  const sum = { packets: 0, ipBytes: 0 };
  for (const { packets, ipBytes } of totals.values()) {
    sum.packets += packets;
    sum.ipBytes += ipBytes;
  }
  return sum;
}

describe.skipIf(!hasTool('tshark'))(needing('tshark', 'packets of all entries as the Internet saw them'), () => {
  test.each([{ name: 'the bundled sample', path: bundledSample }, ...CAPTURES])(
    'add up to the entries, and keep right checksums: $name',
    async ({ path }) => {
      const database = await temporaryDatabase();
      const { ledger } = await importInto(database, [path]);
      const [inside, outside] = [await write(database, 'captured'), await write(database, 'public')];
      for (const { report } of [inside, outside]) {
        expect(report.packets).toBe(ledger.packets.inEntries);
        expect(report.found).toEqual(report.counted);
        expect(report.counted.ipBytes).toBe(ledger.ipBytes.inEntries);
      }
      const [before, after] = [await checksumStates(inside.path), await checksumStates(outside.path)];
      expect(after).toHaveLength(before.length);
      for (const [index, states] of before.entries()) {
        for (const [protocol, layers] of Object.entries(states)) {
          const translated = after[index]![protocol as keyof typeof states];
          // A port that is another's may make tshark look no deeper, or deeper.
          layers.slice(0, translated.length).forEach((state, layer) => {
            if (state === CHECKSUM_STATE.good)
              expect(translated[layer], `${protocol} of frame ${index + 1}`).toBe(state);
          });
        }
      }
      const [found, expected] = [totalsOf(await dissect(outside.path)), await entryTotals(database)];
      expect(sumOf(found)).toEqual(sumOf(expected));
      const later = found.get('later fragments');
      if (later === undefined) expect(found).toEqual(expected);
      else
        expect([...found.keys()].filter((key) => key !== 'later fragments').sort()).toEqual(
          [...expected.keys()].sort(),
        );
    },
    TIMEOUT_MS,
  );
});
