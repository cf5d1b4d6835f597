import { ENTRY_ID_COLUMN, parseEntryId, type EntryId } from '../../../src-main/contract/log-entry';
import { grouped } from '../../services/number-format';
import type { ZoneClock } from '../../services/time-format';
import { visibleText } from '../../services/visible-text';
import { cellText } from './cell-text';
import type { ColumnChoice } from './column-choice.svelte';
import type { RawView } from './raw-choices.svelte';
import type { ColumnName, RowSource } from './row-source';

export type Side = 'vpc' | 'nat' | 'pub';

/** How a column is shown. Its name stays as it is stored. */
export interface ShownColumn extends ColumnName {
  readonly key: string;
  /** Its place in the result. */
  readonly index: number;
  readonly side: Side | null;
  readonly isNumber: boolean;
  /** Epoch seconds, shown as a time in the zone. */
  readonly isTime: boolean;
  /** Digits are grouped: a count, and not a port or a number that names something. */
  readonly isCount: boolean;
  /** In characters. */
  readonly width: number;
}

const SIDE_OF: readonly (readonly [RegExp, Side])[] = [
  [/^pri_|_from_vpc$/u, 'vpc'],
  [/^nat_/u, 'nat'],
  [/^pub_|_from_pub$/u, 'pub'],
];
const TIMES = new Set(['start_time', 'end_time', '__time__']);
/** Numbers that are names. */
const NAMES = /(?:^|_)(?:port|protocol|id|run)$/u;
const TIME_CHARACTERS = 19;
const LEAST_WIDTH = 5;
const MOST_WIDTH = 60;
/** Rows that are looked at for the width of a column. */
const SAMPLE_ROWS = 200;

/** @returns the side of the translation that a field is about; null for none */
export function sideOf(name: string): Side | null {
  return SIDE_OF.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** What the whole numbers of a field are: instants, counts that can be summed, or names. */
export function kindOfNumber(name: string): 'time' | 'count' | 'name' {
  if (TIMES.has(name)) return 'time';
  return NAMES.test(name) ? 'name' : 'count';
}

function widthOf(column: Omit<ShownColumn, 'width'>, index: number, rows: RowSource): number {
  let width = column.name.length + (column.side === null ? 0 : 2);
  if (column.isTime) width = Math.max(width, TIME_CHARACTERS);
  for (let row = 0; row < Math.min(rows.rowCount, SAMPLE_ROWS); row++) {
    const place = rows.rowAt(row);
    const cell = place?.batch.columns[index];
    if (place === null || cell === undefined) break;
    const text = cellText(cell, place.row) ?? '';
    if (!column.isTime)
      width = Math.max(width, column.isCount ? text.length + Math.floor(text.length / 3) : text.length);
  }
  return Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, width));
}

/** @param hidden name of a column that is there for the program alone */
export function shownColumns(rows: RowSource, hidden: string | null = null): readonly ShownColumn[] {
  const columns = rows.columns.map(({ name, type, isTime: isMeant = false }, index) => {
    const isNumber = type === 'int64' || type === 'float64';
    const kind = kindOfNumber(name);
    const isTime = isNumber && (kind === 'time' || isMeant);
    const column = {
      // Names may repeat.
      key: `${index} ${name}`,
      index,
      name,
      type,
      side: sideOf(name),
      isNumber: isNumber && !isTime,
      isTime,
      isCount: type === 'int64' && kind === 'count' && !isTime,
    };
    return { ...column, width: widthOf(column, index, rows) };
  });
  return columns.filter(({ name }) => name !== hidden);
}

/** When, from the VPC through the gateway to the Internet, and how much: what an entry is read for. */
const ENTRY_ORDER = [
  ...[
    '__time__',
    'start_time',
    'end_time',
    'protocol',
    'pri_ip',
    'pri_port',
    'nat_ip',
    'nat_port',
    'pub_ip',
    'pub_port',
  ],
  ...['bytes_from_vpc', 'bytes_from_pub', 'pkts_from_vpc', 'pkts_from_pub'],
];

/** The columns of log entries in the order in which they are read; those of another schema stay behind, as they are. */
export function inReadingOrder(columns: readonly ShownColumn[]): readonly ShownColumn[] {
  const rank = ({ name }: ShownColumn): number => {
    const place = ENTRY_ORDER.indexOf(name);
    return place < 0 ? ENTRY_ORDER.length : place;
  };
  return [...columns].sort((one, other) => rank(one) - rank(other));
}

/** All columns of rows, in the order in which they are read. @param areEntries whether the rows are log entries */
export function allColumns(rows: RowSource, areEntries: boolean): readonly ShownColumn[] {
  return areEntries ? inReadingOrder(shownColumns(rows, ENTRY_ID_COLUMN)) : shownColumns(rows);
}

/** The columns that a view shows: a table those that were chosen, the others all that there are, JSON as it is exported. */
export function columnsOfView(
  rows: RowSource,
  view: RawView,
  areEntries: boolean,
  choice: ColumnChoice,
): readonly ShownColumn[] {
  if (view === 'json') return shownColumns(rows, areEntries ? ENTRY_ID_COLUMN : null);
  const all = allColumns(rows, areEntries);
  return view === 'table' ? choice.shown(all) : choice.arrange(all);
}

/** What a cell shows. @param text as `cellText` gives it */
export function shownText(column: ShownColumn, text: string | null, clock: ZoneClock): string {
  if (text === null) return '–';
  if (column.isTime) return clock.dateTime(Math.floor(Number(text)));
  return column.isCount ? grouped(BigInt(text)) : visibleText(text);
}

/** @returns the identity of the log entry in a row; null where it has none, or is not here yet */
export function entryIdAt(rows: RowSource, index: number): EntryId | null {
  const place = rows.rowAt(index);
  const cell = place?.batch.columns.find(({ name }) => name === ENTRY_ID_COLUMN);
  return place === null || cell === undefined ? null : parseEntryId(cellText(cell, place.row) ?? '');
}
