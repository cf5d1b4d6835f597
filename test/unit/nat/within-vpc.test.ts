import { expect, test } from 'vitest';
import { parseIpv4, parseNetwork } from '../../../src-main/nat/address-text';
import type { Gateway } from '../../../src-main/nat/gateway';
import { icmpError, ipv4Packet, type Endpoint } from '../../support/frames';
import { S, T0, at, expectScenario, hostAddress, run, udp, type Scenario } from '../../support/nat-scenario';
import { snatEntry } from '../../support/session-log';

/** A VPC of which entries cover one vSwitch, and one host of another. */
const COVERED_IN_PART: Partial<Gateway> = {
  snatEntries: [snatEntry('10.0.1.0/24', ['198.51.100.10']), snatEntry('10.0.3.5/32', ['198.51.100.10'])],
  vpcNetworks: [parseNetwork('10.0.0.0/8'), parseNetwork('172.16.5.0/24')],
};
const dns = (a: Endpoint, b: Endpoint, sec = 0) => [at(sec, udp(a, b, 60)), at(sec + 0.1, udp(b, a, 120))];
const within = (name: string, a: Endpoint, b: Endpoint, gateway: Partial<Gateway> = {}): Scenario => ({
  name: `60: within the VPC, ${name}`,
  packets: dns(a, b),
  gateway: { ...COVERED_IN_PART, ...gateway },
  rows: [],
  reasons: { intra: 2 },
});

/* Scenario 60 of the specification, nat-gateway reference §7.E, where SNAT entries do not cover the whole of a VPC. */

test.each<Scenario>([
  within('from a vSwitch with an SNAT entry to one without', '10.0.1.5:5', '10.0.2.5:53'),
  within('and the other way round', '10.0.2.5:5', '10.0.1.5:53'),
  within('of two hosts without an SNAT entry', '10.0.2.5:5', '172.16.5.9:53'),
  within('from a host with an entry of its own to its neighbour', '10.0.3.5:5', '10.0.3.6:53'),
  within('to a host with an EIP of its own', '10.0.2.5:5', '10.0.2.6:53', {
    hostEips: [hostAddress('198.51.100.77', '10.0.2.6')],
  }),
  within('to a host with a DNAT mapping', '10.0.2.5:5', '10.0.9.9:53'),
  {
    name: '60: within the VPC, an ICMP error about a session is none of the Internet',
    packets: [
      at(0, udp('10.0.1.5:5', S, 60)),
      at(1, icmpError({ from: '10.0.1.1', to: '10.0.1.5', type: 11, code: 0, about: udp('10.0.1.5:5', S, 60) })),
      at(2, icmpError({ from: '10.0.2.1', to: '10.0.1.5', type: 11, code: 0, about: udp('10.0.1.5:5', S, 60) })),
    ],
    gateway: COVERED_IN_PART,
    rows: [`17 10.0.1.5:5 -> ${S} via 198.51.100.10:1025 | 60/1 | 0/0 | 0-0`],
    reasons: { intra: 2 },
  },
  {
    name: '12: a host of the VPC that no entry covers, towards the Internet, and the other way round',
    packets: dns('10.0.2.5:5', '203.0.113.80:53'),
    gateway: COVERED_IN_PART,
    rows: [],
    reasons: { no_snat_entry: 2 },
  },
  {
    name: '60: the networks of the VPC are inside after a change of the entries as before',
    packets: [
      ...dns('10.0.1.5:5', '10.0.2.5:53'),
      ...dns('10.0.1.5:5', '10.0.2.5:53', 20),
      at(21, udp('10.0.1.5:6', S, 60)),
    ],
    gateway: {
      ...COVERED_IN_PART,
      changes: [{ atSec: Number(T0) + 10, snatEntries: [snatEntry('10.0.2.0/24', ['198.51.100.10'])] }],
    },
    rows: [],
    reasons: { intra: 4, no_snat_entry: 1 },
  },
  {
    name: '83: the private address of an EIP lies within the VPC',
    packets: dns('10.0.1.5:5', '203.0.113.80:53'),
    gateway: {
      ...COVERED_IN_PART,
      bindMode: 'NAT',
      addresses: [{ address: parseIpv4('198.51.100.10')!, privateAddress: parseIpv4('10.0.2.13') }],
    },
    rows: ['17 10.0.1.5:5 -> 203.0.113.80:53 via 10.0.2.13:1025 | 60/1 | 120/1 | 0-0'],
  },
  {
    name: '70: a VPC NAT gateway whose NAT IP lies within the VPC, behind it',
    packets: dns('10.0.2.13:1025', '192.168.0.9:53'),
    gateway: {
      ...COVERED_IN_PART,
      networkType: 'intranet',
      addresses: [{ address: parseIpv4('10.0.2.13')!, privateAddress: null }],
      snatEntries: [snatEntry('10.0.1.0/24', ['10.0.2.13'])],
    },
    rows: ['17 unknown -> 192.168.0.9:53 via 10.0.2.13:1025 | 60/1 | 120/1 | 0-0'],
  },
  {
    name: '84: a host of the VPC that no entry covers and the gateway itself',
    packets: dns('10.0.2.5:5', '198.51.100.10:53'),
    gateway: COVERED_IN_PART,
    rows: [],
    reasons: { hairpin_unsupported: 2 },
  },
])('$name', expectScenario);

test.each([
  { name: 'to a host of the VPC is opened', to: '10.0.2.9', pri: '10.0.1.5:5' },
  { name: 'to the Internet is what the gateway sees', to: '203.0.113.99', pri: undefined },
] as const)('auto: a tunnel from a translated host $name', async ({ to, pri }) => {
  const tunnel = ipv4Packet({ from: '10.0.1.6', to, protocol: 4, payload: udp('10.0.1.5:5', S, 60) });
  const { entries, ledger } = await run([at(0, tunnel)], COVERED_IN_PART);
  expect(entries[0]?.pri).toBe(pri);
  expect(ledger.packets.notInEntries).toEqual(pri === undefined ? { unsupported_protocol: 1 } : {});
});

test('auto: a tunnel from a host without an SNAT entry is opened wherever it leads', async () => {
  const tunnel = ipv4Packet({ from: '10.0.2.6', to: '203.0.113.99', protocol: 4, payload: udp('10.0.1.5:5', S, 60) });
  expect((await run([at(0, tunnel)], COVERED_IN_PART)).entries[0]?.pri).toBe('10.0.1.5:5');
});
