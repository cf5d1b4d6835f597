import { t } from '../../services/messages/catalogue';
import { countText, grouped } from '../../services/number-format';
import type { ChartChoice } from './chart-choice';
import type { ChartData } from './chart-data';

/** A chart in one sentence, for those who do not see it and for those who want to be sure. */
export function chartSummary(data: ChartData, { x, target, y, type }: ChartChoice): string {
  const [place] = y;
  const amounts = data.columns[place ?? -1];
  if (amounts === undefined) return t.charts.rows(grouped(data.rowCount), data.rowCount);
  const numbers = amounts.numbers.flatMap((value, row) => (value === null ? [] : [{ value, row }]));
  const [first] = numbers;
  const by = [x, target].flatMap((column) => data.columns[column]?.name ?? []);
  if (first === undefined) return t.charts.noNumbers(amounts.name);
  const most = numbers.reduce((best, each) => (each.value > best.value ? each : best), first);
  const least = numbers.reduce((best, each) => (each.value < best.value ? each : best), first);
  const where = (row: number): string =>
    by.length === 0 || type === 'histogram'
      ? ''
      : [x, target].flatMap((column) => data.columns[column]?.texts[row] ?? []).join(' → ');
  return t.charts.summary(
    amounts.name,
    by.join(' → '),
    { value: countText(most.value), at: where(most.row) },
    { value: countText(least.value), at: where(least.row) },
  );
}
