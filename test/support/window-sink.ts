import type { LogEntryBatch } from '../../src-main/contract/log-entry';
import type { WindowSink } from '../../src-main/window/window-aggregator';

/** Takes entries, and leaves out what else a window holds. */
export function entrySink(entries: (batch: LogEntryBatch) => void = () => undefined): WindowSink {
  return { entries, events: () => undefined };
}
