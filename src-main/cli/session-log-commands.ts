import {
  SERVICE_LINKED_ROLE,
  type DestinationRequest,
  type EnabledSessionLog,
  type SessionLogReport,
} from '../contract/gateways';
import { AppError } from '../contract/errors';
import type { Context } from './context';
import { EXIT, type ExitCode } from './exit-code';
import { factsText } from './gateway-console-text';
import { ask, tell, type DeleteOptions, type WorkspaceOptions } from './logstore-commands';
import { thousands } from './number-text';
import { tableText, type TableColumn } from './text-table';

export interface DestinationOptions extends WorkspaceOptions {
  readonly project?: string;
  readonly createProject?: string;
  readonly logstore?: string;
  readonly createLogstore?: string;
}

const left = (header: string): TableColumn => ({ header, align: 'left' });
const STATUSES = { NotEnabled: 'not enabled', Enabled: 'Enabled', Stopped: 'Stopped' } as const;

const deliveryText = ({ delivery }: SessionLogReport): string =>
  delivery === null ? '' : [delivery.status, delivery.code].filter((text) => text !== null).join(' ');
const placeText = ({ destination }: SessionLogReport): string =>
  destination === null ? '' : `${destination.project} / ${destination.logstore}`;

/** A status is of the destination: what was lost on the way to it is told beside it. */
const listedDeliveryText = (report: SessionLogReport): string =>
  [deliveryText(report), report.missing === null ? '' : `! ${thousands(report.missing.entries)} entries missing`]
    .filter((text) => text !== '')
    .join(', ');

function missingText({ missing, destination }: SessionLogReport): string {
  if (missing === null || destination === null) return '';
  const { entries, sealed, imports, lastRun } = missing;
  const of = imports === 1 ? `import ${lastRun}` : `${imports} imports, the last of them ${lastRun},`;
  return (
    `! ${thousands(entries)} of the ${thousands(sealed)} entries of ${of} are not in the Logstore; ` +
    `natscope delivery show --run ${lastRun} tells why`
  );
}

function sessionLogsText(reports: readonly SessionLogReport[]): string {
  return tableText(
    [left('gateway'), left('name'), left('region'), left('session log'), left('delivery'), left('destination')],
    reports.map((report) => [
      ...[report.gateway, report.gatewayName, report.region, STATUSES[report.status]],
      ...[listedDeliveryText(report), placeText(report)],
    ]),
  );
}

function indexText({ index, destination }: SessionLogReport): string {
  if (index === null) return 'none';
  if (index.exists) return `${index.fields} fields`;
  const place = destination === null ? '' : ` --project ${destination.project} --logstore ${destination.logstore}`;
  return `none: entries cannot be searched; natscope index create-recommended${place} makes one`;
}

function sessionLogText(report: SessionLogReport): string {
  const { destination, refusal } = report;
  return factsText([
    ['gateway', [report.gateway, report.gatewayName].filter((text) => text !== '').join(' ')],
    ['region', report.region],
    ['session log status', STATUSES[report.status]],
    ...(report.delivery === null ? [] : [['delivery status', deliveryText(report)] as const]),
    ...(destination === null
      ? []
      : [
          ['delivery type', report.deliveryType] as const,
          ['destination', `${placeText(report)}${destination.exists ? '' : ', which is not there'}`] as const,
          ['', destination.arn] as const,
          ['index', indexText(report)] as const,
          ...(report.missing === null ? [] : [['entries', missingText(report)] as const]),
        ]),
    ...(refusal === null || refusal.reason === 'enabled' ? [] : [['cannot be enabled', refusal.text] as const]),
  ]);
}

