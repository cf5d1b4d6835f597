import { AppError } from '../contract/errors';
import type { ScriptTime } from '../contract/delivery';
import { STANDARD_INPUT, type ImportReport, type ImportRequest, type TunnelLayer } from '../contract/imports';
import { hasLosses, imbalances, REASONS, type ByReason } from '../contract/ledger';
import { readablePaths } from './capture-paths';
import type { Context } from './context';
import { readScriptFile } from './delivery-commands';
import { totalsJson } from './delivery-text';
import { withEngine, type EngineSession } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { readGatewayFile } from './gateway-file';
import { importProgressText, ProgressLine, type ProgressChoice } from './progress-line';
import { importText } from './ledger-text';
import { withPipes } from './pipe-relay';
import { controlByKeys, KnownReplay, REPLAY_KEYS } from './replay-keys';

/** An import appends with one thread; a second one waits for it, busily: 5 % more CPU for the mix of 1 GiB. */
const IMPORT_THREADS = 1;
/**
 * What the database of an import keeps of what it has written: with the 512 MB of an engine that answers queries, 4 GiB
 * took 85 MB more than 1 GiB, and no less CPU.
 */
const IMPORT_MEMORY = '64MB';
/** Of a live import, which a cancel ends well. */
const ENDING = 'Ending the import: what was read is kept … Ctrl-C again ends at once.';

const PLACE_OPTIONS = { project: '--project', logstore: '--logstore', sessionLogs: '--no-session-logs' } as const;

export interface ImportOptions {
  readonly workspace?: string;
  readonly project: string;
  readonly logstore: string;
  readonly inside: readonly string[];
  readonly eip: readonly string[];
  /** The file of its configuration. */
  readonly gateway?: string;
  readonly seed?: number;
  /** Ids of gateways whose session log is enabled. */
  readonly gatewayId?: readonly string[];
  /** Through all of them, where nothing else is said. */
  readonly sessionLogs: boolean;
  /** Which option said where entries go. */
  readonly place?: keyof typeof PLACE_OPTIONS;
  /** The file of a script of deliveries. */
  readonly delivery?: string;
  readonly layer: TunnelLayer;
  readonly index: boolean;
  readonly again: boolean;
  readonly keepGoing: boolean;
  /** Seal windows while the captures are being recorded. */
  readonly live: boolean;
  /** Of a replay. */
  readonly speed?: number;
  readonly from?: ScriptTime;
  readonly maxExpansion: number;
  /** False for --no-progress. */
  readonly progress: ProgressChoice | false;
  readonly json: boolean;
}

/** @throws AppError CAPTURE_*, GATEWAY_*, OPTION_INVALID, IMPORT_CANCELLED, WORKSPACE_* and their like */
export async function runImport(
  context: Context,
  captures: readonly string[],
  options: ImportOptions,
): Promise<ExitCode> {
  const request: ImportRequest = {
    captures: readablePaths(context, captures),
    project: options.project,
    logstore: options.logstore,
    ...gatewayRequest(context, options),
    layer: options.layer,
    createIndex: options.index,
    again: options.again,
    keepGoing: options.keepGoing,
    maxExpansion: options.maxExpansion,
    ...sessionLogsRequest(options),
    ...(options.live ? { live: true } : {}),
    ...(options.speed === undefined ? {} : { speed: options.speed }),
    ...(options.from === undefined ? {} : { playFrom: options.from }),
    ...(options.delivery === undefined ? {} : { delivery: readScriptFile(context, options.delivery) }),
  };
  const progress = options.progress === false ? 'never' : options.progress;
  const report = await withEngine(
    context,
    options.workspace,
    (engine) => importWithPipes(context, engine, request, progress),
    { threads: IMPORT_THREADS, memoryLimit: IMPORT_MEMORY, ...(options.live ? { interrupted: ENDING } : {}) },
  );
  // Not `write`: the import is done, whoever has stopped reading about it.
  const reports = [report, ...(report.others ?? [])];
  if (options.json) context.out.tell(importJson(report));
  else for (const each of reports) context.out.tell(importText(each, context.io.columns));
  return reports.map(importExitCode).find((code) => code !== EXIT.done) ?? EXIT.done;
}

/** A configuration says who is inside and which addresses there are, so that options for the same could only contradict. */
function gatewayRequest(
  context: Context,
  { gateway: path, inside, eip, seed }: ImportOptions,
): Pick<ImportRequest, 'gateway' | 'inside' | 'eips' | 'seed'> {
  if (path === undefined) return { inside, eips: eip, seed: seed ?? 0 };
  const other = inside.length > 0 ? '--inside' : eip.length > 0 ? '--eip' : null;
  if (other !== null) {
    const place = other === '--inside' ? 'snatEntries' : 'eips';
    const message = `${other} cannot be given with --gateway, whose file has its own ${place}: put them there, or leave out --gateway`;
    throw new AppError('OPTION_INVALID', message, { option: other });
  }
  const { configuration } = readGatewayFile(context, path, seed);
  return { gateway: configuration, inside: [], eips: [], seed: 0 };
}

