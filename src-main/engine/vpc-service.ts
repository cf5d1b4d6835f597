import { AppError } from '../contract/errors';
import type { GatewayCalls, VpcFacts, VSwitchFacts } from '../contract/gateways';
import type { Connection, Database } from '../duckdb/database';
import { listStoredGateways } from '../duckdb/gateway-rows';
import { GATEWAY_STATEMENTS } from '../duckdb/gateway-statements';
import { findVpcIn, findVSwitchIn, insertVpcIn, insertVSwitchIn, listVpcsIn } from '../duckdb/vpc-rows';
import { checkRegion } from '../logstore/names';
import { isInNetwork, parseAddress, parseNetwork } from '../nat/address-text';
import { addressesOf, readGateway, withVpc } from '../nat/configuration';
import { checkVSwitch, vpcNetworks } from '../nat/vpc';
import { chosenId, refuseTakenId } from './cloud-ids';

export async function listVpcs(database: Database): Promise<readonly VpcFacts[]> {
  return database.withConnection(listVpcsIn);
}

/** @throws AppError OPTION_INVALID, VPC_INVALID, ID_TAKEN */
export async function createVpc(database: Database, request: GatewayCalls['vpc:create']['request']): Promise<VpcFacts> {
  const id = chosenId(request.id, 'VPC');
  checkRegion(request.region);
  vpcNetworks(request);
  const { name, region, cidrBlock, secondaryCidrBlocks } = request;
  const vpc = { id, name, region, cidrBlock, secondaryCidrBlocks, createdMs: Date.now(), vSwitches: [], gateways: [] };
  return database.transaction(async (connection) => {
    await refuseTakenId(connection, id);
    await insertVpcIn(connection, vpc);
    return vpc;
  });
}

/** @throws AppError VPC_NOT_FOUND, VPC_IN_USE */
export async function deleteVpc(database: Database, id: string): Promise<null> {
  await database.transaction(async (connection) => {
    const { vSwitches, gateways } = await findVpcIn(connection, id);
    const inside = [
      ...gateways.map((gateway) => `gateway ${gateway}`),
      ...vSwitches.map((vSwitch) => `vSwitch ${vSwitch.id}`),
    ];
    if (inside.length > 0) {
      const message = `VPC ${id} has ${inside.join(', ')}: delete what is in it first`;
      throw new AppError('VPC_IN_USE', message, { vpc: id });
    }
    await connection.run(GATEWAY_STATEMENTS.deleteVpc, [id]);
  });
  return null;
}

/** @throws AppError OPTION_INVALID, VPC_NOT_FOUND, VPC_INVALID, ID_TAKEN */
export async function createVSwitch(
  database: Database,
  { vpc: vpcId, name, zone, cidrBlock, ...request }: GatewayCalls['vswitch:create']['request'],
): Promise<GatewayCalls['vswitch:create']['reply']> {
  const id = chosenId(request.id, 'vSwitch');
  return database.transaction(async (connection) => {
    const vpc = await findVpcIn(connection, vpcId);
    checkVSwitch(cidrBlock, vpc, vpc.vSwitches);
    await refuseTakenId(connection, id);
    const vSwitch = { id, name, zone, cidrBlock };
    const broken = await brokenBy(connection, { ...vpc, vSwitches: [...vpc.vSwitches, vSwitch] });
    if (broken !== null) {
      const message = `with vSwitch ${cidrBlock} alone, gateway ${broken.gateway} would not be right: ${broken.why}`;
      throw new AppError('VPC_INVALID', message, { vpc: vpcId, gateway: broken.gateway });
    }
    await insertVSwitchIn(connection, vpcId, vSwitch, Date.now());
    return { vSwitch: id, vpc: await findVpcIn(connection, vpcId) };
  });
}

/** @throws AppError VSWITCH_NOT_FOUND, VSWITCH_IN_USE */
export async function deleteVSwitch(database: Database, id: string): Promise<VpcFacts> {
  return database.transaction(async (connection) => {
    const { vpc, found } = await findVSwitchIn(connection, id);
    const left = vpc.vSwitches.filter((each) => each.id !== id);
    const user =
      (await boundTo(connection, vpc.id, found)) ?? (await brokenBy(connection, { ...vpc, vSwitches: left }));
    if (user !== null) {
      const message = `vSwitch ${id} is needed by gateway ${user.gateway}: ${user.why}`;
      throw new AppError('VSWITCH_IN_USE', message, { vSwitch: id, gateway: user.gateway });
    }
    await connection.run(GATEWAY_STATEMENTS.deleteVSwitch, [id]);
    return findVpcIn(connection, vpc.id);
  });
}

interface Broken {
  readonly gateway: string;
  readonly why: string;
}

/** @returns a gateway that has an EIP which is bound to an address of the vSwitch */
async function boundTo(connection: Connection, vpc: string, vSwitch: VSwitchFacts): Promise<Broken | null> {
  const network = parseNetwork(vSwitch.cidrBlock);
  for (const gateway of await listStoredGateways(connection)) {
    if (gateway.vpc.id !== vpc) continue;
    for (const { ipAddress, privateIpAddress } of addressesOf(gateway.config)) {
      if (privateIpAddress === null || !isInNetwork(parseAddress(privateIpAddress), network)) continue;
      return { gateway: gateway.id, why: `its EIP ${ipAddress} is bound to ${privateIpAddress}` };
    }
  }
  return null;
}

/** @returns a gateway whose file would be wrong if its VPC were like this; null for none */
async function brokenBy(connection: Connection, vpc: VpcFacts): Promise<Broken | null> {
  for (const { id, config } of await listStoredGateways(connection)) {
    if (!vpc.gateways.includes(id)) continue;
    try {
      const { vSwitches: _, ...rest } = config;
      readGateway(withVpc(rest, vpc));
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      return { gateway: id, why: cause.message };
    }
  }
  return null;
}
