import { randomBytes } from 'node:crypto';
import { AppError } from '../contract/errors';
import { BUILT_IN_GATEWAY } from '../contract/gateways';
import type { Connection } from '../duckdb/database';
import { listStoredGateways } from '../duckdb/gateway-rows';
import { listVpcsIn } from '../duckdb/vpc-rows';
import { checkCloudId, cloudId, ID_LENGTH, type Identified } from '../logstore/cloud-ids';

/** Of the default gateway's VPC, whose name is in entries already. */
const BUILT_IN_VPC = 'vpc-default';

/** @returns the id that is given, or a new one. @throws AppError OPTION_INVALID */
export function chosenId(given: string | null, what: Identified): string {
  if (given === null) return cloudId(what, randomBytes(ID_LENGTH));
  checkCloudId(given, what);
  return given;
}

/** @throws AppError ID_TAKEN when anything of the console has that id */
export async function refuseTakenId(connection: Connection, id: string): Promise<void> {
  const vpcs = await listVpcsIn(connection);
  const gateways = await listStoredGateways(connection);
  const taken = [
    ...[BUILT_IN_GATEWAY, BUILT_IN_VPC],
    ...vpcs.flatMap((vpc) => [vpc.id, ...vpc.vSwitches.map((vSwitch) => vSwitch.id)]),
    ...gateways.map((gateway) => gateway.id),
  ];
  if (taken.includes(id)) throw new AppError('ID_TAKEN', `${id} is there already: choose another id`, { id });
}
