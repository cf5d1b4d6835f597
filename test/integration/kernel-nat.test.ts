import { describe, expect, test } from 'vitest';
import { readFingerprint, type FingerprintReport } from '../../src-main/engine/fingerprint';
import {
  KERNEL_NAT,
  kernelNatMissing,
  runKernelNat,
  type KernelNatOptions,
  type KernelTruth,
} from '../support/kernel-nat';
import { tempFolder } from '../support/temp';
import { hasTool, needing } from '../support/tools';

/*
 * The fingerprint of the NAT of this machine's own kernel, against what clients and servers on its two sides saw.
 */
const missing = kernelNatMissing();
const title = 'the fingerprint of a NAT of the kernel';
const [first, second, third] = KERNEL_NAT.hosts;
const [server, otherServer] = KERNEL_NAT.servers;
const [natAddress] = KERNEL_NAT.natAddresses;
type Step = KernelNatOptions['script'][number];

const sessionText = ({ protocol, pri, pub, nat }: KernelTruth): string => `${protocol} ${pri} ${pub} ${nat}`;

/** Sorted; a session that used its translation again is there once. */
const truthText = (truth: readonly KernelTruth[]): string[] => [...new Set(truth.map(sessionText))].sort();

const foundText = ({ translations }: FingerprintReport, protocols = [6, 17]): string[] =>
  [
    ...new Set(
      translations
        .filter(({ protocol }) => protocols.includes(protocol))
        .map(({ protocol, pri_ip, pri_port, pub_ip, pub_port, nat_ip, nat_port }) =>
          sessionText({
            protocol,
            pri: `${pri_ip}:${pri_port}`,
            pub: `${pub_ip}:${pub_port}`,
            nat: `${nat_ip}:${nat_port}`,
          }),
        ),
    ),
  ].sort();

async function fingerprintOf(
  options: KernelNatOptions,
): Promise<{ report: FingerprintReport; truth: readonly KernelTruth[] }> {
  const { insidePath, outsidePath, truth } = await runKernelNat(tempFolder(), options);
  return { report: await readFingerprint(insidePath, outsidePath, { layer: 'outer' }), truth };
}

const times = (count: number, step: (index: number) => Step): Step[] =>
  Array.from({ length: count }, (_, index) => step(index));

