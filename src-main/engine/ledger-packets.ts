import type { PacketBatch } from '../capture/packet-batch';
import { REASON_CODE, REASONS } from '../contract/ledger';
import type { LedgerPacket, LedgerPackets, LedgerPacketsRequest, LedgerPart } from '../contract/ledger-packets';
import type { TunnelLayer } from '../contract/imports';
import type { Database } from '../duckdb/database';
import { listCaptures, listClocks } from '../duckdb/run-reads';
import { readRunOrigin } from '../duckdb/run-origin';
import type { Gateway } from '../nat/gateway';
import type { WindowSink } from '../window/window-aggregator';
import { readCapturePackets } from './capture-packets';
import type { CallContext } from './engine-calls';
import { listedPacket } from './listed-packet';
import { PacketPath } from './packet-path';
import type { StoredOptions } from './run-captures';
import { allSourcesOf, type RunRead } from './run-sources';
import { SearchTurns } from './search-turns';

/**
 * The packets behind a number of a run's ledger, found by doing its import again without writing anything, as far as the last
 * one that is asked for.
 *
 * @throws AppError RUN_NOT_FOUND, CAPTURE_NOT_FOUND, CAPTURE_CHANGED, CAPTURE_NOT_KEPT and other CAPTURE_*, MEMORY_EXHAUSTED,
 * QUERY_CANCELLED
 */
export async function readLedgerPackets(
  database: Database,
  { run, of, offset, limit }: LedgerPacketsRequest,
  { signal }: Pick<CallContext<'import:packets'>, 'signal'>,
): Promise<LedgerPackets> {
  const turns = new SearchTurns(signal, () => undefined);
  const again = await readAgain(database, run);
  if (typeof of === 'object') return readCapturePackets(again, of, { offset, limit }, turns);
  const found = new PartPackets(of, offset, limit);
  await importAgain(again, found, () => found.isOver, turns);
  return { packets: found.packets, isEnd: !found.isOver };
}

/** What an import was made with, to do it again. */
export interface AgainTask {
  readonly read: RunRead;
  readonly gateway: Gateway;
  readonly layer: TunnelLayer;
}

/** @throws AppError RUN_NOT_FOUND when there is no committed run of that number */
export async function readAgain(database: Database, run: number): Promise<AgainTask> {
  const origin = await readRunOrigin(database, run);
  // As `beginRun` wrote them.
  const options = JSON.parse(origin.options) as StoredOptions;
  const [captures, clocks] = await Promise.all([listCaptures(database, run), listClocks(database, run)]);
  const read = { run, captures, options, clocks };
  // Imports that had no choice yet read the outermost header.
  return { read, gateway: JSON.parse(origin.gateway) as Gateway, layer: options.layer ?? 'outer' };
}

/** Does an import again, into `sink` alone, until it is over. @throws as `readLedgerPackets` */
export async function importAgain(
  { read, gateway, layer }: AgainTask,
  sink: WindowSink,
  isOver: () => boolean,
  turns: SearchTurns,
): Promise<void> {
  const path = new PacketPath(allSourcesOf(read), { gateway, layer }, sink);
  try {
    while (!isOver()) {
      const stepping = path.step();
      if (!(typeof stepping === 'boolean' ? stepping : await stepping)) break;
      const pause = turns.pass(() => ({ foundPackets: 0, searchedBytes: path.merge.storedBytes }));
      if (pause !== undefined) await pause;
    }
  } finally {
    path.close();
  }
}

/** @returns the verdict that stands for a part, see `WindowSink.verdicts`; null for any */
export function verdictOf(part: LedgerPart): number | null {
  if (part === 'read') return null;
  return part === 'in_entries' ? 0 : REASON_CODE[part];
}

/** Takes a page of the packets of one part. */
class PartPackets implements WindowSink {
  readonly packets: LedgerPacket[] = [];
  /** One more than the page has was seen. */
  isOver = false;
  /** The verdict that is looked for; null for any. */
  readonly #code: number | null;
  readonly #limit: number;
  #toPass: number;

  constructor(of: LedgerPart, offset: number, limit: number) {
    this.#code = verdictOf(of);
    this.#toPass = offset;
    this.#limit = limit;
  }

  verdicts(batch: PacketBatch, reasons: Uint8Array): void {
    for (let row = 0; row < batch.length && !this.isOver; row++) {
      if (this.#code !== null && reasons[row] !== this.#code) continue;
      if (this.#toPass > 0) this.#toPass--;
      else if (this.packets.length < this.#limit) this.packets.push(listedPacket(batch, row, partOf(reasons[row]!)));
      else this.isOver = true;
    }
  }

  entries(): void {
    // What became of each packet is looked at, and not what it is summed up to.
  }

  events(): void {
    // As entries.
  }
}

function partOf(verdict: number): LedgerPart {
  return verdict === 0 ? 'in_entries' : REASONS[verdict - 1]!;
}
