import {
  type Billing,
  type BindMode,
  type GatewayCalls,
  type GatewayReport,
  type NetworkType,
  type SnatSource,
} from '../contract/gateways';
import { AppError } from '../contract/errors';
import { REGIONS } from '../logstore/regions';
import { confirmDeletion } from './confirm';
import type { Context } from './context';
import { EXIT, type ExitCode } from './exit-code';
import {
  accountJson,
  accountText,
  addressesJson,
  addressesText,
  gatewayFactsJson,
  gatewayReportJson,
  gatewayReportText,
  gatewaysText,
  regionJson,
  regionsText,
  snatEntriesJson,
  snatEntriesText,
  vpcJson,
  vpcsText,
  vSwitchesText,
} from './gateway-console-text';
import { readGatewayObject } from './gateway-file';
import { ask, tell, type DeleteOptions, type WorkspaceOptions } from './logstore-commands';

export interface VpcCreateOptions extends WorkspaceOptions {
  readonly id?: string;
  readonly name: string;
  readonly region: string;
  readonly cidr: readonly string[];
}
export interface VSwitchListOptions extends WorkspaceOptions {
  readonly vpc?: string;
}
export interface VSwitchCreateOptions extends WorkspaceOptions {
  readonly id?: string;
  readonly name: string;
  readonly vpc: string;
  readonly zone: string;
  readonly cidr: string;
}
export interface GatewayCreateOptions extends WorkspaceOptions {
  readonly id?: string;
  readonly name: string;
  readonly vpc: string;
  readonly type: NetworkType;
  readonly billing: Billing;
  readonly bindMode: BindMode;
  readonly eip?: readonly string[];
  readonly natIp?: readonly string[];
}
export interface EipOptions extends WorkspaceOptions {
  readonly privateIp?: string;
}
export interface SnatCreateOptions extends WorkspaceOptions {
  readonly id?: string;
  readonly vpc: boolean;
  readonly vswitch?: string;
  readonly host?: string;
  readonly cidr?: string;
  readonly eip?: readonly string[];
  readonly affinity?: 'on' | 'off';
}
export interface AccountOptions extends WorkspaceOptions {
  readonly previewAccess?: 'on' | 'off';
  readonly serviceLinkedRole?: 'on' | 'off';
}

export async function runRegionList(context: Context, options: Pick<WorkspaceOptions, 'json'>): Promise<ExitCode> {
  return tell(context, options, REGIONS.map(regionJson), regionsText(REGIONS));
}

export async function runVpcList(context: Context, options: WorkspaceOptions): Promise<ExitCode> {
  const { vpcs } = await ask(context, options, 'vpc:list', {});
  return tell(context, options, vpcs.map(vpcJson), vpcsText(vpcs));
}

export async function runVpcCreate(context: Context, options: VpcCreateOptions): Promise<ExitCode> {
  const { id = null, name, region, cidr } = options;
  const [cidrBlock = '', ...secondaryCidrBlocks] = cidr;
  const request = { id, name, region, cidrBlock, secondaryCidrBlocks };
  const vpc = await ask(context, options, 'vpc:create', request, false);
  return tell(context, options, vpcJson(vpc), vpcsText([vpc]));
}

/** Asks before something is deleted that a call can delete. */
async function deleteOne<K extends 'vpc:delete' | 'vswitch:delete' | 'gateway:delete' | 'snat:delete' | 'eip:remove'>(
  context: Context,
  options: DeleteOptions,
  what: string,
  [name, request]: readonly [name: K, request: GatewayCalls[K]['request']],
): Promise<ExitCode> {
  if (!(await confirmDeletion(context, what, options.yes))) return EXIT.failed;
  await ask(context, options, name, request);
  return tell(context, options, { deleted: what }, `Deleted ${what}.\n`);
}

export async function runVpcDelete(context: Context, vpc: string, options: DeleteOptions): Promise<ExitCode> {
  return deleteOne(context, options, `VPC ${vpc}`, ['vpc:delete', { vpc }]);
}

export async function runVSwitchList(context: Context, options: VSwitchListOptions): Promise<ExitCode> {
  const { vpcs } = await ask(context, options, 'vpc:list', {});
  const chosen = vpcs.filter(({ id }) => options.vpc === undefined || id === options.vpc);
  const json = chosen.flatMap(({ id: vpc, vSwitches }) =>
    vSwitches.map(({ id, name, zone, cidrBlock }) => ({ id, name, vpc, zone, cidr_block: cidrBlock })),
  );
  return tell(context, options, json, vSwitchesText(chosen));
}

export async function runVSwitchCreate(context: Context, options: VSwitchCreateOptions): Promise<ExitCode> {
  const { id = null, name, vpc, zone, cidr: cidrBlock } = options;
  const made = await ask(context, options, 'vswitch:create', { id, name, vpc, zone, cidrBlock });
  const vSwitches = made.vpc.vSwitches.filter((each) => each.id === made.vSwitch);
  const json = { id: made.vSwitch, name, vpc, zone, cidr_block: cidrBlock };
  return tell(context, options, json, vSwitchesText([{ ...made.vpc, vSwitches }]));
}

export async function runVSwitchDelete(context: Context, vSwitch: string, options: DeleteOptions): Promise<ExitCode> {
  return deleteOne(context, options, `vSwitch ${vSwitch}`, ['vswitch:delete', { vSwitch }]);
}

