import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../contract/errors';
import type { VpcFacts, VSwitchFacts } from '../contract/gateways';
import { numberIn, readRows, textIn, type Row } from './catalogue';
import { GATEWAY_STATEMENTS } from './gateway-statements';

/** @returns all VPCs with what is in them, by name */
export async function listVpcsIn(connection: DuckDBConnection): Promise<readonly VpcFacts[]> {
  const vpcs = await readRows(connection, GATEWAY_STATEMENTS.listVpcs);
  const vSwitches = await readRows(connection, GATEWAY_STATEMENTS.listVSwitches);
  const gateways = await readRows(connection, GATEWAY_STATEMENTS.listConsoleGateways);
  const of = (rows: readonly Row[], vpc: string): Row[] => rows.filter((row) => textIn(row, 'vpc_id') === vpc);
  return vpcs.map((row) => {
    const id = textIn(row, 'id');
    return {
      id,
      name: textIn(row, 'name'),
      region: textIn(row, 'region'),
      cidrBlock: textIn(row, 'cidr_block'),
      secondaryCidrBlocks: JSON.parse(textIn(row, 'secondary_cidr_blocks')) as string[],
      createdMs: numberIn(row, 'created_ms'),
      vSwitches: of(vSwitches, id).map(vSwitchOf),
      gateways: of(gateways, id).map((gateway) => textIn(gateway, 'id')),
    };
  });
}

const vSwitchOf = (row: Row): VSwitchFacts => ({
  id: textIn(row, 'id'),
  name: textIn(row, 'name'),
  zone: textIn(row, 'zone'),
  cidrBlock: textIn(row, 'cidr_block'),
});

/** @throws AppError VPC_NOT_FOUND with detail `known`, the ids there are, each on a line */
export async function findVpcIn(connection: DuckDBConnection, vpc: string): Promise<VpcFacts> {
  const all = await listVpcsIn(connection);
  const found = all.find(({ id }) => id === vpc);
  if (found !== undefined) return found;
  const known = all.map(({ id }) => id).join('\n');
  throw new AppError('VPC_NOT_FOUND', `there is no VPC ${vpc}`, { vpc, known });
}

/** @throws AppError VSWITCH_NOT_FOUND with detail `known` */
export async function findVSwitchIn(
  connection: DuckDBConnection,
  vSwitch: string,
): Promise<{ readonly vpc: VpcFacts; readonly found: VSwitchFacts }> {
  const all = await listVpcsIn(connection);
  for (const vpc of all) {
    const found = vpc.vSwitches.find(({ id }) => id === vSwitch);
    if (found !== undefined) return { vpc, found };
  }
  const known = all.flatMap((vpc) => vpc.vSwitches.map(({ id }) => id)).join('\n');
  throw new AppError('VSWITCH_NOT_FOUND', `there is no vSwitch ${vSwitch}`, { vSwitch, known });
}

export async function insertVpcIn(connection: DuckDBConnection, vpc: VpcFacts): Promise<void> {
  const { id, name, region, cidrBlock, secondaryCidrBlocks, createdMs } = vpc;
  const secondary = JSON.stringify(secondaryCidrBlocks);
  await connection.run(GATEWAY_STATEMENTS.insertVpc, [id, name, region, cidrBlock, secondary, createdMs]);
}

export async function insertVSwitchIn(
  connection: DuckDBConnection,
  vpc: string,
  { id, name, zone, cidrBlock }: VSwitchFacts,
  nowMs: number,
): Promise<void> {
  await connection.run(GATEWAY_STATEMENTS.insertVSwitch, [id, name, vpc, zone, cidrBlock, nowMs]);
}
