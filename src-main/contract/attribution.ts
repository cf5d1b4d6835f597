import type { EndReason } from './log-entry';
import type { Notice } from './result-batch';

/** Of one call; more are asked in several. */
export const MAX_QUESTIONS = 1000;
/** A day: a clock that is off by more is no evidence. */
export const MAX_SKEW_SEC = 86_400;

/** Who was behind translated endpoints: any number of questions to one Logstore. */
export interface AttributionRequest {
  readonly project: string;
  readonly logstore: string;
  /** As in `QueryRequest`, of times that have none of their own. */
  readonly zone: string;
  /** One import or load; null for all of them. */
  readonly run: number | null;
  readonly questions: readonly AttributionQuestion[];
}

export interface AttributionQuestion {
  /** IPv4, as the Internet saw it: a translated address or an EIP. */
  readonly address: string;
  /** Of ICMP, the identifier. */
  readonly port: number;
  /** IANA number; null for any. */
  readonly protocol: number | null;
  /** As the user wrote it: as for `NatTableRequest`, or as complaints have it. */
  readonly at: string;
  /** How far the clock that `at` was read from may be off, seconds either way. */
  readonly skewSec: number;
  /** With whom the endpoint spoke; null for anybody. */
  readonly destination: { readonly address: string; readonly port: number | null } | null;
}

/**
 * How sure an answer is:
 *
 * - `active`: one host had the endpoint, and the instant is between the packets of one of its entries.
 * - `idle`: one host had it, and the instant is between its entries, or behind the last: the mapping was alive.
 * - `near`: nobody is known to have had it at the instant itself, and one host within the skew.
 * - `ambiguous`: several hosts had it, towards different destinations or one after the other within the skew.
 * - `hidden`: it was in use, and only the public side of that was captured, so its host is not known.
 * - `nobody`: the log has no session that had it.
 */
