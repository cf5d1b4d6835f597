import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CompareReport, CompareSide, DifferencePlace, DifferenceReason } from '../contract/compare';
import type { ResultBatch } from '../contract/result-batch';
import { createAtomicFile, type AtomicFile } from '../engine/output/atomic-file';
import type { ByteSink } from '../engine/output/text-sink';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { counted, thousands } from './number-text';
import { refusedOutput } from './refused-output';
import { createRowWriter, type RowFormat } from './row-writers';

export interface CompareOptions {
  readonly workspace?: string;
  readonly project: string;
  readonly format: RowFormat;
  readonly out?: string;
  readonly json: boolean;
}

type Sides = readonly [CompareSide, CompareSide];

/**
 * Differences on standard output or in a file; what they add up to, and what must be known about them, on standard error.
 *
 * @throws AppError OUTPUT_UNWRITABLE, LOGSTORE_*, LOAD_*, SCHEMA_INVALID, WORKSPACE_* and their like; ReaderGone
 */
export async function runCompare(context: Context, sides: Sides, options: CompareOptions): Promise<ExitCode> {
  const file = options.out === undefined ? null : await createOutput(resolve(context.io.cwd, options.out));
  let report: CompareReport;
  try {
    report = await writeDifferences(context, sides, options, file ?? context.out);
    await file?.commit();
  } catch (cause) {
    await file?.discard();
    throw cause;
  }
  await context.out.flush();
  context.err.tell(summaryText(report, sides.map(nameOf)));
  return isEqual(report) ? EXIT.done : EXIT.doneWithLosses;
}

function createOutput(path: string): Promise<AtomicFile> {
  return createAtomicFile(path, refusedOutput(path));
}

const nameOf = (side: CompareSide): string => ('file' in side ? side.file : side.logstore);

const isEqual = ({ onlyIn: [a, b], different }: CompareReport): boolean => a + b + different === 0;

async function writeDifferences(
  context: Context,
  sides: Sides,
  { workspace, project, format, json }: CompareOptions,
  sink: ByteSink,
): Promise<CompareReport> {
  return inWorkspace(sides, workspace, async (dir, mustExist) => {
    const writer = createRowWriter(json ? 'json' : format, sink);
    let isBegun = false;
    // Not before there is something to write, so that a failure is the whole of what is printed.
    const begin = async (): Promise<void> => {
      if (json && !isBegun) await sink.write('{"differences":');
      isBegun = true;
    };
    let columns: ResultBatch['columns'] = [];
    const report = await withEngine(
      context,
      dir,
      (engine) =>
        engine.run(
          'compare:run',
          { project, sides },
          {
            onBatch: async (batch) => {
              ({ columns } = batch);
              await begin();
              await writer.rows(batch);
            },
          },
        ),
      { mustExist },
    );
    await begin();
    // A table of nothing is only a head.
    if (json || format !== 'table' || !isEqual(report)) await writer.end(columns);
    if (json) await sink.write(`,${JSON.stringify(jsonOf(report, sides)).slice(1)}\n`);
    return report;
  });
}

/** Two files need no workspace, and get one that goes with the comparison. */
async function inWorkspace<T>(
  sides: Sides,
  workspace: string | undefined,
  use: (dir: string | undefined, mustExist: boolean) => Promise<T>,
): Promise<T> {
  if (sides.some((side) => 'logstore' in side)) return use(workspace, true);
  const dir = await mkdtemp(join(tmpdir(), 'natscope-compare-'));
  try {
    return await use(dir, false);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function jsonOf({ entries, equal, onlyIn, different, counts, clock, notices }: CompareReport, sides: Sides): object {
  return {
    logs: sides.map((side, index) => ({ name: nameOf(side), entries: entries[index], only_here: onlyIn[index] })),
    ...{ equal, different },
    counts: counts.map(({ place, reason, differences }) => ({ in: place, reason, differences })),
    clock: clock === null ? null : { shift_seconds: clock.shiftSec, entries: clock.entries },
    notices,
  };
}

const PLACE_TEXT: Readonly<Record<DifferencePlace, string>> = { A: 'only in A', B: 'only in B', both: 'in both' };

const REASON_TEXT: Readonly<Record<DifferenceReason, string>> = {
  window_edge: 'their packets are counted in the window beside, with the same sums',
  split: 'the same window, divided into other entries with the same sums',
  clock: 'equal but for the time: the clocks are apart',
  times: 'equal counters at other times',
  translation: 'the same session at another translated address or port',
  gateway: 'the same entry of another gateway or VPC',
  fragment: 'one side counts fragments, the other what they were put together to',
  late: 'packets that came too late for their window',
  partial_window: 'a capture that does not cover the whole window',
  missing_packets: 'one side has less of everything that differs',
  dnat: 'the host leaves by DNAT or its own EIP on the other side',
  not_covered: 'the other log has nothing of that time',
  missing_delivery: 'the other log has that time, and not this entry',
  unexplained: 'nothing in the logs tells why',
};

function summaryText(report: CompareReport, names: readonly string[]): string {
  const { entries, equal, counts, clock, notices } = report;
  const lines = [
    ...names.map((name, index) => `${'AB'[index]}: ${name}, ${countedEntries(entries[index] ?? 0)}`),
    isEqual(report) ? `All ${countedEntries(equal)} are equal.` : `${countedEntries(equal)} equal`,
    ...counts.map(
      ({ place, reason, differences }) =>
        `${thousands(differences)} ${PLACE_TEXT[place]}, ${reason}: ${REASON_TEXT[reason]}`,
    ),
    ...(clock === null
      ? []
      : [`B is ${clock.shiftSec > 0 ? '+' : ''}${clock.shiftSec} s from A in ${countedEntries(clock.entries)}.`]),
    ...notices.map(({ text }) => text),
  ];
  return `${lines.join('\n')}\n`;
}

const countedEntries = (count: number): string => counted(count, 'entry', 'entries');
