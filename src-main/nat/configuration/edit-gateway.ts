import { AppError } from '../../contract/errors';
import type { GatewayAddressFacts, SnatEntryFacts, SnatSource, VpcFacts } from '../../contract/gateways';
import { formatIpv4, isInNetwork, parseNetwork } from '../address-text';

/** A gateway file that `readGateway` takes. */
export type GatewayConfig = Readonly<Record<string, unknown>>;

/** What a file has of its surroundings: kept by the VPC, and not by the gateway. */
const OF_VPC = ['vpc', 'vSwitches'] as const;
/** What cannot be changed of a gateway that is there. */
const FIXED = ['natGatewayId', 'regionId', 'networkType'] as const;

/** The file as it is kept. */
export function withoutVpc(config: GatewayConfig): GatewayConfig {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !OF_VPC.some((each) => each === key)));
}

/** The file with the VPC as it is now. */
export function withVpc(config: GatewayConfig, vpc: VpcFacts): GatewayConfig {
  const { id: vpcId, cidrBlock, secondaryCidrBlocks, vSwitches } = vpc;
  return {
    ...config,
    vpc: { vpcId, cidrBlock, ...(secondaryCidrBlocks.length > 0 ? { secondaryCidrBlocks } : {}) },
    ...(vSwitches.length > 0
      ? { vSwitches: vSwitches.map(({ id, cidrBlock: cidr }) => ({ vSwitchId: id, cidrBlock: cidr })) }
      : {}),
  };
}

/**
 * A file in the place of another. What is fixed may be left out, like the VPC, which is the console's.
 * @throws AppError GATEWAY_INVALID for a fixed value that is another
 */
export function replaced(before: GatewayConfig, given: GatewayConfig): GatewayConfig {
  for (const key of FIXED) {
    if (!(key in given) || given[key] === before[key]) continue;
    const message = `the gateway configuration is invalid: ${key}: ${JSON.stringify(given[key])} cannot be changed, it is ${JSON.stringify(before[key])}`;
    throw new AppError('GATEWAY_INVALID', message, { key });
  }
  const vpc = given['vpc'];
  const vpcId = typeof vpc === 'object' && vpc !== null && 'vpcId' in vpc ? vpc.vpcId : undefined;
  const own = before['vpc'];
  const ownId = typeof own === 'object' && own !== null && 'vpcId' in own ? own.vpcId : undefined;
  if (vpcId !== undefined && vpcId !== ownId) {
    const message = `the gateway configuration is invalid: vpc.vpcId: ${JSON.stringify(vpcId)} cannot be changed, it is ${JSON.stringify(ownId)}`;
    throw new AppError('GATEWAY_INVALID', message, { key: 'vpc.vpcId' });
  }
  return {
    ...given,
    ...Object.fromEntries([...FIXED, ...OF_VPC].flatMap((key) => (key in before ? [[key, before[key]]] : []))),
  };
}

const listOf = (config: GatewayConfig, key: string): readonly unknown[] => {
  const value = config[key];
  return Array.isArray(value) ? value : [];
};
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

const addressKey = (config: GatewayConfig): 'eips' | 'natIps' =>
  config['networkType'] === 'intranet' ? 'natIps' : 'eips';

const addressOf = (item: unknown): GatewayAddressFacts =>
  typeof item === 'string'
    ? { ipAddress: item, privateIpAddress: null }
    : {
        ipAddress: textOf(objectOf(item)['ipAddress']) ?? '',
        privateIpAddress: textOf(objectOf(item)['privateIpAddress']) ?? null,
      };

/** EIPs or NAT IPs. */
export function addressesOf(config: GatewayConfig): GatewayAddressFacts[] {
  return listOf(config, addressKey(config)).map(addressOf);
}

const fileAddress = ({ ipAddress, privateIpAddress }: GatewayAddressFacts): unknown =>
  privateIpAddress === null ? ipAddress : { ipAddress, privateIpAddress };

/** With addresses behind those it has. In bind mode NAT, an EIP without a private address gets a free one of a vSwitch, if there is one. */
export function withAddresses(config: GatewayConfig, added: readonly GatewayAddressFacts[]): GatewayConfig {
  const addresses = addressesOf(config);
  for (const address of added) {
    const privateIpAddress =
      address.privateIpAddress ?? (config['eipBindMode'] === 'NAT' ? freeAddress(config, addresses) : null);
    addresses.push({ ...address, privateIpAddress });
  }
  return { ...config, [addressKey(config)]: addresses.map(fileAddress) };
}

/** The vendor keeps the first address of a vSwitch for itself, and its last three. */
const KEPT_AT_END = 3;

/** Where a file has the addresses of single hosts. */
const HOST_KEYS = [
  ['dnatIpMappings', 'internalIp'],
  ['hostEips', 'privateIpAddress'],
  ['snatEntries', 'sourceIp'],
] as const;

