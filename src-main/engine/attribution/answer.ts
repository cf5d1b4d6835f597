import { PACKETS_PER_CAPTURE } from '../../capture/capture-merge';
import type {
  AttributedEntry,
  AttributedHost,
  AttributedSession,
  Attribution,
  AttributionQuestion,
  PacketPlace,
} from '../../contract/attribution';
import { NAT_SOURCE, entryIdText } from '../../contract/log-entry';
import {
  readEntriesOfMany,
  readHolders,
  readHoldingEntries,
  readSuccessors,
  sessionText,
  type HoldingEntry,
} from '../../duckdb/attribution';
import type { HeldEndpoint } from '../../duckdb/attribution-statements';
import type { Connection, Database } from '../../duckdb/database';
import type { RunCapture } from '../../duckdb/import-runs';
import { formatIpv4, parseAddress } from '../../nat/address-text';
import { isShownTwice } from '../../query/time-range';
import { formatNanos, nanosOf } from '../time-text';
import { allOf, lossesAround, type AnswerLosses } from './answer-losses';
import { askedTime } from './asked-time';
import { endedByChange, forcedBy } from './displacements';
import { holdAt, sessionsOf, tupleOf, withoutOverlaps, type HeldSession, type Hold } from './held-sessions';
import type { HoldersLog } from './holders-log';
import { caveatsOf, confidenceOf, hostsOf, type HostHolds } from './verdict';

const NANOS_PER_SEC = 1_000_000_000n;

export interface AnswerFound {
  readonly answer: Attribution;
  readonly losses: AnswerLosses;
}

/** @throws AppError TIME_INVALID, OPTION_INVALID, WORKSPACE_* */
export async function answerOf(
  database: Database,
  log: HoldersLog,
  question: AttributionQuestion,
  zone: string,
): Promise<AnswerFound> {
  const asked = askedOf(log, question, zone);
  if (asked.atNs === null) return withoutTime(log);
  return answerWith(log, question, asked, await readSessions(database, log, asked.endpoint), zone);
}

/**
 * The answers of several questions, of which the entries are read at once, and not one after the other.
 *
 * @param questions at most `MANY_ENDPOINTS`
 * @throws AppError TIME_INVALID, OPTION_INVALID, WORKSPACE_*
 */
export async function answersOf(
  database: Database,
  log: HoldersLog,
  questions: readonly AttributionQuestion[],
  zone: string,
): Promise<AnswerFound[]> {
  const asked = questions.map((question) => askedOf(log, question, zone));
  const endpoints = asked.map(({ endpoint }) => endpoint);
  return database.withConnection(async (connection) => {
    const entries = await readEntriesOfMany(connection, log.logstoreId, log.runs, endpoints);
    const answers: AnswerFound[] = [];
    for (const [place, question] of questions.entries()) {
      const own = asked[place]!;
      const sessions = await endedSessions(connection, log, sessionsOf(entries[place] ?? [], log.edges));
      answers.push(answerWith(log, question, own, sessions, zone));
    }
    return answers;
  });
}

interface Asked {
  /** Null for a log without entries and a time relative to them. */
  readonly atNs: bigint | null;
  /** As `resolveInstant` takes it. */
  readonly atText: string;
  readonly endpoint: HeldEndpoint;
}

function askedOf(log: HoldersLog, question: AttributionQuestion, zone: string): Asked {
  const { atNs, text } = askedTime({ text: question.at, zone }, log.extent);
  return { atNs, atText: text, endpoint: endpointOf(question, atNs ?? 0n) };
}

function withoutTime(log: HoldersLog): AnswerFound {
  const caveats: Attribution['caveats'] = log.losses.size > 0 ? ['not_captured', 'losses'] : ['not_captured'];
  return { answer: { at: null, confidence: 'nobody', caveats, hosts: [] }, losses: allOf(log.losses) };
}

function answerWith(
  log: HoldersLog,
  question: AttributionQuestion,
  { atNs, atText, endpoint }: Asked,
  sessions: readonly HeldSession[],
  zone: string,
): AnswerFound {
  if (atNs === null) return withoutTime(log);
  const skewNs = atNs - endpoint.fromNs;
  const holds = sessions.map((session) => holdAt(session, atNs)).filter(({ distanceNs }) => distanceNs <= skewNs);
  const hosts = hostsOf(holds);
  const losses = lossesAround(log.losses, endpoint, new Set(holds.map(({ session }) => session.run)));
  const caveats = caveatsOf(hosts, {
    isShownTwice: isShownTwice({ text: atText, zone }),
    isCaptured: holds.length > 0 || isCaptured(log, atNs),
    asksDestination: question.destination !== null,
    hasLosses: losses.size > 0,
  });
  const found = hosts.map((host) => attributedHost(host, log, endpoint.address));
  return { answer: { at: formatNanos(atNs), confidence: confidenceOf(hosts), caveats, hosts: found }, losses };
}

function endpointOf(
  { address, port, protocol, destination, skewSec }: AttributionQuestion,
  atNs: bigint,
): HeldEndpoint {
  const skewNs = BigInt(Math.round(skewSec * 1e9));
  return {
    address: parseAddress(address),
    port,
    protocol,
    destination: destination === null ? null : parseAddress(destination.address),
    destinationPort: destination?.port ?? null,
    fromNs: atNs - skewNs,
    untilNs: atNs + skewNs,
  };
}

