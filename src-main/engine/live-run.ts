import type { Database } from '../duckdb/database';
import type { DeliveryBasis, RunDelivery } from '../duckdb/deliveries';
import { sealRunIn } from '../duckdb/import-runs';
import { LiveLosses } from '../duckdb/live-losses';
import { LiveWriter } from '../duckdb/live-writer';
import { GatewayEventBatch } from '../contract/gateway-event';
import { LogEntryBatch } from '../contract/log-entry';
import type { WindowSink } from '../window/window-aggregator';
import { packBatch, unpackBatch } from './batch-slab';
import { withoutLeftOut } from './capture-survey';
import { deliver } from './delivery-service';
import type { CallContext } from './engine-calls';
import { noticesOf, pipeNotices } from './import-notices';
import { clockNotices } from './side-notices';
import type { Importer, TaskResult } from './importer';
import { runCaptures } from './read-captures';
import { replayFacts } from './replays';
import { runWriting, type RunPlace } from './run-writing';

export interface LiveEntries {
  readonly result: TaskResult;
  readonly basis: DeliveryBasis;
  /** Late packets have rows of their own, which no entry has been corrected by. */
  readonly hasLate: boolean;
  /** As of the last seal. */
  readonly losses: LiveLosses;
}

/**
 * Stores what captures bring while they bring it: what is sealed and has arrived is visible, with its ledger and its deliveries.
 *
 * @param context whose signal ends the reading
 */
export async function writeLiveEntries(
  database: Database,
  place: RunPlace,
  importer: Importer,
  { signal, emit }: Pick<CallContext<'import:run'>, 'signal' | 'emit'>,
): Promise<LiveEntries> {
  const { run, replay } = place;
  const { sinkOf, basis, names, task } = await runWriting(database, place);
  const losses = await LiveLosses.open(database, place.logstore.id, run);
  const writer = await LiveWriter.open(database, place.logstore.id, run, names);
  try {
    const sink = new HeldSink(sinkOf(writer.entries, writer.events));
    let sealMs = 0;
    const seal = async (soFar: TaskResult): Promise<void> => {
      const startMs = performance.now();
      sink.hold();
      await writer.seal(async (connection) => {
        const { stored, events, lost } = deliver(basis());
        const undelivered = await losses.settleIn(connection, lost);
        await sealRunIn(connection, run, sealed(place, soFar, { stored, events, undelivered }));
      });
      sink.release();
      sealMs = performance.now() - startMs;
    };
    const result = await importer(
      task,
      {
        signal: new AbortController().signal,
        onProgress: (progress) => {
          emit('import:progress', replay ? { ...progress, replay: replayFacts(run, replay.clock) } : progress);
        },
        live: { ending: signal, onSealed: seal, sealMs: () => sealMs },
      },
      sink,
    );
    if (result.captures.length > 0) await seal(result);
    return { result, basis: basis(), hasLate: writer.entries.lateRows > 0, losses };
  } finally {
    writer.close();
  }
}

/** What is kept of the run should it be cut off now. */
function sealed(place: RunPlace, soFar: TaskResult, delivery: RunDelivery): Parameters<typeof sealRunIn>[2] {
  const survey = withoutLeftOut(place.survey, soFar.leftOut);
  return {
    finishedMs: Date.now(),
    logEntries: soFar.logEntries,
    windows: soFar.windows,
    packets: soFar.ledger.packets.read,
    ledger: soFar.ledger,
    captures: runCaptures(survey, soFar),
    details: soFar.details,
    skipped: survey.skipped,
    notices: [...noticesOf(place.run, soFar, place.gateway), ...clockNotices(survey, soFar), ...pipeNotices(survey)],
    delivery,
  };
}

/** Keeps what comes while a transaction ends, which must not be in it. */
class HeldSink implements WindowSink {
  readonly #sink: WindowSink;
  #held: (() => void)[] | null = null;

  constructor(sink: WindowSink) {
    this.#sink = sink;
  }

  readonly entries = (batch: LogEntryBatch): void => {
    if (this.#held === null) {
      this.#sink.entries(batch);
      return;
    }
    const copy = new LogEntryBatch(batch.extraBytes !== null);
    unpackBatch(packBatch(batch), batch.length, copy);
    this.#held.push(() => this.#sink.entries(copy));
  };

  readonly events = (batch: GatewayEventBatch): void => {
    if (this.#held === null) {
      this.#sink.events(batch);
      return;
    }
    const copy = new GatewayEventBatch();
    unpackBatch(packBatch(batch), batch.length, copy);
    this.#held.push(() => this.#sink.events(copy));
  };

  hold(): void {
    this.#held = [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const handOn of held) handOn();
  }
}
