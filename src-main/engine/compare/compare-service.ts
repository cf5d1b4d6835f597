import type {
  CompareReport,
  CompareRequest,
  CompareSide,
  DifferenceCount,
  DifferencePlace,
} from '../../contract/compare';
import type { Notice } from '../../contract/result-batch';
import type { Dimension } from '../../duckdb/catalogue';
import type { GatewayNumbers } from '../../duckdb/compare-statements';
import type { Database } from '../../duckdb/database';
import type { CallContext } from '../engine-calls';
import { refuseCancelled } from '../open-log';
import { otherCalls, TURN_MS } from '../turns';
import type { SessionKey, UnequalSession } from './compared-entry';
import { openComparedLog, type ComparedLog } from './compared-log';
import { BATCH_DIFFERENCES, differenceBatch, type GatewayNames } from './difference-batch';
import type { EntryCursor } from './entry-cursor';
import type { Difference } from './explain-session';
import { SCRATCH_PROJECT, ScratchLogs } from './scratch-logs';
import { explainShifted, withZoneShift } from './zone-shift';

/** Different shifts of the clock that are counted. */
const MAX_SHIFTS = 4096;
/** Entries between two looks at the time. */
const ENTRIES_A_LOOK = 4096;

type Logs = readonly [ComparedLog, ComparedLog];

/**
 * Compares two session logs: streams their differences, each with its reason, and sums them up. Both are read in one order
 * and merged, so what is in memory are the differences of one five-tuple.
 *
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, LOGSTORE_MISMATCH, QUERY_CANCELLED, WORKSPACE_*; of files as `runLoad`
 */
export async function runCompare(
  database: Database,
  request: CompareRequest,
  { signal, sendBatch }: Pick<CallContext<'compare:run'>, 'signal' | 'sendBatch'>,
): Promise<CompareReport> {
  const hasFiles = request.sides.some((side) => 'file' in side);
  const scratch = hasFiles ? await ScratchLogs.open(database) : null;
  try {
    const [first, second] = request.sides;
    const a = await openSide(database, scratch, request, first, 'log-a', signal);
    const b = await openSide(database, scratch, request, second, 'log-b', signal);
    return await compareLogs([a, b], signal, sendBatch);
  } finally {
    await scratch?.close();
  }
}

async function openSide(
  database: Database,
  scratch: ScratchLogs | null,
  { project, streams }: CompareRequest,
  side: CompareSide,
  scratchName: string,
  signal: AbortSignal,
): Promise<ComparedLog> {
  refuseCancelled(signal);
  if ('logstore' in side) return openComparedLog(database, { project, logstore: side.logstore }, side);
  if (scratch === null) throw new TypeError('there is nowhere to read a file into');
  const notices = await scratch.read(side.file, streams, scratchName, signal);
  const log = await openComparedLog(scratch.database, { project: SCRATCH_PROJECT, logstore: scratchName }, side);
  return { ...log, notices };
}

