import type {
  AnsweredComplaint,
  AttributedEntry,
  AttributedSession,
  Attribution,
  Confidence,
  PacketPlace,
} from '../../../src-main/contract/attribution';
import { fileName } from '../../services/file-name';
import { t } from '../../services/messages/catalogue';
import { grouped } from '../../services/number-format';
import { durationText, exactTime, type ZoneClock } from '../../services/time-format';
import type { Candidate } from './candidates';
import { isReleaseKnown } from './port-release';
import type { Answered, AnsweredComplaints } from './who-state.svelte';
import { endpointText } from './written-endpoint';

export type Mark = 'ok' | 'info' | 'warn' | 'neutral';

/** How an answer looks: its shape says what its word says. */
export const CONFIDENCE_MARK: Readonly<Record<Confidence, Mark>> = {
  active: 'ok',
  idle: 'ok',
  near: 'info',
  ambiguous: 'warn',
  hidden: 'neutral',
  nobody: 'neutral',
};

/** What came out, in one line. */
export function outcomeText({ confidence, hosts }: Attribution): string {
  const named = hosts.map(({ address }) => address ?? t.who.unknownHost).join(t.who.complaints.or);
  return [t.who.confidence[confidence], named].filter(Boolean).join(': ');
}

/** The hosts of a complaint, all that come into question; empty for none. */
export function complaintHosts({ answer }: AnsweredComplaint): string {
  return (answer?.hosts ?? []).map(({ address }) => address ?? t.who.unknownHost).join(t.who.complaints.or);
}

/** @param zone of times that name none */
export function complaintRemarks({ missing, isLocal, remarks, answer }: AnsweredComplaint, zone: string): string {
  const words = t.who.complaints;
  return [
    ...missing.map((gap) => words.missing[gap]),
    ...(isLocal ? [words.local(zone)] : []),
    ...remarks.map(({ kind, subject }) => words.reading[kind](subject)),
    ...(answer?.caveats ?? []).map((caveat) => t.who.caveats[caveat]),
  ].join(' ');
}

/** Answers to complaints as lines of cells with tabs between, for a spreadsheet; with nothing of the text of who complains. */
export function complaintsTable({ complaints, zone }: AnsweredComplaints, clock: ZoneClock): string {
  const words = t.who.complaints;
  const head = [words.line, t.who.endpoint, t.who.time(clock.zone), words.destination, words.host, words.confidence];
  const lines = complaints.map((complaint) => {
    const { line, question, answer } = complaint;
    return [
      String(line),
      question === null ? '' : endpointText(question),
      answer?.at == null ? '' : exactTime(answer.at, clock),
      question?.destination == null ? '' : endpointText(question.destination),
      complaintHosts(complaint),
      answer === null ? '' : t.who.confidence[answer.confidence],
      complaintRemarks(complaint, zone),
    ];
  });
  return [[...head, words.remarks], ...lines]
    .map((cells) => cells.map((cell) => cell.replace(/\s+/gu, ' ')).join('\t'))
    .join('\n');
}

/** How many complaints there are, and of how many somebody is known. */
export function complaintsSummary(complaints: readonly AnsweredComplaint[]): string {
  const known = complaints.filter(({ answer }) => answer?.hosts.some(({ address }) => address !== null)).length;
  return t.who.complaints.summary(complaints.length, known);
}

/** What speaks for a candidate. */
export function reasonsFor({ question, answer, candidates }: Answered, { session }: Candidate): string[] {
  const words = t.who.why;
  const { laterSec, earlierSec } = distanceOf(session, Number(answer.at));
  const held =
    laterSec > 0
      ? words.later(durationText(laterSec * 1000))
      : earlierSec >= 0
        ? words.earlier(durationText(earlierSec * 1000))
        : session.isActive
          ? words.active
          : words.idle;
  const hosts = new Set(candidates.map(({ host }) => host)).size;
  return [
    held,
    words.matches[session.matches],
    ...(question.destination === null || session.destination === null ? [] : [words.destination]),
    ...(question.protocol === null ? [] : [words.protocol]),
    ...(hosts === 1 ? [words.alone(question.skewSec)] : []),
    ...(session.isObserved ? [words.observed] : []),
  ];
}

/** How long after the time that was asked for a session had the endpoint, and how long before; one is negative, or both are. */
function distanceOf(
  { from, until }: AttributedSession,
  askedSec: number,
): { readonly laterSec: number; readonly earlierSec: number } {
  return { laterSec: Number(from) - askedSec, earlierSec: askedSec - (until === null ? Infinity : Number(until)) };
}

