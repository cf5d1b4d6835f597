import type { Answer } from '../logstore/logstore-state.svelte';
import { chartTypesFor, chooseChart, MAX_SERIES, withType, type ChartChoice, type ChartType } from './chart-choice';
import { readChartData, type ChartData } from './chart-data';

/** The chart of a statement's rows. What was chosen stays for the next answer that has the same columns. */
export class StatementChart {
  data = $state.raw<ChartData>({ columns: [], rowCount: 0, left: 0 });
  choice = $state.raw<ChartChoice>({ type: 'table', x: -1, target: -1, y: [], split: -1 });
  readonly types = $derived.by(() => chartTypesFor(this.data));
  #answer: Answer | null = null;
  #columns = '';

  follow(answer: Answer): void {
    if (answer === this.#answer) return;
    this.#answer = answer;
    this.data = readChartData(answer.rows);
    const columns = this.data.columns.map(({ name, kind }) => `${kind} ${name}`).join('\n');
    const isKept = columns === this.#columns && this.types.includes(this.choice.type);
    this.#columns = columns;
    if (!isKept) this.choice = chooseChart(this.data);
  }

  setType(type: ChartType): void {
    this.choice = withType(this.choice, type, this.data);
  }

  setX(x: number): void {
    this.choice = { ...this.choice, x };
  }

  /** Of what is split, one number has a series for each value. */
  setSplit(split: number): void {
    const { y } = this.choice;
    this.choice = { ...this.choice, split, y: split < 0 ? y : y.slice(0, 1) };
  }

  setTarget(target: number): void {
    this.choice = { ...this.choice, target };
  }

  /** One number, where a chart has no more. */
  setY(y: number): void {
    this.choice = { ...this.choice, y: [y] };
  }

  /** The last one stays: a chart of nothing shows nothing. */
  toggleY(place: number): void {
    const { y } = this.choice;
    const next = y.includes(place) ? y.filter((each) => each !== place) : [...y, place].sort((a, b) => a - b);
    if (next.length > 0 && next.length <= MAX_SERIES) this.choice = { ...this.choice, y: next };
  }
}
