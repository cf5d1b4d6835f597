import type { HistogramReport } from '../../../src-main/contract/query';
import type { LogstoreFacts } from '../../../src-main/contract/workspace-report';
import { t } from '../../services/messages/catalogue';
import { byteText, countText, grouped } from '../../services/number-format';
import { widthText, type ZoneClock } from '../../services/time-format';
import { bytesSummary } from './bytes-summary';
import { SUMMED_FIELDS, type ByteSeries } from './bytes-statement';
import type { Side } from './columns';

/** What the graph of a search shows, by the bins of its histogram. */
export interface OverTime {
  readonly startsSec: readonly number[];
  readonly series: readonly {
    readonly label: string;
    readonly side: Side | null;
    readonly numbers: readonly number[];
  }[];
  /** In one sentence. */
  readonly summary: string;
  /** What the table of it is called. */
  readonly title: string;
  /** An amount in short, and in full. */
  readonly short: (amount: number) => string;
  readonly full: (amount: number) => string;
}

/** Whether statements over the log can sum bytes. */
export function hasBytes(facts: LogstoreFacts | null): boolean {
  // Without facts, the engine says what is missing.
  return SUMMED_FIELDS.every(
    (field) => facts?.fields?.some(({ name, type }) => name === field && type !== 'text') ?? true,
  );
}

export function bytesOverTime(bytes: ByteSeries, binSec: number, clock: ZoneClock): OverTime {
  const { bins } = bytes;
  return {
    startsSec: bins.map(({ startSec }) => startSec),
    series: [
      { label: t.graph.fromVpc, side: 'vpc', numbers: bins.map(({ fromVpc }) => fromVpc) },
      { label: t.graph.fromPub, side: 'pub', numbers: bins.map(({ fromPub }) => fromPub) },
    ],
    summary: bytesSummary(bytes, binSec, clock),
    title: t.graph.table,
    short: byteText,
    full: (amount) => `${byteText(amount)} (${grouped(amount)})`,
  };
}

/** Of a log whose entries have no bytes, how many they are. */
export function entriesOverTime({ bins, binSec, entries }: HistogramReport, clock: ZoneClock): OverTime {
  const [first = { startSec: 0, entries: 0 }] = bins;
  const most = bins.reduce((best, bin) => (bin.entries > best.entries ? bin : best), first);
  const when = `${clock.date(most.startSec)} ${clock.time(most.startSec, most.startSec % 60 !== 0)}`;
  return {
    startsSec: bins.map(({ startSec }) => startSec),
    series: [{ label: t.graph.entries, side: null, numbers: bins.map(({ entries: count }) => count) }],
    summary: t.graph.entriesSummary(entries, grouped(most.entries), when, widthText(binSec)),
    title: t.graph.entriesTable,
    short: countText,
    full: grouped,
  };
}