function readSessions(database: Database, log: HoldersLog, endpoint: HeldEndpoint): Promise<readonly HeldSession[]> {
  const { logstoreId, runs } = log;
  return database.withConnection(async (connection) => {
    const holders = await readHolders(connection, logstoreId, runs, endpoint);
    if (holders.length === 0) return [];
    return endedSessions(
      connection,
      log,
      sessionsOf(await readHoldingEntries(connection, logstoreId, holders, endpoint), log.edges),
    );
  });
}

/** Ends those of which no entry of their own tells when they did, and begins those that had another endpoint first. */
async function endedSessions(
  connection: Connection,
  log: HoldersLog,
  sessions: readonly HeldSession[],
): Promise<readonly HeldSession[]> {
  const followed = await endedByNext(connection, log, sessions);
  return withoutOverlaps(followed.map((session) => endedByChange(session, log.changes)));
}

async function endedByNext(
  connection: Connection,
  { logstoreId }: HoldersLog,
  sessions: readonly HeldSession[],
): Promise<readonly HeldSession[]> {
  const tuples = sessions.map(tupleOf).filter((tuple) => tuple !== null);
  if (tuples.length === 0) return sessions;
  const ends = await readSuccessors(connection, logstoreId, tuples, boundsOf(sessions));
  const endOf = new Map(ends.map((end) => [sessionText(end), end.endedNs]));
  return sessions.map((each) => endedBy(each, endOf.get(sessionText(each))));
}

/** The session that has taken its place can only have come behind the last entry of the old one, and before its mapping ended. */
function boundsOf(sessions: readonly HeldSession[]): { readonly afterNs: bigint; readonly untilNs: bigint } {
  const afters = sessions.map(({ last }) => last.firstNs);
  const untils = sessions.map(({ untilNs, last }) => untilNs ?? last.lastNs);
  return {
    afterNs: afters.reduce((least, ns) => (ns < least ? ns : least)),
    untilNs: untils.reduce((most, ns) => (ns > most ? ns : most)),
  };
}

function endedBy(session: HeldSession, endedNs: bigint | undefined): HeldSession {
  const { untilNs } = session;
  return endedNs !== undefined && untilNs !== null && endedNs < untilNs
    ? { ...session, untilNs: endedNs, endReason: 'reused' }
    : session;
}

/** A log that was loaded has no captures, and is taken at its word. */
function isCaptured({ captures, extent }: HoldersLog, atNs: bigint): boolean {
  const all = [...captures.values()];
  if (all.some((own) => own.length === 0) && extent !== null) {
    const isInside =
      BigInt(extent.firstSec) * NANOS_PER_SEC <= atNs && atNs < BigInt(extent.lastSec + 1) * NANOS_PER_SEC;
    if (isInside) return true;
  }
  return all
    .flat()
    .some(
      ({ firstTime, lastTime }) =>
        firstTime !== null && lastTime !== null && nanosOf(firstTime) <= atNs && atNs <= nanosOf(lastTime),
    );
}

function attributedHost({ host, holds }: HostHolds, log: HoldersLog, asked: number): AttributedHost {
  return {
    address: host.priIp === null ? null : formatIpv4(host.priIp),
    instance: host.instance === null ? null : (log.instanceNames.get(host.instance) ?? null),
    vpc: host.vpc === null ? null : (log.vpcNames.get(host.vpc) ?? null),
    realm: host.realm,
    sessions: holds.map((hold) => attributedSession(hold, log, asked)),
  };
}

function attributedSession({ session, isActive, entries }: Hold, log: HoldersLog, asked: number): AttributedSession {
  const first = session.entries[0]!;
  const { protocol, priPort, pubIp, pubPort, natIp, natEip, natSource, firstPacket } = first;
  const isEip = natEip === asked;
  return {
    run: session.run,
    session: firstPacket === null ? null : session.session,
    protocol,
    port: priPort,
    destination: pubIp === null || pubPort === null ? null : { address: formatIpv4(pubIp), port: pubPort },
    natAddress: formatIpv4(natIp),
    eip: natEip === null ? null : formatIpv4(natEip),
    matches: natIp === asked ? (isEip ? 'both' : 'nat_ip') : 'nat_eip',
    isObserved: natSource === NAT_SOURCE.observed,
    from: formatNanos(session.fromNs),
    until: session.untilNs === null ? null : formatNanos(session.untilNs),
    isActive,
    endReason: session.endReason,
    ...(session.endReason === 'forced_end' && { forcedBy: forcedBy(session, log.changes) }),
    entries: entries.map((entry) => attributedEntry(entry, log.captures.get(session.run) ?? [])),
  };
}

function attributedEntry(entry: HoldingEntry, captures: readonly RunCapture[]): AttributedEntry {
  return {
    id: entryIdText(entry),
    windowStart: entry.windowStart,
    firstTime: formatNanos(entry.firstNs),
    lastTime: formatNanos(entry.lastNs),
    packets: entry.packets,
    firstPacket: placeOf(entry.firstPacket, captures),
    lastPacket: placeOf(entry.lastPacket, captures),
  };
}

function placeOf(packetNo: number | null, captures: readonly RunCapture[]): PacketPlace | null {
  if (packetNo === null) return null;
  const capture = captures[Math.floor(packetNo / PACKETS_PER_CAPTURE)];
  return capture === undefined ? null : { capture: capture.path, number: packetNo % PACKETS_PER_CAPTURE };
}
