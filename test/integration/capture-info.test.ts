import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CaptureReport } from '../../src-main/contract/capture-details';
import { readCaptureInfo } from '../../src-main/engine/capture-info';
import { capturesFolder, needingCaptures } from '../support/captures';
import { hasTool, needing } from '../support/tools';

/** What `ORACLE.md` describes, as far as it is compared here. */
interface GroundTruth {
  readonly size: number;
  readonly sha256: string;
  readonly packets: number;
  readonly frames_without_timestamp: number;
  readonly first_ts: string;
  readonly last_ts: string;
  readonly ts_backward_steps: number;
  readonly frame_bytes: number;
  readonly captured_bytes: number;
  readonly ip_packets: number;
  readonly non_ip_packets: number;
  readonly undecoded_ip: number;
  readonly ipv6_packets_outer: number;
  readonly tunnelled_packets: number;
  readonly snat_private_hosts: readonly string[];
  readonly snat_packets_private_to_public: number;
  readonly outer: readonly { readonly ver: number; readonly bytes_ab: number; readonly bytes_ba: number }[];
}

const folder = capturesFolder === undefined ? undefined : join(capturesFolder, 'dev');
const captures =
  folder === undefined ? [] : readdirSync(folder).filter((name) => existsSync(join(folder, `${name}.oracle.json`)));
const pathOf = (name: string): string => join(folder ?? '', name);

const reports = new Map<string, CaptureReport>();

/** Names of capinfos for the LINKTYPE numbers of these captures. @see Wireshark wiretap/wtap.c */
const ENCAPSULATIONS: Readonly<Record<string, readonly number[]>> = {
  Ethernet: [1],
  'NULL/Loopback': [0],
  'OpenBSD loopback': [108],
  PPP: [9],
  'Raw IP': [12, 14, 101],
  'Raw IPv4': [228],
  'Raw IPv6': [229],
  'Linux cooked-mode capture v1': [113],
  'Linux cooked-mode capture v2': [276],
  NFLOG: [239],
  'IEEE 802.11 plus radiotap radio header': [127],
};
const RESOLUTIONS: Readonly<Record<string, number>> = { microseconds: 6, nanoseconds: 9 };

/** One capture as `capinfos -M` describes it: lines by their label, and those of each interface. */
interface Capinfos {
  readonly facts: ReadonlyMap<string, string>;
  readonly encapsulations: ReadonlyMap<string, number>;
  readonly interfaces: readonly ReadonlyMap<string, string>[];
}

function readCapinfos(path: string): Capinfos {
  const text = execFileSync('capinfos', ['-M', path], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
  const facts = new Map<string, string>();
  const encapsulations = new Map<string, number>();
  const interfaces: Map<string, string>[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('Interface #')) interfaces.push(new Map());
    const encapsulation = /^ +(\S.*) \((\d+)\)$/.exec(line);
    if (encapsulation !== null && interfaces.length === 0)
      encapsulations.set(encapsulation[1]!, Number(encapsulation[2]));
    const [, label, value] = /^ *([^=:]+?) *[:=] +(.*)$/.exec(line) ?? [];
    if (label !== undefined) (line.startsWith(' ') ? interfaces.at(-1) : facts)?.set(label, value!);
  }
  return { facts, encapsulations, interfaces };
}

/** As capinfos prints it: `2012-06-29 07:28:25.298858` with as many digits as the file has. */
function capinfosTime(epochText: string | null, digits: number): string {
  if (epochText === null) return 'n/a';
  const [sec = '0', fraction = ''] = epochText.split('.');
  return `${new Date(Number(sec) * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${fraction.slice(0, digits)}`;
}

