import { AppError } from '../contract/errors';
import {
  BUILT_IN_GATEWAY,
  type GatewayCalls,
  type GatewayFacts,
  type GatewayReport,
  type SessionLogStatus,
  type VpcFacts,
} from '../contract/gateways';
import type { Connection, Database } from '../duckdb/database';
import {
  findStoredGateway,
  listStoredGateways,
  readSessionLogs,
  type StoredGateway,
  type StoredSessionLog,
} from '../duckdb/gateway-rows';
import { GATEWAY_STATEMENTS } from '../duckdb/gateway-statements';
import { findVpcIn } from '../duckdb/vpc-rows';
import {
  addressesOf,
  describeGateway,
  readGateway,
  replaced,
  withAddresses,
  withoutAddress,
  withoutSnatEntry,
  withoutVpc,
  withSnatEntry,
  withVpc,
  type DescribedGateway,
  type GatewayConfig,
} from '../nat/configuration';
import { chosenId, refuseTakenId } from './cloud-ids';

type Request<K extends keyof GatewayCalls> = GatewayCalls[K]['request'];

/** The built-in gateway first, the others by name and id. */
export async function listGatewaysIn(connection: Connection): Promise<readonly GatewayFacts[]> {
  const sessionLogs = await readSessionLogs(connection);
  const stored = await listStoredGateways(connection);
  return [builtIn().gateway, ...stored.map((each) => reportOf(each, sessionLogs.get(each.id)).gateway)];
}

export async function listGateways(database: Database): Promise<readonly GatewayFacts[]> {
  return database.withConnection(listGatewaysIn);
}

/** @throws AppError GATEWAY_NOT_FOUND with detail `known`; so do the others */
export async function readGatewayReport(database: Database, gateway: string): Promise<GatewayReport> {
  return database.withConnection((connection) => readGatewayIn(connection, gateway));
}

export async function readGatewayIn(connection: Connection, gateway: string): Promise<GatewayReport> {
  if (gateway === BUILT_IN_GATEWAY) return builtIn();
  const stored = await findStoredGateway(connection, gateway);
  return reportOf(stored, (await readSessionLogs(connection)).get(gateway));
}

/** @throws AppError OPTION_INVALID, VPC_NOT_FOUND, GATEWAY_INVALID, ID_TAKEN, EIP_TAKEN, QUOTA_EXCEEDED */
export async function createGateway(database: Database, request: Request<'gateway:create'>): Promise<GatewayReport> {
  const id = chosenId(request.id, 'gateway');
  return database.transaction(async (connection) => {
    const vpc = await findVpcIn(connection, request.vpc);
    if (vpc.region !== request.region) {
      const message = `VPC ${vpc.id} is in region ${vpc.region}, and a gateway is in the region of its VPC: choose one in ${request.region}`;
      throw new AppError('GATEWAY_INVALID', message, { vpc: vpc.id, region: vpc.region });
    }
    await refuseTakenId(connection, id);
    checkGatewaysOf(vpc);
    const config = configOf(id, request, vpc);
    await checkConfig(connection, id, config);
    const { name, region } = request;
    const row = [id, name, region, vpc.id, JSON.stringify(withoutVpc(config)), Date.now()];
    await connection.run(GATEWAY_STATEMENTS.insertConsoleGateway, row);
    return readGatewayIn(connection, id);
  });
}

/** @see nat-gateway reference §1.5 */
const MOST_GATEWAYS_OF_VPC = 5;

function checkGatewaysOf({ id, gateways }: VpcFacts): void {
  if (gateways.length < MOST_GATEWAYS_OF_VPC) return;
  const message = `VPC ${id} has ${gateways.length} of at most ${MOST_GATEWAYS_OF_VPC} gateways: delete some that are not needed`;
  throw new AppError('QUOTA_EXCEEDED', message, { most: MOST_GATEWAYS_OF_VPC, there: gateways.length });
}

