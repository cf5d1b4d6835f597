import type { DeliveryCode, DeliveryQuotas, DeliveryScript, FaultKind, PlacedFault } from '../contract/delivery';
import { FAULT_CODES } from './codes';
import { placedTime } from './script-time';

/** Which fault of a kind holds from a second on, until the next of these. */
interface Stretch {
  readonly fromSec: number;
  readonly fault: PlacedFault | null;
}

/** The faults of a script in the time of a capture. */
export class Faults {
  readonly placed: readonly PlacedFault[];
  readonly #quotas: DeliveryQuotas;
  /** Ascending. Every group of entries asks. */
  readonly #stretches: ReadonlyMap<FaultKind, readonly Stretch[]>;

  /** @param startSec where the first window of the capture begins */
  constructor({ faults, quotas }: Pick<DeliveryScript, 'faults' | 'quotas'>, startSec: number) {
    this.#quotas = quotas;
    this.placed = faults.map(({ from, to, ...fault }) => ({
      ...fault,
      fromSec: placedTime(from, startSec),
      toSec: to === null ? null : placedTime(to, startSec),
    }));
    const kinds = new Set(this.placed.map(({ kind }) => kind));
    this.#stretches = new Map([...kinds].map((kind) => [kind, stretchesOf(this.placed, kind)]));
  }

  /** The last one of a kind that holds at a second. */
  at(kind: FaultKind, sec: number): PlacedFault | null {
    const stretches = this.#stretches.get(kind) ?? [];
    let [low, high] = [0, stretches.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (stretches[middle]!.fromSec <= sec) low = middle + 1;
      else high = middle;
    }
    return stretches[low - 1]?.fault ?? null;
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

function stretchesOf(placed: readonly PlacedFault[], kind: FaultKind): Stretch[] {
  const own = placed.filter((fault) => fault.kind === kind);
  const changesSec = new Set(own.flatMap(({ fromSec, toSec }) => (toSec === null ? [fromSec] : [fromSec, toSec])));
  return [...changesSec]
    .toSorted((one, other) => one - other)
    .map((fromSec) => ({ fromSec, fault: own.findLast((fault) => holdsAt(fault, fromSec)) ?? null }));
}

function holdsAt({ fromSec, toSec }: PlacedFault, sec: number): boolean {
  return fromSec <= sec && (toSec === null || sec < toSec);
}
