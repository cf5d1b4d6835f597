import { formatIpv4, formatNetwork, isInNetwork } from '../address-text';
import { DEFAULT_NETWORKS, type Network, type SnatEntry } from '../gateway';
import type { GatewayFile, SnatEntryFile } from './gateway-shape';
import { vpcNetworks } from './networks';
import { refuseSecond, writtenAddresses, type Pool } from './pool';
import type { Problems } from './problems';

/** What the entries of a configuration refer to. */
export interface Surroundings {
  readonly file: Pick<GatewayFile, 'vpc' | 'vSwitches'>;
  readonly pool: Pool;
  /** Of entries that do not say. */
  readonly eipAffinity: boolean;
}

/** SNAT entries with where they stand in the configuration, one for each network. */
export interface PlacedEntry {
  readonly path: string;
  readonly entry: SnatEntry;
}

const SCOPES = ['sourceVpc', 'sourceVSwitchId', 'sourceIp', 'sourceCidr'] as const;

/** The entries of a gateway whose configuration has none: its VPC, or all private networks, to all addresses. */
export function defaultEntries({ file, pool, eipAffinity }: Surroundings, problems: Problems): PlacedEntry[] {
  const own = vpcNetworks(file.vpc);
  const eips = addressesFor('snatEntries', pool, problems);
  return (own.length > 0 ? own : DEFAULT_NETWORKS).map((network, index) => ({
    path: 'snatEntries',
    entry: { id: `snat-${index + 1}`, network, eips, affinity: eipAffinity, softAffinity: false },
  }));
}

/**
 * @param path of the list
 * @see nat-gateway reference §1.5
 */
export function readEntries(
  entries: readonly (SnatEntryFile | undefined)[],
  path: string,
  surroundings: Surroundings,
  problems: Problems,
): PlacedEntry[] {
  const placed = entries.flatMap((entry, index) =>
    entry === undefined ? [] : readEntry(entry, index, `${path}[${index}]`, surroundings, problems),
  );
  refuseEqual(placed, problems);
  return placed;
}

function readEntry(
  file: SnatEntryFile,
  index: number,
  path: string,
  surroundings: Surroundings,
  problems: Problems,
): PlacedEntry[] {
  const id = file.snatEntryId ?? `snat-${index + 1}`;
  const networks = sourceOf(file, path, surroundings, problems);
  const eips = poolOf(file, path, surroundings.pool, problems);
  const affinity = file.eipAffinity ?? surroundings.eipAffinity;
  return networks.map((network, at) => ({
    path,
    // A VPC can have several networks, and an entry of the gateway has one.
    entry: { id: at === 0 ? id : `${id}.${at + 1}`, network, eips, affinity, softAffinity: file.softAffinity ?? false },
  }));
}

/** Sources as a configuration has them. */
function writtenSources({ sourceVpc, sourceVSwitchId, sourceIp, sourceCidr }: SnatEntryFile): object {
  return {
    ...(sourceVpc === true && { sourceVpc }),
    ...(sourceVSwitchId !== undefined && { sourceVSwitchId }),
    ...(sourceIp !== undefined && { sourceIp: formatIpv4(sourceIp) }),
    ...(sourceCidr !== undefined && { sourceCidr: formatNetwork(sourceCidr) }),
  };
}

function sourceOf(file: SnatEntryFile, path: string, { file: around }: Surroundings, problems: Problems): Network[] {
  const given = SCOPES.filter((scope) => scope in file && file[scope] !== false);
  if (given.length !== 1) {
    const oneOf = `an SNAT entry has one of ${SCOPES.join(', ')}`;
    if (given.length === 0) problems.addMissing(path, `has no source; ${oneOf}`);
    else problems.add(path, writtenSources(file), `has ${given.join(' and ')}; ${oneOf}`);
    return [];
  }
  if (file.sourceCidr !== undefined) return [file.sourceCidr];
  if (file.sourceIp !== undefined) return [{ base: file.sourceIp, prefixBits: 32 }];
  if (file.sourceVpc === true) {
    const networks = vpcNetworks(around.vpc);
    if (networks.length === 0 && !problems.has('vpc')) {
      problems.add(`${path}.sourceVpc`, true, 'needs vpc.cidrBlock, which is missing');
    }
    return networks;
  }
  const { sourceVSwitchId } = file;
  if (sourceVSwitchId === undefined) return [];
  const vSwitch = around.vSwitches?.find((each) => each?.vSwitchId === sourceVSwitchId);
  if (vSwitch?.cidrBlock !== undefined) return [vSwitch.cidrBlock];
  if (!problems.has('vSwitches')) {
    const known = around.vSwitches?.map((each) => each?.vSwitchId).join(', ') ?? '';
    problems.add(`${path}.sourceVSwitchId`, sourceVSwitchId, `is none of vSwitches (${known === '' ? 'none' : known})`);
  }
  return [];
}

