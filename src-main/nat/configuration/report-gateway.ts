import type { GatewayQuota, GatewayReport } from '../../contract/gateways';
import { formatIpv4, formatNetwork } from '../address-text';
import type { Gateway } from '../gateway';
import { profileValues } from '../profiles';
import { addressesOf, snatEntriesOf, type GatewayConfig } from './edit-gateway';
import { quotasOf } from './quotas';
import type { ConfiguredGateway } from './read-gateway';

/** What a gateway file says of a gateway, in the words of the console. */
export type DescribedGateway = Pick<GatewayReport, 'entries' | 'hasDefaultEntries' | 'quotas' | 'warnings'> &
  Pick<Gateway, 'networkType' | 'billing' | 'bindMode'> &
  Pick<GatewayReport['gateway'], 'addresses'>;

/** @param configured what `readGateway` has made of the file */
export function describeGateway(config: GatewayConfig, configured: ConfiguredGateway): DescribedGateway {
  const { gateway, profile, warnings } = configured;
  const { networkType, billing, bindMode } = gateway;
  return {
    networkType,
    billing,
    bindMode,
    addresses: gateway.addresses.map(({ address, privateAddress }) => ({
      ipAddress: formatIpv4(address),
      privateIpAddress: privateAddress === null ? null : formatIpv4(privateAddress),
    })),
    entries: entriesOf(config, configured),
    hasDefaultEntries: !('snatEntries' in config),
    quotas: quotasOf(profile, gateway).map(({ counts, most }) => ({
      counts,
      most,
      there: countOf(config, configured, counts),
    })),
    warnings,
  };
}

function entriesOf(config: GatewayConfig, { gateway, profile }: ConfiguredGateway): GatewayReport['entries'] {
  if ('vpc' in config) {
    const given = config['eipAffinity'];
    const eipAffinity = given === undefined ? profileValues(profile).eipAffinity : given === true || given === 1;
    return snatEntriesOf(config, eipAffinity);
  }
  return gateway.snatEntries.map(({ id, network, affinity }) => {
    return { id, scope: 'cidr', source: formatNetwork(network), addresses: null, eipAffinity: affinity };
  });
}

/** What a file leaves out, the gateway has by default. */
function countOf(config: GatewayConfig, configured: ConfiguredGateway, counts: GatewayQuota['counts']): number {
  if (counts === 'eips' || counts === 'natIps') {
    const given = addressesOf(config).length;
    return given > 0 ? given : configured.gateway.addresses.length;
  }
  const list = config[counts];
  if (Array.isArray(list)) return list.length;
  // A gateway of a VPC translates all of it without an entry.
  return counts === 'snatEntries' && !('vpc' in config) ? configured.gateway.snatEntries.length : 0;
}
