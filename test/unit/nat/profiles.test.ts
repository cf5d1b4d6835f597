import { describe, expect, test } from 'vitest';
import { defaultGateway } from '../../../src-main/nat/gateway';
import {
  PROFILE_FIELDS,
  PROFILE_NAMES,
  PROFILES,
  profileSettings,
  profileValues,
} from '../../../src-main/nat/profiles';
import type { ProfileData, ProfileName, ProfileValues } from '../../../src-main/nat/profiles';

/** The reference's numbers, section 6.1. */
const ALIBABA: ProfileValues = {
  'timeoutsSec.tcpOpening': 60,
  'timeoutsSec.tcpSynReceived': 60,
  'timeoutsSec.tcpEstablished': 900,
  'timeoutsSec.tcpFinFromVpc': 900,
  'timeoutsSec.tcpFinFromPub': 900,
  'timeoutsSec.tcpClosing': 60,
  'timeoutsSec.tcpReset': 10,
  'timeoutsSec.udp': 60,
  'timeoutsSec.udpReplied': 60,
  'timeoutsSec.icmp': 60,
  portMin: 1025,
  portMax: 65535,
  maxPerEipPerDestination: 55000,
  portPolicy: 'random',
  portBlockSize: 1024,
  maxBlocksPerHost: 4,
  'portHoldSec.tcp': 0,
  'portHoldSec.udp': 0,
  'portHoldSec.icmp': 0,
  mapping: 'apdm',
  filtering: 'apdf',
  'limits.maxSessions': null,
  'limits.maxNewPerSec': null,
  'limits.maxPortsPerHost': null,
  'limits.maxNewPerSecPerHost': null,
  otherProtocols: 'drop',
  midstream: 'create',
  onIdleExpiry: 'repick',
  udpInboundRefresh: true,
  icmpReplyEnabled: true,
  eipAffinity: false,
};

/** What sections 2.1, 2.3, 3 and 4.2 say of the others; the rest is that of `alibaba`. */
const OTHERS: Readonly<Record<Exclude<ProfileName, 'alibaba'>, Partial<ProfileValues>>> = {
  rfc: {
    'timeoutsSec.tcpOpening': 240,
    'timeoutsSec.tcpSynReceived': 240,
    'timeoutsSec.tcpEstablished': 7440,
    'timeoutsSec.tcpFinFromVpc': 7440,
    'timeoutsSec.tcpFinFromPub': 7440,
    'timeoutsSec.tcpClosing': 240,
    'timeoutsSec.tcpReset': 240,
    'timeoutsSec.udp': 300,
    'timeoutsSec.udpReplied': 300,
    'timeoutsSec.icmp': 60,
    maxPerEipPerDestination: 64511,
    portPolicy: 'random',
    'portHoldSec.tcp': 0,
    'portHoldSec.udp': 120,
    'portHoldSec.icmp': 120,
    mapping: 'eim',
    filtering: 'eif',
    udpInboundRefresh: true,
    eipAffinity: true,
  },
  linux: {
    'timeoutsSec.tcpOpening': 120,
    'timeoutsSec.tcpSynReceived': 60,
    'timeoutsSec.tcpEstablished': 432000,
    'timeoutsSec.tcpFinFromVpc': 120,
    'timeoutsSec.tcpFinFromPub': 60,
    'timeoutsSec.tcpClosing': 120,
    'timeoutsSec.tcpReset': 10,
    'timeoutsSec.udp': 30,
    'timeoutsSec.udpReplied': 120,
    'timeoutsSec.icmp': 30,
    portMin: 1024,
    portMax: 65535,
    maxPerEipPerDestination: 64512,
    portPolicy: 'linux',
    mapping: 'apdm',
    filtering: 'apdf',
    otherProtocols: 'translate',
    midstream: 'create',
    onIdleExpiry: 'repick',
    eipAffinity: false,
  },
  aws: {
    'timeoutsSec.tcpOpening': 350,
    'timeoutsSec.tcpSynReceived': 350,
    'timeoutsSec.tcpEstablished': 350,
    'timeoutsSec.tcpFinFromVpc': 350,
    'timeoutsSec.tcpFinFromPub': 350,
    'timeoutsSec.udp': 350,
    'timeoutsSec.udpReplied': 350,
    'timeoutsSec.icmp': 350,
    portMin: 1024,
    portMax: 65535,
    maxPerEipPerDestination: 55000,
    otherProtocols: 'drop',
    onIdleExpiry: 'rst',
  },
  gcp: {
    'timeoutsSec.tcpOpening': 30,
    'timeoutsSec.tcpSynReceived': 30,
    'timeoutsSec.tcpEstablished': 1200,
    'timeoutsSec.tcpFinFromVpc': 1200,
    'timeoutsSec.tcpFinFromPub': 1200,
    'timeoutsSec.tcpClosing': 30,
    'timeoutsSec.udp': 30,
    'timeoutsSec.udpReplied': 30,
    'timeoutsSec.icmp': 30,
    portMin: 1024,
    portMax: 65535,
    maxPerEipPerDestination: 64512,
    mapping: 'apdm',
    onIdleExpiry: 'drop',
  },
  azure: {
    'timeoutsSec.tcpOpening': 30,
    'timeoutsSec.tcpSynReceived': 30,
    'timeoutsSec.tcpEstablished': 240,
    'timeoutsSec.tcpFinFromVpc': 240,
    'timeoutsSec.tcpFinFromPub': 240,
    'timeoutsSec.udp': 240,
    'timeoutsSec.udpReplied': 240,
    portMin: 1024,
    portMax: 65535,
    maxPerEipPerDestination: 50000,
    portPolicy: 'random',
    'timeoutsSec.tcpClosing': 65,
    'timeoutsSec.tcpReset': 16,
    'portHoldSec.udp': 65,
    onIdleExpiry: 'rst',
  },
};

