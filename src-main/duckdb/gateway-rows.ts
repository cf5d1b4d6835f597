import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../contract/errors';
import { BUILT_IN_GATEWAY, type AccountFacts, type VpcFacts } from '../contract/gateways';
import { withVpc, type GatewayConfig } from '../nat/configuration';
import { numberIn, numberOrNull, readRows, textIn } from './catalogue';
import { GATEWAY_STATEMENTS } from './gateway-statements';
import { listVpcsIn } from './vpc-rows';

export interface StoredGateway {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly vpc: VpcFacts;
  /** With its VPC. */
  readonly config: GatewayConfig;
  readonly createdMs: number;
}

export interface StoredSessionLog {
  readonly gateway: string;
  readonly project: string;
  readonly logstore: string;
  readonly enabledMs: number;
  /** The destination was changed, and nothing was delivered since. */
  readonly modifying: boolean;
  /** Null while it is enabled. */
  readonly stoppedMs: number | null;
}

/** @returns the gateways that were made, by name and id */
export async function listStoredGateways(connection: DuckDBConnection): Promise<readonly StoredGateway[]> {
  const vpcs = new Map((await listVpcsIn(connection)).map((vpc) => [vpc.id, vpc]));
  return (await readRows(connection, GATEWAY_STATEMENTS.listConsoleGateways)).map((row) => {
    const vpc = vpcs.get(textIn(row, 'vpc_id'));
    if (vpc === undefined) throw new TypeError(`gateway ${textIn(row, 'id')} has no VPC`);
    return {
      id: textIn(row, 'id'),
      name: textIn(row, 'name'),
      region: textIn(row, 'region'),
      vpc,
      config: withVpc(JSON.parse(textIn(row, 'config')) as GatewayConfig, vpc),
      createdMs: numberIn(row, 'created_ms'),
    };
  });
}

/** @throws AppError GATEWAY_NOT_FOUND with detail `known`, the ids there are, each on a line */
export async function findStoredGateway(connection: DuckDBConnection, gateway: string): Promise<StoredGateway> {
  const all = await listStoredGateways(connection);
  const found = all.find(({ id }) => id === gateway);
  if (found !== undefined) return found;
  const known = [BUILT_IN_GATEWAY, ...all.map(({ id }) => id)].join('\n');
  throw new AppError('GATEWAY_NOT_FOUND', `there is no gateway ${gateway}`, { gateway, known });
}

/** @returns session logs that are enabled or stopped, by gateway */
export async function readSessionLogs(connection: DuckDBConnection): Promise<ReadonlyMap<string, StoredSessionLog>> {
  const rows = await readRows(connection, GATEWAY_STATEMENTS.listSessionLogs);
  return new Map(
    rows.map((row) => {
      const gateway = textIn(row, 'gateway_id');
      const found = {
        gateway,
        project: textIn(row, 'project'),
        logstore: textIn(row, 'logstore'),
        enabledMs: numberIn(row, 'enabled_ms'),
        modifying: row['modifying'] === true,
        stoppedMs: numberOrNull(row, 'stopped_ms'),
      };
      return [gateway, found];
    }),
  );
}

/** Takes the place of the one that the gateway had. */
export async function replaceSessionLog(connection: DuckDBConnection, sessionLog: StoredSessionLog): Promise<void> {
  const { gateway, project, logstore, enabledMs, modifying, stoppedMs } = sessionLog;
  await connection.run(GATEWAY_STATEMENTS.deleteSessionLog, [gateway]);
  const row = [gateway, project, logstore, enabledMs, modifying, stoppedMs];
  await connection.run(GATEWAY_STATEMENTS.insertSessionLog, row);
}

export async function readAccountIn(connection: DuckDBConnection): Promise<AccountFacts> {
  const [row] = await readRows(connection, GATEWAY_STATEMENTS.readAccount);
  return { serviceLinkedRole: row?.['service_linked_role'] === true, previewAccess: row?.['preview_access'] === true };
}

export async function writeAccountIn(connection: DuckDBConnection, account: AccountFacts): Promise<void> {
  await connection.run(GATEWAY_STATEMENTS.writeAccount, [account.serviceLinkedRole, account.previewAccess]);
}