/** @returns the lowest address of a vSwitch that no EIP is bound to, and that is no host's; null for none */
function freeAddress(config: GatewayConfig, addresses: readonly GatewayAddressFacts[]): string | null {
  const hosts = HOST_KEYS.flatMap(([list, key]) => listOf(config, list).map((item) => textOf(objectOf(item)[key])));
  const taken = new Set([...hosts, ...addresses.flatMap((each) => [each.privateIpAddress, each.ipAddress])]);
  for (const vSwitch of listOf(config, 'vSwitches')) {
    const network = parseNetwork(textOf(objectOf(vSwitch)['cidrBlock']) ?? '');
    for (let address = network.base + 1; isInNetwork(address + KEPT_AT_END, network); address++) {
      const text = formatIpv4(address);
      if (!taken.has(text)) return text;
    }
  }
  return null;
}

/** @throws AppError EIP_NOT_FOUND; GATEWAY_INVALID for the last one, without which a gateway cannot translate */
export function withoutAddress(config: GatewayConfig, ipAddress: string): GatewayConfig {
  const key = addressKey(config);
  const what = key === 'eips' ? 'EIP' : 'NAT IP';
  const left = addressesOf(config).filter((each) => each.ipAddress !== ipAddress);
  if (left.length === listOf(config, key).length) {
    const known = addressesOf(config).map((each) => each.ipAddress);
    const message = `the gateway has no ${what} ${ipAddress}: it has ${known.join(', ')}`;
    throw new AppError('EIP_NOT_FOUND', message, { ipAddress, known: known.join('\n') });
  }
  if (left.length === 0) {
    const message = `${ipAddress} is the last ${what} of the gateway, which needs one to translate to: add another first`;
    throw new AppError('GATEWAY_INVALID', message, { ipAddress });
  }
  return { ...config, [key]: left.map(fileAddress) };
}

function sourceOf(source: SnatSource): Readonly<Record<string, unknown>> {
  switch (source.scope) {
    case 'vpc':
      return { sourceVpc: true };
    case 'vSwitch':
      return { sourceVSwitchId: source.vSwitch };
    case 'host':
      return { sourceIp: source.ipAddress };
    case 'cidr':
      return { sourceCidr: source.cidrBlock };
  }
}

/** With an SNAT entry behind those it has; the first takes the place of what is translated without any. */
export function withSnatEntry(
  config: GatewayConfig,
  {
    id,
    source,
    addresses,
    eipAffinity,
  }: {
    readonly id: string;
    readonly source: SnatSource;
    readonly addresses: readonly string[];
    readonly eipAffinity: boolean | null;
  },
): GatewayConfig {
  const entry = {
    snatEntryId: id,
    ...sourceOf(source),
    ...(addresses.length > 0 ? { [addressKey(config)]: addresses } : {}),
    ...(eipAffinity === null ? {} : { eipAffinity }),
  };
  return { ...config, snatEntries: [...listOf(config, 'snatEntries'), entry] };
}

/** @throws AppError SNAT_ENTRY_NOT_FOUND; GATEWAY_INVALID for the last one */
export function withoutSnatEntry(config: GatewayConfig, id: string): GatewayConfig {
  const entries = listOf(config, 'snatEntries');
  const left = entries.filter((entry, index) => entryId(entry, index) !== id);
  if (left.length === entries.length) {
    const known = entries.map(entryId);
    const message = `the gateway has no SNAT entry ${id}${known.length > 0 ? `: it has ${known.join(', ')}` : ' of its own'}`;
    throw new AppError('SNAT_ENTRY_NOT_FOUND', message, { id, known: known.join('\n') });
  }
  if (left.length === 0) {
    const message = `${id} is the last SNAT entry: without any, the whole VPC would be translated. Create another first`;
    throw new AppError('GATEWAY_INVALID', message, { id });
  }
  // An id that follows from the place must stay as it is.
  const kept = entries.flatMap((entry, index) => {
    const own = entryId(entry, index);
    return own === id ? [] : [{ snatEntryId: own, ...objectOf(entry) }];
  });
  return { ...config, snatEntries: kept };
}

const entryId = (entry: unknown, index: number): string =>
  textOf(objectOf(entry)['snatEntryId']) ?? `snat-${index + 1}`;

/** The SNAT entries of a file that `readGateway` has taken; those that follow from its VPC where it has none. */
export function snatEntriesOf(config: GatewayConfig, eipAffinity: boolean): SnatEntryFacts[] {
  const vpc = textOf(objectOf(config['vpc'])['vpcId']) ?? '';
  if (!('snatEntries' in config)) return [{ id: 'snat-1', scope: 'vpc', source: vpc, addresses: null, eipAffinity }];
  return listOf(config, 'snatEntries').map((item, index) => {
    const entry = objectOf(item);
    const given = entry['eipAffinity'];
    const list = entry[addressKey(config)];
    return {
      id: entryId(item, index),
      ...scopeOf(entry, vpc),
      addresses: Array.isArray(list) ? list.map(String) : null,
      eipAffinity: given === undefined ? eipAffinity : given === true || given === 1,
    };
  });
}

function scopeOf(entry: Readonly<Record<string, unknown>>, vpc: string): Pick<SnatEntryFacts, 'scope' | 'source'> {
  const { sourceVSwitchId: vSwitch, sourceIp: host, sourceCidr: cidr } = entry;
  if (typeof vSwitch === 'string') return { scope: 'vSwitch', source: vSwitch };
  if (typeof host === 'string') return { scope: 'host', source: host };
  if (typeof cidr === 'string') return { scope: 'cidr', source: cidr };
  return { scope: 'vpc', source: vpc };
}
