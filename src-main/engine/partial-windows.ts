import type { Notice, PartialWindows } from '../contract/result-batch';
import type { Logstore } from '../duckdb/catalogue';
import { remembered } from '../duckdb/catalogue-memory';
import type { Database } from '../duckdb/database';
import type { RunCapture } from '../duckdb/import-runs';
import { capturesByRun } from '../duckdb/run-reads';
import { readGatewaySnapshots } from '../duckdb/nat-table';
import { readPartialWindows } from '../duckdb/partial-windows';
import type { Gateway } from '../nat/gateway';
import type { TimeRange } from '../query/time-range';
import { windowOffset, windowStartOf } from '../window/window-phase';
import { NAMED_WINDOWS, windowsText } from './delivery-notices';

/** The windows of an import. Times are epoch seconds. */
interface RunWindows {
  readonly windowSec: number;
  /** Starts of the first and the last window of a stretch that captures reach over; null for windows that begin with sessions. */
  readonly stretches: readonly { readonly firstSec: number; readonly lastSec: number }[] | null;
  /** Starts of those that are covered in part, ascending. */
  readonly partialSec: readonly number[];
}

/**
 * Nearly every capture begins and ends in the middle of a window, whose entries count a part of it: a fact about an answer,
 * and no loss.
 *
 * @param runs that the answer rests on; those from files say nothing of their windows
 * @param range seconds that the answer is of; null for a log without entries
 * @returns one notice, or none where all windows are whole
 */
export async function partialNotices(
  database: Database,
  { id, schema }: Pick<Logstore, 'id' | 'schema'>,
  runs: readonly number[],
  range: TimeRange | null,
): Promise<Notice[]> {
  if (range === null || schema !== 'session_log') return [];
  const windows = await readRunWindows(database, id, runs);
  const partialSec = windows.flatMap((run) => run.partialSec.filter((startSec) => isWithin(startSec, run, range)));
  if (partialSec.length === 0) return [];
  const touched = windows.map((run) => countWithin(run, range));
  const all = touched.includes(null) ? null : touched.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return [partialNotice(partialSec, all === null ? null : Math.max(all, partialSec.length))];
}

/** As `partialNotices`, for the only window of an entry. */
export async function partialNoticesOfEntry(
  database: Database,
  logstoreId: number,
  { run, windowStart }: { readonly run: number; readonly windowStart: number },
): Promise<Notice[]> {
  const partial = (await readPartialWindows(database, logstoreId)).get(run) ?? [];
  return partial.includes(windowStart) ? [partialNotice([windowStart], 1)] : [];
}

function partialNotice(partialSec: readonly number[], all: number | null): Notice {
  const startsSec = [...new Set(partialSec)].toSorted((one, other) => one - other);
  const named = startsSec.slice(0, NAMED_WINDOWS);
  const otherStarts = startsSec.length - named.length;
  const windows: PartialWindows = { partial: partialSec.length, all, startsSec: named, otherStarts };
  const which = windowsText(startsSec).replace(/,$/u, '');
  if (all === 1) {
    const text = `The window ${which} is covered in part by the captures, and what it counts is of that part.`;
    return { kind: 'partial', text, windows };
  }
  const [count, are] = partialSec.length === 1 ? ['1', 'is'] : [String(partialSec.length), 'are'];
  const what = all === null ? `${count} ${count === '1' ? 'window' : 'windows'}` : `${count} of ${all} windows`;
  const text = `${what} ${are} covered in part by the captures, and what is counted there is of that part: ${which}.`;
  return { kind: 'partial', text, windows };
}

/** Of imports alone; nothing at all where no window is covered in part. It is the same until something is written. */
const readRunWindows = remembered(
  async (database, logstoreId: number, runs: readonly number[]): Promise<readonly RunWindows[]> => {
    const partial = await readPartialWindows(database, logstoreId);
    if (!runs.some((run) => partial.has(run))) return [];
    const [snapshots, captures] = await Promise.all([readGatewaySnapshots(database, runs), capturesByRun(database)]);
    return [...snapshots].flatMap(([run, { gateway }]): RunWindows[] => {
      // As `beginRun` wrote it; that of a load has nothing.
      const settings = JSON.parse(gateway) as Partial<Gateway>;
      const { windowSec } = settings;
      if (windowSec === undefined) return [];
      const stretches =
        settings.windowPhase === 'session' ? null : stretchesOf(captures.get(run) ?? [], settings as Gateway);
      return [{ windowSec, stretches, partialSec: partial.get(run) ?? [] }];
    });
  },
);

/** @returns ascending, and apart from each other */
function stretchesOf(captures: readonly RunCapture[], gateway: Gateway): NonNullable<RunWindows['stretches']> {
  const times = captures.flatMap(({ firstTime, lastTime }) =>
    firstTime === null || lastTime === null ? [] : [{ firstSec: secondOf(firstTime), lastSec: secondOf(lastTime) }],
  );
  const { windowSec } = gateway;
  const offsetSec = windowOffset(gateway, Math.min(...times.map(({ firstSec }) => firstSec)));
  const startOf = (sec: number): number => windowStartOf(sec, windowSec, offsetSec);
  const stretches: { firstSec: number; lastSec: number }[] = [];
  for (const { firstSec, lastSec } of times.toSorted((one, other) => one.firstSec - other.firstSec)) {
    const next = { firstSec: startOf(firstSec), lastSec: startOf(lastSec) };
    const before = stretches.at(-1);
    if (before !== undefined && next.firstSec <= before.lastSec)
      before.lastSec = Math.max(before.lastSec, next.lastSec);
    else stretches.push(next);
  }
  return stretches;
}

/** @param time as `formatTime` gives it */
function secondOf(time: string): number {
  return Number(time.split('.')[0]);
}

/** @returns how many windows of a run have seconds of a range; null where they begin with sessions, and nobody counts them */
function countWithin({ windowSec, stretches }: RunWindows, { fromSec, toSec }: TimeRange): number | null {
  if (stretches === null) return null;
  return stretches.reduce((sum, { firstSec, lastSec }) => {
    // Ordinals of starts: the first whose end is behind the beginning, and the last that is before the end.
    const first = Math.max(0, Math.floor((fromSec - firstSec) / windowSec));
    const last = Math.min((lastSec - firstSec) / windowSec, Math.ceil((toSec - firstSec) / windowSec) - 1);
    return sum + Math.max(0, last - first + 1);
  }, 0);
}

function isWithin(startSec: number, { windowSec }: RunWindows, { fromSec, toSec }: TimeRange): boolean {
  return startSec < toSec && startSec + windowSec > fromSec;
}