export const CONFIDENCES = ['active', 'idle', 'near', 'ambiguous', 'hidden', 'nobody'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/**
 * What an answer cannot rest on:
 *
 * - `shown_twice`: the time is one that clocks of the zone show twice, and the first of the two instants was asked for.
 * - `not_captured`: no import has packets of the instant.
 * - `midstream`: a session was under way when the capture began; since when it had the endpoint is not known.
 * - `partial_window`: the capture does not cover the whole window of an entry.
 * - `entries_only`: the log was loaded and has no mappings; only the times of its entries are known.
 * - `no_mapping`: an older version imported it, which did not keep when ports were free again.
 * - `destination_not_kept`: the gateway was told not to keep destinations, so the one asked for tells nothing.
 * - `other_destinations`: nobody had it towards the destination that was asked for, and somebody had it towards others.
 * - `losses`: the import, or the way to the log, has lost something: see the notices.
 */
export const CAVEATS = [
  'shown_twice',
  'not_captured',
  'midstream',
  'partial_window',
  'entries_only',
  'no_mapping',
  'destination_not_kept',
  'other_destinations',
  'losses',
] as const;
export type Caveat = (typeof CAVEATS)[number];

export interface AttributionReport {
  /** In the order of the questions. */
  readonly answers: readonly Attribution[];
  readonly notices: readonly Notice[];
}

/** Times are epoch seconds with nine digits behind the point. */
export interface Attribution {
  /** Null for a log without entries and a time relative to them. */
  readonly at: string | null;
  readonly confidence: Confidence;
  readonly caveats: readonly Caveat[];
  /** The likeliest first. */
  readonly hosts: readonly AttributedHost[];
}

export interface AttributedHost {
  /** IPv4 in the VPC; null where only the public side was captured. */
  readonly address: string | null;
  readonly instance: string | null;
  readonly vpc: string | null;
  /** Number of the VLANs, where those are networks of their own; see `LogEntryBatch`. */
  readonly realm: number | null;
  /** The likeliest first. */
  readonly sessions: readonly AttributedSession[];
}

export interface AttributedSession {
  readonly run: number;
  /** Of the run; null in a log that was loaded, where each entry stands for itself. */
  readonly session: number | null;
  readonly protocol: number;
  readonly port: number | null;
  /** Null where it was not kept. */
  readonly destination: { readonly address: string; readonly port: number } | null;
  readonly natAddress: string;
  readonly eip: string | null;
  /** Which of the two the question's address is. */
  readonly matches: 'nat_ip' | 'nat_eip' | 'both';
  readonly isObserved: boolean;
  /** When the session had the endpoint, from its first packet to the end of its mapping, exclusive; null where that is not known. */
  readonly from: string;
  readonly until: string | null;
  /** Packets before and behind the instant are of one entry. */
  readonly isActive: boolean;
  readonly endReason: EndReason;
  /** Of `forced_end`: a change of the gateway, or the clock, which was set back; null where that is not known. */
  readonly forcedBy?: 'change' | 'clock' | null;
  /** Which had the last packet at or before the instant, and the first one after it; one alone where they are the same. */
  readonly entries: readonly AttributedEntry[];
}

export interface AttributedEntry {
  /** As `entryIdText` gives it. */
  readonly id: string;
  /** Epoch seconds; null in a log that was loaded without. */
  readonly windowStart: number | null;
  readonly firstTime: string;
  readonly lastTime: string;
  readonly packets: number;
  /** The packets at both ends; null where the captures are not known. */
  readonly firstPacket: PacketPlace | null;
  readonly lastPacket: PacketPlace | null;
}

export interface PacketPlace {
  readonly capture: string;
  /** Ordinal in its capture, from 1, as Wireshark counts. */
  readonly number: number;
}

/** Complaints as text: see `readComplaints` for what is understood. */
export interface ComplaintsRequest extends Pick<AttributionRequest, 'project' | 'logstore' | 'zone' | 'run'> {
  readonly text: string;
  /** As in `AttributionQuestion`, for all of them. */
  readonly skewSec: number;
}

/** Of one text; more are refused, not cut. */
export const MAX_COMPLAINTS = 10_000;

export interface ComplaintsReport {
  /** In the order of the text. */
  readonly complaints: readonly AnsweredComplaint[];
  readonly notices: readonly Notice[];
}

export const COMPLAINT_GAPS = ['address', 'port', 'time'] as const;
/** What a complaint does not say, without which nobody can be found. */
export type ComplaintGap = (typeof COMPLAINT_GAPS)[number];

/**
 * What is to be known of how a complaint was read, by `kind`, and what of it `subject` is:
 *
 * - `zone_assumed`: its zone, a name of several, was taken as that of the request, which is one of them.
 * - `zone_unclear`: its zone is a name of several, and that of the request is none of them: there is no time.
 * - `day_unclear`: its date may be read with the day or the month first: there is no time.
 * - `twice`: clocks of the zone that it names show its time twice: there is no time.
 * - `mail_date`: its time is that of the mail, or of another report of it, for want of another.
 * - `several_times`: it names so many times, and not which of them is meant: the first was taken, of one host; else none.
 * - `port_unclear`: ports that it names without saying whose they are: there is no port.
 * - `ipv6`: an IPv6 address, which is not translated.
 * - `not_asked`: addresses that were passed over.
 */
export interface ComplaintRemark {
  readonly kind: ComplaintRemarkKind;
  readonly subject: string;
}
export const COMPLAINT_REMARKS = [
  'zone_assumed',
  'zone_unclear',
  'day_unclear',
  'twice',
  'mail_date',
  'several_times',
  'port_unclear',
  'ipv6',
  'not_asked',
] as const;
export type ComplaintRemarkKind = (typeof COMPLAINT_REMARKS)[number];

export interface Complaint {
  /** Where it begins in the text, from 1. */
  readonly line: number;
  /** As it stands there, its beginning where it is long. */
  readonly text: string;
  /** Null when something is missing. */
  readonly question: AttributionQuestion | null;
  readonly missing: readonly ComplaintGap[];
  /** Its time names no zone: that of the request was taken; or no year: that of the log's last entry was. */
  readonly isLocal: boolean;
  readonly remarks: readonly ComplaintRemark[];
}

export interface AnsweredComplaint extends Complaint {
  /** Null where there is no question. */
  readonly answer: Attribution | null;
}
