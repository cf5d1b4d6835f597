import { hasUntypedCells, MOST_SHEET_ROWS } from '../../../src-main/contract/export';
import { t } from '../../services/messages/catalogue';
import { grouped } from '../../services/number-format';
import type { ExportChoice } from './export-dialog.svelte';
import type { ExportSubject } from './export-subject';

export interface Remark {
  readonly kind: 'info' | 'warn';
  readonly text: string;
}

/** What is special about a file of a format, said before it is written. */
export function exportRemarks(
  { format, neutralise, isPartitioned }: Pick<ExportChoice, 'format' | 'neutralise' | 'isPartitioned'>,
  { rowCount, isMore, losses, partial }: Pick<ExportSubject, 'rowCount' | 'isMore' | 'losses' | 'partial'>,
): readonly Remark[] {
  const words = t.exports.remarks;
  const remarks: Remark[] = losses.map((text) => ({ kind: 'warn', text }));
  const add = (text: string, kind: Remark['kind'] = 'info'): void => void remarks.push({ kind, text });
  for (const text of partial) add(text);
  if (format === 'xlsx') {
    const sheets = sheetsOf(rowCount);
    if (sheets > 1 || isMore) add(words.sheets(grouped(sheets), grouped(MOST_SHEET_ROWS), isMore), 'warn');
    add(words.cells);
  }
  if (hasUntypedCells(format)) {
    add(neutralise ? words.neutralised : words.formulas, neutralise ? 'info' : 'warn');
    add(words.digits);
  }
  if (format === 'json' || format === 'ndjson') add(words.json);
  if (format === 'parquet') add(isPartitioned ? words.partitions : words.parquet);
  return remarks;
}

/** One row of each is the names of the columns. */
function sheetsOf(rows: number): number {
  return Math.max(1, Math.ceil(rows / (MOST_SHEET_ROWS - 1)));
}
