import { isInNetwork } from './address-text';
import type { Network } from './gateway';

/** Whether each address of a network is in one of the others. Two networks are apart, or one holds the other. */
export function isCovered(network: Network, others: readonly Network[]): boolean {
  if (others.some((other) => holds(other, network))) return true;
  const inside = others.filter((other) => holds(network, other));
  if (inside.length === 0) return false;
  const prefixBits = network.prefixBits + 1;
  const upperBase = network.base + 2 ** (32 - prefixBits);
  return [network.base, upperBase].every((base) => isCovered({ base, prefixBits }, inside));
}

function holds(outer: Network, inner: Network): boolean {
  return outer.prefixBits <= inner.prefixBits && isInNetwork(inner.base, outer);
}
