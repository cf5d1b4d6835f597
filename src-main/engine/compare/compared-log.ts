import type { CompareSide } from '../../contract/compare';
import { AppError } from '../../contract/errors';
import type { Notice } from '../../contract/result-batch';
import { findLogstore, listDimensions, numberOrNull, readRows, type Dimensions } from '../../duckdb/catalogue';
import { orderedEntries, usedGateways, type GatewayNumbers } from '../../duckdb/compare-statements';
import type { Database } from '../../duckdb/database';
import { logRange, visibleRuns, type VisibleRuns } from '../../duckdb/run-reads';
import { readStream } from '../../duckdb/read-stream';
import { readRunOrigin } from '../../duckdb/run-origin';
import { affectedSpans, incompleteWindows, lossesBehind } from '../open-log';
import { EntryCursor } from './entry-cursor';
import type { OtherLog } from './explain-session';

/** Windows of the product, which entries of loaded logs are taken to be of. */
const WINDOW_SEC = 600;

/** One side of a comparison, as it was when it was opened. */
export interface ComparedLog extends OtherLog {
  /** As the user knows it. */
  readonly name: string;
  /** Whether its entries have identities that the user can ask for. */
  readonly isLogstore: boolean;
  /** Gateways and VPCs that its entries have. */
  readonly gateways: Dimensions;
  readonly notices: readonly Notice[];
  entries(numbers: GatewayNumbers, signal: AbortSignal): EntryCursor;
}

/**
 * @param side what the user named, in whose words it is told of
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, LOGSTORE_MISMATCH, WORKSPACE_*
 */
export async function openComparedLog(
  database: Database,
  { project, logstore }: { readonly project: string; readonly logstore: string },
  side: CompareSide,
): Promise<ComparedLog> {
  const { id, schema } = await findLogstore(database, project, logstore);
  if (schema !== 'session_log') {
    const message = `Logstore ${logstore} has no session logs, which alone can be compared`;
    throw new AppError('LOGSTORE_MISMATCH', message, { logstore, schema });
  }
  const runs = await visibleRuns(database, id);
  const { maxRun, hidden, committed, imports } = runs;
  const [gateways, extent, losses, lost, excluded] = await Promise.all([
    gatewaysIn(database, id, runs),
    logRange(database, id, { maxRun, hidden }),
    lossesBehind(database, committed),
    lostWindows(database, imports),
    excludedHosts(database, imports),
  ]);
  const name = 'file' in side ? side.file : side.logstore;
  return {
    name,
    isLogstore: 'logstore' in side,
    gateways,
    notices: losses.map(({ kind, text }) => ({ kind, text: `${name}: ${text}` })),
    covers: (windowStartSec) =>
      extent !== null &&
      windowStartSec + BigInt(WINDOW_SEC) > BigInt(extent.firstSec) &&
      windowStartSec <= BigInt(extent.lastSec),
    hasLost: (windowStartSec) => lost.has(windowStartSec),
    excludes: (host) => host !== null && excluded.has(host),
    entries: (numbers, signal) => new EntryCursor(rowsOf(database, id, runs, numbers, signal)),
  };
}

function rowsOf(
  database: Database,
  logstoreId: number,
  { maxRun, hidden }: Pick<VisibleRuns, 'maxRun' | 'hidden'>,
  numbers: GatewayNumbers,
  signal: AbortSignal,
): ReturnType<typeof readStream> {
  return readStream(database, orderedEntries(logstoreId, numbers), visible({ maxRun, hidden }), { signal });
}

/** Parameters of statements on the visible runs. Where there is none, nothing is up to 0 and not 0. */
function visible({ maxRun, hidden }: Pick<VisibleRuns, 'maxRun' | 'hidden'>): [maxRun: number, hidden: string] {
  return maxRun === null ? [0, '[0]'] : [maxRun, JSON.stringify(hidden)];
}

async function gatewaysIn(database: Database, logstoreId: number, runs: VisibleRuns): Promise<Dimensions> {
  const { instance, vpc_id } = await listDimensions(database);
  const rows = await database.withConnection((connection) =>
    readRows(connection, usedGateways(logstoreId), visible(runs)),
  );
  const used = (column: string): ReadonlySet<number | null> => new Set(rows.map((row) => numberOrNull(row, column)));
  const [instances, vpcs] = [used('instance'), used('vpc')];
  return { instance: instance.filter(({ id }) => instances.has(id)), vpc_id: vpc_id.filter(({ id }) => vpcs.has(id)) };
}

/** Starts of the windows of these imports of which entries were not delivered. */
async function lostWindows(database: Database, runs: readonly number[]): Promise<ReadonlySet<bigint>> {
  const windows = await Promise.all(runs.map((run) => incompleteWindows(database, run, null)));
  return new Set(
    windows
      .flat()
      .flatMap(affectedSpans)
      .map(({ startSec }) => BigInt(startSec)),
  );
}

/** Hosts that left a gateway of these imports by a DNAT mapping or an EIP of their own, IPv4 in host order. */
async function excludedHosts(database: Database, runs: readonly number[]): Promise<ReadonlySet<number>> {
  const gateways = await Promise.all(runs.map((run) => readRunOrigin(database, run)));
  const hosts = gateways.flatMap(({ gateway }) => {
    // As `beginRun` wrote it; one of an older version may have neither.
    const { dnatMappings = [], hostEips = [] } = JSON.parse(gateway) as Partial<HostAddresses>;
    return [...dnatMappings, ...hostEips].map(({ privateAddress }) => privateAddress);
  });
  return new Set(hosts);
}

interface HostAddresses {
  readonly dnatMappings: readonly { readonly privateAddress: number }[];
  readonly hostEips: readonly { readonly privateAddress: number }[];
}
