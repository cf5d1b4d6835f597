import type { ResultColumn } from '../../contract/result-batch';
import { formatIpv4 } from '../../nat/address-text';
import { timestampText } from './timestamp-text';

/** Text of one column's values; `cell(row)` is null where the value is NULL. */
export type Cells = (row: number) => string | null;

/** Writes a time in microseconds since 1970: an instant, or what clocks of its zone show. */
export type TimeText = (micros: bigint) => string;

/** Values as people and CSV read them. */
export function plainCells(column: ResultColumn, timeText: TimeText = timestampText): Cells {
  return withValidity(column, plainValues(column, timeText));
}

function plainValues(column: ResultColumn, timeText: TimeText): (row: number) => string {
  switch (column.type) {
    case 'int64':
    case 'float64': {
      const { data } = column;
      return (row) => String(data[row]);
    }
    case 'bool': {
      const { data } = column;
      return (row) => (data[row] === 0 ? 'false' : 'true');
    }
    case 'ipv4': {
      const { data } = column;
      return (row) => formatIpv4(data[row]!);
    }
    case 'timestamp': {
      const { data } = column;
      return (row) => timeText(data[row]!);
    }
    case 'text':
    case 'json':
      return coded(column, (text) => text);
  }
}

/** Counts what JSON has no number for. */
export interface JsonLosses {
  /** NaN and infinities, written as null. */
  notFinite: number;
}

/** Values as JSON: integers digit for digit, addresses and timestamps as text, `json` columns as they are. */
export function jsonCells(column: ResultColumn, losses: JsonLosses, timeText: TimeText): (row: number) => string {
  const cells = withValidity(column, jsonValues(column, losses, timeText));
  return (row) => cells(row) ?? 'null';
}

function jsonValues(column: ResultColumn, losses: JsonLosses, timeText: TimeText): (row: number) => string {
  switch (column.type) {
    case 'float64': {
      const { data } = column;
      return (row) => {
        const value = data[row]!;
        if (Number.isFinite(value)) return String(value);
        losses.notFinite++;
        return 'null';
      };
    }
    case 'ipv4':
    case 'timestamp': {
      const plain = plainValues(column, timeText);
      return (row) => `"${plain(row)}"`;
    }
    case 'text':
      return coded(column, (text) => JSON.stringify(text));
    case 'json':
      // Line breaks in JSON stand only between its tokens, and a line of NDJSON must stay one.
      return coded(column, (text) => text.replace(/[\r\n]+/g, ' '));
    case 'int64':
    case 'bool':
      return plainValues(column, timeText);
  }
}

/** Encodes each distinct text once. */
function coded(
  { data, dictionary }: { readonly data: Uint32Array; readonly dictionary: readonly string[] },
  encode: (text: string) => string,
): (row: number) => string {
  const encoded: (string | undefined)[] = [];
  return (row) => {
    const code = data[row]!;
    return (encoded[code] ??= encode(dictionary[code] ?? ''));
  };
}

function withValidity({ validity }: ResultColumn, values: (row: number) => string): Cells {
  return validity === undefined ? values : (row) => (validity[row] === 0 ? null : values(row));
}

/**
 * Names with repetitions numbered: `a, a, a_2` becomes `a, a_3, a_2`, since a JSON object has each name once.
 *
 * @param fold makes the same of names that are not told apart
 */
export function distinctNames(names: readonly string[], fold = (name: string): string => name): string[] {
  const taken = new Set(names.map(fold));
  const seen = new Set<string>();
  return names.map((name) => {
    if (!seen.has(fold(name))) {
      seen.add(fold(name));
      return name;
    }
    let number = 2;
    while (taken.has(fold(`${name}_${number}`))) number++;
    const numbered = `${name}_${number}`;
    taken.add(fold(numbered));
    return numbered;
  });
}
