import type { ImportProgress, TunnelLayer } from '../contract/ipc';
import type { Gateway } from '../nat/gateway';
import type { EntrySink } from '../window/window-aggregator';
import { lazyFileSource } from './file-source';
import { importCaptures, type ImportResult } from './import-captures';

/** What an import reads: plain data, so that another thread can be told. */
export interface ImportTask {
  /** In order of their first packet, as `surveyCaptures` gives them. */
  readonly captures: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly firstSec: number | null;
    readonly firstNsec: number;
  }[];
  readonly gateway: Gateway;
  readonly layer: TunnelLayer;
}

export interface ImportControl {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ImportProgress) => void;
  /**
   * Called by an importer beside which other calls run, at the end of each stretch of storing, before they have their turn.
   * Nothing is stored until the promise that it may return is fulfilled.
   */
  readonly onTurnEnd?: () => Promise<unknown> | null;
}

/**
 * Runs captures through the gateway and hands closed windows to `sink`, always on the thread of the caller.
 *
 * @throws AppError IMPORT_CANCELLED, LEDGER_UNBALANCED, CAPTURE_*; and what `sink` throws
 */
export type Importer = (task: ImportTask, control: ImportControl, sink: EntrySink) => Promise<ImportResult>;

/** In the thread of the caller, which other calls share: for a process with one client, as a sixth less CPU is spent. */
export const importInThread: Importer = (task, { signal, onProgress }, sink) =>
  runTask(task, { isCancelled: () => signal.aborted, onProgress }, sink);

export function runTask(
  { captures, gateway, layer }: ImportTask,
  control: { readonly isCancelled: () => boolean; readonly onProgress: ImportControl['onProgress'] },
  sink: EntrySink,
): Promise<ImportResult> {
  const sources = captures.map(({ path, sizeBytes, firstSec, firstNsec }) => {
    return { source: lazyFileSource(path, sizeBytes), firstSec, firstNsec };
  });
  return importCaptures(sources, { gateway, layer, ...control, clockMs: () => performance.now() }, sink);
}
