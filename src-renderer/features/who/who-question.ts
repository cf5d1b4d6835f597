import { MAX_SKEW_SEC, type AttributionQuestion } from '../../../src-main/contract/attribution';
import { t } from '../../services/messages/catalogue';
import { readEndpoint } from './written-endpoint';

/** The fields of the form, as they are written. */
export interface WrittenQuestion {
  readonly endpoint: string;
  readonly at: string;
  readonly skewSec: string;
  /** Empty for anybody. */
  readonly destination: string;
  /** IANA number; empty for any. */
  readonly protocol: string;
}

export type QuestionField = keyof WrittenQuestion;

export const NO_QUESTION: WrittenQuestion = { endpoint: '', at: '', skewSec: '5', destination: '', protocol: '' };

export const QUESTION_FIELDS = Object.keys(NO_QUESTION) as readonly QuestionField[];

/** What is wrong with the fields, by their names. */
export type QuestionProblems = Partial<Readonly<Record<QuestionField, string>>>;

/** @returns the question, or why it is none. Of its time the engine is the judge */
export function readQuestion(written: WrittenQuestion): AttributionQuestion | QuestionProblems {
  const endpoint = readEndpoint(written.endpoint);
  const destination = written.destination.trim() === '' ? null : readEndpoint(written.destination);
  const skewSec = readSkew(written.skewSec);
  const at = written.at.trim();
  const problems: Partial<Record<QuestionField, string>> = {};
  if (typeof endpoint === 'string') problems.endpoint = t.who.endpointFault[endpoint];
  else if (endpoint.port === null) problems.endpoint = t.who.portMissing(endpoint.address);
  if (at === '') problems.at = t.who.timeMissing;
  if (skewSec === null) problems.skewSec = t.who.skewUnreadable(MAX_SKEW_SEC);
  if (typeof destination === 'string') problems.destination = t.who.destinationFault[destination];
  if (typeof endpoint === 'string' || typeof destination === 'string') return problems;
  if (endpoint.port === null || skewSec === null || Object.keys(problems).length > 0) return problems;
  const protocol = written.protocol === '' ? null : Number(written.protocol);
  return { address: endpoint.address, port: endpoint.port, protocol, at, skewSec, destination };
}

export function isQuestion(read: AttributionQuestion | QuestionProblems): read is AttributionQuestion {
  return 'address' in read;
}

/** Epoch seconds, what is relative to the end of the log, and what ends with an offset. */
const OF_ANY_ZONE = /^-?\d+(?:\.\d+)?[smhd]?$|^(?:start|end)$|(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$/iu;

/** @returns whether a time is the same instant in every zone; false where that is not plain */
export function namesZone(at: string): boolean {
  return OF_ANY_ZONE.test(at.trim());
}

/** @returns null for what is no number of seconds that an engine would take */
export function readSkew(text: string): number | null {
  const seconds = Number(text.trim());
  return /^\d+$/u.test(text.trim()) && seconds <= MAX_SKEW_SEC ? seconds : null;
}
