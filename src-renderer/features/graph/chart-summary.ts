import { t } from '../../services/messages/catalogue';
import { grouped, numberText } from '../../services/number-format';
import { splitOf, type ChartChoice } from './chart-choice';
import type { ChartData } from './chart-data';

/**
 * A chart in one sentence, for those who do not see it and for those who want to be sure.
 *
 * @param timeText of a time that a number is, epoch seconds
 */
export function chartSummary(data: ChartData, choice: ChartChoice, timeText: (sec: number) => string): string {
  const { x, target, y, type } = choice;
  const keys = [x, target, splitOf(choice)];
  const textAt = (place: number, row: number): readonly string[] => {
    const column = data.columns[place];
    const sec = column?.kind === 'time' ? (column.numbers[row] ?? null) : null;
    return sec === null ? [column?.texts[row] ?? []].flat() : [timeText(sec)];
  };
  const [place] = y;
  const amounts = data.columns[place ?? -1];
  if (amounts === undefined) return t.charts.rows(grouped(data.rowCount), data.rowCount);
  const numbers = amounts.numbers.flatMap((value, row) => (value === null ? [] : [{ value, row }]));
  const [first] = numbers;
  const by = keys.flatMap((column) => data.columns[column]?.name ?? []);
  if (first === undefined) return t.charts.noNumbers(amounts.name);
  const most = numbers.reduce((best, each) => (each.value > best.value ? each : best), first);
  const least = numbers.reduce((best, each) => (each.value < best.value ? each : best), first);
  const where = (row: number): string =>
    by.length === 0 || type === 'histogram' ? '' : keys.flatMap((column) => textAt(column, row)).join(' → ');
  return t.charts.summary(
    amounts.name,
    by.join(' → '),
    { value: numberText(most.value), at: where(most.row) },
    { value: numberText(least.value), at: where(least.row) },
  );
}
