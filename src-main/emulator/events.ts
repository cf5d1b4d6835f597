import { nowNsec, nowSec } from './clock';
import { hashTuple } from './hash';
import { RECORD_LIST_BYTES, RecordList, addRecord, recordAt } from './records';
import { ALL_PARTS, NEXT_ROWS, beginPart, clearPart, endPart, isReplacing, partEnd, replaceTable } from './replacement';
import { Session } from './session';

/*
 * What happened at the gateway that is in no entry: sessions that it refused, and resets that it sent, summed up by host and destination within
 * the window, and blocks of ports that it gave and took back.
 */

/** One event; of refusals, all with the same cause, host and destination in a window. */
@unmanaged
export class Event {
  firstSec: f64;
  lastSec: f64;
  bytes: f64;
  packets: u32;
  firstNsec: u32;
  lastNsec: u32;
  /** `EVENT_…`, or of refusals their `REASON_…`. */
  kind: u32;
  priIp: u32;
  /** Of refusals the destination. */
  pubIp: u32;
  /** Of refusals the port of the destination, of blocks their first and last port: `first << 16 | last`. */
  ports: u32;
  protocol: u32;
  /** Of refusals the index of the SNAT entry, of blocks that of their address. */
  place: u32;
}
const EVENT_BYTES: usize = 72;
const INITIAL_SLOTS: u32 = 1 << 7;
/** Slots from which on doubling them takes so long that it is done part by part. */
const LARGE: u32 = 1 << 17;

const events = changetype<RecordList>(memory.data(RECORD_LIST_BYTES, 8));
/** Places of refusals, plus one, by hash. */
let slots: usize = 0;
let mask: u32 = 0;

/** Place of the last refusal that was noted; good until the window is closed. */
export let lastRefusal: u32 = 0;

export function eventAt(place: u32): Event {
  return changetype<Event>(recordAt(events, place));
}

/** @returns events of the window so far */
export function eventsNow(): u32 {
  return events.length;
}

/** The window is closed, and its events were taken. */
export function clearEvents(): void {
  events.length = 0;
  if (slots != 0) memory.fill(slots, 0, (mask + 1) * 4);
}

/** A packet that was refused a session, or a reset that answered one. @param reason or `EVENT_IDLE_RESET` */
export function noteRefusal(
  reason: u32,
  priIp: u32,
  pubIp: u32,
  pubPort: u32,
  protocol: u32,
  entry: u32,
  ipBytes: u32,
): void {
  if (isFull(1)) doubleEvents(ALL_PARTS);
  let at = hashTuple(priIp, pubIp, pubPort, (reason << 8) | protocol) & mask;
  let place = load<u32>(slots + at * 4);
  while (place != 0 && !isOf(eventAt(place - 1), reason, priIp, pubIp, pubPort, protocol, entry)) {
    at = (at + 1) & mask;
    place = load<u32>(slots + at * 4);
  }
  if (place == 0) {
    const added = add(reason, priIp, protocol);
    added.pubIp = pubIp;
    added.ports = pubPort;
    added.place = entry;
    place = events.length;
    store<u32>(slots + at * 4, place);
  }
  lastRefusal = place - 1;
  const event = eventAt(lastRefusal);
  event.packets++;
  event.bytes += ipBytes;
  event.lastSec = nowSec;
  event.lastNsec = nowNsec;
}

function isOf(event: Event, reason: u32, priIp: u32, pubIp: u32, pubPort: u32, protocol: u32, entry: u32): bool {
  return (
    event.kind == reason &&
    event.priIp == priIp &&
    event.pubIp == pubIp &&
    event.ports == pubPort &&
    event.protocol == protocol &&
    event.place == entry
  );
}

/** A block was given to the host of a session, or taken back with it. */
export function noteBlock(kind: u32, session: Session, firstPort: u32, lastPort: u32): void {
  if (isFull(1)) doubleEvents(ALL_PARTS);
  const event = add(kind, session.priIp, session.protocol);
  event.pubIp = 0;
  event.ports = (firstPort << 16) | lastPort;
  event.place = session.natAddress;
}

/** The event that was noted last had happened before it was noted. */
export function setTimeOfLast(sec: f64, nsec: u32): void {
  const event = eventAt(events.length - 1);
  event.firstSec = sec;
  event.firstNsec = nsec;
  event.lastSec = sec;
  event.lastNsec = nsec;
}

function add(kind: u32, priIp: u32, protocol: u32): Event {
  const event = changetype<Event>(addRecord(events, EVENT_BYTES));
  memory.fill(changetype<usize>(event), 0, EVENT_BYTES);
  event.kind = kind;
  event.priIp = priIp;
  event.protocol = protocol;
  event.firstSec = nowSec;
  event.firstNsec = nowNsec;
  event.lastSec = nowSec;
  event.lastNsec = nowNsec;
  return event;
}

function isFull(more: u32): bool {
  return slots == 0 || (events.length + more) * 2 > mask + 1;
}

/** Whether there are many events, and their slots may have to be doubled soon. */
export function areEventsDue(): bool {
  return mask >= LARGE && isFull(NEXT_ROWS);
}

/** Does a part of doubling the slots. @returns whether it is done */
export function doubleEvents(atOnce: u32): bool {
  if (!isReplacing()) {
    mask = slots == 0 ? INITIAL_SLOTS - 1 : mask * 2 + 1;
    slots = replaceTable(slots, events.length, (mask + 1) * 4);
  }
  if (!clearPart(atOnce)) return false;
  const end = partEnd(atOnce);
  for (let place = beginPart(); place < end; place++) {
    const event = eventAt(place);
    if (event.packets == 0) continue;
    let at = hashTuple(event.priIp, event.pubIp, event.ports, (event.kind << 8) | event.protocol) & mask;
    while (load<u32>(slots + at * 4) != 0) at = (at + 1) & mask;
    store<u32>(slots + at * 4, place + 1);
  }
  return endPart(end);
}
