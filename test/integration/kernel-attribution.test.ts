import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ComplaintsReport } from '../../src-main/contract/attribution';
import { natscope } from '../support/command';
import { KERNEL_NAT, kernelNatMissing, runKernelNat, type KernelNatOptions } from '../support/kernel-nat';
import { tempFolder } from '../support/temp';

/*
 * Who was behind each endpoint of a NAT of this machine's own kernel, captured on both sides, against what clients and
 * servers know: at the first and at the last packet of every conversation outside.
 */
const missing = kernelNatMissing();
const title = 'attribution behind a NAT of the kernel';
const [first, second, third] = KERNEL_NAT.hosts;
const [server, otherServer] = KERNEL_NAT.servers;
const [natAddress] = KERNEL_NAT.natAddresses;
type Step = KernelNatOptions['script'][number];

interface Conversation {
  readonly proto: number;
  readonly a_ip: string;
  readonly a_port: number;
  readonly b_ip: string;
  readonly b_port: number;
  readonly first_ts: string;
  readonly last_ts: string;
}

describe.skipIf(missing !== null)(missing === null ? title : `${title} (skipped: ${missing})`, () => {
  test('names the host of every conversation, also of those that share a port', async () => {
    const script: Step[] = [
      ...Array.from({ length: 30 }, (): Step => ['tcp', first, 0, server, 7001]),
      // Three hosts with the same port to the same destination: two of them are given others.
      ...KERNEL_NAT.hosts.map((host): Step => ['hold', host, 30_000, server, 7002]),
      ...KERNEL_NAT.hosts.map((host): Step => ['udp', host, 31_000, server, 7002]),
      // Two hosts share a port of the NAT, towards different destinations.
      ['udp', first, 32_000, server, 7003],
      ['udp', second, 32_000, otherServer, 7003],
      ...Array.from({ length: 40 }, (_, index): Step => ['hold', second, 20_000 + index, server, 7003]),
      ['tcp', third, 33_333, server, 7004],
    ];
    const folder = tempFolder();
    const workspace = join(folder, 'workspace');
    const { insidePath, outsidePath, truth } = await runKernelNat(folder, { rule: 'masquerade', script });
    const own = ['--inside', '10.77.0.0/24', '--eip', natAddress, '--workspace', workspace, '--json'];
    const imported = await natscope(['import', insidePath, outsidePath, ...own]);
    expect(imported.code).toBe(0);

    const hostOf = new Map(
      truth.map(({ protocol, pri, pub, nat }) => [`${protocol} ${nat} ${pub}`, pri.split(':')[0]]),
    );
    const listed = await natscope(['conversations', outsidePath, '--json']);
    const asked = (JSON.parse(listed.stdout) as Conversation[]).flatMap((each) => {
      const isOut = each.a_ip === natAddress;
      const nat = isOut ? [each.a_ip, each.a_port] : [each.b_ip, each.b_port];
      const pub = isOut ? [each.b_ip, each.b_port] : [each.a_ip, each.a_port];
      const host = hostOf.get(`${each.proto} ${nat.join(':')} ${pub.join(':')}`);
      const times = [each.first_ts, each.last_ts];
      return host === undefined
        ? []
        : times.map((time) => ({ host, line: [...nat, time, each.proto, ...pub].join(',') }));
    });
    expect(asked.length).toBeGreaterThan(2 * 75);
    const complaints = join(folder, 'complaints.csv');
    const head = 'ip,port,time,protocol,dst_ip,dst_port';
    writeFileSync(complaints, `${[head, ...asked.map(({ line }) => line)].join('\n')}\n`);
    const answered = await natscope(['who', '--complaints', complaints, '--workspace', workspace, '--json']);
    const { complaints: answers } = JSON.parse(answered.stdout) as ComplaintsReport;
    expect(answers.map(({ answer }) => answer?.hosts.map(({ address }) => address))).toEqual(
      asked.map(({ host }) => [host]),
    );
    // Packets that leave are a little later outside, where the last of an entry is behind that which was seen inside.
    expect(new Set(answers.map(({ answer }) => answer?.confidence))).toEqual(new Set(['active', 'idle']));
  });
});
