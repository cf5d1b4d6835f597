import { isInNetwork } from './address-text';
import type { NatFingerprint } from './fingerprint';
import { DEFAULT_NETWORKS } from './gateway';

/** A delay below zero by less may be that of clocks which drift. */
const SURELY_NEGATIVE_NSEC = 20_000;

/**
 * Whether the capture that was named as that of the inside is that of the outside. Private addresses are those of hosts. Where
 * both sides have such, as with a VPC NAT gateway, or none, a packet that is outside before it is inside tells it, unless more
 * addresses become fewer, which is what a gateway is for.
 */
export function areSwapped({ translations, clocks }: Pick<NatFingerprint, 'translations' | 'clocks'>): boolean {
  const hosts = [...new Set(translations.map(({ priIp }) => priIp))];
  const gateway = [...new Set(translations.map(({ natIp }) => natIp))];
  if (hosts.length === 0) return false;
  if (hosts.every(isPrivate) && !gateway.some(isPrivate)) return false;
  if (gateway.every(isPrivate) && !hosts.some(isPrivate)) return true;
  const [outNsec, inNsec] = clocks.delayNsec;
  return hosts.length <= gateway.length && outNsec - inNsec < -SURELY_NEGATIVE_NSEC;
}

function isPrivate(address: number): boolean {
  return DEFAULT_NETWORKS.some((network) => isInNetwork(address, network));
}
