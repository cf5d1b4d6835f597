import type { AttributedSession } from '../../../src-main/contract/attribution';
import type { FactLine } from '../../lib/fact-line';
import { t } from '../../services/messages/catalogue';
import { grouped } from '../../services/number-format';
import { protocolText } from '../../services/protocols';
import { durationText, exactTime, type ZoneClock } from '../../services/time-format';
import { isReleaseKnown } from '../who/port-release';
import { placesText } from '../who/who-facts';
import type { EntryValues } from './entry-values';

/** What an entry says in its own fields, as sentences would. */
export function entryLines(entry: EntryValues, clock: ZoneClock): FactLine[] {
  const [start, end] = [entry.number('start_time'), entry.number('end_time')];
  const at = entry.number('__time__');
  const protocol = entry.text('protocol');
  return [
    ...(at === null ? [] : [{ label: t.entry.time, value: clock.dateTime(at) }]),
    ...(start === null || end === null ? [] : [{ label: t.entry.time, value: clock.range(start, end) }]),
    ...(protocol === null ? [] : [{ label: t.entry.protocol, value: protocolText(Number(protocol)) }]),
    ...trafficLine(entry, t.entry.fromVpc, 'bytes_from_vpc', 'pkts_from_vpc'),
    ...trafficLine(entry, t.entry.fromPub, 'bytes_from_pub', 'pkts_from_pub'),
  ];
}

function trafficLine(entry: EntryValues, label: string, bytes: string, packets: string): FactLine[] {
  const [octets, count] = [entry.text(bytes), entry.text(packets)];
  if (octets === null || count === null) return [];
  return [{ label, value: t.entry.traffic(grouped(BigInt(octets)), grouped(BigInt(count)), Number(count)) }];
}

function heldUntil(session: AttributedSession, clock: ZoneClock): string {
  const { from, until } = session;
  if (until === null) return t.entry.notKnown;
  if (!isReleaseKnown(session)) return t.entry.untilAtLeast(exactTime(until, clock));
  return t.entry.until(exactTime(until, clock), durationText((Number(until) - Number(from)) * 1000));
}

/** What is known of the mapping behind it, and of its packets. */
export function evidenceLines(session: AttributedSession, id: string, clock: ZoneClock): FactLine[] {
  const { from, isObserved, endReason, entries } = session;
  const own = entries.find((entry) => entry.id === id);
  return [
    { label: t.entry.ended, value: t.entry.endReasons[endReason] },
    { label: t.entry.heldFrom, value: exactTime(from, clock) },
    { label: t.entry.heldUntil, value: heldUntil(session, clock), isUnknown: !isReleaseKnown(session) },
    { label: t.entry.mapping, value: isObserved ? t.entry.observed : t.entry.emulated },
    ...(own === undefined ? [] : [{ label: t.who.places, value: placesText(own) }]),
  ];
}