/** Who describes a gateway, or says where entries go, wants that, and not what the console has. */
function sessionLogsRequest({
  gatewayId,
  sessionLogs,
  gateway,
  place,
  inside,
  eip,
}: ImportOptions): Pick<ImportRequest, 'sessionLogs'> {
  const described =
    gateway !== undefined ? '--gateway' : inside.length > 0 ? '--inside' : eip.length > 0 ? '--eip' : null;
  if (gatewayId === undefined) return sessionLogs && described === null ? { sessionLogs: 'enabled' } : {};
  const option = described ?? (place === undefined ? null : PLACE_OPTIONS[place]);
  if (option === null) return { sessionLogs: gatewayId };
  const message =
    described === null
      ? `${option} cannot be given with --gateway-id: entries go where the session logs of those gateways do; leave it out`
      : `${option} cannot be given with --gateway-id, whose gateways have their own: leave it out`;
  throw new AppError('OPTION_INVALID', message, { option });
}

async function importWithPipes(
  context: Context,
  engine: EngineSession,
  request: ImportRequest,
  choice: ProgressChoice,
): Promise<ImportReport> {
  return withPipes(engine, request.captures, (streams) =>
    importWithProgress(context, engine, streams === undefined ? request : { ...request, streams }, choice),
  );
}

export async function importWithProgress(
  context: Context,
  engine: EngineSession,
  request: ImportRequest,
  choice: ProgressChoice,
): Promise<ImportReport> {
  const { io, err } = context;
  const known = new KnownReplay();
  const hasKeys = request.speed !== undefined && !request.captures.includes(STANDARD_INPUT) && io.isStdinTty;
  const leaveKeys = hasKeys ? controlByKeys(context, engine, known) : null;
  const line = new ProgressLine(io, err, choice, importProgressText);
  if (hasKeys && choice !== 'never') err.tell(`${REPLAY_KEYS}\n`);
  try {
    return await engine.run('import:run', request, {
      onEvent: (_name, progress) => {
        if (!('packets' in progress)) return;
        known.tell(progress.replay ?? null);
        line.show(progress);
      },
    });
  } finally {
    leaveKeys?.();
    line.end();
  }
}

export function importExitCode({ ledger, skipped }: ImportReport): ExitCode {
  return hasLosses(ledger) || skipped.length > 0 ? EXIT.doneWithLosses : EXIT.done;
}

/** One JSON object also where an import went through several gateways: those behind the first are its `others`. */
export function importJson(report: ImportReport): string {
  const others = report.others ?? [];
  const shape = others.length === 0 ? shapeOf(report) : { ...shapeOf(report), others: others.map(shapeOf) };
  return `${JSON.stringify(shape)}\n`;
}

/** The report in the shape that the command promises; what came later stands behind it. */
function shapeOf(report: ImportReport): object {
  const { fileBytes, packets, ipBytes } = report.ledger;
  return {
    run: report.run,
    captures: report.captures.map((capture) => ({
      path: capture.path,
      format: capture.format,
      bytes: capture.fileBytes,
      packets: capture.packets,
      first_time: capture.firstTime,
      last_time: capture.lastTime,
    })),
    file_bytes: {
      read: fileBytes.read,
      container: fileBytes.container,
      captured: fileBytes.captured,
      unreadable: fileBytes.unreadable.map(({ file, offset, bytes, cause }) => ({ file, offset, bytes, cause })),
    },
    packets: { read: packets.read, in_entries: packets.inEntries, not_in_entries: inOrder(packets.notInEntries) },
    ip_bytes: { read: ipBytes.read, in_entries: ipBytes.inEntries, not_in_entries: inOrder(ipBytes.notInEntries) },
    log_entries: report.logEntries,
    windows: report.windows,
    seconds: report.seconds,
    balanced: imbalances(report.ledger).length === 0,
    workspace: report.workspace,
    project: report.project,
    logstore: report.logstore,
    skipped: report.skipped,
    created_index: report.createdIndex,
    delivery: report.delivery === null ? null : totalsJson(report.delivery),
    notices: report.notices,
  };
}

function inOrder(counts: ByReason): ByReason {
  return Object.fromEntries(REASONS.filter((reason) => counts[reason] !== undefined).map((key) => [key, counts[key]]));
}
