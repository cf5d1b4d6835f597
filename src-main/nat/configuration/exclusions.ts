import { formatIpv4 } from '../address-text';
import { boundAddresses } from '../address-classes';
import type { HostAddress } from '../gateway';
import type { GatewayFile } from './gateway-shape';
import { refuseSecond, type Pool } from './pool';
import type { Problems } from './problems';

/** Hosts behind DNAT IP mappings: one address each, and one of the gateway's. */
export function readDnatMappings({ dnatIpMappings = [] }: GatewayFile, pool: Pool, problems: Problems): HostAddress[] {
  const own = ownAddresses(pool);
  const external = new Map<number, string>();
  const internal = new Map<number, string>();
  return dnatIpMappings.flatMap((mapping, index) => {
    if (mapping?.externalIp === undefined || mapping.internalIp === undefined) return [];
    const path = `dnatIpMappings[${index}]`;
    const { externalIp, internalIp } = mapping;
    refuseSecond(externalIp, `${path}.externalIp`, external, problems);
    refuseSecond(internalIp, `${path}.internalIp`, internal, problems);
    refuseOwn(internalIp, `${path}.internalIp`, own, problems);
    if (!problems.has(pool.key) && !pool.addresses.some(({ address }) => address === externalIp)) {
      problems.add(`${path}.externalIp`, formatIpv4(externalIp), `is none of the gateway's ${pool.key}`);
    }
    return [{ publicAddress: externalIp, privateAddress: internalIp }];
  });
}

/** Hosts with an address of their own, which is then none of the gateway's. */
export function readHostEips({ hostEips = [] }: GatewayFile, pool: Pool, problems: Problems): HostAddress[] {
  const own = ownAddresses(pool);
  const addresses = new Map(own);
  const hosts = new Map<number, string>();
  return hostEips.flatMap((host, index) => {
    if (host?.ipAddress === undefined || host.privateIpAddress === undefined) return [];
    refuseSecond(host.ipAddress, `hostEips[${index}].ipAddress`, addresses, problems);
    refuseSecond(host.privateIpAddress, `hostEips[${index}].privateIpAddress`, hosts, problems);
    refuseOwn(host.privateIpAddress, `hostEips[${index}].privateIpAddress`, own, problems);
    return [{ publicAddress: host.ipAddress, privateAddress: host.privateIpAddress }];
  });
}

/** Every address that packets of the gateway have, with where a configuration has it. */
function ownAddresses(pool: Pool): ReadonlyMap<number, string> {
  const places = new Map(pool.addresses.map(({ address }, index) => [address, `${pool.key}[${index}]`]));
  const bound = boundAddresses(pool).map(
    ({ address, privateAddress }) => [privateAddress, `${places.get(address) ?? pool.key}.privateIpAddress`] as const,
  );
  return new Map([...places, ...bound]);
}

/** What has an address of the gateway is the gateway: on which side its packets were, nobody could tell. */
function refuseOwn(host: number, path: string, own: ReadonlyMap<number, string>, problems: Problems): void {
  const place = own.get(host);
  if (place === undefined) return;
  problems.add(path, formatIpv4(host), `is ${place}; a host has no address of the gateway`);
}