/** The addresses of an entry that names none: all that nobody owns. */
function addressesFor(path: string, { key, addresses, owned }: Pool, problems: Problems): number[] {
  const free = addresses.map(({ address }) => address).filter((address) => !owned.has(address));
  if (free.length === 0 && !problems.has(key)) {
    problems.addMissing(path, `has no address: DNAT IP mappings own all ${key} of the gateway`);
  }
  return free;
}

function poolOf(file: SnatEntryFile, path: string, pool: Pool, problems: Problems): number[] {
  const other = pool.key === 'eips' ? 'natIps' : 'eips';
  if (other in file) {
    const rule = `cannot be: the gateway's networkType is ${pool.networkType}, name ${pool.key}`;
    problems.addRead(`${path}.${other}`, writtenAddresses(file[other]), rule);
  }
  if (!(pool.key in file)) {
    return addressesFor(path, pool, problems);
  }
  const seen = new Map<number, string>();
  return (file[pool.key] ?? []).flatMap((address, index) => {
    if (address === undefined) return [];
    const at = `${path}.${pool.key}[${index}]`;
    refuseSecond(address, at, seen, problems);
    refuseForeign(address, at, pool, problems);
    return [address];
  });
}

function refuseForeign(address: number, path: string, { key, addresses, owned }: Pool, problems: Problems): void {
  const owner = owned.get(address);
  if (owner !== undefined) {
    problems.add(path, formatIpv4(address), `belongs to ${owner}: a DNAT entry of any port has its EIP for itself`);
  } else if (!problems.has(key) && !addresses.some((each) => each.address === address)) {
    const known = addresses.map((each) => formatIpv4(each.address));
    problems.add(path, formatIpv4(address), `is none of the gateway's ${key} (${shortened(known)})`);
  }
}

/** As many as a line of a problem can name. */
const NAMED_ADDRESSES = 5;

function shortened(names: readonly string[]): string {
  const more = names.length - NAMED_ADDRESSES;
  return more > 0 ? `${names.slice(0, NAMED_ADDRESSES).join(', ')} and ${more} more` : names.join(', ');
}

/** Among equal prefixes none is the longest, and each source is in one entry only; identities are for telling them apart. */
function refuseEqual(placed: readonly PlacedEntry[], problems: Problems): void {
  const paths = new Map<string, string>();
  const ids = new Map<string, string>();
  for (const { path, entry } of placed) {
    const cidr = formatNetwork(entry.network);
    const first = paths.get(cidr);
    if (first === undefined) paths.set(cidr, path);
    // Within one entry they are networks of the VPC, which is where that is told.
    else if (first !== path)
      problems.add(path, cidr, `is the source of ${first} already; a source can be in one SNAT entry only`);
    const namesake = ids.get(entry.id);
    if (namesake === undefined) ids.set(entry.id, path);
    else if (namesake !== path) problems.add(`${path}.snatEntryId`, entry.id, `is the id of ${namesake} already`);
  }
}

/** An address of the gateway inside of what is behind it: what is sent to it would never come to the gateway. */
export function refuseInside({ addresses, key }: Pool, placed: readonly PlacedEntry[], problems: Problems): void {
  addresses.forEach(({ address }, index) => {
    const around = placed.find(({ entry }) => isInNetwork(address, entry.network));
    if (around === undefined) return;
    const source = `${formatNetwork(around.entry.network)}, the source of ${around.path}`;
    const rule = `is inside ${source}: what is sent to it would never come to the gateway`;
    problems.add(`${key}[${index}]`, formatIpv4(address), rule);
  });
}
