import { directionOf, wordsOf } from './complaint-labels';
import type { TextLine } from './complaint-lines';

/** Values of several incidents, and what stands before the first of them and may be of all. */
export interface Records {
  readonly preamble: readonly TextLine[];
  readonly records: readonly (readonly TextLine[])[];
}

const HAS_ADDRESS = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d)/u;

/**
 * Divides values with their names where the names begin again, if there are several addresses by one name: each record has one
 * of them. Where they do not come in turn, each record begins with its address.
 */
export function divideRecords(lines: readonly TextLine[]): Records {
  const counts = countLabels(lines);
  const address = lines.find(
    ({ label, written }) =>
      label !== null && (counts.get(label) ?? 0) > 1 && isOfHost(written) && HAS_ADDRESS.test(written),
  );
  if (address?.label == null) return { preamble: [], records: [lines] };
  const first = lines.find(({ label }) => label !== null && counts.get(label) === counts.get(address.label ?? ''));
  const inTurn = divideAt(lines, first?.label ?? address.label);
  const isInTurn = inTurn.records.every((record) => record.filter(({ label }) => label === address.label).length === 1);
  return isInTurn ? inTurn : divideAt(lines, address.label);
}

function countLabels(lines: readonly TextLine[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { label } of lines) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** Not of what it turned to, nor of the way of a mail. */
function isOfHost(written: string): boolean {
  const name = written.slice(0, written.indexOf(':'));
  const direction = directionOf(wordsOf(name));
  return direction !== 'destination' && direction !== 'aside' && !/^(?:x-)?received$/iu.test(name);
}

function divideAt(lines: readonly TextLine[], label: string): Records {
  const preamble: TextLine[] = [];
  const records: TextLine[][] = [];
  for (const line of lines) {
    if (line.label === label) records.push([line]);
    else (records.at(-1) ?? preamble).push(line);
  }
  return { preamble, records };
}
