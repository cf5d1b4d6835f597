import type { Decoder } from '../capture/decoder';
import type { PacketBatch } from '../capture/packet-batch';
import { addressClasses } from '../nat/address-classes';
import { observableAddresses } from '../nat/configure-emulator';
import type { Gateway } from '../nat/gateway';
import { LegPairing } from '../nat/leg-pairing';

/**
 * What makes one packet of those that were captured on both sides of a gateway.
 *
 * @param decoder has to read what they are known by, from now on
 */
export function newLegPairing(gateway: Gateway, decoder: Decoder, consume: (batch: PacketBatch) => void): LegPairing {
  const natAddresses = observableAddresses(gateway);
  if (natAddresses.length > 0) decoder.hashPayloads();
  const { countUnpaired } = gateway;
  const withOthers = gateway.otherProtocols === 'translate';
  return new LegPairing({ natAddresses, inside: addressClasses(gateway), countUnpaired, withOthers }, consume);
}
