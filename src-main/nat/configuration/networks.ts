import { formatNetwork, isInNetwork } from '../address-text';
import type { Network } from '../gateway';
import { overlap } from '../vpc';
import type { GatewayFile } from './gateway-shape';
import type { Problems } from './problems';

/* The VPC and its vSwitches, as far as a configuration has them. */

/** @returns the networks of the VPC, the primary first; none where they are not given */
export function vpcNetworks(vpc: GatewayFile['vpc']): Network[] {
  return [vpc?.cidrBlock, ...(vpc?.secondaryCidrBlocks ?? [])].filter((network) => network !== undefined);
}

/** @returns those of the vSwitches; none where they are not given */
export function vSwitchNetworks(vSwitches: GatewayFile['vSwitches'] = []): Network[] {
  return vSwitches.flatMap((vSwitch) => vSwitch?.cidrBlock ?? []);
}

interface PlacedNetwork {
  /** Of the network, and of what has it. */
  readonly path: string;
  readonly owner: string;
  readonly network: Network | undefined;
}

function refuseOverlaps(all: readonly PlacedNetwork[], rule: string, problems: Problems): void {
  const seen: (PlacedNetwork & { readonly network: Network })[] = [];
  for (const { path, owner, network } of all) {
    if (network === undefined) continue;
    const other = seen.find((each) => overlap(each.network, network));
    if (other !== undefined) {
      const text = `overlaps with ${formatNetwork(other.network)} of ${other.owner}; ${rule}`;
      problems.add(path, formatNetwork(network), text);
    }
    seen.push({ path, owner, network });
  }
}

/** The networks of a VPC lie apart: a packet's address is in one of them. */
export function checkVpc({ vpc }: GatewayFile, problems: Problems): void {
  const { cidrBlock, secondaryCidrBlocks = [] } = vpc ?? {};
  const placed = [
    { path: 'vpc.cidrBlock', network: cidrBlock },
    ...secondaryCidrBlocks.map((network, index) => ({ path: `vpc.secondaryCidrBlocks[${index}]`, network })),
  ].map((each) => ({ ...each, owner: each.path }));
  refuseOverlaps(placed, 'the networks of a VPC lie apart', problems);
}

/** vSwitches have names of their own, lie apart, and in the VPC where its networks are given. */
export function checkVSwitches({ vpc, vSwitches = [] }: GatewayFile, problems: Problems): void {
  const blocks = vpcNetworks(vpc);
  const isVpcWrong = problems.has('vpc');
  const ids = new Map<string, string>();
  vSwitches.forEach((vSwitch, index) => {
    const path = `vSwitches[${index}]`;
    const { vSwitchId, cidrBlock } = vSwitch ?? {};
    const first = vSwitchId === undefined ? undefined : ids.get(vSwitchId);
    if (first !== undefined) problems.add(`${path}.vSwitchId`, vSwitchId, `is the id of ${first} already`);
    else if (vSwitchId !== undefined) ids.set(vSwitchId, path);
    if (cidrBlock === undefined || blocks.length === 0 || isVpcWrong) return;
    const isInside = blocks.some(
      (block) => block.prefixBits <= cidrBlock.prefixBits && isInNetwork(cidrBlock.base, block),
    );
    if (isInside) return;
    const rule = `is not in the VPC (${blocks.map(formatNetwork).join(', ')})`;
    problems.add(`${path}.cidrBlock`, formatNetwork(cidrBlock), rule);
  });
  const placed = vSwitches.map((vSwitch, index) => ({
    ...{ path: `vSwitches[${index}].cidrBlock`, owner: `vSwitches[${index}]` },
    network: vSwitch?.cidrBlock,
  }));
  refuseOverlaps(placed, 'an address is in one vSwitch only', problems);
}
