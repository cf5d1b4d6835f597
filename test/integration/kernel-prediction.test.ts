import { describe, expect, test } from 'vitest';
import { openFileSource } from '../../src-main/engine/file-source';
import { OTHER_TIMEOUTS_SEC } from '../../src-main/nat/configure-emulator';
import { profileValues } from '../../src-main/nat/profiles';
import { RECORDING, gatewayProfile } from '../../src-main/nat/profiles/gateway-profile';
import {
  KERNEL_NAT,
  kernelNatMissing,
  kernelTimeoutsSec,
  runKernelNat,
  UNCHECKED,
  type KernelNatOptions,
} from '../support/kernel-nat';
import { gatewayWith, sessionLog, snatEntry } from '../support/session-log';
import { tempFolder } from '../support/temp';

/*
 * The profile `linux`, which is given nothing but what was captured behind the NAT of this machine's own kernel, says
 * which ports that kernel gives wherever its rule is deterministic: a port that is free towards the destination is kept.
 */
const missing = kernelNatMissing();
const title = 'the ports of the kernel';
const [first, second, third] = KERNEL_NAT.hosts;
const [server, otherServer] = KERNEL_NAT.servers;
const [natAddress] = KERNEL_NAT.natAddresses;
type Step = KernelNatOptions['script'][number];

describe.skipIf(missing !== null)(missing === null ? title : `${title} (skipped: ${missing})`, () => {
  test('are kept where they are free, and where they are not both choose others', async () => {
    const script: Step[] = [
      ...Array.from({ length: 40 }, (): Step => ['tcp', first, 0, server, 7001]),
      ...Array.from({ length: 100 }, (_, index): Step => ['hold', second, 20_000 + index, server, 7003]),
      // Three hosts with the same port to the same destination: the first keeps it.
      ...KERNEL_NAT.hosts.map((host): Step => ['hold', host, 30_000, server, 7002]),
      ...KERNEL_NAT.hosts.map((host): Step => ['udp', host, 31_000, server, 7002]),
      // The same port to other destinations is free for each of them.
      ...[7001, 7003].map((port): Step => ['udp', first, 31_000, otherServer, port]),
      ['tcp', third, 33_333, server, 7004],
    ];
    const { insidePath, truth } = await runKernelNat(tempFolder(), { rule: 'masquerade', script });
    const gateway = gatewayWith({
      ...profileValues('linux'),
      inside: ['10.0.0.0/8', '192.168.0.0/16'],
      eips: [natAddress],
    });
    const log = await sessionLog([openFileSource(insidePath)], gateway);
    const portOf = (endpoint: string): number => Number(endpoint.split(':')[1]);
    const predicted = new Map(
      log.entries.map(({ protocol, pri, pub, natPort }) => [`${protocol} ${pri} ${pub}`, natPort]),
    );
    expect(truth.length).toBeGreaterThan(145);
    let kept = 0;
    for (const { protocol, pri, pub, nat } of truth.filter((each) => each.protocol !== 1)) {
      const port = predicted.get(`${protocol} ${pri} ${pub}`);
      const isKept = portOf(nat) === portOf(pri);
      // Which other port it is, the kernel leaves to chance.
      expect([protocol, pri, pub, port === portOf(pri)]).toEqual([protocol, pri, pub, isKept]);
      if (isKept) kept++;
    }
    expect(truth.length - kept).toBe(4);
  });

  test('of SCTP and UDP-Lite are kept where they are free; without ports, one host has a protocol towards a destination', async () => {
    const [GRE, ESP, SCTP, UDP_LITE] = [47, 50, 132, 136];
    const script: Step[] = [
      ...[GRE, ESP].flatMap((protocol): Step[] => [
        ...[['raw', first, protocol, server] as const, ['raw', first, protocol, server] as const],
        // The first one has it. To another server it is free.
        ['unanswered', second, protocol, server],
        ['raw', second, protocol, otherServer],
      ]),
      ...[SCTP, UDP_LITE].flatMap((protocol): Step[] => [
        ['raw', first, protocol, server, 5000, 36_412],
        ['raw', second, protocol, server, 5000, 36_412],
        ['raw', second, protocol, server, 5001, 36_412],
      ]),
    ];
    const { insidePath, truth } = await runKernelNat(tempFolder(), { rule: 'masquerade', script, sysctls: UNCHECKED });
    const gateway = gatewayWith({ ...gatewayProfile('linux', profileValues('linux'), RECORDING), snatEntries: [] });
    const entries = [snatEntry('10.0.0.0/8', [natAddress])];
    const log = await sessionLog([openFileSource(insidePath)], { ...gateway, snatEntries: entries });
    const predicted = log.entries.filter(({ protocol }) => protocol !== 1);
    const lineOf = (protocol: number, pri: string, pub: string, nat: string): string =>
      `${protocol} ${pri} ${pub} ${nat}`;
    const isMoved = (pri: string, nat: string): boolean => pri.split(':')[1] !== nat.split(':')[1];
    const seen = [
      ...new Set(
        truth.map(({ protocol, pri, pub, nat }) => lineOf(protocol, pri, pub, isMoved(pri, nat) ? 'moved' : nat)),
      ),
    ];
    expect(
      predicted
        .map(({ protocol, pri, pub, natIp, natPort }) =>
          lineOf(protocol, pri, pub, isMoved(pri, `${natIp}:${natPort}`) ? 'moved' : `${natIp}:${natPort}`),
        )
        .sort(),
    ).toEqual(seen.sort());
    expect(seen.filter((line) => line.endsWith('moved'))).toEqual(
      [SCTP, UDP_LITE].map((protocol) => `${protocol} ${second}:5000 ${server}:36412 moved`),
    );
    expect(log.ledger.packets.notInEntries.no_port).toBe(2);
  });

  test('sessions of other protocols die when those of the kernel do', () => {
    const shut = ['shutdown_sent', 'shutdown_ack_sent', 'closed', 'closed'];
    const sctp = ['closed', 'cookie_wait', 'cookie_echoed', 'established', ...shut, 'heartbeat_sent'].map(
      (state) => `sctp_timeout_${state}`,
    );
    const names = ['gre_timeout', 'gre_timeout_stream', ...sctp, 'generic_timeout'];
    expect(kernelTimeoutsSec(names)).toEqual([...OTHER_TIMEOUTS_SEC]);
  });
});
