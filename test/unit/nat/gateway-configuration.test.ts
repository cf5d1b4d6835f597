import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import { parseIpv4, parseNetwork } from '../../../src-main/nat/address-text';
import { MAX_TOLD_PROBLEMS, readGateway, type Problem } from '../../../src-main/nat/configuration';
import { defaultGateway } from '../../../src-main/nat/gateway';
import { PROFILE_NAMES } from '../../../src-main/nat/profiles';

const ip = (text: string): number => parseIpv4(text) ?? Number.NaN;

/** @returns everything that is wrong with the configuration */
function problemsOf(configuration: unknown): { readonly problems: Problem[]; readonly error: AppError } {
  try {
    readGateway(configuration);
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'GATEWAY_INVALID') {
      return { problems: JSON.parse(String(cause.detail['problems'])), error: cause };
    }
    throw cause;
  }
  throw new Error('nothing was wrong');
}

const EIP = '203.0.113.10';
const ENTRY = { sourceCidr: '10.0.0.0/8', eips: [EIP] };
const GATEWAY = { eips: [EIP], snatEntries: [ENTRY] };
const BOUND = { ipAddress: EIP, privateIpAddress: '172.16.10.13' };
const NAT = { ...GATEWAY, eipBindMode: 'NAT', eips: [BOUND] };
const manyEips = (count: number): string[] => Array.from({ length: count }, (_, at) => `198.51.100.${at + 1}`);
const manyEntries = (count: number): object[] =>
  Array.from({ length: count }, (_, at) => ({ sourceIp: `10.0.0.${at}`, eips: [EIP] }));

describe('nothing is wrong with', () => {
  const twoBound = [BOUND, { ipAddress: '203.0.113.11', privateIpAddress: '172.16.10.14' }];
  const host = { ipAddress: '198.51.100.1', privateIpAddress: '172.16.10.13' };
  test.each<{ name: string; configuration: object }>([
    {
      name: 'a private address of a VPC that is in no private network',
      configuration: { ...NAT, eips: [{ ...BOUND, privateIpAddress: '30.0.0.5' }], vpc: { cidrBlock: '30.0.0.0/8' } },
    },
    {
      name: 'one of a secondary network',
      configuration: { ...NAT, vpc: { cidrBlock: '10.0.0.0/8', secondaryCidrBlocks: ['172.16.0.0/16'] } },
    },
    {
      name: 'one of a vSwitch that is in no private network',
      configuration: {
        ...{ ...NAT, eips: [{ ...BOUND, privateIpAddress: '30.0.0.5' }] },
        vSwitches: [{ vSwitchId: 'vsw-a', cidrBlock: '30.0.0.0/24' }],
      },
    },
    { name: 'one behind a carrier', configuration: { ...NAT, eips: [{ ...BOUND, privateIpAddress: '100.64.0.5' }] } },
    {
      name: 'a private address of an EIP in bind mode MULTI_BINDED that is a host',
      configuration: {
        ...{ ...GATEWAY, eips: twoBound, hostEips: [host] },
        dnatIpMappings: [{ externalIp: '203.0.113.11', internalIp: '172.16.10.14' }],
      },
    },
    {
      name: 'a host with both an EIP of its own and a DNAT IP mapping',
      configuration: {
        ...{ ...NAT, eips: twoBound, hostEips: [{ ...host, privateIpAddress: '10.0.0.9' }] },
        dnatIpMappings: [{ externalIp: '203.0.113.11', internalIp: '10.0.0.9' }],
      },
    },
    {
      name: 'a host that sends from its own EIP',
      configuration: { ...GATEWAY, hostEips: [{ ...host, privateIpAddress: host.ipAddress }] },
    },
    {
      name: 'vSwitches and networks of a VPC side by side',
      configuration: {
        ...{ ...GATEWAY, vpc: { cidrBlock: '10.0.0.0/9', secondaryCidrBlocks: ['10.128.0.0/9'] } },
        vSwitches: [
          { vSwitchId: 'vsw-a', cidrBlock: '10.0.0.0/25' },
          { vSwitchId: 'vsw-b', cidrBlock: '10.0.0.128/25' },
        ],
      },
    },
  ])('$name', ({ configuration }) => {
    expect(() => readGateway(configuration)).not.toThrow();
  });
});