function configOf(id: string, request: Request<'gateway:create'>, vpc: VpcFacts): GatewayConfig {
  const { name, region, networkType, billing, bindMode, eips, natIps } = request;
  const isInternet = networkType === 'internet';
  const config = withVpc(
    {
      natGatewayId: id,
      ...(name === '' ? {} : { name }),
      regionId: region,
      networkType,
      internetChargeType: billing,
      ...(isInternet ? { eipBindMode: bindMode } : {}),
      // Those of the other kind are refused like everything else.
      ...(isInternet && natIps.length > 0 ? { natIps } : {}),
      ...(!isInternet && eips.length > 0 ? { eips: eips.map(({ ipAddress }) => ipAddress) } : {}),
    },
    vpc,
  );
  return withAddresses(config, isInternet ? eips : natIps.map((ipAddress) => ({ ipAddress, privateIpAddress: null })));
}

/** @throws AppError GATEWAY_BUILT_IN, GATEWAY_INVALID, EIP_TAKEN, GATEWAY_IN_USE */
export async function updateGateway(
  database: Database,
  { gateway, config }: Request<'gateway:update'>,
): Promise<GatewayReport> {
  return edit(database, gateway, (before) => replaced(before, config));
}

/** @throws AppError GATEWAY_BUILT_IN, GATEWAY_IN_USE while its session log is enabled */
export async function deleteGateway(database: Database, gateway: string): Promise<null> {
  refuseBuiltIn(gateway);
  await database.transaction(async (connection) => {
    await findStoredGateway(connection, gateway);
    const sessionLog = (await readSessionLogs(connection)).get(gateway);
    if (sessionLog?.stoppedMs === null) {
      const message = `the session log of gateway ${gateway} is enabled: stop it first, with natscope session-log stop ${gateway}`;
      throw new AppError('GATEWAY_IN_USE', message, { gateway });
    }
    await connection.run(GATEWAY_STATEMENTS.deleteSessionLog, [gateway]);
    await connection.run(GATEWAY_STATEMENTS.deleteConsoleGateway, [gateway]);
  });
  return null;
}

/** @throws AppError GATEWAY_BUILT_IN, GATEWAY_INVALID, EIP_TAKEN */
export async function addEip(database: Database, { gateway, ...address }: Request<'eip:add'>): Promise<GatewayReport> {
  return edit(database, gateway, (before) => withAddresses(before, [address]));
}

/** @throws AppError GATEWAY_BUILT_IN, EIP_NOT_FOUND; GATEWAY_INVALID while an SNAT entry has it, and for the last one */
export async function removeEip(
  database: Database,
  { gateway, ipAddress }: Request<'eip:remove'>,
): Promise<GatewayReport> {
  return edit(database, gateway, (before) => withoutAddress(before, ipAddress));
}

/** @throws AppError OPTION_INVALID, GATEWAY_BUILT_IN, GATEWAY_INVALID */
export async function createSnatEntry(
  database: Database,
  { gateway, ...entry }: Request<'snat:create'>,
): Promise<GatewayReport> {
  const id = chosenId(entry.id, 'SNAT entry');
  return edit(database, gateway, (before) => withSnatEntry(before, { ...entry, id }));
}

/** @throws AppError GATEWAY_BUILT_IN, SNAT_ENTRY_NOT_FOUND, GATEWAY_INVALID */
export async function deleteSnatEntry(
  database: Database,
  { gateway, snatEntry }: Request<'snat:delete'>,
): Promise<GatewayReport> {
  return edit(database, gateway, (before) => withoutSnatEntry(before, snatEntry));
}

async function edit(
  database: Database,
  gateway: string,
  change: (before: GatewayConfig) => GatewayConfig,
): Promise<GatewayReport> {
  refuseBuiltIn(gateway);
  return database.transaction(async (connection) => {
    const { config } = await findStoredGateway(connection, gateway);
    const changed = change(config);
    const name = await checkConfig(connection, gateway, changed);
    const row = [gateway, name, JSON.stringify(withoutVpc(changed))];
    await connection.run(GATEWAY_STATEMENTS.writeConsoleGateway, row);
    return readGatewayIn(connection, gateway);
  });
}

