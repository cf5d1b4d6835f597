import { AppError } from '../contract/errors';
import type { GatewayChoice } from '../contract/import-preview';
import type { ImportReport, ImportRequest } from '../contract/imports';
import type { Notice } from '../contract/result-batch';
import { findLogstore, type Logstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import {
  listStoredGateways,
  readAccountIn,
  readSessionLogs,
  type StoredGateway,
  type StoredSessionLog,
} from '../duckdb/gateway-rows';
import { readIndex } from '../duckdb/index-rows';
import { findImported, runImport, type ImportContext } from './import-service';
import type { Importer } from './importer';
import type { Replays } from './replays';
import { destinationMissing, importedAlready, notEnabled, type ImportedThrough } from './route-refusals';
import { RoutedImports, type Route } from './routed-imports';
import { isReadOnce } from './side-by-side';
import { tidyUp } from './tidy-up';

/** Seconds of capture time for which a destination that was changed is being changed. */
const MODIFYING_SEC = 60;

/**
 * Imports captures through the gateways whose session log is asked for, each by the networks of its VPC and into the Logstore
 * that its session log goes to; all of that, or nothing. Without any, it is an import through one gateway, as `runImport`.
 *
 * @throws AppError as `runImport`; SESSION_LOG_NOT_ENABLED, GATEWAY_NOT_FOUND, DESTINATION_NOT_FOUND
 */
export async function importByRoutes(
  database: Database,
  request: ImportRequest,
  context: ImportContext,
  importer: Importer,
  replays?: Replays,
): Promise<ImportReport> {
  const routes = await routesOf(database, request);
  if (routes.length === 0) return runImport(database, request, context, importer, { replays });
  if (routes.length > 1) await refuseImported(database, routes, context.signal);
  const imports = new RoutedImports(database, request, importer, replays);
  const reports =
    routes.length > 1 && isReadOnce(request)
      ? await imports.sideBySide(routes, context)
      : await imports.oneByOne(routes, context);
  return joined(await Promise.all(reports.map((report) => withLaterNotices(database, report, request.live === true))));
}

/** What is refused is so before the first of them has read for minutes. @throws AppError CAPTURE_ALREADY_IMPORTED */
async function refuseImported(database: Database, routes: readonly Route[], signal: AbortSignal): Promise<void> {
  const imported: ImportedThrough[] = [];
  for (const { gateway, request } of routes) {
    const before = await findImported(database, request, signal);
    const { project, logstore } = request;
    if (before !== null) imported.push({ gateway: gateway.id, ...before, project, logstore });
  }
  const left = routes.map(({ gateway }) => gateway.id).filter((id) => !imported.some(({ gateway }) => gateway === id));
  if (imported.length > 0) throw importedAlready(imported, left);
}

async function withLaterNotices(database: Database, report: ImportReport, isTidy: boolean): Promise<ImportReport> {
  const logstore = await findLogstore(database, report.project, report.logstore);
  const later = isTidy ? [] : await tidyUp(database, logstore);
  return { ...report, notices: [...report.notices, ...later, ...(await indexNotices(database, logstore))] };
}

function joined(reports: readonly ImportReport[]): ImportReport {
  const [first, ...others] = reports;
  if (first === undefined) throw new RangeError('an import has at least one route');
  return { ...first, others };
}

/**
 * @param gateway whose session log is enabled
 * @returns what goes through it, as an import by session logs has it
 * @throws AppError SESSION_LOG_NOT_ENABLED, GATEWAY_NOT_FOUND, DESTINATION_NOT_FOUND
 */
export async function choiceOfSessionLog(database: Database, gateway: string): Promise<GatewayChoice> {
  const [route] = await targetsOf(database, [gateway]);
  if (route === undefined) throw notEnabled(gateway);
  return { gateway: route.config, inside: [], eips: [], seed: 0 };
}

async function routesOf(database: Database, request: ImportRequest): Promise<Route[]> {
  const { sessionLogs } = request;
  if (sessionLogs === undefined) return [];
  const targets = await targetsOf(database, sessionLogs);
  return targets.map(({ gateway, config, project, logstore, modifying, hasRole }) => ({
    ...{ gateway, hasRole, modifyingSec: modifying ? MODIFYING_SEC : 0 },
    request: {
      ...{ ...request, project, logstore, gateway: config, inside: [], eips: [], seed: 0 },
      // The product leaves it to its users.
      createIndex: false,
    },
  }));
}

/** A gateway that captures go through, and where its session log goes to. */
interface Target extends Pick<StoredSessionLog, 'project' | 'logstore' | 'modifying'> {
  readonly gateway: StoredGateway;
  readonly config: Readonly<Record<string, unknown>>;
  readonly hasRole: boolean;
}

async function targetsOf(database: Database, sessionLogs: 'enabled' | readonly string[]): Promise<Target[]> {
  const { gateways, logs, account } = await database.withConnection(async (connection) => ({
    gateways: await listStoredGateways(connection),
    logs: await readSessionLogs(connection),
    account: await readAccountIn(connection),
  }));
  const isEnabled = ({ id }: StoredGateway): boolean => logs.get(id)?.stoppedMs === null;
  const chosen =
    sessionLogs === 'enabled' ? gateways.filter(isEnabled) : [...new Set(sessionLogs)].map((id) => found(gateways, id));
  const targets: Target[] = [];
  for (const gateway of chosen) {
    const log = logs.get(gateway.id);
    if (log === undefined || !isEnabled(gateway)) throw notEnabled(gateway.id);
    const { project, logstore, modifying } = log;
    // What is not there takes no entries; the error says what to do.
    await findLogstore(database, project, logstore).catch((cause: unknown) => {
      throw destinationMissing(gateway.id, { project, logstore }, cause);
    });
    // Whichever are asked for, so that the entries of one do not follow from that.
    const others = gateways.filter((each) => each.id !== gateway.id && isEnabled(each));
    const config = withoutOthers(gateway, others);
    targets.push({ ...{ gateway, config, project, logstore, modifying }, hasRole: account.serviceLinkedRole });
  }
  return targets;
}

function found(gateways: readonly StoredGateway[], id: string): StoredGateway {
  const gateway = gateways.find((each) => each.id === id);
  if (gateway !== undefined) return gateway;
  const known = gateways.map((each) => each.id).join('\n');
  throw new AppError('GATEWAY_NOT_FOUND', `there is no gateway ${id}`, { gateway: id, known });
}

/**
 * What is sent to other VPCs does not leave through the gateway, and what is between other VPCs and the Internet is no packet
 * of it.
 */
function withoutOthers(
  { config, vpc }: StoredGateway,
  others: readonly StoredGateway[],
): Readonly<Record<string, unknown>> {
  const networksOf = (each: readonly StoredGateway[]): string[] =>
    each.flatMap((other) => [other.vpc.cidrBlock, ...other.vpc.secondaryCidrBlocks]);
  if (others.length === 0) return config;
  const otherVpcs = others.filter((other) => other.vpc.id !== vpc.id);
  return {
    ...config,
    noNatCidrs: [...listOf(config['noNatCidrs']), ...networksOf(others)],
    otherGatewayCidrs: [...listOf(config['otherGatewayCidrs']), ...networksOf(otherVpcs)],
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

async function indexNotices(database: Database, { id, project, name }: Logstore): Promise<Notice[]> {
  if ((await readIndex(database, id)).config !== null) return [];
  const text = `Logstore ${name} has no index, and nothing of it can be queried until one is created: natscope index create-recommended --project ${project} --logstore ${name}.`;
  return [{ kind: 'info', text }];
}
