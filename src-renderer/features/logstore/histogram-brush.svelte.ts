import type { HistogramReport } from '../../../src-main/contract/query';

/** What a key or the pointer asked for. */
export type BrushAction =
  { readonly kind: 'zoom'; readonly fromSec: number; readonly toSec: number } | { readonly kind: 'undo' };

/** The bin that is pointed at, and the bins that are brushed. */
export class HistogramBrush {
  active = $state<number | null>(null);
  /** Where the brush began; null without one. */
  anchor = $state<number | null>(null);
  /** Bins `[first, last]`, both inside. */
  readonly span = $derived.by(() => {
    if (this.active === null || this.anchor === null) return null;
    return { first: Math.min(this.active, this.anchor), last: Math.max(this.active, this.anchor) };
  });
  #histogram: HistogramReport | null = null;

  show(histogram: HistogramReport): void {
    if (histogram === this.#histogram) return;
    this.#histogram = histogram;
    this.drop();
    this.active = null;
  }

  drop(): void {
    this.anchor = null;
  }

  begin(index: number): void {
    this.active = index;
    this.anchor = index;
  }

  /** @returns the zoom to the brushed bins, or to the one that was clicked; null where that shows nothing, or nothing else */
  end(): BrushAction | null {
    const { span } = this;
    this.drop();
    if (span === null) return null;
    const { first, last } = span;
    const isAll = first === 0 && last === (this.#histogram?.bins.length ?? 0) - 1;
    const isIdleClick = first === last && this.countAt(first, last) === 0;
    return isAll || isIdleClick ? null : this.#zoom(first, last);
  }

  /** @returns null when the key has moved the brush; undefined when it has no meaning here */
  onKey(key: string, isShift: boolean): BrushAction | null | undefined {
    const last = (this.#histogram?.bins.length ?? 0) - 1;
    if (last < 0) return undefined;
    const moved = { ArrowLeft: (this.active ?? 1) - 1, ArrowRight: (this.active ?? -1) + 1, Home: 0, End: last }[key];
    if (moved !== undefined) {
      if (isShift) this.anchor ??= this.active ?? 0;
      else this.anchor = null;
      this.active = Math.min(last, Math.max(0, moved));
      return null;
    }
    if (key === 'Enter' && this.active !== null) {
      const { first, last: end } = this.span ?? { first: this.active, last: this.active };
      return this.#zoom(first, end);
    }
    if (key === 'Escape' && this.anchor !== null) {
      this.anchor = null;
      return null;
    }
    return key.toLowerCase() === 'z' ? { kind: 'undo' } : undefined;
  }

  /** Entries of the brushed bins, or of the one pointed at. */
  countAt(first: number, last: number): number {
    let entries = 0;
    for (let index = first; index <= last; index++) entries += this.#histogram?.bins[index]?.entries ?? 0;
    return entries;
  }

  /** Start of a bin and the end of another one, epoch seconds, cut to the range that was searched. */
  times(first: number, last: number): { readonly fromSec: number; readonly toSec: number } {
    const { bins = [], binSec = 0, range = null } = this.#histogram ?? {};
    const fromSec = bins[first]?.startSec ?? 0;
    const toSec = bins[last + 1]?.startSec ?? (bins[last]?.startSec ?? 0) + binSec;
    if (range === null) return { fromSec, toSec };
    return { fromSec: Math.max(fromSec, range.fromSec), toSec: Math.min(toSec, range.toSec) };
  }

  #zoom(first: number, last: number): BrushAction {
    return { kind: 'zoom', ...this.times(first, last) };
  }
}
