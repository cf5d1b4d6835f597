import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { natscope } from '../support/command';
import { internetChecksum } from '../support/bytes';
import { framesOf } from '../support/decoded-frames';
import { KERNEL_NAT, UNCHECKED, kernelNatMissing, runKernelNat, type KernelNatOptions } from '../support/kernel-nat';
import { tempFolder } from '../support/temp';

/*
 * Packets as the Internet saw them, against what tcpdump saw outside of a NAT of this machine's own kernel.
 */
const missing = kernelNatMissing();
const title = 'the public side of a NAT of the kernel';
const [first, second, third] = KERNEL_NAT.hosts;
const [server, otherServer] = KERNEL_NAT.servers;
const [natAddress] = KERNEL_NAT.natAddresses;
type Step = KernelNatOptions['script'][number];

const SCRIPT: readonly Step[] = [
  ...Array.from({ length: 20 }, (): Step => ['tcp', first, 0, server, 7001]),
  // Three hosts with the same port to the same destination: two of them are given others.
  ...KERNEL_NAT.hosts.map((host): Step => ['hold', host, 30_000, server, 7002]),
  ...KERNEL_NAT.hosts.map((host): Step => ['udp', host, 31_000, server, 7002]),
  ['udp', first, 32_000, server, 7003],
  ['udp', second, 32_000, otherServer, 7003],
  ['ping', first, 4321, server],
  ['ping', second, 4321, server],
  ['tcp', third, 33_333, server, 7004],
];
/** Nobody listens there: errors of the server quote the datagrams. */
const LOST: readonly Step[] = [
  ['lost', first, 34_000, server, 7999],
  ['lost', second, 34_000, server, 7999],
];

/** GRE, ESP, SCTP and UDP-Lite, of which a second host has another port. */
const OTHERS: readonly Step[] = [
  ...[first, first].flatMap((host): Step[] => [
    ['raw', host, 47, server],
    ['raw', host, 50, server],
  ]),
  ['raw', second, 50, otherServer],
  ['raw', first, 132, server, 5000, 36_412],
  ['raw', second, 132, server, 5000, 36_412],
  ['raw', first, 136, server, 5000, 36_412],
  ['raw', second, 136, server, 5000, 36_412],
  ['udp', first, 32_000, server, 7003],
];

/** An IPv4 packet without what a hop changes: time to live, and the checksum of the header, which has to be right. */
function beyondHops(frame: Uint8Array): string {
  const packet = frame.slice(14);
  const headerBytes = (packet[0]! & 0x0f) * 4;
  expect(internetChecksum(packet.subarray(0, headerBytes))).toBe(0);
  packet[8] = 0;
  packet.fill(0, 10, 12);
  const bytes = (packet[2]! << 8) | packet[3]!;
  return Buffer.from(packet.subarray(0, bytes)).toString('hex');
}

/** Packets, each with how often it is there. */
function times(packets: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const packet of packets) counts.set(packet, (counts.get(packet) ?? 0) + 1);
  return counts;
}

/** All that the gateway translated, as we say it was and as tcpdump saw it. */
async function packetsOutside(
  options: Pick<KernelNatOptions, 'script' | 'sendsChecksums' | 'sysctls'>,
  profile = 'alibaba',
): Promise<{
  readonly said: readonly string[];
  readonly seen: readonly string[];
  readonly notices: readonly unknown[];
}> {
  const folder = tempFolder();
  const out = join(folder, 'public.pcapng');
  const { insidePath, outsidePath } = await runKernelNat(folder, { rule: 'masquerade', ...options });
  const workspace = ['--workspace', join(folder, 'workspace')];
  const gateway = join(folder, 'gateway.json');
  writeFileSync(
    gateway,
    JSON.stringify({ profile, eips: [natAddress], snatEntries: [{ sourceCidr: '10.77.0.0/24' }] }),
  );
  const own = ['--gateway', gateway, ...workspace];
  expect((await natscope(['import', insidePath, outsidePath, ...own])).code).toBe(0);
  const asked = ['packets', '--query', '*', '--side', 'public', '--out', out, '--json', ...workspace];
  const { code, stdout } = await natscope(asked);
  expect(code).toBe(0);
  const { notices } = JSON.parse(stdout) as { readonly notices: readonly unknown[] };
  const packets = (path: string): string[] => framesOf(readFileSync(path)).map(beyondHops);
  return { said: packets(out), seen: packets(outsidePath), notices };
}

describe.skipIf(missing !== null)(missing === null ? title : `${title} (skipped: ${missing})`, () => {
  test('has the packets that left it, octet for octet, and errors that quote them', async () => {
    const { said, seen, notices } = await packetsOutside({ script: [...SCRIPT, ...LOST], sendsChecksums: true });
    expect(said.length).toBeGreaterThan(150);
    expect(times(said)).toEqual(times(seen));
    expect(notices).toMatchObject([{ kind: 'partial' }]);
  });

  test('has the packets of other protocols, with the checksums of SCTP and UDP-Lite', async () => {
    const { said, seen } = await packetsOutside({ script: OTHERS, sendsChecksums: true, sysctls: UNCHECKED }, 'linux');
    // Nobody listens to UDP-Lite but who answers here: a kernel that knows it tells of that, too.
    const protocols = said.map((packet) => packet.slice(18, 20)).filter((protocol) => protocol !== '01');
    expect(protocols.sort()).toEqual([
      ...['11', '11', '2f', '2f', '2f', '2f', '32', '32', '32', '32', '32', '32', '84', '84', '84', '84'],
      ...['88', '88', '88', '88'],
    ]);
    expect(times(said)).toEqual(times(seen));
  });

  test('has the checksums that its devices were left to compute', async () => {
    const { said, seen, notices } = await packetsOutside({ script: SCRIPT });
    expect(times(said.map(withoutChecksum))).toEqual(times(seen.map(withoutChecksum)));
    expect(JSON.stringify(notices)).toMatch(/left to the network card, which was computed: \d+ packets/);
  });
});

/** Without that of TCP or UDP. */
function withoutChecksum(packet: string): string {
  const protocol = Number.parseInt(packet.slice(18, 20), 16);
  if (protocol !== 6 && protocol !== 17) return packet;
  const at = 40 + (protocol === 6 ? 32 : 12);
  return `${packet.slice(0, at)}____${packet.slice(at + 4)}`;
}
