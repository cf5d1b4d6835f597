import type { ChartColumn, ChartData } from './chart-data';

export const CHART_TYPES = ['table', 'line', 'area', 'column', 'bar', 'pie', 'stat', 'histogram', 'sankey'] as const;
export type ChartType = (typeof CHART_TYPES)[number];

/** Series that a chart has at most: more colours are told from each other by nobody. */
export const MAX_SERIES = 8;
/** Columns of a table that are drawn side by side; beyond, bars have more room for their names. */
const MOST_COLUMNS = 12;

/** What a chart is made of: places of columns. */
export interface ChartChoice {
  readonly type: ChartType;
  /** Of what is on the axis, in the slices, or where flows begin; -1 for none. */
  readonly x: number;
  /** Where flows end; -1 but for a Sankey diagram. */
  readonly target: number;
  /** The numbers; at most `MAX_SERIES`. */
  readonly y: readonly number[];
}

interface Kinds {
  readonly times: readonly number[];
  readonly texts: readonly number[];
  /** Those that can be summed or compared first; ports and protocols are names, though they are numbers. */
  readonly numbers: readonly number[];
}

function kindsOf({ columns }: ChartData): Kinds {
  const places = (kind: ChartColumn['kind']): number[] =>
    columns.flatMap((column, index) => (column.kind === kind ? [index] : []));
  return { times: places('time'), texts: places('text'), numbers: places('number') };
}

/** @returns the types that the result has the columns for */
export function chartTypesFor(data: ChartData): readonly ChartType[] {
  const { times, texts, numbers } = kindsOf(data);
  if (data.rowCount === 0 || numbers.length === 0) return ['table'];
  const hasAxis = times.length + texts.length > 0 || numbers.length > 1;
  const canFlow = times.length + texts.length + numbers.length > 2;
  return CHART_TYPES.filter((type) => {
    switch (type) {
      case 'table':
      case 'stat':
      case 'histogram':
        return true;
      case 'sankey':
        return canFlow;
      default:
        return hasAxis;
    }
  });
}

/** @returns what shows a result best, as its columns have it */
export function chooseChart(data: ChartData): ChartChoice {
  const { times, texts, numbers } = kindsOf(data);
  const [firstNumber] = numbers;
  if (data.rowCount === 0 || firstNumber === undefined) return { type: 'table', x: -1, target: -1, y: [] };
  const y = numbers.slice(0, MAX_SERIES);
  const [time] = times;
  const [text, second] = texts;
  if (time !== undefined) return { type: 'line', x: time, target: -1, y };
  if (text !== undefined && second !== undefined) return { type: 'sankey', x: text, target: second, y: [firstNumber] };
  if (text !== undefined) return { type: data.rowCount <= MOST_COLUMNS ? 'column' : 'bar', x: text, target: -1, y };
  if (data.rowCount === 1) return { type: 'stat', x: -1, target: -1, y };
  const [, ...others] = y;
  // A key of the groups stands in front of what was counted.
  if (others.length > 0) return { type: 'column', x: firstNumber, target: -1, y: others };
  return { type: 'histogram', x: -1, target: -1, y: [firstNumber] };
}

/** @returns the same columns for another type, as far as that has a use for them */
export function withType(choice: ChartChoice, type: ChartType, data: ChartData): ChartChoice {
  const { times, texts, numbers } = kindsOf(data);
  const axes = [...times, ...texts, ...numbers];
  const y = choice.y.length > 0 ? choice.y : numbers.slice(0, MAX_SERIES);
  const isAxisNeeded = type !== 'table' && type !== 'stat' && type !== 'histogram';
  const x = choice.x >= 0 || !isAxisNeeded ? choice.x : (axes.find((place) => !y.includes(place)) ?? axes[0] ?? -1);
  const one = y.slice(0, 1);
  const rest = y.filter((place) => place !== x);
  if (type === 'sankey') {
    const target = axes.find((place) => place !== x && !one.includes(place)) ?? -1;
    return { type, x, target, y: one };
  }
  if (type === 'pie' || type === 'histogram') return { type, x, target: -1, y: one };
  return { type, x, target: -1, y: isAxisNeeded && rest.length > 0 ? rest : y };
}

/** @returns the columns with numbers */
export function numberColumns(data: ChartData): readonly number[] {
  return kindsOf(data).numbers;
}