/** @throws AppError GATEWAY_BUILT_IN */
export function refuseBuiltIn(gateway: string): void {
  if (gateway !== BUILT_IN_GATEWAY) return;
  const message = `${gateway} is the gateway that is at work when none is named, and cannot be changed: create one of your own`;
  throw new AppError('GATEWAY_BUILT_IN', message, { gateway });
}

/** @returns the name of the gateway. @throws AppError GATEWAY_INVALID, EIP_TAKEN, GATEWAY_IN_USE */
async function checkConfig(connection: Connection, id: string, config: GatewayConfig): Promise<string> {
  const { gateway, name } = readGateway(config);
  const addresses = addressesOf(config);
  if (addresses.length === 0) {
    const message = `gateway ${id} has no EIP, and needs one to translate to`;
    throw new AppError('GATEWAY_INVALID', message, { gateway: id });
  }
  const isEnabled = (await readSessionLogs(connection)).get(id)?.stoppedMs === null;
  if (gateway.billing === 'PayBySpec' && isEnabled) {
    const message = `the session log of gateway ${id} is enabled, which pay-by-specification gateways cannot have: stop it first`;
    throw new AppError('GATEWAY_IN_USE', message, { gateway: id });
  }
  if (gateway.networkType === 'internet') await refuseForeignEips(connection, id, addresses);
  return name ?? '';
}

/** An EIP is bound to one gateway: with two, nobody could tell whose a session was. */
async function refuseForeignEips(
  connection: Connection,
  id: string,
  addresses: readonly { readonly ipAddress: string }[],
): Promise<void> {
  for (const other of await listStoredGateways(connection)) {
    if (other.id === id || other.config['networkType'] === 'intranet') continue;
    const theirs = addressesOf(other.config);
    const taken = addresses.find(({ ipAddress }) => theirs.some((each) => each.ipAddress === ipAddress));
    if (taken === undefined) continue;
    const { ipAddress } = taken;
    throw new AppError('EIP_TAKEN', `EIP ${ipAddress} is bound to gateway ${other.id}: remove it there first`, {
      ipAddress,
      gateway: other.id,
    });
  }
}

export function statusOf(sessionLog: StoredSessionLog | undefined): SessionLogStatus {
  if (sessionLog === undefined) return 'NotEnabled';
  return sessionLog.stoppedMs === null ? 'Enabled' : 'Stopped';
}

function reportOf(stored: StoredGateway, sessionLog: StoredSessionLog | undefined): GatewayReport {
  const { id, name, region, vpc, config, createdMs } = stored;
  const described = describeGateway(config, readGateway(config));
  const own = { id, name, region, vpc: vpc.id, createdMs, builtIn: false, sessionLog: statusOf(sessionLog) };
  return { ...whole(own, described), vpc, config };
}

/** As it is at work: of an import that names no gateway. */
function builtIn(): GatewayReport {
  const configured = readGateway({});
  const { instance: id, vpcId: vpc, region } = configured.gateway;
  const own = { id, name: '', region, vpc, createdMs: null, builtIn: true, sessionLog: 'Enabled' as const };
  return { ...whole(own, describeGateway({}, configured)), vpc: null, config: {} };
}

function whole(
  own: Omit<GatewayFacts, 'networkType' | 'billing' | 'bindMode' | 'addresses' | 'snatEntries'>,
  described: DescribedGateway,
): Omit<GatewayReport, 'vpc' | 'config'> {
  const { networkType, billing, bindMode, addresses, entries, hasDefaultEntries, quotas, warnings } = described;
  return {
    gateway: { ...own, networkType, billing, bindMode, addresses, snatEntries: entries.length },
    entries,
    hasDefaultEntries,
    quotas,
    warnings,
  };
}