/** What an answer cannot rest on, or might mislead. */
export function doubtsOf({ question, answer, candidates, notices }: Answered, candidate: Candidate | null): string[] {
  const { caveats, doubts } = t.who;
  const hosts = new Set(candidates.map(({ host }) => host)).size;
  return [
    ...(hosts > 1 ? [question.destination === null ? doubts.destination(hosts) : doubts.hosts(hosts)] : []),
    ...answer.caveats.map((caveat) => caveats[caveat]),
    ...notices.map(({ text }) => text),
    ...(candidate?.session.isObserved === false && !answer.caveats.includes('entries_only') ? [doubts.emulated] : []),
  ];
}

/** Until when a session had the endpoint, as far as that is known; null where it is not. */
export function untilText(session: AttributedSession, time: (epochText: string) => string): string | null {
  if (session.until === null) return null;
  const text = time(session.until);
  return isReleaseKnown(session) ? text : t.who.atLeast(text);
}

/** What one line of the list says of a candidate: of those of several imports, also which one it is of. */
export function candidateLine({ session }: Candidate, { candidates, answer }: Answered, clock: ZoneClock): string {
  const askedSec = Number(answer.at);
  const isOneRun = candidates.every((other) => other.session.run === session.run);
  const { run, from, isActive, destination } = session;
  const { laterSec, earlierSec } = distanceOf(session, askedSec);
  const isHeld = laterSec <= 0 && earlierSec < 0;
  const time = (text: string): string => timeNear(Math.floor(Number(text)), clock, askedSec);
  return t.who.line(
    time(from),
    untilText(session, time),
    isHeld ? (isActive ? 'active' : 'idle') : laterSec > 0 ? 'later' : 'earlier',
    destination === null ? null : endpointText(destination),
    isOneRun ? null : run,
  );
}

/** `15:17:42`, and with its day where that is not the day that was asked for. */
function timeNear(epochSec: number, clock: ZoneClock, askedSec: number): string {
  return clock.date(epochSec) === clock.date(askedSec) ? clock.time(epochSec, true) : clock.dateTime(epochSec);
}

/** `15:17:42.106`, and with its day where that is not the day that was asked for. */
export function exactTimeNear(epochText: string, clock: ZoneClock, askedSec: number): string {
  const isSameDay = clock.date(Math.floor(Number(epochText))) === clock.date(askedSec);
  const whole = exactTime(epochText, clock);
  return isSameDay ? whole.slice(whole.indexOf(' ') + 1) : whole;
}

/** Which packets are behind an entry, as Wireshark counts them. */
export function placesText({ firstPacket, lastPacket }: AttributedEntry): string {
  if (firstPacket === null || lastPacket === null) return '–';
  const place = ({ capture, number }: PacketPlace): string => t.who.place(fileName(capture), grouped(number));
  if (firstPacket.capture !== lastPacket.capture) return `${place(firstPacket)} – ${place(lastPacket)}`;
  const { capture, number } = firstPacket;
  const last = lastPacket.number === number ? '' : ` – ${grouped(lastPacket.number)}`;
  return `${t.who.place(fileName(capture), grouped(number))}${last}`;
}

/** An answer as lines of text, for a ticket or a mail. */
export function reportText(answered: Answered, clock: ZoneClock): string {
  const { question, answer, candidates, place } = answered;
  const when = answer.at === null ? question.at : `${exactTime(answer.at, clock)} (${clock.zone})`;
  return [
    `${endpointText(question)} ${t.who.report.at} ${when}, ± ${grouped(question.skewSec)} s`,
    `${t.who.confidence[answer.confidence]}: ${t.who.meaning[answer.confidence]}`,
    ...candidates.flatMap((candidate) => [
      '',
      hostText(candidate),
      ...[candidateLine(candidate, answered, clock), ...reasonsFor(answered, candidate)].map((line) => `  ${line}`),
      ...candidate.session.entries.map(
        (entry) =>
          `  ${t.who.report.entry} ${entry.id}: ${exactTime(entry.firstTime, clock)} – ${exactTime(entry.lastTime, clock)}, ${placesText(entry)}`,
      ),
    ]),
    '',
    ...doubtsOf(answered, candidates[0] ?? null).map((doubt) => `- ${doubt}`),
    `- ${t.who.neverProves}`,
    `${place.project}/${place.logstore}`,
  ].join('\n');
}

/** A host, with what tells it from others of its address. */
export function hostText({ host, session }: Candidate): string {
  const { address, vpc, instance, realm } = host;
  if (address === null) return t.who.unknownHost;
  const where = [vpc, instance, realm === null ? null : t.who.realm(realm)].filter((part) => part !== null);
  const endpoint = endpointText({ address, port: session.port });
  return where.length === 0 ? endpoint : `${endpoint} (${where.join(', ')})`;
}
