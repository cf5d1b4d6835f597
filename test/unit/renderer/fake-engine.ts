import type { Outcome } from '../../../src-main/contract/errors';
import type { CallName, Calls } from '../../../src-main/contract/ipc';
import type { LogSnapshot } from '../../../src-main/contract/query';
import type { CallListeners, RunningCall } from '../../../src-main/contract/wire';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import type { Engine } from '../../../src-renderer/services/engine-connection.svelte';

/** A call that a test answers when it likes, in any order. */
export interface AskedCall {
  readonly name: CallName;
  readonly request: Readonly<Record<string, unknown>>;
  readonly listeners: CallListeners;
  isCancelled: boolean;
  answer(outcome: Outcome<unknown>): Promise<void>;
}

export class FakeEngine implements Engine {
  readonly asked: AskedCall[] = [];

  call<K extends CallName>(name: K, request: Calls[K]['request'], listeners: CallListeners = {}): RunningCall<K> {
    let settle: (outcome: Outcome<unknown>) => void = () => undefined;
    const outcome = new Promise<Outcome<unknown>>((resolve) => {
      settle = resolve;
    });
    const asked: AskedCall = {
      name,
      request: request as Readonly<Record<string, unknown>>,
      listeners,
      isCancelled: false,
      answer: async (value) => {
        settle(value);
        await settled();
      },
    };
    this.asked.push(asked);
    return {
      outcome: outcome as Promise<Outcome<Calls[K]['reply']>>,
      cancel: () => {
        asked.isCancelled = true;
      },
    };
  }

  /** The newest call of that name. */
  last(name: CallName): AskedCall {
    const asked = this.asked.findLast((call) => call.name === name);
    if (asked === undefined) throw new Error(`${name} was not asked`);
    return asked;
  }
}

/** What is waiting on answered calls has run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

export const ok = (value: unknown): Outcome<unknown> => ({ ok: true, value });

export function failed(
  code: 'QUERY_SYNTAX' | 'QUERY_CANCELLED' | 'IMPORT_CANCELLED' | 'ENGINE_GONE' | 'INTERNAL',
): Outcome<never> {
  return { ok: false, error: { code, message: 'as the test has it', detail: {} } };
}

/** One column of whole numbers. */
export function numbers(name: string, values: readonly number[]): ResultBatch {
  return { rowCount: values.length, columns: [{ name, type: 'int64', data: BigInt64Array.from(values, BigInt) }] };
}

/** Of a log with one import. */
export const SNAPSHOT: LogSnapshot = { maxRun: 1, startedMs: 5, hidden: [], runs: 1 };

export function histogram(entries: number, binSec = 60): Calls['histogram:run']['reply'] {
  const range = { fromSec: 600, toSec: 1200 };
  const bins = [{ startSec: 600, entries }];
  return { range, snapshot: SNAPSHOT, binSec, bins, entries, scanned: null, incomplete: [], notices: [] };
}

export function report(rowCount: number): Calls['query:run']['reply'] {
  return {
    rowCount,
    columns: [{ name: 'n', type: 'int64' }],
    range: { fromSec: 600, toSec: 1200 },
    snapshot: SNAPSHOT,
    notices: [],
    sql: '',
  };
}
