import type {
  AttributedEntry,
  AttributedHost,
  AttributedSession,
  Attribution,
  AttributionQuestion,
  Caveat,
  Confidence,
} from '../contract/attribution';
import type { EndReason } from '../contract/log-entry';
import { counted } from './number-text';
import { protocolName } from './protocol-name';
import { nanosOf } from '../engine/time-text';
import { instantText, nanosText } from './time-range-text';

export const CONFIDENCE_TEXT: Readonly<Record<Confidence, string>> = {
  active: 'One host had it, and had packets around that time.',
  idle: 'One host had it; it was idle at that time, and its mapping alive.',
  near: 'Nobody is known to have had it at that time. One host had it within the skew.',
  ambiguous: 'Several hosts come into question: name the destination, or a smaller skew.',
  hidden: 'It was in use, but only the public side of that was captured: the host is not known.',
  nobody: 'Nobody is known to have had it.',
};

export const CAVEAT_TEXT: Readonly<Record<Caveat, string>> = {
  shown_twice: 'Clocks are put back then and show that time twice; the first was asked for. Say it with its offset.',
  not_captured: 'No import has packets of that time.',
  midstream: 'A session was under way when the capture began: it may have had the endpoint before.',
  partial_window: 'The capture does not cover the whole window.',
  entries_only: 'The log was loaded and has no mappings: between its entries, nothing is known.',
  no_mapping: 'An older version imported it, which did not keep when ports were free again. Import the captures again.',
  destination_not_kept: 'Destinations were not kept, so the one asked for tells nothing.',
  other_destinations:
    'It was in use at that time, towards other destinations than the one asked for: ask without it to see by whom.',
  losses: 'Something of that time was lost: another host may be missing.',
};

const END_TEXT: Readonly<Record<Exclude<EndReason, 'forced_end'>, string>> = {
  open: 'if no later packet came',
  idle: 'when it timed out',
  fin: 'after it was closed',
  rst: 'after it was reset',
  reused: 'when its five-tuple or its port was used anew',
  capture_end: 'at least: the capture ended',
};

function endText({ endReason, forcedBy = null }: AttributedSession): string {
  if (endReason !== 'forced_end') return END_TEXT[endReason];
  if (forcedBy === null) return 'when the gateway was changed, or the clock set back';
  return forcedBy === 'change' ? 'when the gateway was changed' : 'when the clock was set back';
}

/** An answer with its evidence, in lines. */
export function answerText(question: AttributionQuestion, answer: Attribution, zone: string): string {
  const { at, confidence, caveats, hosts } = answer;
  const when = at === null ? 'the log has no entries' : instantText(at, zone);
  return [
    `${question.address}:${question.port} at ${when}`,
    CONFIDENCE_TEXT[confidence],
    ...caveats.map((caveat) => CAVEAT_TEXT[caveat]),
    ...hosts.flatMap((host) => ['', ...hostLines(host, zone)]),
    '',
  ].join('\n');
}

/** A host with what tells it from others of its address. */
export function hostText({ address, vpc, instance, realm }: AttributedHost): string {
  const place = [vpc, instance, realm === null ? null : `VLAN ${realm}`].filter((part) => part !== null);
  return `${address ?? 'unknown host'}${place.length === 0 ? '' : ` (${place.join(', ')})`}`;
}

function hostLines(host: AttributedHost, zone: string): string[] {
  return [hostText(host), ...host.sessions.flatMap((session) => sessionLines(host, session, zone))];
}

function sessionLines(host: AttributedHost, session: AttributedSession, zone: string): string[] {
  const { protocol, port, destination, natAddress, eip, matches, from, until, isActive, isObserved, entries } = session;
  const inner = host.address === null ? '?' : `${host.address}:${port}`;
  const outer = destination === null ? 'a destination that was not kept' : `${destination.address}:${destination.port}`;
  const address = matches === 'nat_eip' ? `${natAddress}, EIP ${eip}` : natAddress;
  const time = (text: string): string => nanosText(zone)(nanosOf(text));
  const end = until === null ? 'a time that is not known' : `${time(until)} (${endText(session)})`;
  return [
    `  ${protocolName(protocol)} ${inner} → ${outer}, NAT ${address}${isObserved ? ', as observed' : ''}`,
    `    had it from ${time(from)} to ${end}, ${isActive ? 'with packets around that time' : 'idle at that time'}`,
    ...entries.map((entry) => `    ${entryText(entry, time)}`),
  ];
}

function entryText(
  { id, firstTime, lastTime, packets, firstPacket, lastPacket }: AttributedEntry,
  time: (text: string) => string,
): string {
  const facts = [`entry ${id}`, `${time(firstTime)} to ${time(lastTime)}`, counted(packets, 'packet')];
  if (firstPacket === null || lastPacket === null) return facts.join(' · ');
  const places =
    firstPacket.capture === lastPacket.capture
      ? `packets ${firstPacket.number} to ${lastPacket.number} of ${firstPacket.capture}`
      : `packet ${firstPacket.number} of ${firstPacket.capture} to packet ${lastPacket.number} of ${lastPacket.capture}`;
  return [...facts, places].join(' · ');
}