export async function runGatewayList(context: Context, options: WorkspaceOptions): Promise<ExitCode> {
  const { gateways } = await ask(context, options, 'gateway:list', {});
  return tell(context, options, gateways.map(gatewayFactsJson), gatewaysText(gateways));
}

const tellGateway = (context: Context, options: WorkspaceOptions, report: GatewayReport): Promise<ExitCode> =>
  tell(context, options, gatewayReportJson(report), gatewayReportText(report));

export async function runGatewayShow(context: Context, gateway: string, options: WorkspaceOptions): Promise<ExitCode> {
  return tellGateway(context, options, await ask(context, options, 'gateway:read', { gateway }));
}

export async function runGatewayCreate(context: Context, options: GatewayCreateOptions): Promise<ExitCode> {
  const { id = null, name, vpc, type: networkType, billing, bindMode, eip = [], natIp: natIps = [] } = options;
  const { vpcs } = await ask(context, options, 'vpc:list', {});
  // A gateway is in the region of its VPC; one that is not there is refused by the engine, which can say what there is.
  const region = vpcs.find((each) => each.id === vpc)?.region ?? 'local';
  const eips = eip.map((ipAddress) => ({ ipAddress, privateIpAddress: null }));
  const request = { id, name, region, vpc, networkType, billing, bindMode, eips, natIps };
  return tellGateway(context, options, await ask(context, options, 'gateway:create', request));
}

export async function runGatewayUpdate(
  context: Context,
  gateway: string,
  file: string,
  options: WorkspaceOptions,
): Promise<ExitCode> {
  const config = readGatewayObject(context, file);
  return tellGateway(context, options, await ask(context, options, 'gateway:update', { gateway, config }));
}

export async function runGatewayDelete(context: Context, gateway: string, options: DeleteOptions): Promise<ExitCode> {
  return deleteOne(context, options, `gateway ${gateway}`, ['gateway:delete', { gateway }]);
}

export async function runEipList(context: Context, gateway: string, options: WorkspaceOptions): Promise<ExitCode> {
  const report = await ask(context, options, 'gateway:read', { gateway });
  return tell(context, options, addressesJson(report), addressesText(report));
}

export async function runEipAdd(
  context: Context,
  gateway: string,
  ipAddress: string,
  options: EipOptions,
): Promise<ExitCode> {
  const request = { gateway, ipAddress, privateIpAddress: options.privateIp ?? null };
  const report = await ask(context, options, 'eip:add', request);
  return tell(context, options, addressesJson(report), addressesText(report));
}

export async function runEipRemove(
  context: Context,
  gateway: string,
  ipAddress: string,
  options: DeleteOptions,
): Promise<ExitCode> {
  const what = `address ${ipAddress} of gateway ${gateway}`;
  return deleteOne(context, options, what, ['eip:remove', { gateway, ipAddress }]);
}

export async function runSnatList(context: Context, gateway: string, options: WorkspaceOptions): Promise<ExitCode> {
  const report = await ask(context, options, 'gateway:read', { gateway });
  return tell(context, options, snatEntriesJson(report), snatEntriesText(report));
}

export async function runSnatCreate(context: Context, gateway: string, options: SnatCreateOptions): Promise<ExitCode> {
  const { id = null, eip: addresses = [], affinity } = options;
  const eipAffinity = affinity === undefined ? null : affinity === 'on';
  const request = { gateway, id, source: sourceOf(options), addresses, eipAffinity };
  const report = await ask(context, options, 'snat:create', request);
  return tell(context, options, snatEntriesJson(report), snatEntriesText(report));
}

function sourceOf({ vpc, vswitch, host, cidr }: SnatCreateOptions): SnatSource {
  const given: SnatSource[] = [
    ...(vpc ? [{ scope: 'vpc' } as const] : []),
    ...(vswitch === undefined ? [] : [{ scope: 'vSwitch', vSwitch: vswitch } as const]),
    ...(host === undefined ? [] : [{ scope: 'host', ipAddress: host } as const]),
    ...(cidr === undefined ? [] : [{ scope: 'cidr', cidrBlock: cidr } as const]),
  ];
  const [source, ...others] = given;
  if (source !== undefined && others.length === 0) return source;
  const message = `an SNAT entry has one source, and ${given.length} are given: name one of --vpc, --vswitch, --host, --cidr`;
  throw new AppError('OPTION_INVALID', message, { given: given.length });
}

export async function runSnatDelete(
  context: Context,
  gateway: string,
  snatEntry: string,
  options: DeleteOptions,
): Promise<ExitCode> {
  const what = `SNAT entry ${snatEntry} of gateway ${gateway}`;
  return deleteOne(context, options, what, ['snat:delete', { gateway, snatEntry }]);
}

export async function runAccountShow(context: Context, options: WorkspaceOptions): Promise<ExitCode> {
  const account = await ask(context, options, 'account:read', {});
  return tell(context, options, accountJson(account), accountText(account));
}

export async function runAccountSet(context: Context, options: AccountOptions): Promise<ExitCode> {
  const { previewAccess, serviceLinkedRole } = options;
  if (previewAccess === undefined && serviceLinkedRole === undefined) {
    throw new AppError('OPTION_INVALID', 'nothing is to be set: name --preview-access or --service-linked-role');
  }
  const isOn = (given: 'on' | 'off' | undefined): boolean | null => (given === undefined ? null : given === 'on');
  const request = { previewAccess: isOn(previewAccess), serviceLinkedRole: isOn(serviceLinkedRole) };
  const account = await ask(context, options, 'account:update', request, false);
  return tell(context, options, accountJson(account), accountText(account));
}
