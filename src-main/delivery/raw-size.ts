import { ENTRY_BATCH_ROWS, SESSION_LOG_FIELDS, type LogEntryBatch } from '../contract/log-entry';

/** Characters of each octet of an address, and of the three dots. */
const OCTET_DIGITS = Uint8Array.from({ length: 256 }, (_, octet) => String(octet).length);
const DOTS = 3;
/** Decimal digits of the numbers that are met most. */
const SMALL = 0x10000;
const SMALL_DIGITS = Uint8Array.from({ length: SMALL }, (_, value) => String(value).length);
/** Where numbers get another digit. */
const POWERS = Float64Array.from({ length: 16 }, (_, index) => 10 ** (index + 1));

/** @returns decimal digits of a whole number from 0 to 2^53 */
export function digits(value: number): number {
  if (value < SMALL) return SMALL_DIGITS[value]!;
  let count = 5;
  while (count <= POWERS.length && value >= POWERS[count - 1]!) count++;
  return count;
}

export function addressLength(address: number): number {
  return (
    OCTET_DIGITS[address >>> 24]! +
    OCTET_DIGITS[(address >>> 16) & 0xff]! +
    OCTET_DIGITS[(address >>> 8) & 0xff]! +
    OCTET_DIGITS[address & 0xff]! +
    DOTS
  );
}

/**
 * How large log entries are by the vendor's counting: the bytes of each field's name and of its value as text, before
 * compression. A value that is not recorded has no field.
 */
export class EntrySizes {
  /** Of all names, and of the values that each entry of the gateway has. */
  readonly #fixed: number;
  readonly #sizes = new Uint32Array(ENTRY_BATCH_ROWS);

  constructor({ instance, vpcId }: { readonly instance: string; readonly vpcId: string }) {
    const names = SESSION_LOG_FIELDS.reduce((sum, { name }) => sum + name.length, 0);
    this.#fixed = names + instance.length + vpcId.length;
  }

  /** @returns the bytes of each entry, until the next call: one column after the other takes a third of the time */
  of(batch: LogEntryBatch): Uint32Array {
    const { length } = batch;
    const sizes = this.#sizes;
    sizes.fill(this.#fixed, 0, length);
    addAddresses(sizes, batch.priIp, length);
    addAddresses(sizes, batch.pubIp, length);
    addAddresses(sizes, batch.natIp, length);
    addShortNumbers(sizes, batch.protocol, length);
    addShortNumbers(sizes, batch.priPort, length);
    addShortNumbers(sizes, batch.pubPort, length);
    addShortNumbers(sizes, batch.natPort, length);
    addNumbers(sizes, batch.bytesFromPub, length);
    addNumbers(sizes, batch.pktsFromPub, length);
    addNumbers(sizes, batch.bytesFromVpc, length);
    addNumbers(sizes, batch.pktsFromVpc, length);
    addTimes(sizes, batch.firstSec, length);
    addTimes(sizes, batch.lastSec, length);
    takeOut(sizes, batch.isPublicOnly, NOTHING_OF_PRIVATE_SIDE, length);
    takeOut(sizes, batch.isRedacted, NOTHING_OF_DESTINATION, length);
    return sizes;
  }
}

function addAddresses(sizes: Uint32Array, column: Uint32Array, length: number): void {
  for (let row = 0; row < length; row++) sizes[row]! += addressLength(column[row]!);
}

function addShortNumbers(sizes: Uint32Array, column: Uint8Array | Uint16Array, length: number): void {
  for (let row = 0; row < length; row++) sizes[row]! += SMALL_DIGITS[column[row]!]!;
}

function addNumbers(sizes: Uint32Array, column: Float64Array, length: number): void {
  for (let row = 0; row < length; row++) sizes[row]! += digits(column[row]!);
}

/** Times of captures have ten digits from 2001 to 2286. */
function addTimes(sizes: Uint32Array, column: Float64Array, length: number): void {
  for (let row = 0; row < length; row++) {
    const sec = column[row]!;
    sizes[row]! += sec >= 1e9 && sec < 1e10 ? 10 : digits(sec);
  }
}

/** What an unknown endpoint, which is all zeros, was counted as: two names, `0.0.0.0` and `0`. */
const NOTHING_OF_PRIVATE_SIDE = 'pri_ip'.length + 'pri_port'.length + addressLength(0) + 1;
const NOTHING_OF_DESTINATION = 'pub_ip'.length + 'pub_port'.length + addressLength(0) + 1;

function takeOut(sizes: Uint32Array, isUnknown: Uint8Array, bytes: number, length: number): void {
  for (let row = 0; row < length; row++) sizes[row]! -= isUnknown[row]! * bytes;
}
