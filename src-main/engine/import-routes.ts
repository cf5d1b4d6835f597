import { AppError } from '../contract/errors';
import { STANDARD_INPUT, type ImportReport, type ImportRequest } from '../contract/ipc';
import type { Notice } from '../contract/result-batch';
import { findLogstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { GATEWAY_STATEMENTS } from '../duckdb/gateway-statements';
import { listStoredGateways, readAccountIn, readSessionLogs, type StoredGateway } from '../duckdb/gateway-rows';
import { deleteRun } from '../duckdb/import-runs';
import { readIndex } from '../duckdb/index-rows';
import { runImport, type ImportContext } from './import-service';
import type { Importer } from './importer';

/** Seconds of capture time for which a destination that was changed is being changed. */
const MODIFYING_SEC = 60;

/** Where a gateway's part of a capture goes. */
interface Route {
  readonly gateway: StoredGateway;
  readonly request: ImportRequest;
  readonly modifyingSec: number;
}

/**
 * Imports captures through the gateways whose session log is asked for, each by the networks of its VPC and into the Logstore
 * that its session log goes to; all of that, or nothing. Without any, it is an import through one gateway, as `runImport`.
 *
 * @throws AppError as `runImport`; SESSION_LOG_NOT_ENABLED, GATEWAY_NOT_FOUND, PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND
 */
export async function importByRoutes(
  database: Database,
  request: ImportRequest,
  context: ImportContext,
  importer: Importer,
): Promise<ImportReport> {
  const routes = await routesOf(database, request);
  if (routes.length === 0) return runImport(database, request, context, importer);
  refuseTwice(routes, request);
  const reports: ImportReport[] = [];
  try {
    for (const [place, route] of routes.entries()) {
      const each: ImportContext = {
        signal: context.signal,
        emit: (name, payload) => context.emit(name, payload),
        endOnCancel: () => context.endOnCancel?.(),
        // Until the last one is stored, all can be taken back.
        passNoReturn: () => {
          if (place === routes.length - 1) context.passNoReturn();
        },
      };
      const report = await runImport(database, route.request, each, importer, route.modifyingSec);
      reports.push({ ...report, notices: [...report.notices, ...(await indexNotices(database, report))] });
    }
  } catch (cause) {
    // All or nothing.
    for (const { run } of reports) await deleteRun(database, run).catch(() => undefined);
    throw cause;
  }
  await endModifying(database, routes);
  const [first, ...others] = reports;
  if (first === undefined) throw new RangeError('an import has at least one route');
  return { ...first, others };
}

/** Each gateway reads the captures anew. */
function refuseTwice(routes: readonly Route[], { captures, streams = [], live }: ImportRequest): void {
  const isOnce = live === true || streams.length > 0 || captures.includes(STANDARD_INPUT);
  if (routes.length === 1 || !isOnce) return;
  const message = `what is live or comes from a pipe can be read once, and the session logs of ${routes.length} gateways are enabled: name one, with --gateway-id`;
  throw new AppError('OPTION_INVALID', message, { option: '--gateway-id' });
}

async function routesOf(database: Database, request: ImportRequest): Promise<Route[]> {
  const { sessionLogs } = request;
  if (sessionLogs === undefined) return [];
  const { gateways, logs, account } = await database.withConnection(async (connection) => ({
    gateways: await listStoredGateways(connection),
    logs: await readSessionLogs(connection),
    account: await readAccountIn(connection),
  }));
  const isEnabled = ({ id }: StoredGateway): boolean => logs.get(id)?.stoppedMs === null;
  const chosen =
    sessionLogs === 'enabled' ? gateways.filter(isEnabled) : [...new Set(sessionLogs)].map((id) => found(gateways, id));
  const routes: Route[] = [];
  for (const gateway of chosen) {
    const log = logs.get(gateway.id);
    if (log === undefined || !isEnabled(gateway)) throw notEnabled(gateway.id);
    const { project, logstore, modifying } = log;
    // What is not there takes no entries; the error says what to do.
    await findLogstore(database, project, logstore);
    // Whichever are asked for, so that the entries of one do not follow from that.
    const others = gateways.filter((each) => each.id !== gateway.id && isEnabled(each));
    routes.push({
      gateway,
      modifyingSec: modifying ? MODIFYING_SEC : 0,
      request: {
        ...request,
        project,
        logstore,
        gateway: withoutOthers(gateway, others),
        inside: [],
        eips: [],
        seed: 0,
        // The product leaves it to its users.
        createIndex: false,
        ...(account.serviceLinkedRole ? {} : { delivery: withoutRole(request.delivery) }),
      },
    });
  }
  return routes;
}

function found(gateways: readonly StoredGateway[], id: string): StoredGateway {
  const gateway = gateways.find((each) => each.id === id);
  if (gateway !== undefined) return gateway;
  const known = gateways.map((each) => each.id).join('\n');
  throw new AppError('GATEWAY_NOT_FOUND', `there is no gateway ${id}`, { gateway: id, known });
}

function notEnabled(gateway: string): AppError {
  const message = `gateway ${gateway} has no session log that is enabled: enable it, with natscope session-log enable ${gateway}`;
  return new AppError('SESSION_LOG_NOT_ENABLED', message, { gateway });
}

/** What is sent to other VPCs does not leave through the gateway. */
function withoutOthers({ config }: StoredGateway, others: readonly StoredGateway[]): Readonly<Record<string, unknown>> {
  const networks = others.flatMap(({ vpc }) => [vpc.cidrBlock, ...vpc.secondaryCidrBlocks]);
  if (networks.length === 0) return config;
  const own = Array.isArray(config['noNatCidrs']) ? (config['noNatCidrs'] as unknown[]) : [];
  return { ...config, noNatCidrs: [...own, ...networks] };
}

/** The account has no role that may write the logs. */
function withoutRole(script: ImportRequest['delivery'] = {}): Readonly<Record<string, unknown>> {
  const faults = Array.isArray(script['faults']) ? (script['faults'] as unknown[]) : [];
  return { ...script, faults: [...faults, { fault: 'role_revoked', from: '+0s' }] };
}

async function indexNotices(database: Database, { project, logstore }: ImportReport): Promise<Notice[]> {
  const { id } = await findLogstore(database, project, logstore);
  if ((await readIndex(database, id)).config !== null) return [];
  const text = `Logstore ${logstore} has no index, and nothing of it can be queried until one is created: natscope index create-recommended --project ${project} --logstore ${logstore}.`;
  return [{ kind: 'info', text }];
}

/** What was changed is changed. */
async function endModifying(database: Database, routes: readonly Route[]): Promise<void> {
  const ended = routes.filter(({ modifyingSec }) => modifyingSec > 0);
  if (ended.length === 0) return;
  await database.transaction(async (connection) => {
    for (const { gateway } of ended) await connection.run(GATEWAY_STATEMENTS.endModifying, [gateway.id]);
  });
}
