import type { DeliveryCode, DeliveryQuotas, DeliveryScript, FaultKind, PlacedFault } from '../contract/delivery';
import { FAULT_CODES } from './codes';
import { placedTime } from './script-time';

/** The faults of a script in the time of a capture. */
export class Faults {
  readonly placed: readonly PlacedFault[];
  readonly #quotas: DeliveryQuotas;

  /** @param startSec where the first window of the capture begins */
  constructor({ faults, quotas }: Pick<DeliveryScript, 'faults' | 'quotas'>, startSec: number) {
    this.#quotas = quotas;
    this.placed = faults.map(({ from, to, ...fault }) => ({
      ...fault,
      fromSec: placedTime(from, startSec),
      toSec: to === null ? null : placedTime(to, startSec),
    }));
  }

  /** The last one of a kind that holds at a second. */
  at(kind: FaultKind, sec: number): PlacedFault | null {
    return this.placed.findLast((fault) => fault.kind === kind && holdsAt(fault, sec)) ?? null;
  }

  /** What the target answers to any call; null where it takes it. */
  codeAt(sec: number): DeliveryCode | null {
    return FAULT_CODES.find(([kind]) => this.at(kind, sec) !== null)?.[1] ?? null;
  }

  quotasAt(sec: number): DeliveryQuotas {
    const project = this.at('write_quota', sec);
    const shard = this.at('shard_quota', sec);
    return {
      projectBytesPerMin: project?.bytesPerMin ?? this.#quotas.projectBytesPerMin,
      shardBytesPerSec: shard?.bytesPerSec ?? this.#quotas.shardBytesPerSec,
      shardWritesPerSec: shard?.writesPerSec ?? this.#quotas.shardWritesPerSec,
    };
  }
}

function holdsAt({ fromSec, toSec }: PlacedFault, sec: number): boolean {
  return fromSec <= sec && (toSec === null || sec < toSec);
}
