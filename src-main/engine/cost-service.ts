import { LONGEST_COST_WINDOW_SEC, type CostReport, type CostRequest, type WindowCost } from '../contract/cost';
import { AppError } from '../contract/errors';
import { SESSION_LOG_FIELDS } from '../contract/log-entry';
import { numberIn, readRows } from '../duckdb/catalogue';
import { readCost } from '../duckdb/cost-statements';
import type { Database } from '../duckdb/database';
import { listCaptures } from '../duckdb/run-reads';
import { readRunOrigin } from '../duckdb/run-origin';
import { sealedEntries } from '../duckdb/undelivered';
import type { Gateway } from '../nat/gateway';
import { windowOffset } from '../window/window-phase';

/** What is shown when nothing is asked for: so many times as long. */
const MULTIPLES = [1, 2, 3, 6];

/**
 * What a session log would store of an import, with windows as they are and with longer ones: a session has one entry in each
 * window, so that what follows from longer ones is exact.
 *
 * @throws AppError RUN_NOT_FOUND; OPTION_INVALID for windows that are no multiple of those of the import
 */
export async function readCosts(database: Database, { run, windowSecs }: CostRequest): Promise<CostReport> {
  const origin = await readRunOrigin(database, run);
  // As `beginRun` wrote it.
  const gateway = JSON.parse(origin.gateway) as Gateway;
  const entries = await sealedEntries(database, origin.logstoreId);
  const times = (await listCaptures(database, run)).flatMap(({ firstTime, lastTime }) =>
    firstTime === null || lastTime === null ? [] : [Number(firstTime), Number(lastTime)],
  );
  const [earliest, latest] = [Math.min(...times), Math.max(...times)];
  const wanted = windowSecs.length > 0 ? windowSecs : MULTIPLES.map((each) => each * gateway.windowSec);
  for (const windowSec of wanted) refuseOther(windowSec, gateway);
  const offsetSec = times.length === 0 ? 0 : windowOffset(gateway, Math.floor(earliest));
  const windows = await Promise.all(
    wanted.map((windowSec) => windowCost(database, entries, { run, windowSec, offsetSec, gateway })),
  );
  return { run, seconds: latest > earliest ? latest - earliest : null, windows };
}

function refuseOther(windowSec: number, { windowSec: ownSec, windowPhase }: Gateway): void {
  const isOwn = windowSec === ownSec;
  const isMultiple = windowSec > 0 && windowSec % ownSec === 0 && windowSec <= LONGEST_COST_WINDOW_SEC;
  if (isOwn || (isMultiple && windowPhase !== 'session')) return;
  const message = `windows of ${windowSec} s do not follow from those of the import, which are of ${ownSec} s: take a multiple of that up to a day, or import again with another windowSec`;
  throw new AppError('OPTION_INVALID', message, { option: 'windowSecs' });
}

async function windowCost(
  database: Database,
  entries: string,
  { run, windowSec, offsetSec, gateway }: { run: number; windowSec: number; offsetSec: number; gateway: Gateway },
): Promise<WindowCost> {
  // Those that begin with each session stay as they are: no two of one session begin within a second.
  const widthSec = gateway.windowPhase === 'session' ? 1 : windowSec;
  const params = [run, widthSec, offsetSec, gateway.instance.length, gateway.vpcId.length];
  const [row] = await database.withConnection((connection) => readRows(connection, readCost(entries), params));
  if (row === undefined) throw new TypeError('a sum has no row');
  return {
    windowSec,
    entries: numberIn(row, 'entries'),
    fields: SESSION_LOG_FIELDS.map(({ name, type }) => ({
      name,
      type: type === 'long' ? 'long' : 'text',
      values: numberIn(row, `values_${name}`),
      textBytes: numberIn(row, `text_${name}`),
    })),
  };
}
