import { formatIpv4, formatNetwork, isInNetwork, whyNeverSentFrom } from '../address-text';
import { DEFAULT_EIP, DEFAULT_NETWORKS, type Gateway, type GatewayAddress } from '../gateway';
import type { GatewayFile } from './gateway-shape';
import { vpcNetworks, vSwitchNetworks } from './networks';
import type { Problems } from './problems';

/** The addresses that a gateway translates to, and what decides about them. */
export interface Pool extends Pick<Gateway, 'networkType' | 'bindMode' | 'addresses'> {
  /** Where a configuration has them. */
  readonly key: 'eips' | 'natIps';
  /** Those that a DNAT IP mapping owns, with the path of the mapping. */
  readonly owned: ReadonlyMap<number, string>;
}

type Addressed = Pick<
  GatewayFile,
  'networkType' | 'eipBindMode' | 'eips' | 'natIps' | 'vpc' | 'vSwitches' | 'dnatIpMappings'
>;

export function readPool(file: Addressed, problems: Problems): Pool {
  const { networkType = 'internet', eipBindMode = 'MULTI_BINDED' } = file;
  const owned = new Map<number, string>();
  file.dnatIpMappings?.forEach((mapping, index) => {
    if (mapping?.externalIp !== undefined) owned.set(mapping.externalIp, `dnatIpMappings[${index}]`);
  });
  if (networkType === 'intranet') {
    return { key: 'natIps', networkType, bindMode: 'MULTI_BINDED', owned, addresses: natIps(file, problems) };
  }
  if ('natIps' in file) {
    const rule = 'are of VPC NAT gateways (networkType intranet); an Internet NAT gateway has eips';
    problems.addRead('natIps', writtenAddresses(file.natIps), rule);
  }
  const addresses = eips(file, eipBindMode === 'NAT', problems);
  return { key: 'eips', networkType, bindMode: eipBindMode, owned, addresses };
}

/** Addresses as a configuration has them; what is wrong among them is told by itself. */
export function writtenAddresses(addresses: readonly (number | undefined)[] | undefined): string[] | undefined {
  return addresses?.filter((address) => address !== undefined).map(formatIpv4);
}

function writtenEips(eips: Addressed['eips']): (string | object)[] | undefined {
  return eips?.flatMap((eip) => {
    if (eip?.ipAddress === undefined) return [];
    const ipAddress = formatIpv4(eip.ipAddress);
    if (eip.privateIpAddress === undefined) return ipAddress;
    return { ipAddress, privateIpAddress: formatIpv4(eip.privateIpAddress) };
  });
}

function natIps(file: Addressed, problems: Problems): GatewayAddress[] {
  for (const key of ['eips', 'eipBindMode'] as const) {
    if (!(key in file)) continue;
    const value = key === 'eips' ? writtenEips(file.eips) : file.eipBindMode;
    problems.addRead(key, value, 'is of Internet NAT gateways; a VPC NAT gateway (networkType intranet) has natIps');
  }
  if (!('natIps' in file)) problems.addMissing('natIps', 'is missing: a VPC NAT gateway translates to them');
  const seen = new Map<number, string>();
  return (file.natIps ?? []).flatMap((address, index) => {
    if (address === undefined) return [];
    refuseSecond(address, `natIps[${index}]`, seen, problems);
    return [{ address, privateAddress: null }];
  });
}

function eips(file: Addressed, needsPrivate: boolean, problems: Problems): GatewayAddress[] {
  if (!('eips' in file)) {
    if (needsPrivate) problems.addMissing('eips', 'is missing: bind mode NAT needs each EIP with its privateIpAddress');
    return [{ address: DEFAULT_EIP, privateAddress: null }];
  }
  const places = new Map(file.eips?.map((eip, index) => [eip?.ipAddress, `eips[${index}]`]));
  const seen = new Map<number, string>();
  const privateSeen = new Map<number, string>();
  return (file.eips ?? []).flatMap((eip, index) => {
    const path = `eips[${index}]`;
    if (eip?.ipAddress === undefined) return [];
    refuseSecond(eip.ipAddress, path, seen, problems);
    const { privateIpAddress: privateAddress = null } = eip;
    if (needsPrivate) {
      const privatePath = `${path}.privateIpAddress`;
      if (!('privateIpAddress' in eip)) {
        problems.addMissing(privatePath, 'is missing: in bind mode NAT an EIP is bound to an address of a vSwitch');
      }
      if (privateAddress !== null) {
        refuseSecond(privateAddress, privatePath, privateSeen, problems);
        refuseUnbindable(privateAddress, privatePath, { file, eips: places }, problems);
      }
    }
    return [{ address: eip.ipAddress, privateAddress }];
  });
}

/** What an EIP cannot be bound to. @param eips whose sessions could not be told apart */
function refuseUnbindable(
  address: number,
  path: string,
  { file, eips: places }: { readonly file: Addressed; readonly eips: ReadonlyMap<number | undefined, string> },
  problems: Problems,
): void {
  const eip = places.get(address);
  const isElsewhereWrong = problems.has('vpc') || problems.has('vSwitches');
  const ofEip = eip === undefined ? null : `is ${eip}, and an EIP is bound to a private address`;
  const rule = ofEip ?? whyNeverSentFrom(address) ?? (isElsewhereWrong ? null : whyOutside(address, file));
  if (rule !== null) problems.add(path, formatIpv4(address), rule);
}

/**
 * An EIP is bound to a private address of a vSwitch, which is a part of the VPC: where neither is given, of any private
 * network.
 *
 * @see nat-gateway reference §1.3
 */
function whyOutside(address: number, { vpc, vSwitches }: Addressed): string | null {
  const ofVSwitches = vSwitchNetworks(vSwitches);
  const ofVpc = vpcNetworks(vpc);
  const given = ofVSwitches.length > 0 ? ofVSwitches : ofVpc;
  const networks = given.length > 0 ? given : DEFAULT_NETWORKS;
  if (networks.some((network) => isInNetwork(address, network))) return null;
  const names = networks.map(formatNetwork).join(', ');
  if (given.length === 0) return `is in no private network (${names}); a VPC that has others is given by vpc.cidrBlock`;
  return given === ofVpc ? `is not in the VPC (${names})` : `is in none of the vSwitches (${names})`;
}

/** Tells of an address that was at another place before. */
export function refuseSecond(address: number, path: string, seen: Map<number, string>, problems: Problems): void {
  const first = seen.get(address);
  if (first === undefined) seen.set(address, path);
  else problems.add(path, formatIpv4(address), `is named twice; it is ${first} already`);
}
