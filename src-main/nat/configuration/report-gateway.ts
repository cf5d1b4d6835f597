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
    quotas: quotasOf(profile, gateway).map(({ counts, most }) => ({ counts, most, there: countOf(config, counts) })),
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

function countOf(config: GatewayConfig, counts: GatewayQuota['counts']): number {
  if (counts === 'eips' || counts === 'natIps') return addressesOf(config).length;
  const list = config[counts];
  return Array.isArray(list) ? list.length : 0;
}
