import { clearEvents, eventAt, eventsNow } from './events';

/* The events that the host takes over, as columns of `EVENT_ROWS` elements; see `GatewayEventBatch`. */
export const EVENT_ROWS: i32 = 1024;
export const eventKind: usize = memory.data(EVENT_ROWS, 8);
export const eventProtocol: usize = memory.data(EVENT_ROWS, 8);
export const eventPriIp: usize = memory.data(EVENT_ROWS * 4, 8);
export const eventPubIp: usize = memory.data(EVENT_ROWS * 4, 8);
export const eventPorts: usize = memory.data(EVENT_ROWS * 4, 8);
export const eventPlace: usize = memory.data(EVENT_ROWS * 4, 8);
export const eventPackets: usize = memory.data(EVENT_ROWS * 4, 8);
export const eventBytes: usize = memory.data(EVENT_ROWS * 8, 8);
export const eventFirstSec: usize = memory.data(EVENT_ROWS * 8, 8);
export const eventFirstNsec: usize = memory.data(EVENT_ROWS * 4, 8);
export const eventLastSec: usize = memory.data(EVENT_ROWS * 8, 8);
export const eventLastNsec: usize = memory.data(EVENT_ROWS * 4, 8);

/** @returns the events of the window so far */
export function events(): u32 {
  return eventsNow();
}

/** Forgets the events of the window, when they were taken. */
export function forgetEvents(): void {
  clearEvents();
}

/** Fills the first `count` elements of the columns with events in order, from place `from` on. */
export function emitEvents(from: u32, count: u32): void {
  for (let to: u32 = 0; to < count; to++) {
    const event = eventAt(from + to);
    store<u8>(eventKind + to, event.kind);
    store<u8>(eventProtocol + to, event.protocol);
    store<u32>(eventPriIp + to * 4, event.priIp);
    store<u32>(eventPubIp + to * 4, event.pubIp);
    store<u32>(eventPorts + to * 4, event.ports);
    store<u32>(eventPlace + to * 4, event.place);
    store<u32>(eventPackets + to * 4, event.packets);
    store<f64>(eventBytes + to * 8, event.bytes);
    store<f64>(eventFirstSec + to * 8, event.firstSec);
    store<u32>(eventFirstNsec + to * 4, event.firstNsec);
    store<f64>(eventLastSec + to * 8, event.lastSec);
    store<u32>(eventLastNsec + to * 4, event.lastNsec);
  }
}
