import { ownValue } from '../../services/own-value';
import type { ShownColumn } from './columns';

/** In characters. */
const LEAST_WIDTH = 3;
const MOST_WIDTH = 400;

/** What was chosen about columns, by their names. */
export interface ChosenColumns {
  /** Empty for the order in which entries are read; a column that it does not have comes behind those that it has. */
  readonly order: readonly string[];
  readonly hidden: readonly string[];
  /** In characters. */
  readonly widths: Readonly<Record<string, number>>;
}

export const AS_THEY_ARE: ChosenColumns = { order: [], hidden: [], widths: {} };

/** Which columns of a Logstore are shown, in which order and how wide. */
export class ColumnChoice {
  chosen = $state.raw<ChosenColumns>(AS_THEY_ARE);
  readonly #onchange: () => void;

  constructor(chosen: ChosenColumns, onchange: () => void) {
    this.chosen = chosen;
    this.#onchange = onchange;
  }

  get isAsItWas(): boolean {
    const { order, hidden, widths } = this.chosen;
    return order.length === 0 && hidden.length === 0 && Object.keys(widths).length === 0;
  }

  /** All columns in the chosen order, with their widths. @param columns in the order in which entries are read */
  arrange(columns: readonly ShownColumn[]): readonly ShownColumn[] {
    const { order, widths } = this.chosen;
    const place = new Map(order.map((name, index) => [name, index]));
    const placeOf = ({ name }: ShownColumn): number => place.get(name) ?? order.length;
    return columns
      .map((column) => ({ ...column, width: ownValue(widths, column.name) ?? column.width }))
      .sort((one, other) => placeOf(one) - placeOf(other));
  }

  /** Those that are shown; all of them rather than none. */
  shown(columns: readonly ShownColumn[]): readonly ShownColumn[] {
    const hidden = new Set(this.chosen.hidden);
    const arranged = this.arrange(columns);
    const shown = arranged.filter(({ name }) => !hidden.has(name));
    return shown.length === 0 ? arranged : shown;
  }

  /** The last column that is shown stays. */
  toggle(name: string, columns: readonly ShownColumn[]): void {
    const { hidden } = this.chosen;
    if (hidden.includes(name)) this.#choose({ hidden: hidden.filter((other) => other !== name) });
    else if (this.shown(columns).length > 1) this.#choose({ hidden: [...hidden, name] });
  }

  showAll(): void {
    this.#choose({ hidden: [] });
  }

  /** @param to place among all columns, hidden ones too; at an end where it is behind that */
  move(name: string, to: number, columns: readonly ShownColumn[]): void {
    const names = this.arrange(columns).map((column) => column.name);
    if (!names.includes(name)) return;
    const others = names.filter((other) => other !== name);
    const place = Math.max(0, Math.min(others.length, to));
    this.#choose({ order: [...others.slice(0, place), name, ...others.slice(place)] });
  }

  /** @param width in characters; null for one that fits what is in it */
  resize(name: string, width: number | null): void {
    const { [name]: _, ...others } = this.chosen.widths;
    const widths = width === null ? others : { ...others, [name]: Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, width)) };
    this.#choose({ widths });
  }

  reset(): void {
    this.#choose(AS_THEY_ARE);
  }

  #choose(changed: Partial<ChosenColumns>): void {
    this.chosen = { ...this.chosen, ...changed };
    this.#onchange();
  }
}
