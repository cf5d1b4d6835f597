import type { ResultColumn } from '../../contract/result-batch';
import { MOST_INTEGER_BYTES, MOST_IPV4_BYTES, putAscii, putInteger, putIpv4 } from './octet-text';
import type { TimeText } from './result-cells';

/** Writes the cells of one column of a batch. */
export interface CellOctets {
  /** Octets of a cell at most. */
  readonly mostBytes: number;
  /** @returns the place behind the cell, for which the caller has made room at `at` */
  readonly put: (octets: Uint8Array, at: number, row: number) => number;
}

/** How a format writes what is not everywhere the same. */
export interface CellStyle {
  readonly timeText: TimeText;
  /** @returns a text, or exact JSON, as it stands in the file */
  readonly encode: (text: string, type: 'text' | 'json') => string;
  /** Stands for NaN and infinities; default: their names. */
  readonly notFinite?: () => string;
  /** Around addresses and times of day, ASCII. */
  readonly quote: string;
  /** Stands for NULL, ASCII. */
  readonly nothing: string;
}

/** Digits, sign, point and exponent of a double. */
const MOST_DOUBLE_BYTES = 32;
/** Years beyond four digits, and an offset. */
const MOST_TIME_BYTES = 64;
const MOST_BOOL_BYTES = 5;

/** @returns what writes the cells of a column; nothing is allocated for a cell but of doubles and times of day */
export function cellOctets(column: ResultColumn, style: CellStyle): CellOctets {
  const { validity } = column;
  const { mostBytes, put } = valueOctets(column, style);
  if (validity === undefined) return { mostBytes, put };
  const { nothing } = style;
  return {
    mostBytes: Math.max(mostBytes, nothing.length),
    put: (octets, at, row) => (validity[row] === 0 ? putAscii(octets, at, nothing) : put(octets, at, row)),
  };
}

function valueOctets(column: ResultColumn, style: CellStyle): CellOctets {
  switch (column.type) {
    case 'int64':
      return integerOctets(column.data);
    case 'float64':
      return doubleOctets(column.data, style);
    case 'bool': {
      const { data } = column;
      return {
        mostBytes: MOST_BOOL_BYTES,
        put: (octets, at, row) => putAscii(octets, at, data[row] === 0 ? 'false' : 'true'),
      };
    }
    case 'ipv4': {
      const { data } = column;
      return quoted(style.quote, MOST_IPV4_BYTES, (octets, at, row) => putIpv4(octets, at, data[row]!));
    }
    case 'timestamp': {
      const { data } = column;
      const { timeText } = style;
      return quoted(style.quote, MOST_TIME_BYTES, (octets, at, row) => putAscii(octets, at, timeText(data[row]!)));
    }
    case 'text':
    case 'json':
      return textOctets(column, (text) => style.encode(text, column.type));
  }
}

function integerOctets(data: BigInt64Array): CellOctets {
  // Halves, since a bigint is an object.
  const halves = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  return {
    mostBytes: MOST_INTEGER_BYTES,
    put: (octets, at, row) => putInteger(octets, at, halves[2 * row]!, halves[2 * row + 1]!),
  };
}

function doubleOctets(data: Float64Array, { notFinite }: CellStyle): CellOctets {
  const textOf = (value: number): string =>
    notFinite === undefined || Number.isFinite(value) ? String(value) : notFinite();
  return {
    mostBytes: MOST_DOUBLE_BYTES,
    put: (octets, at, row) => putAscii(octets, at, textOf(data[row]!)),
  };
}

function quoted(quote: string, mostBytes: number, put: CellOctets['put']): CellOctets {
  if (quote === '') return { mostBytes, put };
  return {
    mostBytes: mostBytes + 2 * quote.length,
    put: (octets, at, row) => putAscii(octets, put(octets, putAscii(octets, at, quote), row), quote),
  };
}

/** Encodes each different text once, all of them into one array. */
function textOctets(
  { data, dictionary }: { readonly data: Uint32Array; readonly dictionary: readonly string[] },
  encode: (text: string) => string,
): CellOctets {
  const { octets: texts, ends, mostBytes } = encoded(dictionary.map((text) => encode(text)));
  return {
    mostBytes,
    put: (octets, at, row) => {
      const code = data[row]!;
      const end = ends[code + 1]!;
      for (let from = ends[code]!; from < end; from++) octets[at++] = texts[from]!;
      return at;
    },
  };
}

interface EncodedTexts {
  /** One text behind the other. */
  readonly octets: Uint8Array;
  /** Where each ends, by its place plus one; the first begins at 0. */
  readonly ends: Uint32Array;
  /** Of one text. */
  readonly mostBytes: number;
}

function encoded(texts: readonly string[]): EncodedTexts {
  const ends = new Uint32Array(texts.length + 1);
  let mostBytes = 0;
  for (let index = 0; index < texts.length; index++) {
    const bytes = Buffer.byteLength(texts[index]!);
    mostBytes = Math.max(mostBytes, bytes);
    ends[index + 1] = ends[index]! + bytes;
  }
  const octets = Buffer.allocUnsafe(ends[texts.length]!);
  for (let index = 0; index < texts.length; index++) octets.write(texts[index]!, ends[index]!);
  return { octets, ends, mostBytes };
}
