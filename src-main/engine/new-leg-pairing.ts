import type { Decoder } from '../capture/decoder';
import type { PacketBatch } from '../capture/packet-batch';
import { addressClasses } from '../nat/address-classes';
import { observableAddresses, translatedAddresses } from '../nat/configure-emulator';
import { DEFAULT_NETWORKS, type Gateway, type Network } from '../nat/gateway';
import { LegPairing, type LegPairingOptions } from '../nat/leg-pairing';

/**
 * What makes one packet of those that were captured on both sides of a gateway.
 *
 * @param decoder has to read what they are known by, from now on
 */
export function newLegPairing(
  gateway: Gateway,
  decoder: Decoder,
  { latestOf, hasTwoClocks }: Required<Pick<LegPairingOptions, 'latestOf' | 'hasTwoClocks'>>,
  consume: (batch: PacketBatch) => void,
): LegPairing {
  const natAddresses = observableAddresses(gateway);
  if (natAddresses.length > 0) decoder.hashPayloads();
  const { countUnpaired } = gateway;
  const withOthers = gateway.otherProtocols === 'translate';
  return new LegPairing(
    {
      ...{ natAddresses, inside: addressClasses(gateway), countUnpaired, latestOf, withOthers },
      ...{ poolOf: poolsOf(gateway), notBeyond: notBeyond(gateway), hasTwoClocks },
    },
    consume,
  );
}

/** By SNAT entry, each address of its pool as all that it may be seen as. Of entries that are changed, it may be any. */
function poolsOf(gateway: Gateway): (entry: number) => readonly (readonly number[])[] {
  const all = translatedAddresses(gateway).map(({ natIp, eip }) => ({ eip, names: [natIp, eip] }));
  const names = all.map((each) => each.names);
  if (gateway.changes.length > 0) return () => names;
  const pools = gateway.snatEntries.map(({ eips }) =>
    all.filter(({ eip }) => eips.includes(eip)).map((each) => each.names),
  );
  return (entry) => pools[entry] ?? names;
}

/**
 * Destinations that are reached without translation, or whose packets turn round in the gateway. Private ones are no part
 * of the Internet: what goes there may take another way.
 */
function notBeyond({ networkType, noNatNetworks, otherNetworks = [], hostEips, dnatMappings }: Gateway): Network[] {
  const turning = [...hostEips, ...dnatMappings].map(({ publicAddress }) => ({ base: publicAddress, prefixBits: 32 }));
  return [...noNatNetworks, ...otherNetworks, ...turning, ...(networkType === 'internet' ? DEFAULT_NETWORKS : [])];
}
