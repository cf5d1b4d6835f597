import type { Database } from '../duckdb/database';
import { readStoredDelivery, writeDeliveryIn } from '../duckdb/deliveries';
import { keepCutOffRunIn, listCutOffRuns, type CutOffRun } from '../duckdb/import-runs';
import { hasLateRowsIn, settleEntries } from '../duckdb/undelivered';
import type { Notice } from '../contract/result-batch';
import { deliver } from './delivery-service';
import { formatInstant } from './time-text';

/**
 * Commits live imports that nobody goes on with, with what was sealed of them, as if their captures had ended there.
 *
 * @param run one run; null for all, at the opening of a workspace
 * @returns how many there were
 */
export async function keepCutOffRuns(database: Database, run: number | null): Promise<number> {
  const runs = (await listCutOffRuns(database)).filter((each) => run === null || each.run === run);
  for (const each of runs) await keep(database, each);
  return runs.length;
}

async function keep(database: Database, cutOff: CutOffRun): Promise<void> {
  const { run, logstoreId, notices } = cutOff;
  const basis = await readStoredDelivery(database, run);
  const delivered = basis === null ? null : deliver(basis);
  const hasLate = await database.withConnection((connection) => hasLateRowsIn(connection, { logstoreId, runId: run }));
  await settleEntries(
    database,
    { logstoreId, runId: run },
    { lost: delivered?.lost ?? [], hasLate },
    async (connection, { merged, undelivered }) => {
      if (delivered !== null) await writeDeliveryIn(connection, run, { ...delivered, undelivered });
      const logEntries = cutOff.logEntries - merged;
      const sealedSec = basis?.groups.at(-1)?.sealedSec ?? null;
      await keepCutOffRunIn(connection, run, { logEntries, notices: [...notices, cutOffNotice(run, sealedSec)] });
    },
  );
}

/** @param sealedSec end of the last window that was sealed; null where that is not known */
function cutOffNotice(run: number, sealedSec: number | null): Notice {
  const until = sealedSec === null ? '' : `, up to ${formatInstant(sealedSec)}`;
  return {
    kind: 'losses',
    text: `Run ${run} was cut off while it was live: its sealed windows${until} are in the log, and what came after them is not.`,
  };
}
