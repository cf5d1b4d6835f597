import { AppError } from '../contract/errors';

/** Readonly shards keep their entries, and are given no more. @see sls-logstore.md §5.4 */
export type ShardStatus = 'readwrite' | 'readonly';

/** A part of a Logstore, with its range of MD5 hashes: 32 hexadecimal digits, from `beginKey` on and before `endKey`. */
export interface Shard {
  readonly id: number;
  readonly status: ShardStatus;
  readonly beginKey: string;
  readonly endKey: string;
  readonly createdMs: number;
}

/** What a split or a merge changes. */
export interface ShardChange {
  /** Shards that are readonly from now on. */
  readonly closed: readonly Shard[];
  readonly created: readonly Shard[];
}

/** Of the API; the console offers 10. @see sls-logstore.md §5.4 */
export const MAX_NEW_SHARDS = 100;
/** Of a Logstore, readonly ones left out. @see sls-logstore.md §5.4 */
export const MAX_SHARDS = 256;

const KEY_DIGITS = 32;
const SPACE_END = 1n << 128n;
/** The end of the space as the vendor writes it: the last hash itself, which so belongs to the last shard. */
const LAST_KEY = 'f'.repeat(KEY_DIGITS);

function keyOf(point: bigint): string {
  return point === SPACE_END ? LAST_KEY : point.toString(16).padStart(KEY_DIGITS, '0');
}

function pointOf(key: string): bigint {
  return key === LAST_KEY ? SPACE_END : BigInt(`0x${key}`);
}

function refuse(vendorText: string, explanation: string, shard: number): AppError {
  return new AppError('SHARD_INVALID', `${vendorText}: ${explanation}`, { shard, vendorCode: 'ParameterInvalid' });
}

/** @returns so many shards of equal ranges over the whole space, with ids from 0 on */
export function evenShards(count: number, createdMs: number): readonly Shard[] {
  const boundary = (index: number): string => keyOf((SPACE_END * BigInt(index)) / BigInt(count));
  return Array.from({ length: count }, (_, id) => ({
    id,
    status: 'readwrite',
    beginKey: boundary(id),
    endKey: boundary(id + 1),
    createdMs,
  }));
}

function writable(shards: readonly Shard[], id: number): Shard {
  const shard = shards.find((each) => each.id === id);
  const writableIds = shards.filter(({ status }) => status === 'readwrite').map((each) => each.id);
  if (shard === undefined) {
    throw refuse('invalid shard id', `there is no shard ${id}; readwrite are ${writableIds.join(', ')}`, id);
  }
  if (shard.status === 'readwrite') return shard;
  const explanation = `shard ${id} is readonly since it was split or merged; readwrite are ${writableIds.join(', ')}`;
  throw refuse('invalid shard id', explanation, id);
}

const nextId = (shards: readonly Shard[]): number => Math.max(...shards.map(({ id }) => id)) + 1;

/**
 * Splits a readwrite shard in two, which have its range between them; itself it becomes readonly.
 *
 * @param shards all of the Logstore
 * @param key where the second begins, 32 hexadecimal digits; null for the middle
 * @throws AppError SHARD_INVALID with the vendor's text: for a shard that is not there or readonly, for a key that is none
 * or not inside the range, and when there would be more than `MAX_SHARDS`
 * @see sls-logstore.md §5.4
 */
export function splitShard(shards: readonly Shard[], id: number, key: string | null, createdMs: number): ShardChange {
  const parent = writable(shards, id);
  const begin = pointOf(parent.beginKey);
  const end = pointOf(parent.endKey);
  if (shards.filter(({ status }) => status === 'readwrite').length >= MAX_SHARDS) {
    throw refuse('shard quota exceed', `a Logstore has at most ${MAX_SHARDS} readwrite shards; merge some`, id);
  }
  const middle = keyOf((begin + end) / 2n);
  const at = key === null ? middle : key.toLowerCase();
  if (!/^[0-9a-f]{32}$/u.test(at)) throw refuse('invalid mid hash', 'it must be 32 hexadecimal digits', id);
  if (at <= parent.beginKey || at >= parent.endKey) {
    const range = `between ${parent.beginKey} and ${parent.endKey}, both outside`;
    throw refuse('invalid mid hash', `shard ${id} can be split ${range}; its middle is ${middle}`, id);
  }
  const first = nextId(shards);
  const half = (halfId: number, beginKey: string, endKey: string): Shard => {
    return { id: halfId, status: 'readwrite', beginKey, endKey, createdMs };
  };
  const created = [half(first, parent.beginKey, at), half(first + 1, at, parent.endKey)];
  return { closed: [{ ...parent, status: 'readonly' }], created };
}

/**
 * Merges a readwrite shard with its right neighbour into a new one; both become readonly.
 *
 * @param shards all of the Logstore
 * @throws AppError SHARD_INVALID with the vendor's text: for a shard that is not there, readonly, or the last
 * @see sls-logstore.md §5.4
 */
export function mergeShards(shards: readonly Shard[], id: number, createdMs: number): ShardChange {
  const left = writable(shards, id);
  const right = shards.find(({ status, beginKey }) => status === 'readwrite' && beginKey === left.endKey);
  if (right === undefined) {
    throw refuse('can not merge the last shard', `shard ${id} has no neighbour behind ${left.endKey}`, id);
  }
  const merged: Shard = {
    id: nextId(shards),
    status: 'readwrite',
    beginKey: left.beginKey,
    endKey: right.endKey,
    createdMs,
  };
  return { closed: [left, right].map((shard) => ({ ...shard, status: 'readonly' })), created: [merged] };
}
