import type { ResultBatch } from '../contract/result-batch';
import type { WindowsReport, WindowsRequest } from '../contract/windows';
import { findLogstore } from '../duckdb/catalogue';
import type { Database } from '../duckdb/database';
import { readGatewaySnapshots } from '../duckdb/nat-table';
import { sealedEntries } from '../duckdb/undelivered';
import { readEntryTotals, streamMarkers } from '../duckdb/window-markers';
import type { Gateway } from '../nat/gateway';
import type { CallContext } from './engine-calls';
import { chosenRuns, lossesOfRuns, refuseCancelled } from './open-log';

/** What the windows of a run hold in all. */
interface Sums {
  packets: number;
  bytes: number;
}

/**
 * The completeness marker of each window of a Logstore: what the gateway sealed, and what of that the Logstore has. The sums
 * over an import are held against its ledger, which counts packets and not what is stored.
 *
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, LOGSTORE_MISMATCH, RUN_NOT_FOUND, QUERY_CANCELLED, WORKSPACE_*
 */
export async function readWindows(
  database: Database,
  request: WindowsRequest,
  { signal, sendBatch }: Pick<CallContext<'windows:read'>, 'signal' | 'sendBatch'>,
): Promise<WindowsReport> {
  refuseCancelled(signal);
  const logstore = await findLogstore(database, request.project, request.logstore);
  const runs = await chosenRuns(database, logstore, request.run);
  refuseCancelled(signal);
  const snapshots = await readGatewaySnapshots(database, runs);
  // As `beginRun` wrote it.
  const lengths = [...snapshots].map(([run, { gateway }]) => ({ run, ...(JSON.parse(gateway) as Gateway) }));
  const entries = await sealedEntries(database, logstore.id);
  const sums = new Map<number, Sums>(runs.map((run) => [run, { packets: 0, bytes: 0 }]));
  let windows = 0;
  let incomplete = 0;
  const spans = lengths.map(({ run, windowSec }) => ({ run, windowSec }));
  for await (const batch of streamMarkers(database, { logstoreId: logstore.id, entries }, spans, signal)) {
    windows += batch.rowCount;
    incomplete += addUp(batch, sums);
    await sendBatch(batch);
  }
  const totals = await readEntryTotals(database, runs);
  const isBalanced = ({ run, packets, bytes }: Sums & { readonly run: number }): boolean =>
    sums.get(run)?.packets === packets && sums.get(run)?.bytes === bytes;
  return {
    windows,
    incomplete,
    unbalanced: totals.filter((total) => total.expired === 0 && !isBalanced(total)).map(({ run }) => run),
    expired: totals.filter(({ expired }) => expired > 0).map(({ run, expired }) => ({ run, entries: expired })),
    notices: await lossesOfRuns(database, runs),
  };
}

/** Adds the windows of a batch to the sums of their runs. @returns those of which the Logstore lacks something */
function addUp({ rowCount, columns }: ResultBatch, sums: ReadonlyMap<number, Sums>): number {
  const valuesOf = (name: string): ArrayLike<number | bigint> =>
    columns.find((column) => column.name === name)?.data ?? [];
  const [runs, packets, bytes] = [valuesOf('run'), valuesOf('packets'), valuesOf('bytes')];
  const pairs = (['entries', 'packets', 'bytes'] as const).map(
    (name) => [valuesOf(name), valuesOf(`in_log_${name}`)] as const,
  );
  let incomplete = 0;
  for (let row = 0; row < rowCount; row++) {
    const sum = sums.get(Number(runs[row]));
    if (sum !== undefined) {
      sum.packets += Number(packets[row]);
      sum.bytes += Number(bytes[row]);
    }
    if (pairs.some(([sealed, kept]) => sealed[row] !== kept[row])) incomplete++;
  }
  return incomplete;
}
