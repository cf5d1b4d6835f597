import type { EntryBatch } from './entry-batch';

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

const TWO_32 = 4_294_967_296;
/** As many digits as a double holds, whichever they are. */
const SAFE_DIGITS = 15;
const LONG_DIGITS = 19;
/** What the last nine of nineteen digits are worth at most, and those before: 2^63 = 9,223,372,036 · 10^9 + 854,775,808. */
const TAIL_DIGITS = 9;
const MOST_HEAD = 9_223_372_036;
const MOST_TAIL = 854_775_807;
/** 10^9 = TAIL_HIGH · 2^16 + TAIL_LOW, so that a product with a head stays exact in a double. */
const TAIL_HIGH = 15_258;
const TAIL_LOW = 51_712;
const TWO_16 = 65_536;

/** The halves of the last number that `readLong` found, in two's complement, and its value as far as a double holds it. */
export const long = { low: 0, high: 0, value: 0 };

/**
 * Reads a whole number of 64 bits into `long`.
 *
 * @returns false for what is none, or written in another way than its digits: `007`, `+1`, `-0`
 */
export function readLong(octets: Uint8Array, start: number, end: number): boolean {
  const isNegative = start < end && octets[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  const digits = end - first;
  if (digits < 1 || digits > LONG_DIGITS) return false;
  if (octets[first] === ZERO && (digits > 1 || isNegative)) return false;
  if (digits <= SAFE_DIGITS) {
    const value = digitsOf(octets, first, end);
    if (value === -1) return false;
    setLong(value, isNegative);
    return true;
  }
  const head = digitsOf(octets, first, end - TAIL_DIGITS);
  const tail = digitsOf(octets, end - TAIL_DIGITS, end);
  if (head === -1 || tail === -1) return false;
  if (head > MOST_HEAD || (head === MOST_HEAD && tail > MOST_TAIL + (isNegative ? 1 : 0))) return false;
  joinLong(head, tail, isNegative);
  return true;
}

function setLong(value: number, isNegative: boolean): void {
  const signed = isNegative ? -value : value;
  long.value = signed;
  long.low = signed >>> 0;
  long.high = Math.floor(signed / TWO_32) >>> 0;
}

/** Of `head * 10^9 + tail`. */
function joinLong(head: number, tail: number, isNegative: boolean): void {
  const product = head * TAIL_HIGH;
  const carried = Math.floor(product / TWO_16);
  // Below 2^32 + 2^50 + 2^30, hence exact.
  const rest = (product - carried * TWO_16) * TWO_16 + head * TAIL_LOW + tail;
  const low = rest >>> 0;
  const high = (carried + Math.floor(rest / TWO_32)) >>> 0;
  long.low = isNegative ? -low >>> 0 : low;
  long.high = isNegative ? ~high + (low === 0 ? 1 : 0) : high;
  long.high >>>= 0;
  long.value = (isNegative ? -1 : 1) * (head * 1e9 + tail);
}

/** @returns -1 where something else than digits stands */
function digitsOf(octets: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = octets[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** @returns in host order; -1 for what is no IPv4 address */
export function readIpv4(octets: Uint8Array, start: number, end: number): number {
  let address = 0;
  let at = start;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && octets[at++] !== POINT) return -1;
    const from = at;
    let value = 0;
    while (at < end && at < from + 3) {
      const digit = octets[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    if (at === from || value > 255 || (octets[from] === ZERO && at > from + 1)) return -1;
    address = address * 256 + value;
  }
  return at === end ? address : -1;
}

export interface ReadDouble {
  /** NaN for what is no finite number. */
  readonly value: number;
  /** Whether it is written as a double is by itself. */
  readonly isCanonical: boolean;
}

const NO_DOUBLE: ReadDouble = { value: Number.NaN, isCanonical: false };
/** Up to these, powers of ten are exact in a double, and so is a quotient of a number of `SAFE_DIGITS` by one of them rounded once. */
const POWERS = Array.from({ length: SAFE_DIGITS + 1 }, (_, power) => 10 ** power);
/** Below this a double writes itself with an exponent. */
const LEAST_PLAIN = 1e-6;

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/u;

export function readDouble(batch: EntryBatch, cell: number): ReadDouble {
  return readDecimal(batch.octets, batch.cellStarts[cell]!, batch.cellEnds[cell]!) ?? doubleOf(batch.text(cell));
}

/** Of the commonest form, few digits with a point among them. @returns null for any other */
function readDecimal(octets: Uint8Array, start: number, end: number): ReadDouble | null {
  const isNegative = octets[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  if (end - first > SAFE_DIGITS + 1) return null;
  let point = -1;
  let mantissa = 0;
  for (let at = first; at < end; at++) {
    const code = octets[at]!;
    if (code === POINT && point === -1) point = at;
    else if (code < ZERO || code > ZERO + 9) return null;
    else mantissa = mantissa * 10 + (code - ZERO);
  }
  if (point <= first || point === end - 1) return null;
  const value = mantissa / POWERS[end - 1 - point]!;
  const hasLeadingZero = octets[first] === ZERO && point > first + 1;
  const isCanonical = !hasLeadingZero && octets[end - 1] !== ZERO && value >= LEAST_PLAIN;
  return { value: isNegative ? -value : value, isCanonical };
}

function doubleOf(text: string): ReadDouble {
  if (!NUMBER.test(text)) return NO_DOUBLE;
  const value = Number(text);
  return Number.isFinite(value) ? { value, isCanonical: String(value) === text } : NO_DOUBLE;
}
