import { formatIpv4 } from '../address-text';
import type { HostAddress } from '../gateway';
import type { GatewayFile } from './gateway-shape';
import { refuseSecond, type Pool } from './pool';
import type { Problems } from './problems';

/** Hosts behind DNAT IP mappings: one address each, and one of the gateway's. */
export function readDnatMappings({ dnatIpMappings = [] }: GatewayFile, pool: Pool, problems: Problems): HostAddress[] {
  const external = new Map<number, string>();
  const internal = new Map<number, string>();
  return dnatIpMappings.flatMap((mapping, index) => {
    if (mapping?.externalIp === undefined || mapping.internalIp === undefined) return [];
    const path = `dnatIpMappings[${index}]`;
    const { externalIp, internalIp } = mapping;
    refuseSecond(externalIp, `${path}.externalIp`, external, problems);
    refuseSecond(internalIp, `${path}.internalIp`, internal, problems);
    if (!problems.has(pool.key) && !pool.addresses.some(({ address }) => address === externalIp)) {
      problems.add(`${path}.externalIp`, formatIpv4(externalIp), `is none of the gateway's ${pool.key}`);
    }
    return [{ publicAddress: externalIp, privateAddress: internalIp }];
  });
}

/** Hosts with an address of their own, which is then none of the gateway's. */
export function readHostEips({ hostEips = [] }: GatewayFile, pool: Pool, problems: Problems): HostAddress[] {
  const own = new Map<number, string>(pool.addresses.map(({ address }, index) => [address, `${pool.key}[${index}]`]));
  const hosts = new Map<number, string>();
  return hostEips.flatMap((host, index) => {
    if (host?.ipAddress === undefined || host.privateIpAddress === undefined) return [];
    refuseSecond(host.ipAddress, `hostEips[${index}].ipAddress`, own, problems);
    refuseSecond(host.privateIpAddress, `hostEips[${index}].privateIpAddress`, hosts, problems);
    return [{ publicAddress: host.ipAddress, privateAddress: host.privateIpAddress }];
  });
}
