import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIpv4 } from '../../../src-main/nat/address-text';
import { readGateway } from '../../../src-main/nat/configuration';
import { translatedAddresses } from '../../../src-main/nat/configure-emulator';
import type { Gateway } from '../../../src-main/nat/gateway';
import { gateways } from '../../support/adversarial-traffic';
import { icmpEcho, icmpError, ipv4Packet, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import { T0, at } from '../../support/nat-scenario';
import type { CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { sessionLogOf } from '../../support/session-log';

/*
 * Gateways as configurations describe them, whose own addresses lie among their hosts, and packets from and to each of the
 * addresses that they name, on whichever side they are.
 */

const EIPS = ['198.51.100.10', '198.51.100.11', '198.51.100.12'];
/** Apart from all sources, and inside of them. */
const PRIVATE = ['172.31.0.13', '10.0.0.13', '10.0.0.14'];
const HOST_WITH_DNAT = '10.0.0.3';
const HOST_WITH_EIP = '10.0.0.2';
const EIP_OF_HOST = '198.51.100.77';
const NO_NAT = '203.0.113.81';
const OTHER_GATEWAY = '10.3.0.1';
const PLAIN_HOSTS = ['10.0.0.7', '10.0.0.8', '10.3.0.1'];
const SERVERS = ['203.0.113.80', '203.0.113.80', NO_NAT];

type Json = Readonly<Record<string, unknown>>;

/** How a gateway has its addresses, and which those are. */
const addresses = (count: number): fc.Arbitrary<Json> =>
  fc.constantFrom<Json[]>(
    { eips: EIPS.slice(0, count) },
    { eips: bound(count) },
    { eipBindMode: 'NAT', eips: bound(count) },
    { networkType: 'intranet', natIps: EIPS.slice(0, count) },
    // A VPC NAT gateway may translate to addresses of the networks that it translates.
    { networkType: 'intranet', natIps: PRIVATE.slice(0, count) },
  );
const bound = (count: number): Json[] =>
  EIPS.slice(0, count).map((ipAddress, index) => ({ ipAddress, privateIpAddress: PRIVATE[index] }));

const ENTRIES: readonly Json[] = [
  { sourceCidr: '10.0.0.0/16' },
  { sourceCidr: '10.0.0.0/29', eipAffinity: true, softAffinity: true },
  { sourceIp: '10.0.0.13' },
  { sourceCidr: '172.16.0.0/12' },
];
const entries = (least: number): fc.Arbitrary<readonly Json[]> => fc.subarray([...ENTRIES], { minLength: least });

const optional = (value: Json): fc.Arbitrary<Json> => fc.constantFrom({}, value);

const configurations: fc.Arbitrary<Json> = fc.integer({ min: 1, max: EIPS.length }).chain((count) =>
  fc
    .tuple(
      addresses(count),
      entries(1),
      fc.array(entries(0), { maxLength: 2 }),
      fc.boolean(),
      optional({ hostEips: [{ ipAddress: EIP_OF_HOST, privateIpAddress: HOST_WITH_EIP }] }),
      optional({ noNatCidrs: [`${NO_NAT}/32`] }),
      optional({ otherGatewayCidrs: [`${OTHER_GATEWAY}/32`] }),
      optional({ vpc: { cidrBlock: '10.0.0.0/8', secondaryCidrBlocks: ['172.31.0.0/16'] } }),
    )
    .map(([own, snatEntries, later, hasDnat, ...others]) => ({
      ...own,
      snatEntries,
      changes: later.map((each, index) => ({ atSec: Number(T0) + 40 * (index + 1), snatEntries: each })),
      // The last address is that of a DNAT mapping, unless there is no other one.
      ...(hasDnat && count > 1
        ? { dnatIpMappings: [{ externalIp: namesOf(own).at(-1), internalIp: HOST_WITH_DNAT }] }
        : {}),
      ...others.reduce((all, each) => ({ ...all, ...each }), {}),
    })),
);

const namesOf = ({ eips, natIps = eips }: Json): string[] =>
  (natIps as (string | { ipAddress: string })[]).map((each) => (typeof each === 'string' ? each : each.ipAddress));

/** What a configuration says of addresses, in a gateway that does anything with them. */
const named: fc.Arbitrary<Gateway> = fc.tuple(gateways, configurations).map(([gateway, json]) => {
  const { networkType, bindMode, addresses: own, snatEntries, changes, ...others } = readGateway(json).gateway;
  const { dnatMappings, hostEips, noNatNetworks, otherNetworks, vpcNetworks } = others;
  return {
    ...gateway,
    ...{ networkType, bindMode, addresses: own, snatEntries, changes, dnatMappings, hostEips, noNatNetworks },
    ...(otherNetworks === undefined ? {} : { otherNetworks }),
    ...(vpcNetworks === undefined ? {} : { vpcNetworks }),
  };
});

const inner = fc.constantFrom(
  ...[...EIPS, ...PRIVATE, ...PRIVATE, ...PLAIN_HOSTS, ...PLAIN_HOSTS],
  ...[HOST_WITH_DNAT, HOST_WITH_EIP, EIP_OF_HOST],
);
const step = fc.record({
  gapSec: fc.constantFrom(0, 0.001, 0.5, 1, 3, 20, 61),
  near: inner,
  // Mostly a server, so that there are sessions.
  far: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...SERVERS) }, { weight: 1, arbitrary: inner }),
  port: fc.constantFrom(1025, 1026, 40_000),
  isInward: fc.boolean(),
  kind: fc.constantFrom('tcp', 'tcp', 'udp', 'udp', 'echo', 'error', 'gre', 'sctp'),
  flags: fc.constantFrom('S', 'S', 'SA', 'A', 'PA', 'FA', 'R'),
  seq: fc.constantFrom(1, 100),
});

