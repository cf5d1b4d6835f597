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
  /** The numbers; at most `MAX_SERIES`, and one where they are split. */
  readonly y: readonly number[];
  /** Whose values have a series each; -1 for none. */
  readonly split: number;
}

const NO_CHART: ChartChoice = { type: 'table', x: -1, target: -1, y: [], split: -1 };
const SPLIT_TYPES: readonly ChartType[] = ['line', 'area', 'column', 'bar'];

interface Kinds {
  readonly times: readonly number[];
  /** Ports, protocols and what rows are grouped by are names, though they are numbers. */
  readonly texts: readonly number[];
  /** Those that can be summed or compared. */
  readonly numbers: readonly number[];
}

function kindsOf({ columns }: ChartData): Kinds {
  const places = (isWanted: (column: ChartColumn) => boolean): number[] =>
    columns.flatMap((column, index) => (isWanted(column) ? [index] : []));
  const times = places(({ kind }) => kind === 'time');
  const numbers = places(({ kind, isName }) => kind === 'number' && !isName);
  // Of names alone, those that are numbers can be counted all the same.
  if (numbers.length === 0)
    return { times, texts: places(({ kind }) => kind === 'text'), numbers: places(({ kind }) => kind === 'number') };
  return { times, texts: places(({ isName }) => isName), numbers };
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

/** Heights that differ more than so many times are not seen on one axis. */
const MOST_TIMES = 100;

/** @returns the first column of numbers, and of the others those that are seen beside it on one axis */
function seenBeside({ columns }: ChartData, numbers: readonly number[]): readonly number[] {
  const height = (place: number): number =>
    (columns[place]?.numbers ?? []).reduce<number>((most, each) => Math.max(most, Math.abs(each ?? 0)), 0);
  const first = height(numbers[0] ?? -1);
  return numbers.filter((place, index) => {
    const other = height(place);
    const isFar = other > first * MOST_TIMES || first > other * MOST_TIMES;
    return index === 0 || first === 0 || other === 0 || !isFar;
  });
}

/** @returns what shows a result best, as its columns have it */
export function chooseChart(data: ChartData): ChartChoice {
  const { times, texts, numbers } = kindsOf(data);
  const [firstNumber] = numbers;
  if (data.rowCount === 0 || firstNumber === undefined) return NO_CHART;
  const seen = (places: readonly number[]): readonly number[] => seenBeside(data, places).slice(0, MAX_SERIES);
  const y = seen(numbers);
  const [time] = times;
  const [text, second] = texts;
  const one = { x: -1, target: -1, y: [firstNumber], split: -1 };
  if (time !== undefined && text !== undefined) return { ...one, type: 'line', x: time, split: text };
  if (time !== undefined) return { ...one, type: 'line', x: time, y };
  if (text !== undefined && second !== undefined) return { ...one, type: 'sankey', x: text, target: second };
  if (text !== undefined) return { ...one, type: data.rowCount <= MOST_COLUMNS ? 'column' : 'bar', x: text, y };
  if (data.rowCount === 1) return { ...one, type: 'stat', y: numbers.slice(0, MAX_SERIES) };
  const [, ...others] = numbers;
  // A key of the groups stands in front of what was counted.
  if (others.length > 0) return { ...one, type: 'column', x: firstNumber, y: seen(others) };
  return { ...one, type: 'histogram' };
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
  const { split } = choice;
  if (type === 'sankey') {
    const target = axes.find((place) => place !== x && !one.includes(place)) ?? -1;
    return { type, x, target, y: one, split };
  }
  if (type === 'pie' || type === 'histogram') return { type, x, target: -1, y: one, split };
  return { type, x, target: -1, y: isAxisNeeded && rest.length > 0 ? rest : y, split };
}

/** @returns the column whose values have a series each; -1 for none, as with a type or an axis that cannot be split by it */
export function splitOf({ type, split, x }: ChartChoice): number {
  return SPLIT_TYPES.includes(type) && split !== x ? split : -1;
}

/** @returns what series can be split by; none where the type has no such series */
export function splitColumns(data: ChartData, { type, x }: ChartChoice): readonly number[] {
  return SPLIT_TYPES.includes(type) ? kindsOf(data).texts.filter((place) => place !== x) : [];
}

/** @returns the columns with numbers */
export function numberColumns(data: ChartData): readonly number[] {
  return kindsOf(data).numbers;
}
