import { NOT_ROUTABLE, boundAddresses } from './address-classes';
import { formatIpv4, formatNetwork } from './address-text';
import type { Gateway, HostAddress, Network, SnatEntry } from './gateway';
import { isCovered } from './network-cover';

type Addresses = Pick<
  Gateway,
  'bindMode' | 'snatEntries' | 'changes' | 'addresses' | 'dnatMappings' | 'hostEips' | 'noNatNetworks'
>;

/**
 * Of what a gateway names by address, all that no packet can ever match, each as a whole sentence: networks whose addresses
 * no gateway forwards, and SNAT entries all of whose hosts others come before.
 */
export function unmatchedSources(gateway: Addresses): string[] {
  const versions = [gateway.snatEntries, ...gateway.changes.map(({ snatEntries }) => snatEntries)];
  const sentences = [
    ...versions.flatMap((entries) => unmatchedEntries(entries, gateway)),
    ...unmatchedHosts('host with an EIP of its own', gateway.hostEips),
    ...unmatchedHosts('host with a DNAT IP mapping', gateway.dnatMappings),
    ...gateway.noNatNetworks
      .filter(isNeverRouted)
      .map((network) => `The destination ${formatNetwork(network)} never matches: no gateway forwards packets to it.`),
  ];
  // What a change leaves as it was is said once.
  return [...new Set(sentences)];
}

function unmatchedEntries(entries: readonly SnatEntry[], gateway: Addresses): string[] {
  const single = singleAddresses(gateway);
  return entries.flatMap(({ id, network }, index) => {
    const says = `SNAT entry ${id} (${formatNetwork(network)}) never matches`;
    if (isNeverRouted(network)) return [`${says}: no gateway forwards packets from there.`];
    const before = entries.filter(
      (each, place) => place !== index && comesBefore(each.network, network, place < index),
    );
    const rivals = [...NOT_ROUTABLE, ...single, ...before.map((each) => each.network)];
    return isCovered(network, rivals)
      ? [`${says}: other entries, or addresses with rules of their own, come before it for all of its hosts.`]
      : [];
  });
}

/** @see nat-gateway reference §1.5 "longest prefix wins" */
function comesBefore(network: Network, other: Network, isListedBefore: boolean): boolean {
  return network.prefixBits > other.prefixBits || (network.prefixBits === other.prefixBits && isListedBefore);
}

/** Hosts with their own way out, and the gateway's own addresses, which come before every network. */
function singleAddresses(gateway: Addresses): Network[] {
  const { addresses, dnatMappings, hostEips } = gateway;
  const all = [
    ...hostEips.map(({ privateAddress }) => privateAddress),
    ...dnatMappings.flatMap(({ privateAddress, publicAddress }) => [privateAddress, publicAddress]),
    ...addresses.map(({ address }) => address),
    ...boundAddresses(gateway).map(({ privateAddress }) => privateAddress),
  ];
  return all.map((base) => ({ base, prefixBits: 32 }));
}

function unmatchedHosts(what: string, hosts: readonly HostAddress[]): string[] {
  return hosts
    .filter(({ privateAddress }) => isNeverRouted({ base: privateAddress, prefixBits: 32 }))
    .map(
      ({ privateAddress }) =>
        `The ${what} ${formatIpv4(privateAddress)} never matches: no gateway forwards its packets.`,
    );
}

function isNeverRouted(network: Network): boolean {
  return isCovered(network, NOT_ROUTABLE);
}
