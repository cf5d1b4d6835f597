import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppError } from '../contract/errors';
import type { PacketSide, PacketsReport, PacketsRequest } from '../contract/packets';
import { entryIdText, type EntryId } from '../contract/log-entry';
import { exportsFolder } from '../engine/exports-folder';
import type { Output } from '../engine/output/atomic-file';
import { noticeJson } from '../engine/output/notice-json';
import { openOutput, placeOf } from './command-output';
import type { Context } from './context';
import { withEngine, type EngineSession } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { counted } from './number-text';
import { packetsProgressText, ProgressLine, type ProgressChoice } from './progress-line';

export interface PacketsOptions {
  /** Of one entry, or of all that a search finds: one of the two. */
  readonly entry?: EntryId;
  readonly query?: string;
  readonly project: string;
  readonly logstore: string;
  readonly from?: string;
  readonly to?: string;
  readonly zone: string;
  readonly side: PacketSide;
  /** Where captures are that were moved. */
  readonly capture?: readonly string[];
  readonly workspace?: string;
  readonly out: string;
  /** False for `never`. */
  readonly progress: ProgressChoice | false;
  readonly json: boolean;
}

/**
 * The packets in a file, or on standard output; what they are on standard error.
 *
 * @throws AppError OPTION_INVALID, OUTPUT_UNWRITABLE, RUN_NOT_FOUND, ENTRY_NOT_FOUND, QUERY_*, TIME_INVALID, CAPTURE_*,
 * WORKSPACE_* and their like; ReaderGone
 */
export async function runPackets(context: Context, options: PacketsOptions): Promise<ExitCode> {
  const { out, err, io } = context;
  const request = requestOf(options);
  // First of all: nobody waits for packets that have no place to go.
  const place = await placeOf(context, options.out);
  if (place.kind === 'standard' && options.json)
    throw new AppError('OPTION_INVALID', '--json and --out - both want standard output');
  const output = await openOutput(context, place);
  try {
    const report = await withEngine(
      context,
      options.workspace,
      async (engine) => {
        for (const moved of options.capture ?? []) await engine.run('capture:move', { path: resolve(io.cwd, moved) });
        const written = await runShown(context, engine, request, options.progress);
        await takeExport(join(exportsFolder(engine.workspace), basename(written.file)), output);
        return written;
      },
      { mustExist: true },
    );
    await output.commit();
    if (options.json) out.tell(packetsJson(options, output, report));
    else err.tell(summaryText(report, output.path));
    return report.notices.some(({ kind }) => kind === 'losses') ? EXIT.doneWithLosses : EXIT.done;
  } catch (cause) {
    await output.discard();
    throw cause;
  }
}

function requestOf({ entry, query, from, to, zone, project, logstore, side }: PacketsOptions): PacketsRequest {
  if (query !== undefined && entry === undefined) {
    const range = { from: from ?? null, to: to ?? null, zone };
    return { query: { text: query, project, logstore, ...range, snapshot: null }, side };
  }
  if (entry === undefined || query !== undefined) {
    throw new AppError('OPTION_INVALID', 'Name one log entry with --entry, or those that a search finds with --query');
  }
  if (from !== undefined || to !== undefined) {
    throw new AppError('OPTION_INVALID', '--from and --to are of a search, and --entry names one log entry');
  }
  return { ...entry, side };
}

async function runShown(
  { io, err }: Context,
  engine: EngineSession,
  request: PacketsRequest,
  progress: ProgressChoice | false,
): Promise<PacketsReport> {
  const line = new ProgressLine(io, err, progress === false ? 'never' : progress, packetsProgressText);
  try {
    return await engine.run('packets:write', request, {
      onEvent: (_name, payload) => {
        if ('foundPackets' in payload) line.show(payload);
      },
    });
  } finally {
    line.end();
  }
}

/** The export leaves the workspace in any case: nobody could ask for it again. */
async function takeExport(path: string, to: Output): Promise<void> {
  try {
    await to.take(path);
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

function summaryText({ packets, description, notices }: PacketsReport, where: string): string {
  const facts = [`${counted(packets, 'packet')} in ${where}`, description];
  return `${[facts.join(' · '), ...notices.map(({ text }) => text)].join('\n')}\n`;
}

function packetsJson({ entry, query, side }: PacketsOptions, file: Output, report: PacketsReport): string {
  const { packets, entries, found, counted: expected, bytes, description, notices } = report;
  const shape = {
    ...(entry === undefined ? { query } : { entry: entryIdText(entry) }),
    side,
    file: file.path,
    bytes,
    entries,
    packets,
    ip_bytes: found.ipBytes,
    found: { packets: found.packets, ip_bytes: found.ipBytes },
    expected: { packets: expected.packets, ip_bytes: expected.ipBytes },
    description,
    notices: notices.map(noticeJson),
  };
  return `${JSON.stringify(shape)}\n`;
}
