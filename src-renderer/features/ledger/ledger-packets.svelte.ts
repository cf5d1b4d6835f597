import type { ErrorShape } from '../../../src-main/contract/errors';
import type { ImportReport } from '../../../src-main/contract/imports';
import { packetsOfFact, type LedgerPacket, type PacketsBehind } from '../../../src-main/contract/ledger-packets';
import type { Engine } from '../../services/engine-connection.svelte';

/** Packets that are asked for at once. */
export const PAGE = 500;

/** Packets behind a number of a ledger, page by page: each is found by going through the captures again. */
export class LedgerPacketsState {
  /** Null while nothing is shown. */
  report = $state.raw<ImportReport | null>(null);
  of = $state.raw<PacketsBehind>('read');
  packets = $state.raw<readonly LedgerPacket[]>([]);
  /** The captures were gone through to their end. */
  isEnd = $state(false);
  isLoading = $state(false);
  error = $state.raw<ErrorShape | null>(null);
  readonly #engine: Engine;
  #generation = 0;
  #cancel: () => void = () => undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** As the ledger, or the facts of the capture, count them. */
  get total(): number {
    const counts = this.report?.ledger.packets;
    if (counts === undefined) return 0;
    if (typeof this.of === 'object') {
      const { capture, fact } = this.of;
      const details = this.report?.described[capture]?.details;
      return details == null ? 0 : packetsOfFact(details, fact);
    }
    if (this.of === 'read') return counts.read;
    return this.of === 'in_entries' ? counts.inEntries : (counts.notInEntries[this.of] ?? 0);
  }

  /** Whether the captures are not what they were counted as, which nothing but a fault of ours explains. */
  get isOff(): boolean {
    return this.isEnd && this.packets.length !== this.total;
  }

  async open(report: ImportReport, of: PacketsBehind): Promise<void> {
    this.report = report;
    this.of = of;
    this.packets = [];
    this.isEnd = false;
    await this.more();
  }

  async more(): Promise<void> {
    const run = this.report?.run;
    if (run === undefined) return;
    const generation = ++this.#generation;
    this.#cancel();
    this.isLoading = true;
    this.error = null;
    const request = { run, of: this.of, offset: this.packets.length, limit: PAGE };
    const reading = this.#engine.call('import:packets', request);
    this.#cancel = () => reading.cancel();
    const outcome = await reading.outcome;
    if (generation !== this.#generation) return;
    this.#cancel = () => undefined;
    this.isLoading = false;
    if (outcome.ok) {
      this.packets = [...this.packets, ...outcome.value.packets];
      this.isEnd = outcome.value.isEnd;
    } else this.error = outcome.error;
  }

  close(): void {
    this.#generation += 1;
    this.#cancel();
    this.report = null;
  }
}
