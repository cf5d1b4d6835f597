import { formatIpv4, formatNetwork, isInNetwork } from '../address-text';
import type { Gateway, SnatEntry } from '../gateway';
import { unmatchedSources } from '../unmatched-sources';
import { portsOf, usesBlocks } from './rules';

/** What of a gateway is allowed, and worth knowing: whole sentences. */
export function warningsOf(gateway: Gateway): string[] {
  const entries = [...gateway.snatEntries, ...gateway.changes.flatMap(({ snatEntries }) => snatEntries)];
  return [
    ...productWarnings(gateway),
    ...addressWarnings(gateway, entries),
    ...entryWarnings(gateway, entries),
    ...unmatchedSources(gateway),
    ...portWarnings(gateway),
  ];
}

function productWarnings({ billing }: Gateway): string[] {
  if (billing === 'PayByLcu') return [];
  return [
    'The product has no session log for pay-by-specification gateways (internetChargeType PayBySpec); this one has.',
  ];
}

function addressWarnings(gateway: Gateway, entries: readonly SnatEntry[]): string[] {
  const { addresses, bindMode, networkType, dnatMappings } = gateway;
  const used = new Set([
    ...entries.flatMap(({ eips }) => eips),
    ...dnatMappings.map(({ publicAddress }) => publicAddress),
  ]);
  const unused = addresses.filter(({ address }) => !used.has(address)).map(({ address }) => formatIpv4(address));
  const hasBound = addresses.some(({ privateAddress }) => privateAddress !== null);
  return [
    ...(bindMode === 'MULTI_BINDED' && networkType === 'internet' && hasBound
      ? ['Private addresses of EIPs have no effect in bind mode MULTI_BINDED; eipBindMode NAT uses them.']
      : []),
    ...(unused.length > 0 ? [`No entry uses ${unused.join(', ')}.`] : []),
    ...insideWarnings(gateway, entries),
  ];
}

/** Of an Internet NAT gateway in bind mode MULTI_BINDED it is an error. */
function insideWarnings({ addresses }: Gateway, entries: readonly SnatEntry[]): string[] {
  return addresses.flatMap(({ address }) => {
    const around = entries.find(({ network }) => isInNetwork(address, network));
    if (around === undefined) return [];
    const cidr = formatNetwork(around.network);
    return [`${formatIpv4(address)} is inside ${cidr}, a source: what is sent from there to it is not translated.`];
  });
}

function entryWarnings(
  { portPolicy, snatEntries, mapping, filtering }: Gateway,
  entries: readonly SnatEntry[],
): string[] {
  const soft = entries.filter(({ softAffinity, affinity }) => softAffinity && !affinity).map(({ id }) => id);
  const eips = snatEntries.flatMap((entry) => entry.eips);
  const isShared = portPolicy === 'deterministic' && new Set(eips).size < eips.length;
  return [
    ...(mapping === 'apdm' && filtering !== 'apdf'
      ? [
          `filtering ${filtering} has no effect with mapping apdm, where an endpoint is for one destination; it needs mapping eim.`,
        ]
      : []),
    ...(soft.length > 0 ? [`softAffinity has no effect without eipAffinity (${soft.join(', ')}).`] : []),
    ...(isShared
      ? [
          'Entries share addresses, so that hosts of several entries share blocks of ports: a block does not tell one host.',
        ]
      : []),
  ];
}

function portWarnings(gateway: Gateway): string[] {
  const { maxPerEipPerDestination, portBlockSize } = gateway;
  const ports = portsOf(gateway);
  const left = ports % portBlockSize;
  return [
    ...(maxPerEipPerDestination > ports
      ? [
          `maxPerEipPerDestination is ${maxPerEipPerDestination}, but the range has ${ports} ports: no more than those can be used.`,
        ]
      : []),
    ...(usesBlocks(gateway) && left > 0 ? [`${left} ports of each address are in no block, and never used.`] : []),
  ];
}
