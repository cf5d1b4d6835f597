import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AppError } from '../../../src-main/contract/errors';
import { MemoryGuard, type Guarded, type MemoryBounds } from '../../../src-main/duckdb/memory-guard';
import { readStream } from '../../../src-main/duckdb/read-stream';
import { sharedDatabase } from './temporary-workspace';

const MIB = 1024 ** 2;
const BOUNDS: MemoryBounds = { growthBytes: 100 * MIB, mostBytes: 200 * MIB, graceMs: 2000 };

interface Scene {
  readonly guard: MemoryGuard;
  readonly ends: string[];
  megabytes: number;
}

function scene(): Scene {
  const ends: string[] = [];
  const made: Scene = {
    ends,
    megabytes: 500,
    guard: new MemoryGuard(BOUNDS, { readBytes: () => made.megabytes * MIB, end: (reason) => void ends.push(reason) }),
  };
  return made;
}

function statement(): Guarded & { readonly causes: AppError[] } {
  const causes: AppError[] = [];
  return { causes, stop: (cause) => void causes.push(cause) };
}

describe('a process whose statements take memory', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('goes on as long as they are within bounds, whatever it had before', () => {
    const at = scene();
    const running = statement();
    at.guard.begin(running);
    at.megabytes = 600;
    vi.advanceTimersByTime(10_000);
    expect({ causes: running.causes, ends: at.ends }).toEqual({ causes: [], ends: [] });
  });

  test('stops each once, and nothing more when they end', () => {
    const at = scene();
    const [first, second] = [statement(), statement()];
    at.guard.begin(first);
    at.guard.begin(second);
    at.megabytes = 601;
    vi.advanceTimersByTime(1000);
    for (const { causes } of [first, second]) {
      expect(causes).toMatchObject([{ code: 'QUERY_MEMORY', detail: { bytes: 101 * MIB } }]);
    }
    at.guard.end(first);
    at.guard.end(second);
    vi.advanceTimersByTime(60_000);
    expect(at.ends).toEqual([]);
  });

  test('measures the next statement from what is left of those before', () => {
    const at = scene();
    const first = statement();
    at.guard.begin(first);
    at.megabytes = 650;
    vi.advanceTimersByTime(100);
    at.guard.end(first);
    const next = statement();
    at.guard.begin(next);
    vi.advanceTimersByTime(10_000);
    expect({ first: first.causes.length, next: next.causes, ends: at.ends }).toEqual({ first: 1, next: [], ends: [] });
  });

  test('ends when a stopped one holds the memory after its grace', () => {
    const at = scene();
    at.guard.begin(statement());
    at.megabytes = 650;
    vi.advanceTimersByTime(2000);
    expect(at.ends).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(at.ends[0]).toMatch(/^a query took 150 MB of memory and could not be stopped/);
  });

  test('ends at once when it grows on', () => {
    const at = scene();
    at.guard.begin(statement());
    at.megabytes = 650;
    vi.advanceTimersByTime(50);
    at.megabytes = 701;
    vi.advanceTimersByTime(50);
    expect(at.ends).toHaveLength(1);
  });

  test('does not end when a stopped one has given the memory back, though it runs', () => {
    const at = scene();
    at.guard.begin(statement());
    at.megabytes = 650;
    vi.advanceTimersByTime(50);
    at.megabytes = 550;
    vi.advanceTimersByTime(60_000);
    expect(at.ends).toEqual([]);
  });
});

const shared = sharedDatabase();

test('texts that are made of a chunk at once are beyond what DuckDB bounds, and stop the statement', async () => {
  // 2,048 rows of 160 kB each, which is 330 MB a chunk, of 20 chunks.
  const sql =
    "SELECT sum(strlen(array_to_string(list_transform(range(10), n -> rpad(CAST(range AS VARCHAR), 16384, 'x')), ''))) FROM range(40000)";
  const ends: string[] = [];
  const guard = new MemoryGuard(
    { ...BOUNDS, mostBytes: Infinity, graceMs: Infinity },
    { readBytes: () => process.memoryUsage.rss(), end: (reason) => void ends.push(reason) },
  );
  const reading = readStream(shared(), sql, [], { guard }).next();
  await expect(reading).rejects.toMatchObject({ code: 'QUERY_MEMORY' });
  expect(ends).toEqual([]);
  // The database is none the worse for it.
  for await (const { rowCount } of readStream(shared(), 'SELECT 1 AS one')) expect(rowCount).toBe(1);
});