function packetOf({ near, far, port, isInward, kind, flags, seq }: Step): Uint8Array {
  const [from, to] = isInward ? [far, near] : [near, far];
  const [source, target] = (isInward ? [`${far}:443`, `${near}:${port}`] : [`${near}:${port}`, `${far}:443`]) as [
    Endpoint,
    Endpoint,
  ];
  switch (kind) {
    case 'tcp':
      return tcpPacket({ from: source, to: target, flags, seq, ack: 101 });
    case 'udp':
      return udpPacket({ from: source, to: target, payload: new Uint8Array(8) });
    case 'echo':
      return icmpEcho({ from, to, id: port, reply: isInward });
    case 'error':
      return icmpError({ from, to, type: 3, code: 3, about: udpPacket({ from: target, to: source }) });
    default:
      return ipv4Packet({ from, to, protocol: kind === 'gre' ? 47 : 132, payload: new Uint8Array(20) });
  }
}
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const traffic: fc.Arbitrary<readonly CaptureRecord[]> = fc
  .array(step, { minLength: 1, maxLength: 120, size: 'max' })
  .map((steps) => {
    let sec = 0;
    return steps.map((each) => at((sec += each.gapSec), packetOf(each)));
  });

test('packets from and to whatever a gateway names are in a row of its SNAT addresses, or have a reason', () =>
  fc.assert(
    fc.asyncProperty(named, traffic, async (gateway, records) => {
      const { entries: rows, ledger } = await sessionLogOf(records, gateway);
      const counted = rows.flatMap(({ vpc, inbound }) => [vpc, inbound]).map((sum) => Number(sum.split('/')[1]));
      const left = Object.values(ledger.packets.notInEntries);
      expect([...counted, ...left].reduce((sum, count) => sum + count, 0)).toBe(records.length);
      const pairs = translatedAddresses(gateway).map(({ natIp, eip }) => `${formatIpv4(natIp)} ${formatIpv4(eip)}`);
      const ofDnat = gateway.dnatMappings.map(({ publicAddress }) => formatIpv4(publicAddress));
      for (const { natIp, natEip } of rows) {
        expect(pairs).toContain(`${natIp} ${natEip}`);
        expect(ofDnat).not.toContain(natEip);
      }
    }),
    { numRuns: PROPERTY_RUNS, endOnFailure: true },
  ));
