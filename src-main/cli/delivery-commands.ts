import { resolve } from 'node:path';
import type { DeliveryEvent, DeliveryReport } from '../contract/delivery';
import { MOST_DELIVERY_EVENTS } from '../contract/delivery';
import { AppError } from '../contract/errors';
import { statusAt } from '../delivery/summary';
import { resolveInstant } from '../query/time-range';
import type { Context } from './context';
import { deliveryEventsText, deliveryJson, deliveryText, eventJson, presetsText, statusText } from './delivery-text';
import { withEngine } from './engine-session';
import type { ExitCode } from './exit-code';
import { readJsonFile } from './json-file';
import { ask, tell, type WorkspaceOptions } from './logstore-commands';

/**
 * What the database keeps while entries are put into the log and taken out: as for an import. With the 512 MB of an engine that
 * answers queries, half a million of them took 700 MB, and no less time.
 */
const APPLY_MEMORY = '64MB';

const SCRIPT_FILE = {
  what: 'delivery script',
  unreadable: 'DELIVERY_UNREADABLE',
  invalid: 'DELIVERY_INVALID',
} as const;

export interface DeliveryOptions extends WorkspaceOptions {
  readonly run: number;
  readonly script?: string;
  readonly zone: string;
}
export interface DeliveryAttemptsOptions extends DeliveryOptions {
  readonly all: boolean;
}
export interface DeliveryStatusOptions extends DeliveryOptions {
  readonly at: string;
}

const NANOS_PER_SEC = 1_000_000_000n;

type Script = Readonly<Record<string, unknown>>;

/**
 * @param path as the user wrote it
 * @throws AppError DELIVERY_UNREADABLE, DELIVERY_INVALID
 */
export function readScriptFile({ io }: Context, path: string): Script {
  const file = resolve(io.cwd, path);
  const given = readJsonFile(file, SCRIPT_FILE);
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Script;
  throw new AppError('DELIVERY_INVALID', `${file}: the delivery script must be an object, in braces`, { file });
}

const scriptOf = (context: Context, { script }: DeliveryOptions): Script | null =>
  script === undefined ? null : readScriptFile(context, script);

/** How the entries of an import came into the Logstore, or would by a script. */
export async function runDeliveryShow(context: Context, options: DeliveryOptions): Promise<ExitCode> {
  const request = { run: options.run, script: scriptOf(context, options) };
  const report = await ask(context, options, 'delivery:read', request);
  return tell(context, options, deliveryJson(report), deliveryText(report, options.zone, request.script !== null));
}

/** What the console would show at a time of the capture. */
export async function runDeliveryStatus(context: Context, options: DeliveryStatusOptions): Promise<ExitCode> {
  const request = { run: options.run, script: scriptOf(context, options) };
  const report = await ask(context, options, 'delivery:read', request);
  const atSec = timeWithin(report, options);
  const status = statusAt(report.statuses, atSec);
  const shape = {
    at: atSec,
    status: status?.status ?? null,
    code: status?.code ?? null,
    off_until: status?.offUntilSec ?? null,
  };
  return tell(context, options, shape, statusText(atSec, status, options.zone));
}

function timeWithin({ startSec, endSec }: DeliveryReport, { at, zone }: DeliveryStatusOptions): number {
  const instant = resolveInstant({ text: at, zone }, { firstSec: startSec, lastSec: endSec });
  return instant === null ? startSec : Number(instant / NANOS_PER_SEC);
}

export async function runDeliveryAttempts(context: Context, options: DeliveryAttemptsOptions): Promise<ExitCode> {
  const request = { run: options.run, script: scriptOf(context, options), onlyRemarkable: !options.all };
  const events = await withEngine(context, options.workspace, async (engine) => {
    const all: DeliveryEvent[] = [];
    for (;;) {
      const page = await engine.run('delivery:events', { ...request, first: all.length, most: MOST_DELIVERY_EVENTS });
      all.push(...page.events);
      if (page.events.length === 0 || all.length >= page.total) return all;
    }
  });
  return tell(context, options, events.map(eventJson), deliveryEventsText(events, options.zone, options.all));
}

export async function runDeliveryApply(context: Context, path: string, options: DeliveryOptions): Promise<ExitCode> {
  const request = { run: options.run, script: readScriptFile(context, path) };
  const limits = { memoryLimit: APPLY_MEMORY, mustExist: true };
  const report = await withEngine(
    context,
    options.workspace,
    (engine) => engine.run('delivery:apply', request),
    limits,
  );
  return tell(context, options, deliveryJson(report), deliveryText(report, options.zone, false));
}

/** They are the same in every workspace, and there may be none yet. */
export async function runDeliveryPresets(context: Context, options: WorkspaceOptions): Promise<ExitCode> {
  const { DELIVERY_PRESETS } = await import('../delivery/presets');
  return tell(context, options, DELIVERY_PRESETS, presetsText(DELIVERY_PRESETS));
}
