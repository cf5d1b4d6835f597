import type { AttributedSession, Attribution, AttributionQuestion, AttributionRequest } from '../contract/attribution';
import { AppError } from '../contract/errors';
import { FLOW_END_REASON } from '../contract/log-entry';
import type { Notice } from '../contract/result-batch';
import { readComplaintText } from './complaint-text';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { counted } from './number-text';
import type { NatEndpoint } from './option-values';
import { createRowWriter, type RowFormat } from './row-writers';
import { answerText } from './who-text';
import { complaintRows } from './who-rows';

export interface WhoOptions {
  readonly at?: string;
  readonly skew: number;
  readonly destination?: NatEndpoint;
  readonly protocol?: number;
  readonly complaints?: string;
  readonly workspace?: string;
  readonly project: string;
  readonly logstore: string;
  readonly run?: number;
  readonly zone: string;
  readonly format: RowFormat;
  readonly json: boolean;
}

/**
 * Who was behind one endpoint, with the evidence; or behind those of complaints, a row each.
 *
 * @throws AppError COMPLAINTS_UNREADABLE, OPTION_INVALID, TIME_INVALID, RUN_NOT_FOUND, WORKSPACE_*, QUERY_* and their like; ReaderGone
 */
export async function runWho(context: Context, endpoint: NatEndpoint | null, options: WhoOptions): Promise<ExitCode> {
  const { complaints, at } = options;
  if (complaints !== undefined) {
    if (endpoint !== null || at !== undefined)
      throw wrongUsage('--complaints takes no endpoint and no --at: they are in its text.');
    if (options.destination !== undefined || options.protocol !== undefined)
      throw wrongUsage('--complaints takes no --destination and no --protocol: each complaint may name its own.');
    return answerComplaints(context, complaints, options);
  }
  if (endpoint === null || at === undefined) {
    throw wrongUsage('Name an endpoint and --at, or a file with --complaints.');
  }
  const { address, port } = endpoint;
  if (port === null) {
    throw wrongUsage(`An address alone has many hosts behind it: add the port, as in ${address}:40000.`);
  }
  return answerOne(context, { address, port, at }, options);
}

function wrongUsage(text: string): AppError {
  return new AppError('OPTION_INVALID', text, {});
}

type Logstore = Pick<AttributionRequest, 'project' | 'logstore' | 'zone' | 'run'>;

function logstoreOf({ project, logstore, zone, run }: WhoOptions): Logstore {
  return { project, logstore, zone, run: run ?? null };
}

async function answerOne(
  context: Context,
  { address, port, at }: Pick<AttributionQuestion, 'address' | 'port' | 'at'>,
  options: WhoOptions,
): Promise<ExitCode> {
  const { protocol = null, skew, destination = null, zone } = options;
  const question: AttributionQuestion = { address, port, protocol, at, skewSec: skew, destination };
  const { answers, notices } = await withEngine(
    context,
    options.workspace,
    (engine) => engine.run('attribution:read', { ...logstoreOf(options), questions: [question] }),
    { mustExist: true },
  );
  const [answer] = answers as readonly [Attribution];
  const text = options.json
    ? `${JSON.stringify({ question, ...withFlowEnds(answer), notices }, null, 2)}\n`
    : answerText(question, answer, zone);
  await context.out.write(text);
  await context.out.flush();
  if (!options.json) tellNotices(context, notices);
  return EXIT.done;
}

/** The reason for which each session ended as IPFIX has it, beside our own; null where the log was loaded. */
function withFlowEnds({ hosts, ...answer }: Attribution): object {
  const withEnd = (session: AttributedSession): object => ({
    ...session,
    flowEndReason: session.session === null ? null : FLOW_END_REASON[session.endReason],
  });
  return { ...answer, hosts: hosts.map((host) => ({ ...host, sessions: host.sessions.map(withEnd) })) };
}

async function answerComplaints(context: Context, path: string, options: WhoOptions): Promise<ExitCode> {
  const text = await readComplaintText(context.io, path);
  const { complaints, notices } = await withEngine(
    context,
    options.workspace,
    (engine) => engine.run('attribution:complaints', { ...logstoreOf(options), text, skewSec: options.skew }),
    { mustExist: true },
  );
  if (options.json) {
    const answered = complaints.map(({ answer, ...complaint }) => ({
      ...complaint,
      answer: answer === null ? null : withFlowEnds(answer),
    }));
    await context.out.write(`${JSON.stringify({ complaints: answered, notices }, null, 2)}\n`);
  } else {
    const writer = createRowWriter(options.format, context.out);
    const rows = complaintRows(complaints, options.zone);
    await writer.rows(rows);
    await writer.end(rows.columns);
  }
  await context.out.flush();
  const unclear = complaints.filter(({ question }) => question === null).length;
  const local = complaints.filter(({ isLocal }) => isLocal).length;
  context.err.tell(
    [
      complaints.length === 0
        ? 'No complaint was found: there is no IPv4 address in the text, and no port with a time.'
        : counted(complaints.length, 'complaint'),
      ...(unclear === 0
        ? []
        : [`${counted(unclear, 'complaint')} without an address, a port or a time: see the last column.`]),
      ...(local === 0 ? [] : [`${counted(local, 'time')} without a zone: taken as ${options.zone} (--zone).`]),
      ...notices.map((notice) => notice.text),
      '',
    ].join('\n'),
  );
  return EXIT.done;
}

function tellNotices(context: Context, notices: readonly Notice[]): void {
  if (notices.length > 0) context.err.tell(notices.map(({ text }) => `${text}\n`).join(''));
}
