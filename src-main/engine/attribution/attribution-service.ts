import {
  MAX_COMPLAINTS,
  type AnsweredComplaint,
  type Attribution,
  type AttributionReport,
  type AttributionRequest,
  type ComplaintsReport,
  type ComplaintsRequest,
} from '../../contract/attribution';
import { AppError } from '../../contract/errors';
import type { Notice } from '../../contract/result-batch';
import { readTranslatedAddresses } from '../../duckdb/attribution';
import type { Database } from '../../duckdb/database';
import { parseAddress } from '../../nat/address-text';
import type { CallContext } from '../engine-calls';
import { refuseCancelled } from '../open-log';
import { answerOf } from './answer';
import { readComplaints } from './complaints';
import { openHoldersLog, type HoldersLog } from './holders-log';

/**
 * Who was behind each endpoint at its instant, of all committed runs of a Logstore: by the life of the mappings, from their
 * first packet to when the port was free again, which entries tell without a replay; entries and their packets are the
 * evidence. Of a log that was loaded, the entries' own times are all there is.
 *
 * @throws AppError PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND, LOGSTORE_MISMATCH, RUN_NOT_FOUND, TIME_INVALID, OPTION_INVALID,
 * QUERY_CANCELLED, WORKSPACE_*
 */
export async function readAttribution(
  database: Database,
  request: AttributionRequest,
  { signal }: Pick<CallContext<'attribution:read'>, 'signal'>,
): Promise<AttributionReport> {
  refuseCancelled(signal);
  const log = await openHoldersLog(database, request);
  const answers: Attribution[] = [];
  for (const question of request.questions) {
    refuseCancelled(signal);
    answers.push(await answerOf(database, log, question, request.zone));
  }
  return { answers, notices: noticesBehind(log, answers) };
}

/**
 * The same for the complaints in a text.
 *
 * @throws AppError OPTION_INVALID for more than `MAX_COMPLAINTS`; else as `readAttribution`
 */
export async function readComplaintAnswers(
  database: Database,
  request: ComplaintsRequest,
  { signal }: Pick<CallContext<'attribution:complaints'>, 'signal'>,
): Promise<ComplaintsReport> {
  refuseCancelled(signal);
  const log = await openHoldersLog(database, request);
  const ours = await database.withConnection((connection) =>
    readTranslatedAddresses(connection, log.logstoreId, log.runs),
  );
  const complaints = readComplaints(request.text, {
    isOurs: (address) => ours.has(parseAddress(address)),
    skewSec: request.skewSec,
    year: new Date((log.extent?.lastSec ?? 0) * 1000).getUTCFullYear(),
  });
  if (complaints.length > MAX_COMPLAINTS) throw tooMany(complaints.length);
  const answered: AnsweredComplaint[] = [];
  for (const complaint of complaints) {
    refuseCancelled(signal);
    const { question } = complaint;
    const answer = question === null ? null : await answerOf(database, log, question, request.zone);
    answered.push({ ...complaint, answer });
  }
  const answers = answered.flatMap(({ answer }) => answer ?? []);
  return { complaints: answered, notices: noticesBehind(log, answers) };
}

/** What was lost of the imports that answers rest on. */
function noticesBehind({ losses }: HoldersLog, answers: readonly Attribution[]): Notice[] {
  const sessions = answers.flatMap(({ hosts }) => hosts.flatMap((host) => host.sessions));
  const runs = new Set(sessions.map(({ run }) => run));
  return [...losses].flatMap(([run, notices]) => (runs.has(run) ? notices : []));
}

function tooMany(found: number): AppError {
  const message = `there are ${found} complaints in the text, and at most ${MAX_COMPLAINTS} are answered at once: split it`;
  return new AppError('OPTION_INVALID', message, { found, most: MAX_COMPLAINTS });
}
