/*
 * Structures of the Thrift compact protocol, as the footer of a Parquet file is one, whatever their fields mean.
 *
 * See https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

/** Types of values; those of a field say of a boolean also which it is. */
export const THRIFT = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  struct: 12,
} as const;

export interface ThriftField {
  readonly id: number;
  readonly type: number;
  value: ThriftValue;
}

export interface ThriftStruct {
  /** By their numbers, which go up. */
  readonly fields: ThriftField[];
}

export interface ThriftList {
  readonly type: number;
  readonly items: readonly ThriftValue[];
}

/** What is written as it stands: an encoded value, such as of a struct. */
export class Encoded {
  readonly octets: Uint8Array;

  constructor(octets: Uint8Array) {
    this.octets = octets;
  }
}

/** Integers are bigints; octets are of a binary, or of a byte or a double as it is stored. */
export type ThriftValue = boolean | bigint | Uint8Array | ThriftList | ThriftStruct | Encoded;

/** @returns the field of a number, or null where it is left out */
export function thriftField({ fields }: ThriftStruct, id: number): ThriftField | null {
  return fields.find((field) => field.id === id) ?? null;
}

/** @throws RangeError for what breaks off. @throws TypeError for what is no such structure */
export function readThriftStruct(octets: Uint8Array): ThriftStruct {
  return new ThriftReader(octets).struct();
}

class ThriftReader {
  readonly #octets: Buffer;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  }

  struct(): ThriftStruct {
    const fields: ThriftField[] = [];
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return { fields };
      const type = head & 15;
      const step = head >>> 4;
      id = step === 0 ? Number(this.#integer()) : id + step;
      const isBoolean = type === THRIFT.true || type === THRIFT.false;
      fields.push({ id, type, value: isBoolean ? type === THRIFT.true : this.#value(type) });
    }
  }

  #value(type: number): ThriftValue {
    switch (type) {
      // Of a list; a field says it in its type.
      case THRIFT.true:
      case THRIFT.false:
        return this.#byte() === THRIFT.true;
      case THRIFT.byte:
        return this.#take(1);
      case THRIFT.i16:
      case THRIFT.i32:
      case THRIFT.i64:
        return this.#integer();
      case THRIFT.double:
        return this.#take(8);
      case THRIFT.binary:
        return this.#take(Number(this.#varint()));
      case THRIFT.list:
      case THRIFT.set:
        return this.#list();
      case THRIFT.struct:
        return this.struct();
      default:
        throw new TypeError(`a value of type ${type} is not expected in a footer`);
    }
  }

  #list(): ThriftList {
    const head = this.#byte();
    const short = head >>> 4;
    const count = short === 15 ? Number(this.#varint()) : short;
    const type = head & 15;
    return { type, items: Array.from({ length: count }, () => this.#value(type)) };
  }

  #byte(): number {
    return this.#octets.readUInt8(this.#at++);
  }

  #take(bytes: number): Uint8Array {
    if (this.#at + bytes > this.#octets.length) throw new RangeError('the footer breaks off');
    return this.#octets.subarray(this.#at, (this.#at += bytes));
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const octet = this.#byte();
      value |= BigInt(octet & 0x7f) << shift;
      if (octet < 0x80) return value;
    }
  }

  #integer(): bigint {
    const folded = this.#varint();
    return (folded >> 1n) ^ -(folded & 1n);
  }
}

/** @returns the octets of a structure; what was read is written as it was */
export function writeThriftStruct(struct: ThriftStruct): Uint8Array {
  const pieces: Uint8Array[] = [];
  putStruct(pieces, struct);
  return Buffer.concat(pieces);
}

function putStruct(pieces: Uint8Array[], { fields }: ThriftStruct): void {
  let before = 0;
  for (const { id, type, value } of fields) {
    const step = id - before;
    if (step > 0 && step <= 15) pieces.push(Uint8Array.of((step << 4) | type));
    else pieces.push(Uint8Array.of(type), integerOctets(BigInt(id)));
    before = id;
    // The type of the field tells which it is.
    if (typeof value !== 'boolean') putValue(pieces, type, value);
  }
  pieces.push(Uint8Array.of(0));
}

function putValue(pieces: Uint8Array[], type: number, value: ThriftValue): void {
  if (typeof value === 'boolean') pieces.push(Uint8Array.of(value ? THRIFT.true : THRIFT.false));
  else if (typeof value === 'bigint') pieces.push(integerOctets(value));
  else if (value instanceof Encoded) pieces.push(value.octets);
  else if (value instanceof Uint8Array) {
    if (type === THRIFT.binary) pieces.push(varintOctets(BigInt(value.length)));
    pieces.push(value);
  } else if ('fields' in value) putStruct(pieces, value);
  else {
    const { items } = value;
    if (items.length < 15) pieces.push(Uint8Array.of((items.length << 4) | value.type));
    else pieces.push(Uint8Array.of(0xf0 | value.type), varintOctets(BigInt(items.length)));
    for (const item of items) putValue(pieces, value.type, item);
  }
}

function integerOctets(value: bigint): Uint8Array {
  return varintOctets(value < 0n ? -value * 2n - 1n : value * 2n);
}

function varintOctets(value: bigint): Uint8Array {
  const octets: number[] = [];
  for (; value >= 0x80n; value >>= 7n) octets.push(Number(value & 0x7fn) | 0x80);
  return Uint8Array.from([...octets, Number(value)]);
}
