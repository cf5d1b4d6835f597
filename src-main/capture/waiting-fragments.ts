import { FragmentTable } from './fragment-table';
import { BATCH_ROWS, PacketBatch } from './packet-batch';

/**
 * Later fragments that wait, each at a place of the table, with all that is known of it. Places are taken in turn, so that the
 * oldest that waits is found without a search.
 */
export class WaitingFragments {
  readonly table: FragmentTable;
  readonly #batches: PacketBatch[] = [];
  /** How many have waited, and which of them may be the oldest that still does. */
  #count = 0;
  #oldest = 0;

  /** @param capacity a power of two */
  constructor(capacity: number) {
    this.table = new FragmentTable(capacity);
  }

  get isEmpty(): boolean {
    return this.table.size === 0;
  }

  /** Whoever is at the next place has to be taken out before. */
  add(batch: PacketBatch, row: number): void {
    const place = this.table.add(batch, row);
    const to = (this.#batches[Math.floor(place / BATCH_ROWS)] ??= new PacketBatch());
    to.length = place % BATCH_ROWS;
    to.appendRow(batch, row);
    this.#count++;
  }

  batchOf(place: number): PacketBatch {
    return this.#batches[Math.floor(place / BATCH_ROWS)]!;
  }

  /** Takes out those of the packet that the fragment is of. @returns their places, oldest first */
  takeAlike(batch: PacketBatch, row: number): number[] {
    const places: number[] = [];
    for (let at = this.table.find(batch, row); at >= 0; at = this.table.findOlder(at)) places.push(at);
    for (const at of places) this.table.remove(at);
    return places.reverse();
  }

  /** Takes out the oldest, if it is from before a time. @returns its place; -1 for none */
  takeBefore(sec: number, nsec: number): number {
    if (this.table.size === 0) return -1;
    const { capacity } = this.table;
    this.#oldest = Math.max(this.#oldest, this.#count - capacity);
    while (!this.table.isTaken(this.#oldest % capacity)) this.#oldest++;
    const place = this.#oldest % capacity;
    const { tsSec, tsNsec } = this.batchOf(place);
    const row = place % BATCH_ROWS;
    if (tsSec[row]! > sec || (tsSec[row] === sec && tsNsec[row]! >= nsec)) return -1;
    this.table.remove(place);
    return place;
  }
}
