import { AppError } from '../../contract/errors';
import { ensureGateway, ensureVpc } from '../../duckdb/catalogue';
import type { Database } from '../../duckdb/database';
import type { EntryBatch } from '../../logstore/entry-batch';
import { ByName, type FieldNames } from '../../logstore/field-names';
import { productField } from './product-field';

/** Ids of a gateway and of its VPC; null where an entry does not name it. */
export interface GatewayIds {
  readonly instanceId: number | null;
  readonly vpcId: number | null;
}

const NONE: GatewayIds = { instanceId: null, vpcId: null };
/** Of one load: every query has the names of all gateways in it, and ids end at 65,535. */
const MOST_GATEWAYS = 10_000;

type Part = 'instance' | 'vpc_id';

/** The gateways that entries of session logs name, with ids of the catalogue, which are given out where they are missing. */
export class EntryGateways {
  readonly #database: Database;
  readonly #parts: ByName<Part | 'other'>;
  readonly #known = new Map<string, GatewayIds>();
  readonly #ofEntry: GatewayIds[] = [];
  /** A gateway's entries come one after another. */
  #lastInstance: Uint8Array | null = null;
  #lastVpc: Uint8Array | null = null;
  #last: GatewayIds | null = null;

  constructor(database: Database, names: FieldNames) {
    this.#database = database;
    this.#parts = new ByName(names, (name) => {
      const current = productField(name);
      return current === 'instance' || current === 'vpc_id' ? current : 'other';
    });
  }

  of(entry: number): GatewayIds {
    return this.#ofEntry[entry] ?? NONE;
  }

  /** Finds those of a batch, before its entries become rows. @throws AppError LOAD_UNREADABLE when there are more than `MOST_GATEWAYS` */
  async find(batch: EntryBatch): Promise<void> {
    this.#ofEntry.length = 0;
    for (let entry = 0; entry < batch.length; entry++) {
      const instance = this.#cellOf(batch, entry, 'instance');
      const vpc = this.#cellOf(batch, entry, 'vpc_id');
      const isSame =
        this.#last !== null && isText(batch, instance, this.#lastInstance) && isText(batch, vpc, this.#lastVpc);
      if (!isSame) this.#last = await this.#idsOf(batch, instance, vpc);
      this.#ofEntry.push(this.#last ?? NONE);
    }
  }

  /** @returns -1 for none */
  #cellOf(batch: EntryBatch, entry: number, part: Part): number {
    const end = batch.firstCells[entry + 1]!;
    for (let cell = batch.firstCells[entry]!; cell < end; cell++)
      if (this.#parts.of(batch.cellNames[cell]!) === part) return cell;
    return -1;
  }

  async #idsOf(batch: EntryBatch, instanceCell: number, vpcCell: number): Promise<GatewayIds> {
    const instance = instanceCell === -1 ? null : batch.text(instanceCell);
    const vpc = vpcCell === -1 ? null : batch.text(vpcCell);
    this.#lastInstance = copyOf(batch, instanceCell);
    this.#lastVpc = copyOf(batch, vpcCell);
    const key = JSON.stringify([instance, vpc]);
    const ids = this.#known.get(key) ?? (await this.#ensure(instance, vpc));
    this.#known.set(key, ids);
    return ids;
  }

  async #ensure(instance: string | null, vpc: string | null): Promise<GatewayIds> {
    if (this.#known.size >= MOST_GATEWAYS) {
      const message = `the entries name more than ${MOST_GATEWAYS} gateways: load them into a Logstore of any fields, with a schema file`;
      throw new AppError('LOAD_UNREADABLE', message, { gateways: MOST_GATEWAYS });
    }
    if (instance === null)
      return vpc === null ? NONE : { instanceId: null, vpcId: await ensureVpc(this.#database, vpc) };
    const { instanceId, vpcId } = await ensureGateway(this.#database, instance, vpc ?? '');
    return { instanceId, vpcId: vpc === null ? null : vpcId };
  }
}

/** @param text null where there was none */
function isText(batch: EntryBatch, cell: number, text: Uint8Array | null): boolean {
  if (cell === -1 || text === null) return cell === -1 && text === null;
  const start = batch.cellStarts[cell]!;
  const length = batch.cellEnds[cell]! - start;
  if (length !== text.length) return false;
  for (let index = 0; index < length; index++) if (batch.octets[start + index] !== text[index]) return false;
  return true;
}

function copyOf(batch: EntryBatch, cell: number): Uint8Array | null {
  return cell === -1 ? null : batch.octets.slice(batch.cellStarts[cell], batch.cellEnds[cell]);
}
