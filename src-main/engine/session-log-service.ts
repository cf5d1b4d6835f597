import { AppError } from '../contract/errors';
import {
  type AccountFacts,
  type DestinationRequest,
  type EnabledSessionLog,
  type GatewayCalls,
  type GatewayFacts,
  type MissingEntries,
  type SessionLogReport,
} from '../contract/gateways';
import { DEFAULT_LOGSTORE, DEFAULT_PROJECT } from '../contract/imports';
import type { LogstoreName } from '../contract/logstore';
import { numberIn, readRows, textIn, type Row } from '../duckdb/catalogue';
import type { Connection, Database } from '../duckdb/database';
import {
  listStoredGateways,
  readAccountIn,
  readSessionLogs,
  replaceSessionLog,
  writeAccountIn,
  type StoredGateway,
  type StoredSessionLog,
} from '../duckdb/gateway-rows';
import { listMissingIn, sumOf, type MissingOfGateway } from '../duckdb/missing-entries';
import { STATEMENTS } from '../duckdb/statements';
import { deliveryOf, destinationArn, refusalOf, type OverlappingVpc } from '../logstore/session-log';
import { overlapOf } from '../nat/vpc';
import { listGatewaysIn, readGatewayIn, refuseBuiltIn } from './gateway-service';
import { ensureDestination } from './session-log-destination';

export async function readAccount(database: Database): Promise<AccountFacts> {
  return database.withConnection(readAccountIn);
}

export async function updateAccount(
  database: Database,
  changes: GatewayCalls['account:update']['request'],
): Promise<AccountFacts> {
  return database.transaction(async (connection) => {
    const before = await readAccountIn(connection);
    const account = {
      serviceLinkedRole: changes.serviceLinkedRole ?? before.serviceLinkedRole,
      previewAccess: changes.previewAccess ?? before.previewAccess,
    };
    await writeAccountIn(connection, account);
    return account;
  });
}

export async function listReports(database: Database): Promise<readonly SessionLogReport[]> {
  return database.withConnection(async (connection) => {
    const around = await readAround(connection);
    return Promise.all((await listGatewaysIn(connection)).map((gateway) => reportOf(connection, gateway, around)));
  });
}

/** @throws AppError GATEWAY_NOT_FOUND; so do the others */
export async function readReport(database: Database, gateway: string): Promise<SessionLogReport> {
  return database.withConnection((connection) => readReportIn(connection, gateway));
}

async function readReportIn(connection: Connection, gateway: string): Promise<SessionLogReport> {
  const { gateway: facts } = await readGatewayIn(connection, gateway);
  return reportOf(connection, facts, await readAround(connection));
}

/**
 * @throws AppError SESSION_LOG_REFUSED with detail `reason`; PROJECT_NOT_FOUND, PROJECT_EXISTS, LOGSTORE_NOT_FOUND,
 * LOGSTORE_EXISTS, LOGSTORE_NAME_INVALID, OPTION_INVALID, LOGSTORE_MISMATCH, QUOTA_EXCEEDED of its destination
 */
export async function enableSessionLog(database: Database, request: DestinationRequest): Promise<EnabledSessionLog> {
  const enabled = await database.transaction(async (connection) => {
    const { refusal, region, gateway } = await readReportIn(connection, request.gateway);
    if (refusal !== null) throw refused(gateway, refusal);
    const nowMs = Date.now();
    const made = await ensureDestination(connection, region, request, nowMs);
    const account = await readAccountIn(connection);
    if (!account.serviceLinkedRole) await writeAccountIn(connection, { ...account, serviceLinkedRole: true });
    const { project, logstore } = request;
    const destination = { project: project.name, logstore: logstore.name };
    await replaceSessionLog(connection, {
      gateway,
      ...destination,
      enabledMs: nowMs,
      modifying: false,
      stoppedMs: null,
    });
    const created = { ...made, role: !account.serviceLinkedRole };
    return { ...(await readReportIn(connection, gateway)), created };
  });
  if (enabled.created.logstore) await database.checkpoint();
  return enabled;
}

function refused(gateway: string, { reason, text }: NonNullable<SessionLogReport['refusal']>): AppError {
  return new AppError('SESSION_LOG_REFUSED', text.replace(/\.$/u, ''), { gateway, reason });
}

/** @throws AppError GATEWAY_BUILT_IN, SESSION_LOG_NOT_ENABLED, and those of a destination as `enableSessionLog` does */
export async function changeDestination(database: Database, request: DestinationRequest): Promise<EnabledSessionLog> {
  refuseBuiltIn(request.gateway);
  const changed = await database.transaction(async (connection) => {
    const { gateway } = await readGatewayIn(connection, request.gateway);
    const before = await findEnabled(connection, gateway.id);
    const made = await ensureDestination(connection, gateway.region, request, Date.now());
    const destination = { project: request.project.name, logstore: request.logstore.name };
    const isSame = before.project === destination.project && before.logstore === destination.logstore;
    await replaceSessionLog(connection, { ...before, ...destination, modifying: before.modifying || !isSame });
    return { ...(await readReportIn(connection, gateway.id)), created: { ...made, role: false } };
  });
  if (changed.created.logstore) await database.checkpoint();
  return changed;
}

