import {
  CAVEATS,
  MAX_COMPLAINTS,
  type AnsweredComplaint,
  type AttributionQuestion,
  type AttributionReport,
  type AttributionRequest,
  type Caveat,
  type Complaint,
  type ComplaintsReport,
  type ComplaintsRequest,
} from '../../contract/attribution';
import { AppError } from '../../contract/errors';
import type { Notice } from '../../contract/result-batch';
import { MANY_ENDPOINTS, readTranslatedAddresses } from '../../duckdb/attribution';
import type { Database } from '../../duckdb/database';
import { parseAddress } from '../../nat/address-text';
import type { CallContext } from '../engine-calls';
import { refuseCancelled } from '../open-log';
import { TURN_MS, otherCalls } from '../turns';
import { answerOf, answersOf, type AnswerFound } from './answer';
import { lossNotices } from './answer-losses';
import type { ComplaintReader } from './complaint-incidents';
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
  const found = await answersBeside(database, log, request.questions, request.zone, signal);
  return { answers: found.map(({ answer }) => answer), notices: noticesBehind(log, found) };
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
  const complaints = await collectComplaints(request.text, signal, {
    isOurs: (address) => ours.has(parseAddress(address)),
    skewSec: request.skewSec,
    year: new Date((log.extent?.lastSec ?? 0) * 1000).getUTCFullYear(),
    zone: request.zone,
  });
  const questions = complaints.flatMap(({ question }) => question ?? []);
  const found = await answersBeside(database, log, questions, request.zone, signal);
  let next = 0;
  const answered = complaints.map((complaint): AnsweredComplaint => {
    const own = complaint.question === null ? undefined : found[next++];
    return { ...complaint, answer: own?.answer ?? null };
  });
  return { complaints: answered, notices: noticesBehind(log, found) };
}

/**
 * A destination that nobody talked to may be one that the complaint has wrong, as it was seen behind another NAT: that the
 * endpoint was in use towards others is said, and no host is named for it.
 *
 * @throws AppError as `answersOf`; QUERY_CANCELLED
 */
async function answersBeside(
  database: Database,
  log: HoldersLog,
  questions: readonly AttributionQuestion[],
  zone: string,
  signal: AbortSignal,
): Promise<AnswerFound[]> {
  const found = await answersTo(database, log, questions, zone, signal);
  const inVain = found.flatMap(({ answer }, place) => {
    const question = questions[place]!;
    return answer.confidence === 'nobody' && question.destination !== null ? [{ place, question }] : [];
  });
  const towardsAny = inVain.map(({ question }) => ({ ...question, destination: null }));
  const others = await answersTo(database, log, towardsAny, zone, signal);
  for (const [index, { place }] of inVain.entries()) {
    if (others[index]?.answer.confidence === 'nobody') continue;
    const { answer, losses } = found[place]!;
    const held = new Set<Caveat>([...answer.caveats, 'other_destinations']);
    found[place] = { answer: { ...answer, caveats: CAVEATS.filter((caveat) => held.has(caveat)) }, losses };
  }
  return found;
}

/** @throws AppError as `answersOf`; QUERY_CANCELLED */
async function answersTo(
  database: Database,
  log: HoldersLog,
  questions: readonly AttributionQuestion[],
  zone: string,
  signal: AbortSignal,
): Promise<AnswerFound[]> {
  const [first, another] = questions;
  // Of one, the least of the log is read.
  if (first !== undefined && another === undefined) return [await answerOf(database, log, first, zone)];
  const found: AnswerFound[] = [];
  for (let start = 0; start < questions.length; start += MANY_ENDPOINTS) {
    refuseCancelled(signal);
    found.push(...(await answersOf(database, log, questions.slice(start, start + MANY_ENDPOINTS), zone)));
  }
  return found;
}

/**
 * Reads a long text in turns with what else waits in the thread.
 *
 * @throws AppError QUERY_CANCELLED; OPTION_INVALID for more than `MAX_COMPLAINTS`
 */
async function collectComplaints(text: string, signal: AbortSignal, reader: ComplaintReader): Promise<Complaint[]> {
  const complaints: Complaint[] = [];
  let count = 0;
  let turnMs = performance.now();
  for (const complaint of readComplaints(text, reader)) {
    if (complaint !== null && ++count <= MAX_COMPLAINTS) complaints.push(complaint);
    if (performance.now() - turnMs < TURN_MS) continue;
    await otherCalls();
    refuseCancelled(signal);
    turnMs = performance.now();
  }
  if (count > MAX_COMPLAINTS) throw tooMany(count);
  return complaints;
}

/** What was lost that answers would have rested on. */
function noticesBehind({ losses }: HoldersLog, found: readonly AnswerFound[]): Notice[] {
  return lossNotices(
    losses,
    found.map((each) => each.losses),
  );
}

function tooMany(found: number): AppError {
  const message = `there are ${found} complaints in the text, and at most ${MAX_COMPLAINTS} are answered at once: split it`;
  return new AppError('OPTION_INVALID', message, { found, most: MAX_COMPLAINTS });
}