describe.skipIf(missing !== null)(missing === null ? title : `${title} (skipped: ${missing})`, () => {
  test('that keeps ports: every translation, clashes of ports among them', async () => {
    const script: Step[] = [
      ...times(40, () => ['tcp', first, 0, server, 7001]),
      // Three hosts with the same port to the same destination: two of them are given others.
      ...KERNEL_NAT.hosts.map((host): Step => ['hold', host, 30_000, server, 7002]),
      ...KERNEL_NAT.hosts.map((host): Step => ['udp', host, 31_000, server, 7002]),
      // One endpoint, several destinations.
      ...[7001, 7002, 7003].map((port): Step => ['udp', first, 31_000, server, port]),
      ...[7001, 7002, 7003].map((port): Step => ['udp', first, 31_000, otherServer, port]),
      ...times(100, (index) => ['hold', second, 20_000 + index, server, 7003]),
      ['ping', first, 4321, server],
      ['ping', second, 4321, server],
      // The same five-tuple again.
      ['tcp', third, 33_333, server, 7004],
      ['udp', third, 33_334, server, 7004],
      ['udp', third, 33_334, server, 7004],
    ];
    const { report, truth } = await fingerprintOf({ rule: 'masquerade', script });
    expect(truth.length).toBe(155);
    expect(foundText(report)).toEqual(truthText(truth));
    expect(report.loss).toMatchObject({
      outbound: { inside_only: 0, outside_only: 0 },
      inbound: { inside_only: 0, outside_only: 0 },
    });
    const pings = report.translations.filter(({ protocol }) => protocol === 1);
    expect(pings.map(({ pri_ip, pri_port, nat_ip }) => [pri_ip, pri_port, nat_ip])).toEqual([
      [first, 4321, natAddress],
      [second, 4321, natAddress],
    ]);
    expect(new Set(pings.map(({ nat_port }) => nat_port)).size).toBe(2);
    expect(report.pool).toMatchObject({ behaviour: 'single', hosts_with_several: 0 });
    expect(report.mapping.udp?.behaviour).toBe('endpoint-independent');
    expect(report.ports.tcp?.changed).toBe(2);
    expect(report.ports.tcp?.preservation_rate).toBeGreaterThan(0.98);
    expect(report.keeps_ip_id).toBe(true);
    expect(report).toMatchObject({ contradicted_translations: 0, untranslated_packets: 0 });
    expect(Math.abs(report.clock_offset.seconds)).toBeLessThan(0.005);
  });

  test.skipIf(!hasTool('curl'))(
    needing('curl', 'that keeps ports: what curl fetches, from the same port too'),
    async () => {
      const script: Step[] = [
        ['hold', first, 30_000, server, 7001],
        ...[30_100, 30_101].map((port): Step => ['curl', first, port, server]),
        ['curl', first, 30_102, otherServer],
        // A connection that has just ended has its port for a while.
        ...[second, third].map((host): Step => ['curl', host, 30_100, server]),
        ['udp', first, 30_100, server, 7001],
      ];
      const { report, truth } = await fingerprintOf({ rule: 'masquerade', script });
      // Both pages come over one connection.
      expect([truth.length, truthText(truth).length]).toEqual([2 + 5 * 2, 2 + 5]);
      expect(foundText(report)).toEqual(truthText(truth));
      expect(report.ports.tcp?.changed).toBe(2);
    },
  );

  test.skipIf(!hasTool('ping'))(needing('ping', 'that keeps identifiers: the requests of ping'), async () => {
    const script: Step[] = KERNEL_NAT.hosts.flatMap((host): Step[] => [
      ['echo', host, server, 3],
      ['udp', host, 31_000, server, 7001],
    ]);
    const { report, truth } = await fingerprintOf({ rule: 'masquerade', script });
    expect(foundText(report)).toEqual(truthText(truth));
    const pings = report.translations.filter(({ protocol }) => protocol === 1);
    // Each is there once, with three requests and three replies.
    expect(pings.map(({ pri_ip, pub_ip, nat_ip, packets }) => [pri_ip, pub_ip, nat_ip, packets])).toEqual(
      KERNEL_NAT.hosts.map((host) => [host, server, natAddress, 6]),
    );
    expect(new Set(pings.map(({ nat_port }) => nat_port)).size).toBe(3);
    expect(report.loss.outbound).toMatchObject({ inside_only: 0, outside_only: 0 });
  });

  test('that chooses ports at random among a few: their range, order and reuse', async () => {
    const script: Step[] = [
      ...times(120, (index) => ['hold', KERNEL_NAT.hosts[index % 3]!, 20_000 + index, server, 7001]),
      ...times(60, (index) => ['udp', first, 32_000 + index, server, 7001]),
      ...times(60, (index) => ['udp', first, 32_000 + index, otherServer, 7001]),
    ];
    const rule = `meta l4proto { tcp, udp } snat to ${natAddress}:40000-40999 fully-random`;
    const { report, truth } = await fingerprintOf({ rule, script });
    expect(foundText(report)).toEqual(truthText(truth));
    const [least, most] = report.ports.tcp?.changed_range ?? [0, 0];
    expect(least).toBeGreaterThanOrEqual(40_000);
    expect(most).toBeLessThanOrEqual(40_999);
    expect(report.ports.tcp).toMatchObject({ order: 'random', changed: 120 });
  });

  test('with two addresses: which host had which', async () => {
    const script: Step[] = times(60, (index) => [
      ...['tcp', KERNEL_NAT.hosts[index % 3]!, 0, index % 2 === 0 ? server : otherServer, 7001],
    ]);
    const { report, truth } = await fingerprintOf({ rule: `snat to ${KERNEL_NAT.natAddresses.join('-')}`, script });
    expect(foundText(report)).toEqual(truthText(truth));
    expect(report.pool.addresses.map(({ ip }) => ip).sort()).toEqual(
      [...new Set(truth.map(({ nat }) => nat.split(':')[0]))].sort(),
    );
  });

  test('whose timer for datagrams is 2 s: it lies between what is found', async () => {
    const idle = (ms: number): Step[] => [
      ['wait', ms],
      ['udp', first, 34_000, server, 7001],
      ['udp', second, 34_001, server, 7001],
    ];
    const { report, truth } = await fingerprintOf({
      rule: `meta l4proto udp snat to ${natAddress}:40000-60000 fully-random`,
      sysctls: { 'netfilter/nf_conntrack_udp_timeout': 2, 'netfilter/nf_conntrack_udp_timeout_stream': 2 },
      script: [...idle(0), ...idle(1000), ...idle(1000), ...idle(5000), ...idle(1000)],
    });
    expect(foundText(report)).toEqual(truthText(truth));
    const { longest_survived_sec: survived, shortest_changed_sec: changed } = report.timers.udp ?? {};
    // The kernel's timers go by its ticks.
    expect(survived).toBeLessThan(2.1);
    expect(changed).toBeGreaterThan(1.9);
  });
});
