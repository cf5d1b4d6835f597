import type { CompareReport } from '../contract/compare';
import { natscopeVersion } from '../engine/natscope-version';
import { noticeJson } from '../engine/output/notice-json';

/** What a comparison adds up to, as JSON; the names are of its two logs. */
export function comparisonJson(
  { entries, equal, onlyIn, different, counts, clock, notices }: CompareReport,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return {
    logs: names.map((name, index) => ({ name, entries: entries[index], only_here: onlyIn[index] })),
    ...{ equal, different },
    counts: counts.map(({ place, reason, differences }) => ({ in: place, reason, differences })),
    clock: clock === null ? null : { shift_seconds: clock.shiftSec, entries: clock.entries },
    notices: notices.map(noticeJson),
  };
}

export interface ComparisonFile {
  readonly project: string;
  readonly format: string;
  readonly bytes: number;
  /** When the comparison was complete, milliseconds since 1970. */
  readonly nowMs: number;
}

/** The description of a file of differences: what was compared, what came, and what is missing. */
export function compareMetaText(
  report: CompareReport,
  names: readonly string[],
  { project, format, bytes, nowMs }: ComparisonFile,
): string {
  const { notices: _, ...sums } = comparisonJson(report, names);
  const [inA, inB] = report.onlyIn;
  const shape = {
    natscope: natscopeVersion(),
    exported_at: new Date(nowMs).toISOString(),
    project,
    rows: inA + inB + report.different,
    format,
    bytes,
    ...sums,
    losses: report.notices.filter(({ kind }) => kind === 'losses').map(({ text }) => text),
    notices: report.notices.filter(({ kind }) => kind !== 'losses').map(noticeJson),
  };
  return `${JSON.stringify(shape, undefined, 2)}\n`;
}