const sessionLogJson = (report: SessionLogReport): object => ({
  gateway: report.gateway,
  gateway_name: report.gatewayName,
  region: report.region,
  built_in: report.builtIn,
  session_log_status: report.status,
  delivery_status: report.delivery?.status ?? null,
  delivery_code: report.delivery?.code ?? null,
  delivery_type: report.deliveryType,
  destination: report.destination,
  index: report.index,
  missing:
    report.missing === null
      ? null
      : {
          sealed: report.missing.sealed,
          entries: report.missing.entries,
          imports: report.missing.imports,
          last_run: report.missing.lastRun,
        },
  enabled_ms: report.enabledMs,
  stopped_ms: report.stoppedMs,
  refusal: report.refusal,
});

export async function runSessionLogList(context: Context, options: WorkspaceOptions): Promise<ExitCode> {
  const { sessionLogs } = await ask(context, options, 'session-log:list', {});
  return tell(context, options, sessionLogs.map(sessionLogJson), sessionLogsText(sessionLogs));
}

export async function runSessionLogShow(
  context: Context,
  gateway: string,
  options: WorkspaceOptions,
): Promise<ExitCode> {
  const report = await ask(context, options, 'session-log:read', { gateway });
  return tell(context, options, sessionLogJson(report), sessionLogText(report));
}

function choiceOf(
  what: 'project' | 'logstore',
  select: string | undefined,
  create: string | undefined,
): DestinationRequest['project'] {
  if (select !== undefined && create === undefined) return { mode: 'select', name: select };
  if (create !== undefined && select === undefined) return { mode: 'create', name: create };
  const message = `name either --${what}, for one that is there, or --create-${what}, for a new one`;
  throw new AppError('OPTION_INVALID', message, { option: `--${what}` });
}

function requestOf(gateway: string, options: DestinationOptions): DestinationRequest {
  const { project, createProject, logstore, createLogstore } = options;
  return {
    gateway,
    project: choiceOf('project', project, createProject),
    logstore: choiceOf('logstore', logstore, createLogstore),
  };
}

function createdText({ created, destination }: EnabledSessionLog): string {
  return [
    created.project ? `Created project ${destination?.project ?? ''}.\n` : '',
    created.logstore ? `Created Logstore ${destination?.logstore ?? ''}.\n` : '',
    created.role ? `Created the service-linked role ${SERVICE_LINKED_ROLE} in the simulated account.\n` : '',
  ].join('');
}

export async function runSessionLogEnable(
  context: Context,
  gateway: string,
  options: DestinationOptions,
): Promise<ExitCode> {
  return changeSessionLog(context, 'session-log:enable', gateway, options);
}

export async function runSessionLogChange(
  context: Context,
  gateway: string,
  options: DestinationOptions,
): Promise<ExitCode> {
  return changeSessionLog(context, 'session-log:change', gateway, options);
}

async function changeSessionLog(
  context: Context,
  name: 'session-log:enable' | 'session-log:change',
  gateway: string,
  options: DestinationOptions,
): Promise<ExitCode> {
  const report = await ask(context, options, name, requestOf(gateway, options));
  const json = { ...sessionLogJson(report), created: report.created };
  return tell(context, options, json, `${createdText(report)}${sessionLogText(report)}`);
}

export async function runSessionLogStop(context: Context, gateway: string, options: DeleteOptions): Promise<ExitCode> {
  if (!(await confirmStop(context, gateway, options.yes))) return EXIT.failed;
  const report = await ask(context, options, 'session-log:stop', { gateway });
  const kept = `The entries that were delivered to ${placeText(report)} stay.\n`;
  return tell(context, options, sessionLogJson(report), `${sessionLogText(report)}${kept}`);
}

/** @throws AppError OPTION_INVALID without a terminal and without `--yes` */
async function confirmStop({ io, err }: Context, gateway: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (!io.isStdinTty) {
    const message = `this would stop the session log of gateway ${gateway}: add --yes, since there is no terminal to ask on`;
    throw new AppError('OPTION_INVALID', message, { option: '--yes' });
  }
  err.tell(`Stop the session log of gateway ${gateway}? Delivered entries stay. [y/N] `);
  if (/^\s*y(?:es)?\s*$/iu.test(await io.readLine())) return true;
  err.tell('Nothing was stopped.\n');
  return false;
}