async function compareLogs(
  logs: Logs,
  signal: AbortSignal,
  sendBatch: CallContext<'compare:run'>['sendBatch'],
): Promise<CompareReport> {
  const { numbers, names, notices } = gatewaysOf(logs);
  const tally = new Tally();
  let waiting: (readonly [SessionKey, Difference])[] = [];
  const send = async (): Promise<void> => {
    const batch = differenceBatch(waiting, names, [logs[0].isLogstore, logs[1].isLogstore]);
    waiting = [];
    await sendBatch(batch);
  };
  const cursors = [logs[0].entries(numbers[0], signal), logs[1].entries(numbers[1], signal)] as const;
  try {
    const sessions = unequalSessions(cursors, tally, signal);
    for await (const [session, shiftSec] of withZoneShift(sessions, () => tally.equal)) {
      for (const difference of explainShifted(session.key.priIp, session, [logs[1], logs[0]], shiftSec)) {
        tally.count(difference);
        waiting.push([session.key, difference]);
      }
      if (waiting.length >= BATCH_DIFFERENCES) await send();
    }
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
  await send();
  return {
    entries: [cursors[0].passed, cursors[1].passed],
    ...tally.report(),
    notices: [...logs.flatMap((log) => log.notices), ...notices],
  };
}

/** Merges the two logs: equal entries are counted, and the others given by five-tuple. */
async function* unequalSessions(
  [a, b]: readonly [EntryCursor, EntryCursor],
  tally: Tally,
  signal: AbortSignal,
): AsyncGenerator<UnequalSession, void, undefined> {
  let session: UnequalSession | null = null;
  let hasA = await a.next();
  let hasB = await b.next();
  const turns = new Turns(signal);
  while (hasA || hasB) {
    if (turns.isOver) await turns.others();
    const order = !hasB ? -1 : hasA ? a.compare(b) : 1;
    if (order === 0) {
      tally.equal++;
      a.match();
      b.match();
    } else {
      const at = order < 0 ? a : b;
      const key = at.key();
      if (session !== null && !isSameKey(session.key, key)) {
        yield session;
        session = null;
      }
      session ??= { key, rest: [[], []] };
      session.rest[order < 0 ? 0 : 1].push(at.entry());
    }
    if (order <= 0) {
      if (a.hasNext) a.step();
      else hasA = await a.next();
    }
    if (order >= 0) {
      if (b.hasNext) b.step();
      else hasB = await b.next();
    }
  }
  if (session !== null) yield session;
}

function isSameKey(one: SessionKey, other: SessionKey): boolean {
  return (
    one.protocol === other.protocol &&
    one.priIp === other.priIp &&
    one.priPort === other.priPort &&
    one.pubIp === other.pubIp &&
    one.pubPort === other.pubPort
  );
}

/** Gives what else the thread has to do its turns. */
class Turns {
  readonly #signal: AbortSignal;
  #sinceMs = performance.now();
  #steps = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get isOver(): boolean {
    this.#steps++;
    return this.#steps % ENTRIES_A_LOOK === 0 && performance.now() - this.#sinceMs > TURN_MS;
  }

  async others(): Promise<void> {
    await otherCalls();
    refuseCancelled(this.#signal);
    this.#sinceMs = performance.now();
  }
}

class Tally {
  equal = 0;
  readonly #counts = new Map<string, DifferenceCount>();
  readonly #shifts = new Map<bigint, number>();

  count({ place, reason, a, b }: Difference): void {
    const key = `${place} ${reason}`;
    const { differences } = this.#counts.get(key) ?? { differences: 0 };
    this.#counts.set(key, { place, reason, differences: differences + 1 });
    if ((reason !== 'clock' && reason !== 'time_zone') || a === null || b === null) return;
    const shift = b.startSec - a.startSec;
    const known = this.#shifts.get(shift);
    if (known !== undefined || this.#shifts.size < MAX_SHIFTS) this.#shifts.set(shift, (known ?? 0) + 1);
  }

  report(): Pick<CompareReport, 'equal' | 'onlyIn' | 'different' | 'counts' | 'clock'> {
    const counts = [...this.#counts.values()].toSorted((one, other) => other.differences - one.differences);
    const sum = (place: DifferencePlace): number =>
      counts.filter((count) => count.place === place).reduce((total, { differences }) => total + differences, 0);
    const [shift] = [...this.#shifts].toSorted(([, one], [, other]) => other - one);
    return {
      equal: this.equal,
      onlyIn: [sum('A'), sum('B')],
      different: sum('both'),
      counts,
      clock: shift === undefined ? null : { shiftSec: Number(shift[0]), entries: shift[1] },
    };
  }
}

/**
 * Gateways and VPCs are compared by name where the logs have one in common: else they are called differently, as those of an
 * emulated gateway are and those of the cloud, and that is told once.
 */
function gatewaysOf(logs: Logs): {
  readonly numbers: readonly [GatewayNumbers, GatewayNumbers];
  readonly names: GatewayNames;
  readonly notices: readonly Notice[];
} {
  const instance = numbered(logs[0].gateways.instance, logs[1].gateways.instance);
  const vpc = numbered(logs[0].gateways.vpc_id, logs[1].gateways.vpc_id);
  const apart = [...(instance === null ? ['instance'] : []), ...(vpc === null ? ['vpc_id'] : [])];
  const numbersOf = (side: 0 | 1): GatewayNumbers => ({
    instance: instance?.numbers[side] ?? new Map<number, number>(),
    vpc: vpc?.numbers[side] ?? new Map<number, number>(),
  });
  return {
    numbers: [numbersOf(0), numbersOf(1)],
    names: { instances: instance?.names ?? [], vpcs: vpc?.names ?? [] },
    notices:
      apart.length === 0
        ? []
        : [{ kind: 'info', text: `Not compared: ${apart.join(' and ')}, of which the logs have no value in common.` }],
  };
}

/** @returns the numbers of equal names, by the ids of each side; null when there are none in common */
function numbered(
  first: readonly Dimension[],
  second: readonly Dimension[],
): {
  readonly names: readonly string[];
  readonly numbers: readonly [ReadonlyMap<number, number>, ReadonlyMap<number, number>];
} | null {
  const theirs = new Set(second.map(({ name }) => name));
  if (!first.some(({ name }) => theirs.has(name))) return null;
  const names = [...new Set([...first, ...second].map(({ name }) => name))];
  const numbersOf = (side: readonly Dimension[]): ReadonlyMap<number, number> =>
    new Map(side.map(({ id, name }) => [id, names.indexOf(name) + 1]));
  return { names, numbers: [numbersOf(first), numbersOf(second)] };
}
