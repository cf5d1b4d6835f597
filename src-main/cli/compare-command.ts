import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompareReport, CompareSide, DifferencePlace, DifferenceReason } from '../contract/compare';
import type { ResultBatch } from '../contract/result-batch';
import type { ByteSink } from '../engine/output/text-sink';
import { placeOf } from './command-output';
import { compareMetaText, comparisonJson } from './compare-meta';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { counted, thousands } from './number-text';
import { withPipes } from './pipe-relay';
import { commitOutputs, discardOutputs, openOutputs } from './query-outputs';
import { createRowWriter, type RowFormat } from './row-writers';
import { chosenFormat } from './shared-options';

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
  const format = chosenFormat(options);
  const { out } = options;
  const outputs = out === undefined ? null : await openOutputs(context, await placeOf(context, out), format);
  let report: CompareReport;
  try {
    report = await writeDifferences(context, sides, options, outputs?.rows ?? context.out);
    if (outputs !== null) {
      const { rows, meta } = outputs;
      const file = { project: options.project, format, bytes: rows.writtenBytes, nowMs: Date.now() };
      await meta?.write(compareMetaText(report, sides.map(nameOf), file));
      await commitOutputs(outputs);
    }
  } catch (cause) {
    if (outputs !== null) await discardOutputs(outputs);
    throw cause;
  }
  await context.out.flush();
  context.err.tell(summaryText(report, sides.map(nameOf)));
  return isEqual(report) ? EXIT.done : EXIT.doneWithLosses;
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
    const files = sides.flatMap((side) => ('file' in side ? side.file : []));
    const report = await withEngine(
      context,
      dir,
      (engine) =>
        withPipes(engine, files, (streams) =>
          engine.run('compare:run', streams === undefined ? { project, sides } : { project, sides, streams }, {
            onBatch: async (batch) => {
              ({ columns } = batch);
              await begin();
              await writer.rows(batch);
            },
          }),
        ),
      { mustExist },
    );
    await begin();
    // A table of nothing is only a head.
    if (json || format !== 'table' || !isEqual(report)) await writer.end(columns);
    if (json) await sink.write(`,${JSON.stringify(comparisonJson(report, sides.map(nameOf))).slice(1)}\n`);
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

const PLACE_TEXT: Readonly<Record<DifferencePlace, string>> = { A: 'only in A', B: 'only in B', both: 'in both' };

const REASON_TEXT: Readonly<Record<DifferenceReason, string>> = {
  window_edge: 'their packets are counted in the window beside, with the same sums',
  split: 'the same window, divided into other entries with the same sums',
  clock: 'equal but for the time: the clocks are apart',
  time_zone: 'equal but for the hour: the clocks are set to different zones',
  times: 'equal counters at other times',
  translation: 'the same session at another translated address or port',
  gateway: 'the same entry of another gateway or VPC',
  fragment: 'one side counts fragments, the other what they were put together to',
  late: 'packets that came too late for their window',
  partial_window: 'a capture that does not cover the whole window',
  missing_packets: 'one side has less of everything that differs',
  dnat: 'the host leaves by DNAT or its own EIP on the other side',
  duplicate: 'the other log has the same entry once',
  not_covered: 'the other log has nothing of that time',
  missing_delivery: 'the other log has that time or is known to have lost some of it, and not this entry',
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
      : [
          `B is ${clock.shiftSec > 0 ? '+' : ''}${clock.shiftSec} s from A in ${countedEntries(clock.entries)}${zoneText(clock.shiftSec)}`,
        ]),
    ...notices.map(({ text }) => text),
  ];
  return `${lines.join('\n')}\n`;
}

/** @returns a question, where clocks of different zones are so far apart; nothing where they are not */
function zoneText(shiftSec: number): string {
  const minutes = Math.abs(shiftSec) / 60;
  if (minutes === 0 || minutes % 15 !== 0) return '.';
  const parts = [
    ...(minutes < 60 ? [] : [`${Math.floor(minutes / 60)} h`]),
    ...(minutes % 60 === 0 ? [] : [`${minutes % 60} min`]),
  ];
  return `: the clocks are ${parts.join(' ')} apart, so is one set to another time zone?`;
}

const countedEntries = (count: number): string => counted(count, 'entry', 'entries');
