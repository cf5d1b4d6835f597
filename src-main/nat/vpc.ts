import { AppError } from '../contract/errors';
import { formatNetwork, isInNetwork, readNetwork } from './address-text';
import type { Network } from './gateway';

export interface VpcNetworks {
  readonly cidrBlock: string;
  readonly secondaryCidrBlocks: readonly string[];
}

/** Of the smallest vSwitch that the vendor makes. */
const LONGEST_PREFIX_BITS = 29;

/** @throws AppError VPC_INVALID. @param what it is of, as in "the CIDR block of …" */
function networkOf(text: string, what: string): Network {
  const network = readNetwork(text);
  const fault =
    typeof network === 'string'
      ? network
      : network.prefixBits > LONGEST_PREFIX_BITS || network.prefixBits === 0
        ? `is no network of a cloud: its prefix has 1 to ${LONGEST_PREFIX_BITS} bits`
        : null;
  if (typeof network !== 'string' && fault === null) return network;
  throw new AppError('VPC_INVALID', `${what}: "${text}" ${fault ?? ''}`, { value: text });
}

export function overlap(a: Network, b: Network): boolean {
  return a.prefixBits <= b.prefixBits ? isInNetwork(b.base, a) : isInNetwork(a.base, b);
}

const isWithin = (inner: Network, outer: Network): boolean =>
  inner.prefixBits >= outer.prefixBits && isInNetwork(inner.base, outer);

/** @returns its networks, the primary first. @throws AppError VPC_INVALID for one that is none, or that overlaps with another */
export function vpcNetworks({ cidrBlock, secondaryCidrBlocks }: VpcNetworks): Network[] {
  const networks = [
    networkOf(cidrBlock, 'the CIDR block of the VPC'),
    ...secondaryCidrBlocks.map((text) => networkOf(text, 'a secondary CIDR block of the VPC')),
  ];
  networks.forEach((network, index) => {
    const other = networks.slice(0, index).find((each) => overlap(each, network));
    if (other === undefined) return;
    const message = `the networks ${formatNetwork(other)} and ${formatNetwork(network)} of the VPC overlap`;
    throw new AppError('VPC_INVALID', message, { value: formatNetwork(network) });
  });
  return networks;
}

/** @throws AppError VPC_INVALID unless it lies within its VPC, beside the other vSwitches */
export function checkVSwitch(
  cidrBlock: string,
  vpc: VpcNetworks,
  others: readonly { readonly id: string; readonly cidrBlock: string }[],
): void {
  const network = networkOf(cidrBlock, 'the CIDR block of the vSwitch');
  const around = vpcNetworks(vpc);
  if (!around.some((each) => isWithin(network, each))) {
    const message = `the vSwitch network ${cidrBlock} is not within its VPC (${around.map(formatNetwork).join(', ')})`;
    throw new AppError('VPC_INVALID', message, { value: cidrBlock });
  }
  const other = others.find((each) => overlap(networkOf(each.cidrBlock, each.id), network));
  if (other === undefined) return;
  const message = `the vSwitch network ${cidrBlock} overlaps with ${other.cidrBlock} of vSwitch ${other.id}`;
  throw new AppError('VPC_INVALID', message, { value: cidrBlock });
}

/** @returns a network of each that overlap; null when a packet's address always tells the VPCs apart */
export function overlapOf(a: VpcNetworks, b: VpcNetworks): readonly [string, string] | null {
  const others = vpcNetworks(b);
  for (const network of vpcNetworks(a)) {
    const other = others.find((each) => overlap(each, network));
    if (other !== undefined) return [formatNetwork(network), formatNetwork(other)];
  }
  return null;
}
