import { nowSec } from './clock';
import { hashTuple } from './hash';

/** A count of something with three words for a name. */
@unmanaged
export class Counter {
  one: u32;
  other: u32;
  third: u32;
  isTaken: u32;
  count: u32;
  /** Of counts within a second that second, in which alone it counts, else 0. */
  second: u32;
}
const COUNTER_BYTES: usize = 24;
const INITIAL_COUNTERS: u32 = 1 << 8;

/** Counters by name. Those that count nothing go when the table grows. */
@unmanaged
export class CountTable {
  counters: usize;
  mask: u32;
  used: u32;
}
/** Size of a table, which is empty when it is zero: `changetype<CountTable>(memory.data(COUNT_TABLE_BYTES, 8))`. */
export const COUNT_TABLE_BYTES: i32 = 12;

/** @returns the second that it is, as counters have it */
export function secondNow(): u32 {
  return <u32>(<i64>nowSec);
}

/**
 * Grows only for a name that is new: of `counterOf(…).count++` the compiler makes two calls, and writes to where the first
 * one was.
 *
 * @returns the counter with that name, good until the next call with another one
 */
export function counterOf(table: CountTable, one: u32, other: u32, third: u32): Counter {
  if (table.counters != 0) {
    const known = findCounter(table, one, other, third);
    if (known.isTaken != 0) return known;
  }
  if ((table.used + 1) * 2 > table.mask) grow(table);
  const counter = findCounter(table, one, other, third);
  counter.one = one;
  counter.other = other;
  counter.third = third;
  counter.isTaken = 1;
  table.used++;
  return counter;
}

/** @returns the count of the counter with that name, without making one */
export function countOf(table: CountTable, one: u32, other: u32, third: u32): u32 {
  if (table.counters == 0) return 0;
  const counter = findCounter(table, one, other, third);
  return counter.isTaken == 0 ? 0 : counter.count;
}

/** @returns the counter with that name, or the free place where it would be */
function findCounter(table: CountTable, one: u32, other: u32, third: u32): Counter {
  let at = hashTuple(one, other, third, 0) & table.mask;
  let counter = counterAt(table, at);
  while (counter.isTaken != 0 && !(counter.one == one && counter.other == other && counter.third == third)) {
    at = (at + 1) & table.mask;
    counter = counterAt(table, at);
  }
  return counter;
}

/** Forgets all counters. */
export function clearCounts(table: CountTable): void {
  if (table.counters != 0) memory.fill(table.counters, 0, (table.mask + 1) * COUNTER_BYTES);
  table.used = 0;
}

function counterAt(table: CountTable, at: u32): Counter {
  return changetype<Counter>(table.counters + at * COUNTER_BYTES);
}

function isOfUse(counter: Counter): bool {
  if (counter.isTaken == 0 || counter.count == 0) return false;
  return counter.second == 0 || counter.second == secondNow();
}

function grow(table: CountTable): void {
  const old = table.counters;
  const oldSlots: u32 = old == 0 ? 0 : table.mask + 1;
  let kept: u32 = 0;
  for (let at: u32 = 0; at < oldSlots; at++) {
    if (isOfUse(changetype<Counter>(old + at * COUNTER_BYTES))) kept++;
  }
  let slots = INITIAL_COUNTERS;
  while (slots < (kept + 1) * 4) slots *= 2;
  table.mask = slots - 1;
  table.used = 0;
  table.counters = heap.alloc(slots * COUNTER_BYTES);
  memory.fill(table.counters, 0, slots * COUNTER_BYTES);
  for (let at: u32 = 0; at < oldSlots; at++) {
    const counter = changetype<Counter>(old + at * COUNTER_BYTES);
    if (!isOfUse(counter)) continue;
    const copy = counterOf(table, counter.one, counter.other, counter.third);
    copy.count = counter.count;
    copy.second = counter.second;
  }
  if (old != 0) heap.free(old);
}
