import type { CaptureClock, ImportedDetails } from '../contract/capture-details';
import type { ScriptTime } from '../contract/delivery';
import type { ImportProgress, TunnelLayer } from '../contract/imports';
import type { Gateway } from '../nat/gateway';
import type { WindowSink } from '../window/window-aggregator';
import { lazyFileSource } from './file-source';
import { importCaptures, type ImportResult } from './import-captures';
import { pipeSource, type PipeFacts } from './pipe-source';
import { ReplayClock } from './replay-clock';
import { UnpackedSource } from './unpack/unpacked-source';

/** What an import reads: plain data, so that another thread can be told. */
export interface ImportTask {
  /** In order of their first packet by one clock, as `onOneClock` gives them. */
  readonly captures: readonly {
    readonly path: string;
    /** Null for a pipe. */
    readonly sizeBytes: number | null;
    readonly socketPath: string | null;
    readonly firstSec: number | null;
    readonly firstNsec: number;
    /** Not there where its times stand. */
    readonly clock?: CaptureClock | undefined;
  }[];
  readonly gateway: Gateway;
  readonly layer: TunnelLayer;
  readonly maxExpansion: number;
  /** Leave out captures whose beginning cannot be read. */
  readonly keepGoing: boolean;
  /** How captures are played: memory of a `ReplayClock`, and what is before it goes through at once. */
  readonly replay?: { readonly shared: SharedArrayBuffer; readonly from: ScriptTime | null } | undefined;
}

export interface TaskResult extends ImportResult {
  readonly details: readonly ImportedDetails[];
  /** By the place of the capture; null for a file. */
  readonly pipes: readonly (PipeFacts | null)[];
}

export interface ImportControl {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ImportProgress) => void;
  /**
   * Called by an importer beside which other calls run, at the end of each stretch of storing, before they have their turn.
   * Nothing is stored until the promise that it may return is fulfilled.
   */
  readonly onTurnEnd?: () => Promise<unknown> | null;
  /** Of an import that is live; without it, it is not. */
  readonly live?: LiveControl | undefined;
}

export interface LiveControl {
  /** Reading is to end with what has come when this is aborted: the import is not cancelled by it. */
  readonly ending: AbortSignal;
  /** Called when windows were sealed, behind the last batch of them, with all that has come of the import so far. */
  readonly onSealed: (soFar: TaskResult) => Promise<void>;
  /** How long the last of these took. */
  readonly sealMs: () => number;
}

/**
 * Runs captures through the gateway and hands closed windows to `sink`, always on the thread of the caller.
 *
 * @throws AppError IMPORT_CANCELLED, LEDGER_UNBALANCED, CAPTURE_*; and what `sink` throws
 */
export type Importer = (task: ImportTask, control: ImportControl, sink: WindowSink) => Promise<TaskResult>;

/** In the thread of the caller, which other calls share: for a process with one client, as a sixth less CPU is spent. */
export const importInThread: Importer = (task, { signal, onProgress, live }, sink) =>
  runTask(
    task,
    {
      isCancelled: () => signal.aborted,
      onProgress,
      live: live && { isEnding: () => live.ending.aborted, onSealed: live.onSealed, sealMs: live.sealMs },
    },
    sink,
  );

/** What a task is controlled by on the thread that it runs on. */
export interface TaskControl {
  readonly isCancelled: () => boolean;
  readonly onProgress: ImportControl['onProgress'];
  readonly live?: (Pick<LiveControl, 'onSealed' | 'sealMs'> & { readonly isEnding: () => boolean }) | undefined;
}

export async function runTask(
  { captures, gateway, layer, maxExpansion, keepGoing, replay }: ImportTask,
  control: TaskControl,
  sink: WindowSink,
): Promise<TaskResult> {
  const pipes = captures.map(({ path, sizeBytes, socketPath }) =>
    sizeBytes === null ? pipeSource(path, socketPath) : null,
  );
  const sources = captures.map(({ path, sizeBytes, firstSec, firstNsec, clock }, place) => {
    const stored = pipes[place] ?? lazyFileSource(path, sizeBytes ?? 0);
    return { source: new UnpackedSource(stored, maxExpansion), firstSec, firstNsec, mayBeLeftOut: keepGoing, clock };
  });
  const withFacts = (result: ImportResult): TaskResult => {
    const leftOut = new Set(result.leftOut.map(({ place }) => place));
    const isRead = (_: unknown, place: number): boolean => !leftOut.has(place);
    const read = sources.filter(isRead);
    return {
      ...result,
      details: result.details.map((each, place) => {
        const { source, clock } = read[place] ?? {};
        return { ...each, compression: source?.packing ?? null, ...(clock && { clock }) };
      }),
      pipes: pipes
        .filter(isRead)
        .slice(0, result.captures.length)
        .map((pipe) => pipe?.facts() ?? null),
    };
  };
  const { live } = control;
  const options = {
    ...{ gateway, layer, isCancelled: control.isCancelled, onProgress: control.onProgress },
    clockMs: () => performance.now(),
    live: live && {
      isEnding: live.isEnding,
      sealMs: live.sealMs,
      pace: replay && { clock: new ReplayClock(replay.shared), from: replay.from },
      onSealed: (soFar: ImportResult) => live.onSealed(withFacts(soFar)),
    },
  };
  return withFacts(await importCaptures(sources, options, sink));
}