test('the profiles are those of the reference', () => {
  expect(PROFILE_NAMES).toEqual(['alibaba', 'rfc', 'linux', 'aws', 'gcp', 'azure']);
  expect(PROFILE_FIELDS).toEqual(Object.keys(ALIBABA));
});

test('alibaba has the numbers of the reference', () => {
  expect(profileValues('alibaba')).toEqual(ALIBABA);
});

describe.each(Object.entries(OTHERS) as [keyof typeof OTHERS, Partial<ProfileValues>][])('%s', (name, numbers) => {
  test('has the numbers of the reference, and those of alibaba for what is not known', () => {
    expect(profileValues(name)).toEqual({ ...ALIBABA, ...numbers });
  });

  test('says of each of them whose it is', () => {
    const own = profileSettings(name).filter(({ from }) => from === name);
    expect(own.map(({ field }) => field).toSorted()).toEqual(Object.keys(numbers).toSorted());
    const others = profileSettings(name).filter(({ from }) => from === 'alibaba');
    expect(others).toHaveLength(PROFILE_FIELDS.length - own.length);
  });
});

test('of alibaba, what the vendor has not published is marked as assumed, with the reason', () => {
  const settings = profileSettings('alibaba');
  expect(settings.filter(({ setting }) => 'source' in setting).map(({ field }) => field)).toEqual([
    'timeoutsSec.tcpEstablished',
    'timeoutsSec.udp',
    'timeoutsSec.udpReplied',
    'portMin',
    'portMax',
    'maxPerEipPerDestination',
    'icmpReplyEnabled',
    'eipAffinity',
  ]);
  for (const { setting } of settings) if ('assumed' in setting) expect(setting.assumed).toMatch(/\w{3}/);
});

test('what a peer does not say of UDP and ICMP is assumed', () => {
  const assumptions = (name: ProfileName): string[] =>
    profileSettings(name)
      .filter(({ from, setting }) => from === name && 'assumed' in setting)
      .map(({ field }) => field);
  expect(assumptions('aws')).toEqual(['timeoutsSec.udp', 'timeoutsSec.udpReplied', 'timeoutsSec.icmp']);
  expect(assumptions('azure')).toEqual(['timeoutsSec.tcpFinFromVpc', 'timeoutsSec.tcpFinFromPub']);
});

test('quotas are those of the reference, section 1.5', () => {
  const quotasOf = ({ quotas }: ProfileData): unknown =>
    quotas.map(({ counts, bindMode, most }) => [counts, bindMode, most]);
  expect(quotasOf(PROFILES.alibaba)).toEqual([
    ['eips', 'MULTI_BINDED', 20],
    ['eips', 'NAT', 50],
    ['natIps', null, 15],
    ['snatEntries', null, 40],
    ['dnatIpMappings', null, 100],
  ]);
  expect(quotasOf(PROFILES.aws)).toEqual([['eips', null, 8]]);
});

test('the default gateway is as alibaba has it', () => {
  expect(defaultGateway({ inside: [], eips: [], seed: 7 })).toMatchObject({
    profile: 'alibaba',
    timeouts: { tcpEstablished: 900, udp: 60, tcpReset: 10 },
    portMin: 1025,
    windowSec: 600,
    windowPhase: 'epoch',
    icmpReply: true,
    seed: 7,
  });
});
