import type { ResultBatch } from '../../contract/result-batch';
import { MAX_VPCS, ORDERED_COLUMNS, OTHER_COLUMNS } from '../../duckdb/compare-statements';
import { AppError } from '../../contract/errors';
import type { ComparedEntry, SessionKey } from './compared-entry';

/** Goes through the entries of one log, which come in the order of `ORDERED_COLUMNS`; it makes nothing per entry. */
export class EntryCursor {
  /** Entries so far, with the one that it is at. */
  passed = 0;
  readonly #batches: AsyncGenerator<ResultBatch, void, undefined>;
  /** Of each column, its 64-bit numbers as pairs of halves, the lower first. */
  #pairs: readonly Uint32Array[] = [];
  #wide: readonly BigInt64Array[] = [];
  #rows = 0;
  #row = -1;
  /** The entry that was last found to have an equal. */
  #matched: readonly Uint32Array[] = [];
  #matchedRow = -1;

  constructor(batches: AsyncGenerator<ResultBatch, void, undefined>) {
    this.#batches = batches;
  }

  /** Whether `step` can go on without waiting. */
  get hasNext(): boolean {
    return this.#row + 1 < this.#rows;
  }

  /** Goes to the next entry of this batch, which there is. */
  step(): void {
    this.#row++;
    this.passed++;
  }

  /** Goes to the next entry, of the next batch if need be. @returns false at the end */
  async next(): Promise<boolean> {
    while (!this.hasNext) {
      const batch: IteratorResult<ResultBatch, void> = await this.#batches.next();
      if (batch.done === true) {
        this.#row = this.#rows;
        return false;
      }
      this.#take(batch.value);
    }
    this.step();
    return true;
  }

  /** Ends the statement behind it. */
  async close(): Promise<void> {
    await this.#batches.return();
  }

  /** @returns below, above or at 0, as this one's entry comes before, behind or equals the other's. */
  compare(other: EntryCursor): number {
    return compareRows(this.#pairs, this.#row, other.#pairs, other.#row);
  }

  /** Notes that this entry has an equal in the other log. */
  match(): void {
    this.#matched = this.#pairs;
    this.#matchedRow = this.#row;
  }

  key(): SessionKey {
    const value = (column: number): number | null => {
      const number = this.#number(column);
      return number === -1 ? null : number;
    };
    return { protocol: value(0), priIp: value(1), priPort: value(2), pubIp: value(3), pubPort: value(4) };
  }

  entry(): ComparedEntry {
    const other = ORDERED_COLUMNS.length;
    return {
      startSec: this.#bigint(5),
      endSec: this.#bigint(6),
      natIp: this.#number(7),
      natPort: this.#number(8),
      gateway: this.#number(9),
      counters: [10, 11, 12, 13].map((column) => this.#bigint(column)),
      windowStartSec: this.#bigint(other),
      flags: this.#number(other + 1),
      run: this.#number(other + 2),
      entryNo: this.#bigint(other + 3),
      isRepeated: this.#matchedRow !== -1 && compareRows(this.#matched, this.#matchedRow, this.#pairs, this.#row) === 0,
    };
  }

  #bigint(column: number): bigint {
    return this.#wide[column]![this.#row]!;
  }

  #number(column: number): number {
    return Number(this.#bigint(column));
  }

  #take({ rowCount, columns }: ResultBatch): void {
    if (columns.length !== ORDERED_COLUMNS.length + OTHER_COLUMNS.length) {
      throw new AppError('INTERNAL', `a log has ${columns.length} columns to compare`);
    }
    this.#wide = columns.map(({ name, data }) => {
      if (!(data instanceof BigInt64Array)) throw new AppError('INTERNAL', `${name} is no column of whole numbers`);
      return data;
    });
    this.#pairs = this.#wide.map(({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, 2 * length));
    this.#rows = rowCount;
    this.#row = -1;
  }
}

type Pairs = readonly Uint32Array[];

function compareRows(ours: Pairs, row: number, theirs: Pairs, otherRow: number): number {
  for (let column = 0; column < ORDERED_COLUMNS.length; column++) {
    const [our, their] = [ours[column]!, theirs[column]!];
    const [low, high] = [our[2 * row]!, our[2 * row + 1]!];
    const [otherLow, otherHigh] = [their[2 * otherRow]!, their[2 * otherRow + 1]!];
    if (high !== otherHigh) return (high | 0) - (otherHigh | 0);
    if (low !== otherLow) return low - otherLow;
  }
  return 0;
}

/** @returns the numbers of gateway and VPC in `ComparedEntry.gateway` */
export function gatewayParts(gateway: number): readonly [instance: number, vpc: number] {
  return [Math.floor(gateway / MAX_VPCS), gateway % MAX_VPCS];
}