describe.skipIf(folder === undefined)(needingCaptures('what a capture is equals what other tools say'), () => {
  beforeAll(async () => {
    for (const name of captures) reports.set(name, await readCaptureInfo(pathOf(name), { layer: 'outer' }));
  });

  test('there are captures to compare', () => {
    expect(captures.length).toBe(40);
  });

  test.each(captures)('%s, as tshark dissects it', (name) => {
    const truth = JSON.parse(readFileSync(`${pathOf(name)}.oracle.json`, 'utf8')) as GroundTruth;
    const report = reports.get(name)!;
    const ipBytes = (version: number): number =>
      truth.outer
        .filter(({ ver }) => ver === version)
        .reduce((total, { bytes_ab, bytes_ba }) => total + bytes_ab + bytes_ba, 0);
    expect({
      size: report.storedBytes,
      sha256: report.sha256,
      packets: report.packets,
      timeless: report.timelessRecords + report.impossibleTimes,
      first: report.earliestTime,
      last: report.latestTime,
      backwardSteps: report.backwardSteps,
      wireBytes: report.wireBytes,
      capturedBytes: report.capturedBytes,
      ipv4: report.ipv4,
      ipv6: report.ipv6,
      others: report.otherPackets,
      tunnelPackets: report.tunnelPackets,
      insideHosts: report.insideHosts,
      outbound: report.outbound.packets,
    }).toEqual({
      size: truth.size,
      sha256: truth.sha256,
      packets: truth.packets,
      timeless: truth.frames_without_timestamp,
      first: truth.first_ts,
      last: truth.last_ts,
      backwardSteps: truth.ts_backward_steps,
      wireBytes: truth.frame_bytes,
      capturedBytes: truth.captured_bytes,
      ipv4: { packets: truth.ip_packets - truth.ipv6_packets_outer, bytes: ipBytes(4) },
      ipv6: { packets: truth.ipv6_packets_outer, bytes: ipBytes(6) },
      others: truth.non_ip_packets + truth.undecoded_ip,
      tunnelPackets: truth.tunnelled_packets,
      insideHosts: truth.snat_private_hosts.length,
      outbound: truth.snat_packets_private_to_public,
    });
    expect(report.busiestHosts.every(({ address }) => truth.snat_private_hosts.includes(address))).toBe(true);
  });

  test.each(captures)('%s, the same by the layer that an import sees, but for packets in tunnels', async (name) => {
    const outer = reports.get(name)!;
    const auto = await readCaptureInfo(pathOf(name));
    const { outbound } = auto;
    // What the gateway makes of packets is another matter.
    const { decoding, insideHosts, busiestHosts, translated, notTranslated } = outer;
    const its = { decoding, insideHosts, busiestHosts, translated, notTranslated, outbound: outer.outbound };
    expect({ ...auto, ...its }).toEqual(outer);
    expect(outbound.packets - outer.outbound.packets).toBeGreaterThanOrEqual(0);
    expect(outbound.packets - outer.outbound.packets).toBeLessThanOrEqual(outer.tunnelPackets);
    if (outer.tunnelPackets > 0) return;
    expect(auto).toEqual(outer);
  });

  test.skipIf(!hasTool('capinfos')).each(captures)(needing('capinfos', '%s, as capinfos prints it'), (name) => {
    const report = reports.get(name)!;
    const { facts, encapsulations, interfaces } = readCapinfos(pathOf(name));
    const digits = RESOLUTIONS[facts.get('File timestamp precision')?.split(' ')[0] ?? ''] ?? 6;
    // It gives up on times as soon as one packet has none.
    const hasTimes = report.timelessRecords === 0;
    expect({
      packets: String(report.packets),
      fileBytes: `${report.storedBytes} bytes`,
      wireBytes: `${report.wireBytes} bytes`,
      first: hasTimes ? capinfosTime(report.earliestTime, digits) : 'n/a',
      last: hasTimes ? capinfosTime(report.latestTime, digits) : 'n/a',
      sha256: report.sha256,
      order: hasTimes ? (report.backwardSteps === 0 ? 'True' : 'False') : 'Unknown',
      interfaces: String(report.interfaceCount),
    }).toEqual({
      packets: facts.get('Number of packets'),
      fileBytes: facts.get('File size'),
      wireBytes: facts.get('Data size'),
      first: facts.get('First packet time') ?? 'n/a',
      last: facts.get('Last packet time') ?? 'n/a',
      sha256: facts.get('SHA256'),
      order: facts.get('Strict time order'),
      interfaces: facts.get('Number of interfaces in file'),
    });
    // It lists all interfaces once a section, and counts a packet of a later one under that number in the first.
    const countsApart = report.sections === 1;
    for (const [index, described] of interfaces.slice(0, report.interfaceCount).entries()) {
      const own = report.interfaces[index]!;
      expect(ENCAPSULATIONS[described.get('Encapsulation')!.replace(/ \(.*$/, '')]).toContain(own.linkType);
      expect({
        name: own.interfaceName ?? undefined,
        description: own.description ?? undefined,
        snapBytes: String(own.snapBytes),
        packets: countsApart ? String(own.packets) : undefined,
        precision: own.resolution.exponent,
      }).toEqual({
        name: described.get('Name'),
        description: described.get('Description'),
        snapBytes: described.get('Capture length'),
        packets: countsApart ? described.get('Number of packets') : undefined,
        precision: RESOLUTIONS[described.get('Time precision')!.split(' ')[0]!],
      });
    }
    const inInterfaces = report.interfaces.reduce((sum, { packets }) => sum + packets, 0);
    expect(inInterfaces).toBe(report.packets);
    for (const [encapsulation, packets] of encapsulations) {
      const numbers = ENCAPSULATIONS[encapsulation]!;
      const own = report.linkTypes.filter(({ linkType }) => numbers.includes(linkType));
      expect([encapsulation, own.reduce((sum, each) => sum + each.packets, 0)]).toEqual([encapsulation, packets]);
    }
    const texts = [
      [report.application, facts.get('Capture application')],
      [report.operatingSystem, facts.get('Capture oper-sys')],
      [report.hardware, facts.get('Capture hardware')],
    ];
    for (const [own, theirs] of texts) expect(own?.trim()).toBe(theirs?.trim());
  });
});
