/*
 * Text that is put into octets directly, without a string on the way. Each function writes at `at` and returns the place
 * behind; the caller has made room.
 */

const ZERO = 0x30;
const MINUS = 0x2d;
const DOT = 0x2e;
/** Octets of a 64-bit integer at most, such as -9223372036854775808. */
export const MOST_INTEGER_BYTES = 20;
export const MOST_IPV4_BYTES = 15;
const BILLION = 1_000_000_000;
const HIGH_HALF = 0x1_0000_0000;

/** Digits of each number below 256, in three octets from the left, and how many they are. */
const OCTET_DIGITS = new Uint8Array(256 * 3);
const OCTET_LENGTHS = new Uint8Array(256);
for (let value = 0; value < 256; value++) {
  const text = String(value);
  OCTET_LENGTHS[value] = text.length;
  for (let digit = 0; digit < text.length; digit++) OCTET_DIGITS[value * 3 + digit] = text.charCodeAt(digit);
}

/** @param text of ASCII alone */
export function putAscii(octets: Uint8Array, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) octets[at + index] = text.charCodeAt(index);
  return at + text.length;
}

export function putOctets(octets: Uint8Array, at: number, source: Uint8Array): number {
  for (let index = 0; index < source.length; index++) octets[at + index] = source[index]!;
  return at + source.length;
}

/** @param value whole, from 0 to 2^31 - 1 */
export function putCount(octets: Uint8Array, at: number, value: number): number {
  const end = at + digitsOf(value);
  putDigits(octets, at, end, value);
  return end;
}

/** @param low the lower 32 bits. @param high the upper ones, with the sign */
export function putInteger(octets: Uint8Array, at: number, low: number, high: number): number {
  if (high === 0 && low >= 0) return putCount(octets, at, low);
  const value = high * HIGH_HALF + (low >>> 0);
  if (!Number.isSafeInteger(value)) {
    return putAscii(octets, at, String((BigInt(high) << 32n) | BigInt(low >>> 0)));
  }
  if (value < 0) octets[at++] = MINUS;
  const size = Math.abs(value);
  const billions = Math.floor(size / BILLION);
  if (billions === 0) return putCount(octets, at, size);
  const middle = putCount(octets, at, billions);
  putDigits(octets, middle, middle + 9, size - billions * BILLION);
  return middle + 9;
}

/** @param address in host order */
export function putIpv4(octets: Uint8Array, at: number, address: number): number {
  at = putOctet(octets, at, address >>> 24);
  octets[at++] = DOT;
  at = putOctet(octets, at, (address >>> 16) & 255);
  octets[at++] = DOT;
  at = putOctet(octets, at, (address >>> 8) & 255);
  octets[at++] = DOT;
  return putOctet(octets, at, address & 255);
}

function putOctet(octets: Uint8Array, at: number, value: number): number {
  const length = OCTET_LENGTHS[value]!;
  octets[at] = OCTET_DIGITS[value * 3]!;
  // What is behind the last digit is written over.
  octets[at + 1] = OCTET_DIGITS[value * 3 + 1]!;
  octets[at + 2] = OCTET_DIGITS[value * 3 + 2]!;
  return at + length;
}

function digitsOf(value: number): number {
  if (value < 100_000) {
    if (value < 100) return value < 10 ? 1 : 2;
    return value < 1000 ? 3 : value < 10_000 ? 4 : 5;
  }
  if (value < 10_000_000) return value < 1_000_000 ? 6 : 7;
  return value < 100_000_000 ? 8 : value < BILLION ? 9 : 10;
}

/** Fills all of the place, with zeros before the number. */
function putDigits(octets: Uint8Array, at: number, end: number, value: number): void {
  for (let place = end - 1; place >= at; place--) {
    const rest = (value / 10) | 0;
    octets[place] = ZERO + value - rest * 10;
    value = rest;
  }
}