/** @throws AppError GATEWAY_BUILT_IN, SESSION_LOG_NOT_ENABLED */
export async function stopSessionLog(database: Database, gateway: string): Promise<SessionLogReport> {
  refuseBuiltIn(gateway);
  return database.transaction(async (connection) => {
    await readGatewayIn(connection, gateway);
    const before = await findEnabled(connection, gateway);
    await replaceSessionLog(connection, { ...before, modifying: false, stoppedMs: Date.now() });
    return readReportIn(connection, gateway);
  });
}

async function findEnabled(connection: Connection, gateway: string): Promise<StoredSessionLog> {
  const found = (await readSessionLogs(connection)).get(gateway);
  if (found?.stoppedMs === null) return found;
  const message = `the session log of gateway ${gateway} is ${found === undefined ? 'not enabled' : 'stopped'}`;
  throw new AppError('SESSION_LOG_NOT_ENABLED', message, { gateway });
}

/** What the reports of all gateways rest on. */
interface Around {
  readonly account: AccountFacts;
  readonly gateways: readonly StoredGateway[];
  readonly sessionLogs: ReadonlyMap<string, StoredSessionLog>;
  readonly missing: readonly MissingOfGateway[];
}

async function readAround(connection: Connection): Promise<Around> {
  const account = await readAccountIn(connection);
  const gateways = await listStoredGateways(connection);
  const sessionLogs = await readSessionLogs(connection);
  return { account, gateways, sessionLogs, missing: await listMissingIn(connection) };
}

function overlapping(gateway: string, { gateways, sessionLogs }: Around): OverlappingVpc | null {
  const own = gateways.find(({ id }) => id === gateway);
  if (own === undefined) return null;
  for (const other of gateways) {
    if (other.id === gateway || sessionLogs.get(other.id)?.stoppedMs !== null) continue;
    const networks = overlapOf(own.vpc, other.vpc);
    if (networks !== null) return { gateway: other.id, networks };
  }
  return null;
}

async function reportOf(connection: Connection, facts: GatewayFacts, around: Around): Promise<SessionLogReport> {
  const { id, name, region, builtIn, sessionLog: status } = facts;
  const found = around.sessionLogs.get(id);
  const place = builtIn ? { project: DEFAULT_PROJECT, logstore: DEFAULT_LOGSTORE } : found;
  const state = place === undefined ? null : await readDestination(connection, place.project, place.logstore);
  const delivery = (): SessionLogReport['delivery'] => {
    if (status !== 'Enabled' || state === null) return null;
    // An import makes what is not there yet of it, and delivers without a role.
    if (builtIn) return { status: 'Successful', code: null };
    return deliveryOf(region, state, around.account, found?.modifying === true);
  };
  return {
    gateway: id,
    gatewayName: name,
    region,
    builtIn,
    status,
    delivery: delivery(),
    deliveryType: 'sls',
    destination:
      place === undefined || state === null
        ? null
        : {
            project: place.project,
            logstore: place.logstore,
            exists: state.hasLogstore && state.projectRegion === region,
            arn: destinationArn(region, place.project, place.logstore),
          },
    index: state?.index ?? null,
    missing: place === undefined ? null : missingOf(facts, place, around),
    enabledMs: found?.enabledMs ?? null,
    stoppedMs: found?.stoppedMs ?? null,
    refusal: refusalOf(facts, around.account, overlapping(id, around)),
  };
}

/** Imports behind a gateway of a file, which nobody made here, are the built-in one's. */
function missingOf(
  { id, builtIn }: GatewayFacts,
  { project, logstore }: LogstoreName,
  { gateways, missing }: Around,
): MissingEntries | null {
  const isOwn = ({ instance }: MissingOfGateway): boolean =>
    instance === id || (builtIn && !gateways.some((gateway) => gateway.id === instance));
  const own = missing.filter((each) => each.project === project && each.logstore === logstore && isOwn(each));
  return sumOf(own.map(({ sealed, entries, imports, lastRun }) => ({ sealed, entries, imports, lastRun })));
}

async function readDestination(
  connection: Connection,
  project: string,
  logstore: string,
): Promise<Parameters<typeof deliveryOf>[1] & { readonly index: SessionLogReport['index'] }> {
  const [owner] = await readRows(connection, STATEMENTS.listProjectFacts, [project]);
  const [found] =
    owner === undefined ? [] : await readRows(connection, STATEMENTS.findLogstore, [numberIn(owner, 'id'), logstore]);
  return {
    projectRegion: owner === undefined ? null : textIn(owner, 'region'),
    hasLogstore: found !== undefined,
    index: found === undefined ? null : await readIndexFacts(connection, found),
  };
}

async function readIndexFacts(connection: Connection, logstore: Row): Promise<SessionLogReport['index']> {
  const [row] = await readRows(connection, STATEMENTS.readIndexConfig, [numberIn(logstore, 'id')]);
  if (row === undefined) return { exists: false, fields: 0 };
  const { keys = {} } = JSON.parse(textIn(row, 'config')) as { readonly keys?: object };
  return { exists: true, fields: Object.keys(keys).length };
}
