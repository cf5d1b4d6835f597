import type { GatewayChoice } from '../contract/import-preview';
import { parseNetwork, parsePublicAddress } from '../nat/address-text';
import { readGateway, type ConfiguredGateway } from '../nat/configuration';
import { defaultGateway } from '../nat/gateway';

/**
 * The gateway that an import asks for: as it is configured, or the default one.
 *
 * @throws AppError GATEWAY_INVALID that names all that is wrong; OPTION_INVALID
 */
export function chosenGateway({
  gateway,
  inside,
  eips,
  seed,
}: GatewayChoice): Pick<ConfiguredGateway, 'gateway' | 'warnings'> {
  if (gateway !== undefined) return readGateway(gateway);
  const choices = { inside: inside.map(parseNetwork), eips: eips.map(parsePublicAddress), seed };
  return { gateway: defaultGateway(choices), warnings: [] };
}
