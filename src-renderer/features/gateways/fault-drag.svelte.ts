import type { PlacedFault } from '../../../src-main/contract/delivery';
import type { FaultSpan } from './script-file';
import { shiftedSpan, type Axis, type FaultPart } from './timeline';

/** Keys that are pressed one after the other are one change. */
const SETTLE_MS = 300;
const STEP_SEC = 10;

/** A fault that is being moved or stretched on the axis, by pointer or keys. */
export class FaultDrag {
  /** Where it would be; null while it is where the script has it. */
  span = $state.raw<FaultSpan | null>(null);
  /** Whether the press that ends was a drag, and is no click. */
  hasMoved = false;
  readonly #onmoved: (span: FaultSpan) => Promise<boolean>;
  #from: { readonly x: number; readonly part: FaultPart; readonly secPerPx: number; readonly place: FaultSpan } | null =
    null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #handedOn: FaultSpan | null = null;
  #settling: Promise<void> = Promise.resolve();

  /** @param onmoved takes the new place; false where it could not */
  constructor(onmoved: (span: FaultSpan) => Promise<boolean>) {
    this.#onmoved = onmoved;
  }

  /** @param widthPx of the whole axis */
  begin(x: number, part: FaultPart, fault: PlacedFault, axis: Axis, widthPx: number): void {
    this.hasMoved = false;
    // It goes on from where keys have moved it to, and is one change with that.
    clearTimeout(this.#timer);
    const secPerPx = (axis.endSec - axis.startSec) / Math.max(1, widthPx);
    this.#from = { x, part, secPerPx, place: this.span ?? fault };
  }

  move(x: number, axis: Axis): void {
    if (this.#from === null) return;
    const { x: begun, part, secPerPx, place } = this.#from;
    const bySec = Math.round(((x - begun) * secPerPx) / STEP_SEC) * STEP_SEC;
    if (Math.abs(x - begun) > 3) this.hasMoved = true;
    if (this.hasMoved) this.span = shiftedSpan(place, part, bySec, axis);
  }

  end(): void {
    if (this.#from === null) return;
    this.#from = null;
    void this.settle();
  }

  /** What was not handed on yet is forgotten. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#from = null;
    this.span = null;
    this.hasMoved = false;
  }

  /** Arrow keys move by 10 s, with Shift by 100 s; with Alt they move the end alone. @returns whether the key does something */
  onKey({ key, shiftKey, altKey, ctrlKey }: KeyboardEvent, fault: PlacedFault, axis: Axis): boolean {
    if (key === 'Escape' && this.span !== null) {
      clearTimeout(this.#timer);
      // The press that ends is still no click.
      this.#from = null;
      this.span = null;
      return true;
    }
    if (this.#from !== null) return false;
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (direction === undefined || ctrlKey) return false;
    const bySec = direction * STEP_SEC * (shiftKey ? 10 : 1);
    this.span = shiftedSpan({ ...fault, ...this.span }, altKey ? 'to' : 'all', bySec, axis);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.settle(), SETTLE_MS);
    return true;
  }

  /** @returns when what was moved is where it was moved to */
  settle(): Promise<void> {
    clearTimeout(this.#timer);
    const { span } = this;
    if (span !== null && span !== this.#handedOn) {
      this.#handedOn = span;
      this.#settling = this.#handOn(span);
    }
    return this.#settling;
  }

  async #handOn(span: FaultSpan): Promise<void> {
    await this.#onmoved(span);
    // Another change may have begun meanwhile.
    if (this.span === span) this.span = null;
  }
}
