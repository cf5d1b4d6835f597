import type { Notice } from '../../contract/result-batch';
import { readNotices } from '../../duckdb/catalogue';
import type { Database } from '../../duckdb/database';
import type { IncompleteWindow } from '../../duckdb/deliveries';
import type { RunCapture } from '../../duckdb/import-runs';
import { readRunOrigin } from '../../duckdb/run-origin';
import type { Gateway } from '../../nat/gateway';
import { deliveryNotices } from '../delivery-notices';
import { incompleteWindows, isAffected } from '../open-log';
import { nanosOf } from '../time-text';

/** What was lost of a run: of its captures, and on the way to the log. */
export interface RunLosses {
  /** Of its captures, which nobody knows the times of. */
  readonly notices: readonly Notice[];
  readonly windows: readonly IncompleteWindow[];
  /** The longest that a session has its endpoint behind its last packet, seconds. */
  readonly longestSec: number;
  /** From the first of its packets to the last; null where that is not known. */
  readonly captured: { readonly fromNs: bigint; readonly untilNs: bigint } | null;
}

/** What an answer cannot rest on: by run, the windows of which entries are missing, and whether its captures were whole. */
export type AnswerLosses = ReadonlyMap<
  number,
  { readonly hasNotices: boolean; readonly windows: readonly IncompleteWindow[] }
>;

/**
 * @param imports those of the runs that are no loads
 * @returns what was lost of these runs; without those that lost nothing
 */
export async function readRunLosses(
  database: Database,
  runs: readonly number[],
  imports: readonly number[],
  captures: ReadonlyMap<number, readonly RunCapture[]>,
): Promise<ReadonlyMap<number, RunLosses>> {
  const losses = await Promise.all(
    runs.map(
      async (run) => [run, await readLosses(database, run, imports.includes(run), captures.get(run) ?? [])] as const,
    ),
  );
  return new Map(losses.filter(([, { notices, windows }]) => notices.length > 0 || windows.length > 0));
}

async function readLosses(
  database: Database,
  run: number,
  isImport: boolean,
  captures: readonly RunCapture[],
): Promise<RunLosses> {
  const notices = (await readNotices(database, run)).filter(({ kind }) => kind === 'losses');
  const windows = await incompleteWindows(database, run, null);
  const hasLost = notices.length > 0 || windows.length > 0;
  return {
    notices,
    windows,
    // A load has no gateway, and its sessions have their endpoint no longer than their entries last.
    longestSec: hasLost && isImport ? await longestHold(database, run) : 0,
    captured: capturedBy(captures),
  };
}

async function longestHold(database: Database, run: number): Promise<number> {
  const { timeouts = {}, portHold = {} } = JSON.parse((await readRunOrigin(database, run)).gateway) as Partial<Gateway>;
  const longest = (secs: object): number => Math.max(0, ...(Object.values(secs) as number[]));
  return longest(timeouts) + longest(portHold);
}

function capturedBy(captures: readonly RunCapture[]): RunLosses['captured'] {
  const times = captures.flatMap(({ firstTime, lastTime }) => [firstTime, lastTime]).filter((time) => time !== null);
  if (times.length === 0) return null;
  const all = times.map(nanosOf);
  return {
    fromNs: all.reduce((least, ns) => (ns < least ? ns : least)),
    untilNs: all.reduce((most, ns) => (ns > most ? ns : most)),
  };
}

/**
 * What might hide a host that had an endpoint: entries of windows in which its last packet may have been, and, as nobody knows
 * when what is missing of a capture was, all captures of that time.
 *
 * @param asked when the endpoint was held
 * @param holders runs that the answer rests on, whatever their captures' times
 */
export function lossesAround(
  losses: ReadonlyMap<number, RunLosses>,
  asked: { readonly fromNs: bigint; readonly untilNs: bigint },
  holders: ReadonlySet<number>,
): AnswerLosses {
  const around = [...losses].map(([run, { notices, windows, longestSec, captured }]) => {
    const longestNs = BigInt(Math.ceil(longestSec * 1e9));
    const fromNs = asked.fromNs - longestNs;
    const range = { fromSec: secondOf(fromNs), toSec: secondOf(asked.untilNs) + 1 };
    const isOfThatTime = captured === null || (captured.untilNs >= fromNs && captured.fromNs <= asked.untilNs);
    return [
      run,
      {
        hasNotices: notices.length > 0 && (holders.has(run) || isOfThatTime),
        windows: windows.filter((window) => isAffected(window, range)),
      },
    ] as const;
  });
  return new Map(around.filter(([, { hasNotices, windows }]) => hasNotices || windows.length > 0));
}

/** For a question whose time is not known, since the log has no entries. */
export function allOf(losses: ReadonlyMap<number, RunLosses>): AnswerLosses {
  return new Map(
    [...losses].map(([run, { notices, windows }]) => [run, { hasNotices: notices.length > 0, windows }] as const),
  );
}

/** The second that a time is in. */
function secondOf(ns: bigint): number {
  return Math.floor(Number(ns) / 1e9);
}

/** @returns what to say of answers: each loss once, by run and time */
export function lossNotices(losses: ReadonlyMap<number, RunLosses>, answers: readonly AnswerLosses[]): Notice[] {
  return [...losses].flatMap(([run, { notices, windows }]) => {
    const ofRun = answers.flatMap((answer) => answer.get(run) ?? []);
    const affected = new Set(ofRun.flatMap((each) => each.windows));
    return [
      ...(ofRun.some(({ hasNotices }) => hasNotices) ? notices : []),
      ...deliveryNotices(
        run,
        windows.filter((window) => affected.has(window)),
      ),
    ];
  });
}
