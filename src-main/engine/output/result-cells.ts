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
    case 'json': {
      const { data, dictionary } = column;
      return (row) => dictionary[data[row]!] ?? '';
    }
  }
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
