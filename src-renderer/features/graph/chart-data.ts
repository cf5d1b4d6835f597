import { visibleLine } from '../../services/visible-text';
import { cellNumber, cellText } from '../logstore/cell-text';
import { kindOfNumber } from '../logstore/columns';
import type { RowSource } from '../logstore/row-source';

/** Rows that a chart draws at most: more marks than that are told from each other by nobody. */
export const MAX_MARKS = 2000;

/** A column as an axis sees it. */
export interface ChartColumn {
  readonly name: string;
  readonly kind: 'time' | 'number' | 'text';
  /** Its values are names, though they may be numbers: ports, protocols, and what rows are grouped by. */
  readonly isName: boolean;
  /** Its times are clocks of the zone already, as if that were UTC. */
  readonly isLocal: boolean;
  /** As queries show them; null where there is none. */
  readonly texts: readonly (string | null)[];
  /** Numbers, or epoch seconds of times; null where there is none, and of texts. */
  readonly numbers: readonly (number | null)[];
}

/** The first rows of a result. */
export interface ChartData {
  readonly columns: readonly ChartColumn[];
  readonly rowCount: number;
  /** Rows of the result behind those. */
  readonly left: number;
}

const MICROS = 1e6;

/** @param rows of which the first are here */
export function readChartData(rows: RowSource): ChartData {
  const rowCount = Math.min(rows.rowCount, MAX_MARKS);
  const columns = rows.columns.map(({ name, type, isTime = false, isKey = false }, index) => {
    const isNumber = type === 'int64' || type === 'float64';
    const ofName = isNumber ? kindOfNumber(name) : null;
    const isLocal = type === 'timestamp';
    const kind = isLocal || isTime || ofName === 'time' ? 'time' : isNumber ? 'number' : 'text';
    const isName = kind === 'text' || (kind === 'number' && (isKey || ofName === 'name'));
    const texts: (string | null)[] = [];
    const numbers: (number | null)[] = [];
    for (let row = 0; row < rowCount; row++) {
      const place = rows.rowAt(row);
      const cell = place?.batch.columns[index];
      if (place === null || cell === undefined) break;
      const text = cellText(cell, place.row);
      texts.push(text === null ? null : visibleLine(text));
      const isNull = cell.validity?.[place.row] === 0;
      if (cell.type === 'timestamp') numbers.push(isNull ? null : Number(cell.data[place.row]) / MICROS);
      else numbers.push(cellNumber(cell, place.row));
    }
    return { name: visibleLine(name), kind, isName, isLocal, texts, numbers } as const;
  });
  return { columns, rowCount, left: rows.rowCount - rowCount };
}
