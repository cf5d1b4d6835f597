import type {
  AccountFacts,
  GatewayFacts,
  GatewayReport,
  RegionArea,
  RegionFacts,
  VpcFacts,
} from '../contract/gateways';
import { thousands } from './number-text';
import { tableText, type TableColumn } from './text-table';

const left = (header: string): TableColumn => ({ header, align: 'left' });
const right = (header: string): TableColumn => ({ header, align: 'right' });

/** Names and values, one a line. */
export function factsText(facts: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd() + '\n').join('');
}

const AREAS: Readonly<Record<RegionArea, string>> = {
  chineseMainland: 'Chinese mainland',
  asiaPacific: 'Asia Pacific',
  europeAmericas: 'Europe & Americas',
  local: 'none, a region of Natscope',
};

export function regionsText(regions: readonly RegionFacts[]): string {
  return tableText(
    [left('region'), left('name'), left('area')],
    regions.map(({ id, name, area, closingDown }) => [id, closingDown ? `${name}, closing down` : name, AREAS[area]]),
  );
}

const cidrsOf = ({ cidrBlock, secondaryCidrBlocks }: VpcFacts): string => [cidrBlock, ...secondaryCidrBlocks].join(' ');

export function vpcsText(vpcs: readonly VpcFacts[]): string {
  if (vpcs.length === 0) return 'There are no VPCs yet: natscope vpc create makes one.\n';
  return tableText(
    [left('vpc'), left('name'), left('region'), left('networks'), right('vswitches'), right('gateways')],
    vpcs.map((vpc) => [
      ...[vpc.id, vpc.name, vpc.region, cidrsOf(vpc)],
      ...[thousands(vpc.vSwitches.length), thousands(vpc.gateways.length)],
    ]),
  );
}

export function vSwitchesText(vpcs: readonly VpcFacts[]): string {
  const rows = vpcs.flatMap(({ id: vpc, vSwitches }) =>
    vSwitches.map(({ id, name, zone, cidrBlock }) => [id, name, vpc, zone, cidrBlock]),
  );
  if (rows.length === 0) return 'There are no vSwitches yet: natscope vswitch create makes one.\n';
  return tableText([left('vswitch'), left('name'), left('vpc'), left('zone'), left('network')], rows);
}

const KINDS = { internet: 'Internet NAT', intranet: 'VPC NAT' } as const;
const STATUSES = { NotEnabled: 'not enabled', Enabled: 'Enabled', Stopped: 'Stopped' } as const;

export function gatewaysText(gateways: readonly GatewayFacts[]): string {
  return tableText(
    [
      ...[left('gateway'), left('name'), left('region'), left('vpc'), left('kind'), left('billing')],
      ...[right('addresses'), right('snat'), left('session log')],
    ],
    gateways.map((gateway) => [
      ...[gateway.id, gateway.builtIn ? 'the default gateway' : gateway.name, gateway.region, gateway.vpc],
      ...[KINDS[gateway.networkType], gateway.billing],
      ...[thousands(gateway.addresses.length), thousands(gateway.snatEntries), STATUSES[gateway.sessionLog]],
    ]),
  );
}

export function gatewayReportText(report: GatewayReport): string {
  const { gateway, vpc, quotas, warnings } = report;
  const facts = factsText([
    ['gateway', gateway.id],
    ['name', gateway.builtIn ? 'the default gateway, which stays as it is' : gateway.name],
    ['kind', KINDS[gateway.networkType]],
    ['region', gateway.region],
    ['VPC', vpc === null ? gateway.vpc : `${vpc.id} ${cidrsOf(vpc)}`],
    ['billing', gateway.billing],
    ...(gateway.networkType === 'internet' ? [['bind mode', gateway.bindMode] as const] : []),
    ['session log', STATUSES[gateway.sessionLog]],
    ...quotas.map(({ counts, there, most }) => [counts, `${there} of at most ${most}`] as const),
  ]);
  const notes = warnings.map((warning) => `${warning}\n`).join('');
  return `${facts}\n${addressesText(report)}\n${snatEntriesText(report)}${notes === '' ? '' : `\n${notes}`}`;
}

export function addressesText({ gateway: { networkType, addresses } }: GatewayReport): string {
  const isBound = addresses.some(({ privateIpAddress }) => privateIpAddress !== null);
  return tableText(
    [left(networkType === 'internet' ? 'eip' : 'nat ip'), ...(isBound ? [left('bound to')] : [])],
    addresses.map(({ ipAddress, privateIpAddress }) => [ipAddress, ...(isBound ? [privateIpAddress ?? ''] : [])]),
  );
}

export function snatEntriesText({ entries, hasDefaultEntries, gateway }: GatewayReport): string {
  const table = tableText(
    [left('snat entry'), left('scope'), left('source'), left('addresses'), left('affinity')],
    entries.map(({ id, scope, source, addresses, eipAffinity }) => [
      ...[id, scope, source, addresses === null ? 'all' : addresses.join(' '), eipAffinity ? 'yes' : 'no'],
    ]),
  );
  if (!hasDefaultEntries || gateway.builtIn) return table;
  return `${table}It has no SNAT entry of its own: its VPC is translated, until natscope snat create makes the first.\n`;
}

const switched = (on: boolean): string => (on ? 'on' : 'off');

export function accountText({ previewAccess, serviceLinkedRole }: AccountFacts): string {
  return factsText([
    ['preview access', switched(previewAccess)],
    ['service-linked role', switched(serviceLinkedRole)],
  ]);
}

export const regionJson = ({ id, name, area, closingDown }: RegionFacts): object => ({
  id,
  name,
  area,
  closing_down: closingDown,
});

export const vpcJson = (vpc: VpcFacts): object => ({
  id: vpc.id,
  name: vpc.name,
  region: vpc.region,
  cidr_block: vpc.cidrBlock,
  secondary_cidr_blocks: vpc.secondaryCidrBlocks,
  created_ms: vpc.createdMs,
  vswitches: vpc.vSwitches.map(({ id, name, zone, cidrBlock }) => ({ id, name, zone, cidr_block: cidrBlock })),
  gateways: vpc.gateways,
});

const addressJson = ({ ipAddress, privateIpAddress }: GatewayFacts['addresses'][number]): object => ({
  ip_address: ipAddress,
  private_ip_address: privateIpAddress,
});

export const gatewayFactsJson = (gateway: GatewayFacts): object => ({
  id: gateway.id,
  name: gateway.name,
  region: gateway.region,
  vpc: gateway.vpc,
  network_type: gateway.networkType,
  billing: gateway.billing,
  bind_mode: gateway.bindMode,
  addresses: gateway.addresses.map(addressJson),
  snat_entries: gateway.snatEntries,
  built_in: gateway.builtIn,
  created_ms: gateway.createdMs,
  session_log: gateway.sessionLog,
});

export const snatEntriesJson = (report: GatewayReport): object[] =>
  report.entries.map(({ id, scope, source, addresses, eipAffinity }) => ({
    id,
    scope,
    source,
    addresses,
    eip_affinity: eipAffinity,
    is_default: report.hasDefaultEntries,
  }));

export const addressesJson = (report: GatewayReport): object[] => report.gateway.addresses.map(addressJson);

export const gatewayReportJson = (report: GatewayReport): object => ({
  ...gatewayFactsJson(report.gateway),
  snat_entries: snatEntriesJson(report),
  quotas: report.quotas,
  warnings: report.warnings,
  config: report.config,
});

export const accountJson = ({ previewAccess, serviceLinkedRole }: AccountFacts): object => ({
  preview_access: previewAccess,
  service_linked_role: serviceLinkedRole,
});
