import { SESSION_LOG_FIELDS, type LogEntryBatch } from '../contract/log-entry';

/** Characters of each octet of an address, and of the three dots. */
const OCTET_DIGITS = Uint8Array.from({ length: 256 }, (_, octet) => String(octet).length);
const DOTS = 3;
/** Where numbers get another digit. */
const POWERS = Float64Array.from({ length: 16 }, (_, index) => 10 ** (index + 1));

/** @returns decimal digits of a whole number from 0 to 2^53 */
export function digits(value: number): number {
  let count = 1;
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

  constructor({ instance, vpcId }: { readonly instance: string; readonly vpcId: string }) {
    const names = SESSION_LOG_FIELDS.reduce((sum, { name }) => sum + name.length, 0);
    this.#fixed = names + instance.length + vpcId.length;
  }

  rawBytes(batch: LogEntryBatch, row: number): number {
    const privateSide =
      batch.isPublicOnly[row] === 1 ? -PRIVATE_NAMES : addressLength(batch.priIp[row]!) + digits(batch.priPort[row]!);
    const destination =
      batch.isRedacted[row] === 1 ? -PUBLIC_NAMES : addressLength(batch.pubIp[row]!) + digits(batch.pubPort[row]!);
    return (
      this.#fixed +
      privateSide +
      destination +
      digits(batch.protocol[row]!) +
      addressLength(batch.natIp[row]!) +
      digits(batch.natPort[row]!) +
      digits(batch.bytesFromPub[row]!) +
      digits(batch.pktsFromPub[row]!) +
      digits(batch.bytesFromVpc[row]!) +
      digits(batch.pktsFromVpc[row]!) +
      digits(batch.firstSec[row]!) +
      digits(batch.lastSec[row]!)
    );
  }
}

const PRIVATE_NAMES = 'pri_ip'.length + 'pri_port'.length;
const PUBLIC_NAMES = 'pub_ip'.length + 'pub_port'.length;