describe('one thing is wrong:', () => {
  test.each<{ name: string; change: object; base?: object; path: string; value: string | null; rule: string }>([
    {
      name: 'an address of another kind',
      change: { eips: ['2001:db8::1'] },
      path: 'eips[0]',
      value: '"2001:db8::1"',
      rule: 'no IPv4',
    },
    {
      name: 'an address as a number',
      change: { eips: [3405803786] },
      path: 'eips[0]',
      value: '3405803786',
      rule: 'text',
    },
    {
      name: 'an EIP of the loopback',
      change: { eips: ['127.0.0.1'] },
      path: 'eips[0]',
      value: '"127.0.0.1"',
      rule: 'loopback',
    },
    {
      name: 'bits behind the prefix',
      change: { snatEntries: [{ ...ENTRY, sourceCidr: '10.0.0.1/8' }] },
      path: 'snatEntries[0].sourceCidr',
      value: '"10.0.0.1/8"',
      rule: 'did you mean 10.0.0.0/8?',
    },
    {
      name: 'a network that is none',
      change: { noNatCidrs: ['192.0.2.0/33'] },
      path: 'noNatCidrs[0]',
      value: '"192.0.2.0/33"',
      rule: 'no IPv4 network',
    },
    {
      name: "an EIP of an entry that is none of the gateway's",
      change: {
        snatEntries: [
          ENTRY,
          { sourceCidr: '10.1.0.0/16', eips: [EIP] },
          { sourceIp: '10.2.0.1', eips: ['203.0.113.9'] },
        ],
      },
      path: 'snatEntries[2].eips[0]',
      value: '"203.0.113.9"',
      rule: "none of the gateway's eips (203.0.113.10)",
    },
    {
      name: 'an EIP twice',
      change: { eips: [EIP, EIP] },
      path: 'eips[1]',
      value: `"${EIP}"`,
      rule: 'named twice; it is eips[0]',
    },
    {
      name: 'an EIP twice in an entry',
      change: { snatEntries: [{ ...ENTRY, eips: [EIP, EIP] }] },
      path: 'snatEntries[0].eips[1]',
      value: `"${EIP}"`,
      rule: 'named twice',
    },
    {
      name: 'an EIP inside a source',
      change: { snatEntries: [{ sourceCidr: '203.0.113.0/24' }] },
      path: 'eips[0]',
      value: `"${EIP}"`,
      rule: 'is inside 203.0.113.0/24, the source of snatEntries[0]',
    },
    {
      name: 'an EIP inside a source of later',
      change: { changes: [{ atSec: 5, snatEntries: [{ sourceCidr: '203.0.113.0/24' }] }] },
      path: 'eips[0]',
      value: `"${EIP}"`,
      rule: 'the source of changes[0].snatEntries[0]',
    },
    {
      name: 'bind mode NAT without a private address',
      base: NAT,
      change: { eips: [EIP] },
      path: 'eips[0].privateIpAddress',
      value: null,
      rule: 'is missing: in bind mode NAT',
    },
    {
      name: 'bind mode NAT without EIPs',
      base: { eipBindMode: 'NAT' },
      change: {},
      path: 'eips',
      value: null,
      rule: 'bind mode NAT needs',
    },
    {
      name: 'a private address twice',
      base: NAT,
      change: { eips: [BOUND, { ...BOUND, ipAddress: '203.0.113.11' }] },
      path: 'eips[1].privateIpAddress',
      value: '"172.16.10.13"',
      rule: 'named twice; it is eips[0].privateIpAddress',
    },
    {
      name: 'a private address outside of the vSwitches',
      base: NAT,
      change: { vSwitches: [{ vSwitchId: 'vsw-a', cidrBlock: '172.16.20.0/24' }] },
      path: 'eips[0].privateIpAddress',
      value: '"172.16.10.13"',
      rule: 'in none of the vSwitches (172.16.20.0/24)',
    },
    ...[
      { address: '239.1.1.1', rule: 'a multicast address' },
      { address: '127.0.0.1', rule: 'a loopback address' },
      { address: '0.0.0.0', rule: 'of "this network"' },
      { address: '169.254.3.4', rule: 'a link-local address' },
      { address: '255.255.255.255', rule: 'the broadcast address' },
      {
        address: '8.8.8.8',
        rule: 'is in no private network (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10)',
      },
      { address: EIP, rule: 'is eips[0], and an EIP is bound to a private address' },
    ].map(({ address, rule }) => ({
      name: `an EIP that is bound to ${address}`,
      base: NAT,
      change: { eips: [{ ...BOUND, privateIpAddress: address }] },
      ...{ path: 'eips[0].privateIpAddress', value: `"${address}"`, rule },
    })),
    {
      name: 'a private address outside of the VPC',
      base: NAT,
      change: { vpc: { cidrBlock: '10.0.0.0/8', secondaryCidrBlocks: ['172.17.0.0/16'] }, vSwitches: [] },
      path: 'eips[0].privateIpAddress',
      value: '"172.16.10.13"',
      rule: 'is not in the VPC (10.0.0.0/8, 172.17.0.0/16)',
    },
    {
      name: 'a host with a DNAT IP mapping that is the private address of an EIP',
      base: NAT,
      change: {
        eips: [BOUND, { ipAddress: '203.0.113.11', privateIpAddress: '172.16.10.14' }],
        dnatIpMappings: [{ externalIp: '203.0.113.11', internalIp: '172.16.10.13' }],
      },
      path: 'dnatIpMappings[0].internalIp',
      value: '"172.16.10.13"',
      rule: 'is eips[0].privateIpAddress; a host has no address of the gateway',
    },
    {
      name: 'a host with a DNAT IP mapping that is an EIP',
      change: {
        eips: [EIP, '203.0.113.11'],
        dnatIpMappings: [{ externalIp: '203.0.113.11', internalIp: '203.0.113.11' }],
      },
      path: 'dnatIpMappings[0].internalIp',
      value: '"203.0.113.11"',
      rule: 'is eips[1]; a host has no address',
    },
    {
      name: 'a host with an EIP of its own that is the private address of another',
      base: NAT,
      change: { hostEips: [{ ipAddress: '198.51.100.1', privateIpAddress: '172.16.10.13' }] },
      path: 'hostEips[0].privateIpAddress',
      value: '"172.16.10.13"',
      rule: 'is eips[0].privateIpAddress; a host has no address',
    },
    {
      name: 'a host with an EIP of its own that is a NAT IP',
      base: { networkType: 'intranet', natIps: ['192.168.0.1'] },
      change: { hostEips: [{ ipAddress: '198.51.100.1', privateIpAddress: '192.168.0.1' }] },
      path: 'hostEips[0].privateIpAddress',
      value: '"192.168.0.1"',
      rule: 'is natIps[0]; a host has no address',
    },
    {
      name: 'an EIP of a host that an EIP of the gateway is bound to',
      base: NAT,
      change: { hostEips: [{ ipAddress: '172.16.10.13', privateIpAddress: '10.0.9.8' }] },
      path: 'hostEips[0].ipAddress',
      value: '"172.16.10.13"',
      rule: 'it is eips[0].privateIpAddress already',
    },
    {
      name: 'a secondary network that is the first one of its VPC',
      change: { vpc: { cidrBlock: '10.0.0.0/8', secondaryCidrBlocks: ['192.168.0.0/16', '10.0.0.0/8'] } },
      path: 'vpc.secondaryCidrBlocks[1]',
      value: '"10.0.0.0/8"',
      rule: 'overlaps with 10.0.0.0/8 of vpc.cidrBlock; the networks of a VPC lie apart',
    },
    {
      name: 'a secondary network inside of another',
      change: { vpc: { cidrBlock: '172.16.0.0/16', secondaryCidrBlocks: ['10.0.0.0/8', '10.1.0.0/16'] } },
      path: 'vpc.secondaryCidrBlocks[1]',
      value: '"10.1.0.0/16"',
      rule: 'overlaps with 10.0.0.0/8 of vpc.secondaryCidrBlocks[0]',
    },
    {
      name: 'networks of a VPC that are one, and are translated',
      change: {
        vpc: { cidrBlock: '10.0.0.0/8', secondaryCidrBlocks: ['10.0.0.0/8'] },
        snatEntries: [{ sourceVpc: true }],
      },
      path: 'vpc.secondaryCidrBlocks[0]',
      value: '"10.0.0.0/8"',
      rule: 'overlaps with 10.0.0.0/8 of vpc.cidrBlock',
    },
    {
      name: 'a vSwitch inside of another',
      change: {
        vSwitches: [
          { vSwitchId: 'vsw-a', cidrBlock: '10.0.0.0/24' },
          { vSwitchId: 'vsw-b', cidrBlock: '10.0.0.128/25' },
        ],
      },
      path: 'vSwitches[1].cidrBlock',
      value: '"10.0.0.128/25"',
      rule: 'overlaps with 10.0.0.0/24 of vSwitches[0]; an address is in one vSwitch only',
    },
    {
      name: 'a source in two entries',
      change: { snatEntries: [ENTRY, { ...ENTRY, snatEntryId: 'again' }] },
      path: 'snatEntries[1]',
      value: '"10.0.0.0/8"',
      rule: 'is the source of snatEntries[0] already; a source can be in one SNAT entry only',
    },
    {
      name: 'a host and a CIDR of one address',
      change: { snatEntries: [{ sourceIp: '10.0.0.7' }, { sourceCidr: '10.0.0.7/32' }] },
      path: 'snatEntries[1]',
      value: '"10.0.0.7/32"',
      rule: 'the source of snatEntries[0]',
    },
    {
      name: 'an id twice',
      change: { snatEntries: [{ ...ENTRY, snatEntryId: 'snat-2' }, { sourceIp: '10.0.0.7' }] },
      path: 'snatEntries[1].snatEntryId',
      value: '"snat-2"',
      rule: 'the id of snatEntries[0] already',
    },
    {
      name: 'an EIP of a DNAT IP mapping in an entry',
      change: { dnatIpMappings: [{ externalIp: EIP, internalIp: '10.0.9.9' }] },
      path: 'snatEntries[0].eips[0]',
      value: `"${EIP}"`,
      rule: 'belongs to dnatIpMappings[0]: a DNAT entry of any port has its EIP for itself',
    },
    {
      name: 'a DNAT IP mapping of a foreign EIP',
      change: { dnatIpMappings: [{ externalIp: '198.51.100.99', internalIp: '10.0.9.9' }] },
      path: 'dnatIpMappings[0].externalIp',
      value: '"198.51.100.99"',
      rule: "none of the gateway's eips",
    },
    {
      name: 'a host that is mapped twice',
      change: {
        eips: [EIP, '198.51.100.98', '198.51.100.99'],
        dnatIpMappings: [
          { externalIp: '198.51.100.98', internalIp: '10.0.9.9' },
          { externalIp: '198.51.100.99', internalIp: '10.0.9.9' },
        ],
      },
      path: 'dnatIpMappings[1].internalIp',
      value: '"10.0.9.9"',
      rule: 'named twice',
    },
    {
      name: 'an EIP of a host that is one of the gateway',
      change: { hostEips: [{ ipAddress: EIP, privateIpAddress: '10.0.9.8' }] },
      path: 'hostEips[0].ipAddress',
      value: `"${EIP}"`,
      rule: 'it is eips[0] already',
    },
    {
      name: 'no source',
      change: { snatEntries: [{ eips: [EIP] }] },
      path: 'snatEntries[0]',
      value: null,
      rule: 'has no source',
    },
    {
      name: 'two sources',
      change: { snatEntries: [{ ...ENTRY, sourceIp: '10.0.0.1' }] },
      path: 'snatEntries[0]',
      value: '{"sourceIp":"10.0.0.1","sourceCidr":"10.0.0.0/8"}',
      rule: 'has sourceIp and sourceCidr; an SNAT entry has one',
    },
    {
      name: 'a vSwitch that there is not',
      change: {
        snatEntries: [{ sourceVSwitchId: 'vsw-x' }],
        vSwitches: [{ vSwitchId: 'vsw-a', cidrBlock: '10.0.0.0/24' }],
      },
      path: 'snatEntries[0].sourceVSwitchId',
      value: '"vsw-x"',
      rule: 'none of vSwitches (vsw-a)',
    },
    {
      name: 'a VPC without a network',
      change: { snatEntries: [{ sourceVpc: true }] },
      path: 'snatEntries[0].sourceVpc',
      value: 'true',
      rule: 'needs vpc.cidrBlock',
    },
    {
      name: 'a vSwitch outside of its VPC',
      change: { vpc: { cidrBlock: '10.0.0.0/16' }, vSwitches: [{ vSwitchId: 'vsw-a', cidrBlock: '10.0.0.0/8' }] },
      path: 'vSwitches[0].cidrBlock',
      value: '"10.0.0.0/8"',
      rule: 'not in the VPC (10.0.0.0/16)',
    },
    {
      name: 'a vSwitch twice',
      change: {
        vSwitches: [
          { vSwitchId: 'vsw-a', cidrBlock: '10.0.0.0/24' },
          { vSwitchId: 'vsw-a', cidrBlock: '10.0.1.0/24' },
        ],
      },
      path: 'vSwitches[1].vSwitchId',
      value: '"vsw-a"',
      rule: 'the id of vSwitches[0] already',
    },
    { name: 'no entry', change: { snatEntries: [] }, path: 'snatEntries', value: '[]', rule: 'at least 1' },
    {
      name: 'NAT IPs of an Internet NAT gateway',
      change: { natIps: ['10.9.0.1'] },
      path: 'natIps',
      value: '["10.9.0.1"]',
      rule: 'are of VPC NAT gateways',
    },
    {
      name: 'a VPC NAT gateway without NAT IPs',
      base: { networkType: 'intranet' },
      change: {},
      path: 'natIps',
      value: null,
      rule: 'is missing',
    },
    {
      name: 'a VPC NAT gateway with EIPs',
      base: { networkType: 'intranet', natIps: ['192.168.0.1'] },
      change: { eips: [EIP], snatEntries: [{ sourceCidr: '10.0.0.0/8' }] },
      path: 'eips',
      value: JSON.stringify([EIP]),
      rule: 'is of Internet NAT gateways',
    },
    {
      name: 'a VPC NAT gateway with a bound EIP',
      base: { networkType: 'intranet', natIps: ['192.168.0.1'] },
      change: { eips: [BOUND], snatEntries: [{ sourceCidr: '10.0.0.0/8' }] },
      path: 'eips',
      value: `${JSON.stringify([BOUND]).slice(0, 60)}…`,
      rule: 'is of Internet NAT gateways',
    },
    {
      name: 'a VPC NAT gateway with a bind mode',
      base: { networkType: 'intranet', natIps: ['192.168.0.1'] },
      change: { eipBindMode: 'NAT', snatEntries: [{ sourceCidr: '10.0.0.0/8' }] },
      path: 'eipBindMode',
      value: '"NAT"',
      rule: 'is of Internet NAT gateways',
    },
    {
      name: 'EIPs in an entry of a VPC NAT gateway',
      base: { networkType: 'intranet', natIps: ['192.168.0.1'] },
      change: { snatEntries: [ENTRY] },
      path: 'snatEntries[0].eips',
      value: JSON.stringify([EIP]),
      rule: "the gateway's networkType is intranet, name natIps",
    },
    {
      name: 'no address left by DNAT IP mappings',
      base: { eips: [EIP] },
      change: {
        dnatIpMappings: [{ externalIp: EIP, internalIp: '10.0.9.9' }],
        snatEntries: [{ sourceCidr: '10.0.0.0/8' }],
      },
      path: 'snatEntries[0]',
      value: null,
      rule: 'DNAT IP mappings own all eips',
    },
    { name: 'a region that is no text', change: { regionId: 5 }, path: 'regionId', value: '5', rule: 'must be a text' },
    {
      name: 'a region with a space',
      change: { regionId: 'cn hangzhou' },
      path: 'regionId',
      value: '"cn hangzhou"',
      rule: 'without spaces',
    },
    {
      name: 'an empty id',
      change: { natGatewayId: '' },
      path: 'natGatewayId',
      value: '""',
      rule: '1 to 128 ASCII characters',
    },
    {
      name: 'ports the wrong way round',
      change: { portMin: 2000, portMax: 1999 },
      path: 'portMin',
      value: '2000',
      rule: 'leaves no port: portMin is 2000, and portMax 1999',
    },
    {
      name: "a last port below the profile's first",
      change: { portMax: 1024 },
      path: 'portMax',
      value: '1024',
      rule: 'leaves no port',
    },
    {
      name: 'a port beyond the last',
      change: { portMax: 65536 },
      path: 'portMax',
      value: '65536',
      rule: 'from 1 to 65535',
    },
    {
      name: 'no time',
      change: { timeoutsSec: { udp: 0 } },
      path: 'timeoutsSec.udp',
      value: '0',
      rule: 'from 1 to 31536000',
    },
    {
      name: 'a time as text',
      change: { timeoutsSec: { udp: '60s' } },
      path: 'timeoutsSec.udp',
      value: '"60s"',
      rule: 'whole number',
    },
    {
      name: 'a limit of nothing',
      change: { limits: { maxSessions: 0 } },
      path: 'limits.maxSessions',
      value: '0',
      rule: 'from 1',
    },
    {
      name: 'a hold below zero',
      change: { portHoldSec: { tcp: -1 } },
      path: 'portHoldSec.tcp',
      value: '-1',
      rule: 'from 0',
    },
    { name: 'a window without length', change: { windowSec: 0 }, path: 'windowSec', value: '0', rule: 'from 1' },
    {
      name: 'a phase as long as the window',
      change: { windowSec: 300, windowPhase: 300 },
      path: 'windowPhase',
      value: '300',
      rule: 'less than windowSec, 300',
    },
    {
      name: 'a phase with another name',
      change: { windowPhase: 'gateway' },
      path: 'windowPhase',
      value: '"gateway"',
      rule: 'epoch, perGateway, captureStart',
    },
    { name: 'a seed beyond 32 bits', change: { seed: 2 ** 32 }, path: 'seed', value: '4294967296', rule: '4294967295' },
    {
      name: 'a profile that there is not',
      change: { profile: 'linus' },
      path: 'profile',
      value: '"linus"',
      rule: 'must be one of alibaba, rfc, linux, aws, gcp, azure; did you mean linux?',
    },
    {
      name: 'another port policy',
      change: { portPolicy: 'Random ' },
      path: 'portPolicy',
      value: '"Random "',
      rule: 'did you mean random?',
    },
    {
      name: 'a mapping of another name',
      change: { mapping: 'adm' },
      path: 'mapping',
      value: '"adm"',
      rule: 'apdm, eim',
    },
    {
      name: 'hosts that do not fit the blocks',
      change: { portPolicy: 'deterministic', snatEntries: [{ ...ENTRY, sourceCidr: '10.0.0.0/24' }] },
      path: 'snatEntries[0]',
      value: '"10.0.0.0/24"',
      rule: 'has 256 hosts, but its pool only 62 blocks (1 addresses × 62 blocks of 1024 ports)',
    },
    {
      name: 'blocks longer than the range',
      change: { portPolicy: 'blocks', portMin: 2000, portMax: 2999 },
      path: 'portBlockSize',
      value: '1024',
      rule: 'more than the 1000 ports from 2000 to 2999',
    },
    {
      name: 'blocks longer than the range, of which each host would have one',
      change: { portPolicy: 'deterministic', portMin: 2000, portMax: 2999 },
      path: 'portBlockSize',
      value: '1024',
      rule: 'of which the policy deterministic makes blocks',
    },
    {
      name: 'changes that go back in time',
      change: {
        changes: [
          { atSec: 9, snatEntries: [] },
          { atSec: 9, snatEntries: [] },
        ],
      },
      path: 'changes[1].atSec',
      value: '9',
      rule: 'later than that of the change before',
    },
    {
      name: 'a change at microseconds, which no packet reaches',
      change: { changes: [{ atSec: 1_700_000_500_000_000, snatEntries: [] }] },
      path: 'changes[0].atSec',
      value: '1700000500000000',
      rule: 'a whole number from 0 to 9223372036',
    },
    {
      name: 'an entry of a change that is wrong',
      change: { changes: [{ atSec: 9, snatEntries: [{ ...ENTRY, eips: ['192.0.2.1'] }] }] },
      path: 'changes[0].snatEntries[0].eips[0]',
      value: '"192.0.2.1"',
      rule: "none of the gateway's eips",
    },
    {
      name: 'a change without a time',
      change: { changes: [{ snatEntries: [] }] },
      path: 'changes[0].atSec',
      value: null,
      rule: 'is missing',
    },
    {
      name: 'more entries in all changes than there are classes of addresses',
      base: { eips: [EIP], ignoreQuotas: true },
      change: {
        changes: Array.from({ length: 66 }, (_, atSec) => ({
          atSec,
          snatEntries: Array.from({ length: 1000 }, (_, at) => ({ sourceCidr: `10.${at >> 8}.${at & 255}.0/24` })),
        })),
      },
      path: 'changes',
      value: null,
      rule: 'make 66004 SNAT entries of all times, and can make at most 65533',
    },
    {
      name: 'no address left for the default entries',
      base: { eips: [EIP] },
      change: { dnatIpMappings: [{ externalIp: EIP, internalIp: '10.0.0.1' }] },
      path: 'snatEntries',
      value: null,
      rule: 'has no address: DNAT IP mappings own all eips',
    },
    {
      name: 'an EIP that is bound to an EIP',
      base: NAT,
      change: { eips: [BOUND, { ipAddress: '203.0.113.11', privateIpAddress: EIP }] },
      path: 'eips[1].privateIpAddress',
      value: '"203.0.113.10"',
      rule: 'is eips[0], and an EIP is bound to a private address',
    },
    {
      name: 'a number that is none any more',
      change: { seed: Number.POSITIVE_INFINITY },
      path: 'seed',
      value: 'Infinity',
      rule: '4294967295',
    },
    {
      name: 'more EIPs than the quota',
      base: { snatEntries: [{ sourceCidr: '10.0.0.0/8' }] },
      change: { eips: manyEips(21) },
      path: 'eips',
      value: null,
      rule: 'has 21 items, above the quota of EIPs of a gateway: at most 20 (https://',
    },
    {
      name: 'more entries than the quota',
      change: { snatEntries: manyEntries(41) },
      path: 'snatEntries',
      value: null,
      rule: 'SNAT entries of a gateway: at most 40',
    },
    {
      name: 'more addresses than the quota of AWS',
      base: { profile: 'aws', snatEntries: [{ sourceCidr: '10.0.0.0/8' }] },
      change: { eips: manyEips(9) },
      path: 'eips',
      value: null,
      rule: 'IPv4 addresses of a gateway: at most 8',
    },
    {
      name: 'a key that nobody knows',
      change: { colour: 'red' },
      path: 'colour',
      value: '"red"',
      rule: 'has no known key',
    },
    {
      name: 'a key with a slip',
      change: { snatEntires: [] },
      path: 'snatEntires',
      value: '[]',
      rule: 'did you mean snatEntries?',
    },
    {
      name: "a key of the vendor's API",
      change: { snatEntries: [{ sourceCidr: '10.0.0.0/8', SnatIp: EIP }] },
      path: 'snatEntries[0].SnatIp',
      value: JSON.stringify(EIP),
      rule: 'has no known key; did you mean eips?',
    },
    {
      name: 'a key in other letters',
      change: { NatGatewayId: 'ngw-1' },
      path: 'NatGatewayId',
      value: '"ngw-1"',
      rule: 'did you mean natGatewayId?',
    },
    { name: 'a key with spaces', change: { 'a b': 1 }, path: '["a b"]', value: '1', rule: 'has no known key' },
    {
      name: 'a list that is none',
      change: { snatEntries: {} },
      path: 'snatEntries',
      value: '{}',
      rule: 'must be a list',
    },
    { name: 'an object that is none', change: { limits: [] }, path: 'limits', value: '[]', rule: 'must be an object' },
    { name: 'a flag as text', change: { dedupe: 'no' }, path: 'dedupe', value: '"no"', rule: 'true or false' },
    {
      name: 'an affinity of two',
      change: { snatEntries: [{ ...ENTRY, eipAffinity: 2 }] },
      path: 'snatEntries[0].eipAffinity',
      value: '2',
      rule: 'true or false',
    },
  ])('$name', ({ change, base = GATEWAY, path, value, rule }) => {
    const { problems, error } = problemsOf({ ...base, ...change });
    expect(problems).toEqual([{ path, value, rule: expect.stringContaining(rule) }]);
    expect(error.message).toContain(`the gateway configuration is invalid: ${path}`);
    expect(error.message).toContain(rule);
    if (value !== null) expect(error.message).toContain(`${path}: ${value} `);
  });

  test.each([[null], [[]], ['x'], [5]])('the whole is %j', (configuration) => {
    const { problems } = problemsOf(configuration);
    expect(problems).toEqual([
      { path: '', value: JSON.stringify(configuration), rule: 'must be an object, in braces' },
    ]);
  });
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  '%s is a key like any other unknown one',
  (key) => {
    const { problems } = problemsOf(JSON.parse(`{"${key}": {"seed": 1}}`));
    expect(problems).toEqual([{ path: key, value: '{"seed":1}', rule: 'has no known key' }]);
  },
);

describe('several things are wrong', () => {
  test('all are told, in one error', () => {
    const { error } = problemsOf({
      eips: ['x', EIP],
      portMin: 0,
      snatEntries: [{ sourceCidr: '10.0.0.0/8', eips: [EIP, 'y'] }],
    });
    expect(error.message.split('\n')).toEqual([
      'the gateway configuration has 3 problems',
      '  eips[0]: "x" is no IPv4 address; write it like 203.0.113.1',
      '  portMin: 0 must be a whole number from 1 to 65535',
      '  snatEntries[0].eips[1]: "y" is no IPv4 address; write it like 203.0.113.1',
    ]);
  });

  test('up to a number, and how many more there are', () => {
    const { problems, error } = problemsOf({ eips: Array<string>(30).fill('x') });
    expect(problems).toHaveLength(MAX_TOLD_PROBLEMS);
    expect(error.detail['count']).toBe(31);
    expect(error.message).toContain('has 31 problems');
    expect(error.message.split('\n').at(-1)).toBe('  and 11 more');
  });

  test('a long value is shown in part', () => {
    const { problems } = problemsOf({ ...GATEWAY, regionId: `a b${'c'.repeat(500)}` });
    expect(problems[0]?.value).toHaveLength(61);
  });
});

describe('a configuration', () => {
  test('of nothing is the default gateway', () => {
    expect(readGateway({}).gateway).toEqual(defaultGateway({ inside: [], eips: [], seed: 0 }));
  });

  test('decides everything that a gateway does', () => {
    const { gateway, name, profile, changed, warnings } = readGateway({
      profile: 'linux',
      natGatewayId: 'ngw-1',
      name: 'Office',
      regionId: 'cn-hangzhou',
      networkType: 'internet',
      internetChargeType: 'PayByLcu',
      vpc: { vpcId: 'vpc-1', cidrBlock: '172.16.0.0/16', secondaryCidrBlocks: ['172.20.0.0/16'] },
      vSwitches: [{ vSwitchId: 'vsw-a', cidrBlock: '172.16.10.0/24' }],
      eipBindMode: 'NAT',
      eips: [
        { ipAddress: '203.0.113.10', privateIpAddress: '172.16.10.13' },
        { ipAddress: '203.0.113.11', privateIpAddress: '172.16.10.14' },
        { ipAddress: '203.0.113.12', privateIpAddress: '172.16.10.15' },
      ],
      snatEntries: [
        { sourceVpc: true },
        {
          snatEntryId: 'snat-office',
          sourceVSwitchId: 'vsw-a',
          eips: ['203.0.113.11'],
          eipAffinity: 1,
          softAffinity: true,
        },
        { sourceIp: '10.0.0.7', eips: ['203.0.113.10'] },
        { sourceCidr: '10.0.0.0/8', eips: ['203.0.113.10', '203.0.113.11'], eipAffinity: false },
      ],
      dnatIpMappings: [{ externalIp: '203.0.113.12', internalIp: '172.16.9.9' }],
      hostEips: [{ ipAddress: '198.51.100.1', privateIpAddress: '172.16.9.8' }],
      noNatCidrs: ['192.0.2.0/24'],
      otherGatewayCidrs: ['172.21.0.0/16'],
      changes: [{ atSec: 1700000500, snatEntries: [{ sourceCidr: '10.0.0.0/8', eips: ['203.0.113.11'] }] }],
      timeoutsSec: { udp: 31, tcpClosing: 61 },
      portMin: 2000,
      portMax: 2999,
      maxPerEipPerDestination: 900,
      portPolicy: 'blocks',
      portBlockSize: 100,
      maxBlocksPerHost: 2,
      portHoldSec: { tcp: 1, udp: 2, icmp: 3 },
      mapping: 'eim',
      filtering: 'adf',
      otherProtocols: 'translate',
      limits: { maxSessions: 10, maxNewPerSec: null, maxPortsPerHost: 20, maxNewPerSecPerHost: 30 },
      midstream: 'drop',
      onIdleExpiry: 'rst',
      udpInboundRefresh: false,
      icmpReplyEnabled: false,
      windowSec: 300,
      windowPhase: 137,
      timeModel: 'aliflow',
      latePolicy: 'carry',
      jumpSec: 30,
      vlanAware: true,
      ipChecksums: true,
      dedupe: true,
      countUnpaired: true,
      redactDestination: true,
      seed: 7,
    });
    const entry = (id: string, network: string, eips: string[], affinity = false, softAffinity = false): object => ({
      id,
      network: parseNetwork(network),
      eips: eips.map(ip),
      affinity,
      softAffinity,
    });
    const both = ['203.0.113.10', '203.0.113.11'];
    expect(gateway).toEqual({
      instance: 'ngw-1',
      vpcId: 'vpc-1',
      region: 'cn-hangzhou',
      profile: 'linux',
      networkType: 'internet',
      billing: 'PayByLcu',
      bindMode: 'NAT',
      addresses: [
        { address: ip('203.0.113.10'), privateAddress: ip('172.16.10.13') },
        { address: ip('203.0.113.11'), privateAddress: ip('172.16.10.14') },
        { address: ip('203.0.113.12'), privateAddress: ip('172.16.10.15') },
      ],
      snatEntries: [
        entry('snat-1', '172.16.0.0/16', both),
        entry('snat-1.2', '172.20.0.0/16', both),
        entry('snat-office', '172.16.10.0/24', ['203.0.113.11'], true, true),
        entry('snat-3', '10.0.0.7/32', ['203.0.113.10']),
        entry('snat-4', '10.0.0.0/8', both),
      ],
      changes: [{ atSec: 1700000500, snatEntries: [entry('snat-1', '10.0.0.0/8', ['203.0.113.11'])] }],
      // The change takes them away.
      vpcNetworks: [parseNetwork('172.16.0.0/16'), parseNetwork('172.20.0.0/16')],
      dnatMappings: [{ publicAddress: ip('203.0.113.12'), privateAddress: ip('172.16.9.9') }],
      hostEips: [{ publicAddress: ip('198.51.100.1'), privateAddress: ip('172.16.9.8') }],
      noNatNetworks: [parseNetwork('192.0.2.0/24')],
      otherNetworks: [parseNetwork('172.21.0.0/16')],
      timeouts: {
        tcpOpening: 120,
        tcpSynReceived: 60,
        tcpEstablished: 432000,
        tcpFinFromVpc: 120,
        tcpFinFromPub: 60,
        tcpClosing: 61,
        tcpReset: 10,
        udp: 31,
        udpReplied: 120,
        icmp: 30,
      },
      portMin: 2000,
      portMax: 2999,
      maxPerEipPerDestination: 900,
      portPolicy: 'blocks',
      portBlockSize: 100,
      maxBlocksPerHost: 2,
      portHold: { tcp: 1, udp: 2, icmp: 3 },
      mapping: 'eim',
      filtering: 'adf',
      otherProtocols: 'translate',
      limits: { maxSessions: 10, maxNewPerSec: null, maxPortsPerHost: 20, maxNewPerSecPerHost: 30 },
      midstream: 'drop',
      onIdleExpiry: 'rst',
      udpInboundRefresh: false,
      icmpReply: false,
      windowSec: 300,
      windowPhase: 137,
      timeModel: 'aliflow',
      latePolicy: 'carry',
      jumpSec: 30,
      vlanAware: true,
      ipChecksums: true,
      dedupe: true,
      countUnpaired: true,
      redactDestination: true,
      seed: 7,
    });
    expect({ name, profile, warnings }).toEqual({ name: 'Office', profile: 'linux', warnings: [] });
    expect(changed).toEqual([
      ...['portMin', 'portMax', 'maxPerEipPerDestination', 'portPolicy', 'portBlockSize', 'maxBlocksPerHost'],
      ...[
        'otherProtocols',
        'mapping',
        'filtering',
        'midstream',
        'onIdleExpiry',
        'udpInboundRefresh',
        'icmpReplyEnabled',
      ],
      ...['timeoutsSec.udp', 'timeoutsSec.tcpClosing', 'portHoldSec.tcp', 'portHoldSec.udp', 'portHoldSec.icmp'],
      ...['limits.maxSessions', 'limits.maxNewPerSec', 'limits.maxPortsPerHost', 'limits.maxNewPerSecPerHost'],
    ]);
  });

  test.each(PROFILE_NAMES)('can be of profile %s alone', (profile) => {
    const { gateway, warnings } = readGateway({ profile });
    expect(gateway.profile).toBe(profile);
    expect(gateway.snatEntries[0]?.affinity).toBe(profile === 'rfc');
    expect(warnings).toEqual([]);
  });

  test('of a VPC translates its networks where no entry is given', () => {
    const { gateway } = readGateway({ vpc: { cidrBlock: '10.5.0.0/16', secondaryCidrBlocks: ['10.6.0.0/16'] } });
    expect(gateway.snatEntries.map(({ id, network }) => [id, network])).toEqual([
      ['snat-1', parseNetwork('10.5.0.0/16')],
      ['snat-2', parseNetwork('10.6.0.0/16')],
    ]);
  });

  test.each([
    { name: 'without entries', of: {}, within: undefined },
    { name: 'with one for all of it', of: { snatEntries: [{ sourceVpc: true }] }, within: undefined },
    {
      name: 'with one for a network of it',
      of: { snatEntries: [{ sourceCidr: '10.5.0.0/16' }, { sourceCidr: '10.6.0.0/17' }] },
      within: ['10.6.0.0/16'],
    },
    {
      name: 'with entries that a change takes away',
      of: { changes: [{ atSec: 1_700_000_500, snatEntries: [{ sourceCidr: '10.6.0.0/15' }] }] },
      within: ['10.5.0.0/16'],
    },
    {
      name: 'with entries that a change takes away altogether',
      of: { changes: [{ atSec: 1_700_000_500, snatEntries: [] }] },
      within: ['10.5.0.0/16', '10.6.0.0/16'],
    },
    {
      name: 'of vSwitches alone',
      of: {
        ...{ vpc: { vpcId: 'vpc-a' }, snatEntries: [{ sourceVSwitchId: 'vsw-a' }] },
        vSwitches: ['a', 'b'].map((id, index) => ({ vSwitchId: `vsw-${id}`, cidrBlock: `10.5.${index}.0/24` })),
      },
      within: ['10.5.1.0/24'],
    },
  ])('of a VPC $name knows its networks that are not translated', ({ of, within }) => {
    const vpc = { cidrBlock: '10.5.0.0/16', secondaryCidrBlocks: ['10.6.0.0/16'] };
    const { gateway } = readGateway({ vpc, ...of });
    expect(gateway.vpcNetworks).toEqual(within?.map(parseNetwork));
    expect('vpcNetworks' in gateway).toBe(within !== undefined);
  });

  test('of a VPC NAT gateway translates to NAT IPs', () => {
    const { gateway } = readGateway({
      networkType: 'intranet',
      natIps: ['192.168.0.1', '192.168.0.2'],
      snatEntries: [{ sourceCidr: '10.0.0.0/8', natIps: ['192.168.0.2'] }, { sourceIp: '10.0.0.1' }],
    });
    expect(gateway).toMatchObject({
      networkType: 'intranet',
      bindMode: 'MULTI_BINDED',
      addresses: [
        { address: ip('192.168.0.1'), privateAddress: null },
        { address: ip('192.168.0.2'), privateAddress: null },
      ],
      snatEntries: [{ eips: [ip('192.168.0.2')] }, { eips: [ip('192.168.0.1'), ip('192.168.0.2')] }],
    });
  });

  test('has a JSON schema in its first line, as editors need it', () => {
    expect(readGateway({ $schema: './gateway.schema.json' }).gateway.instance).toBe('ngw-default');
  });
});

describe('a warning', () => {
  test.each<{ name: string; change: object; says: string }>([
    {
      name: 'pay-by-specification',
      change: { internetChargeType: 'PayBySpec' },
      says: 'no session log for pay-by-specification',
    },
    {
      name: 'more sessions than ports',
      change: { portMin: 60000 },
      says: 'maxPerEipPerDestination is 55000, but the range has 5536 ports',
    },
    {
      name: 'quotas that are ignored',
      change: { snatEntries: manyEntries(41), ignoreQuotas: true },
      says: 'snatEntries has 41 items, above the quota',
    },
    { name: 'an EIP that nobody uses', change: { eips: [EIP, '203.0.113.11'] }, says: 'No entry uses 203.0.113.11.' },
    { name: 'a private address without use', change: { eips: [BOUND] }, says: 'no effect in bind mode MULTI_BINDED' },
    { name: 'a filter without a mapping', change: { filtering: 'eif' }, says: 'has no effect with mapping apdm' },
    {
      name: 'soft affinity alone',
      change: { snatEntries: [{ ...ENTRY, softAffinity: true }] },
      says: 'softAffinity has no effect without eipAffinity (snat-1)',
    },
    {
      name: 'shared blocks',
      change: {
        portPolicy: 'deterministic',
        portBlockSize: 64511,
        snatEntries: [{ sourceIp: '10.0.0.1' }, { sourceIp: '10.0.0.2' }],
      },
      says: 'share blocks of ports',
    },
    {
      name: 'ports in no block',
      change: { portPolicy: 'blocks', portBlockSize: 1000 },
      says: '511 ports of each address are in no block',
    },
    {
      name: 'an EIP inside a source in bind mode NAT',
      change: { eipBindMode: 'NAT', eips: [BOUND], snatEntries: [{ sourceCidr: '203.0.113.0/24' }] },
      says: '203.0.113.10 is inside 203.0.113.0/24, a source',
    },
    ...['224.0.0.0/4', '239.1.2.3/32', '240.0.0.0/4', '127.0.0.0/8', '0.0.0.0/8', '169.254.10.0/24'].map(
      (sourceCidr) => ({
        name: `${sourceCidr}, which no gateway forwards`,
        change: { snatEntries: [ENTRY, { sourceCidr }] },
        says: `SNAT entry snat-2 (${sourceCidr}) never matches: no gateway forwards`,
      }),
    ),
    {
      name: 'an entry for whose hosts others come first',
      change: {
        snatEntries: [{ sourceCidr: '10.0.0.0/8' }, { sourceCidr: '10.128.0.0/9' }, { sourceCidr: '10.0.0.0/9' }],
      },
      says: 'SNAT entry snat-1 (10.0.0.0/8) never matches: other entries',
    },
    {
      name: 'an entry for a host with an EIP of its own',
      change: {
        snatEntries: [ENTRY, { sourceIp: '10.0.0.7' }],
        hostEips: [{ ipAddress: '198.51.100.1', privateIpAddress: '10.0.0.7' }],
      },
      says: 'SNAT entry snat-2 (10.0.0.7/32) never matches: other entries, or addresses',
    },
    {
      name: 'an entry that a change brings, once',
      change: {
        changes: [1, 2].map((atSec) => ({ atSec, snatEntries: [ENTRY, { sourceCidr: '224.0.0.0/8' }] })),
      },
      says: 'SNAT entry snat-2 (224.0.0.0/8) never matches',
    },
    {
      name: 'a host that no gateway forwards',
      change: { hostEips: [{ ipAddress: '198.51.100.1', privateIpAddress: '127.0.0.1' }] },
      says: 'The host with an EIP of its own 127.0.0.1 never matches',
    },
    {
      name: 'a destination that no gateway forwards',
      change: { noNatCidrs: ['224.0.0.0/4'] },
      says: 'The destination 224.0.0.0/4 never matches',
    },
  ])('tells of $name', ({ change, says }) => {
    expect(readGateway({ ...GATEWAY, ...change }).warnings).toEqual([expect.stringContaining(says)]);
  });

  test('tells of no entry that has a host of its own left', () => {
    const snatEntries = [
      { sourceCidr: '0.0.0.0/0' },
      { sourceCidr: '10.0.0.0/30' },
      ...['10.0.0.0', '10.0.0.1', '10.0.0.2'].map((sourceIp) => ({ sourceIp })),
    ];
    const { warnings } = readGateway({ ...GATEWAY, eipBindMode: 'NAT', eips: [BOUND], snatEntries });
    expect(warnings.filter((text) => text.includes('never matches'))).toEqual([]);
  });

  test('tells that an entry for a private address of an EIP never matches in bind mode NAT, and in no other', () => {
    const bound = { ...GATEWAY, eips: [BOUND], snatEntries: [ENTRY, { sourceIp: BOUND.privateIpAddress }] };
    const never = expect.stringContaining('never matches');
    expect(readGateway({ ...bound, eipBindMode: 'NAT' }).warnings).toContainEqual(never);
    expect(readGateway(bound).warnings).not.toContainEqual(never);
  });
});
