import { AppError } from '../../src-main/contract/errors';
import { CALLS, type CallName } from '../../src-main/contract/ipc';
import type { CallHandlers, CallParsers } from '../../src-main/engine/engine-calls';

const unused = (): Promise<never> => Promise.reject(new AppError('INTERNAL', 'not in this test'));
const unchecked = (input: unknown): never => input as never;

const forEachCall = <T>(value: T): Record<CallName, T> =>
  Object.fromEntries(CALLS.map((name) => [name, value])) as Record<CallName, T>;

/** Every call of the contract, refused but for those that a test handles. */
export function handlersWith(handlers: Partial<CallHandlers>): CallHandlers {
  return { ...forEachCall(unused), ...handlers };
}

/** Takes every request as it comes, but for those that a test parses. */
export function parsersWith(parsers: Partial<CallParsers> = {}): CallParsers {
  return { ...forEachCall(unchecked), ...parsers };
}
