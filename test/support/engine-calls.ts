import { AppError } from '../../src-main/contract/errors';
import { CALLS, type CallName } from '../../src-main/contract/ipc';
import type { CallHandlers, RequestParser } from '../../src-main/engine/engine-calls';

const unused = (): Promise<never> => Promise.reject(new AppError('INTERNAL', 'not in this test'));

const forEachCall = <T>(value: T): Record<CallName, T> =>
  Object.fromEntries(CALLS.map((name) => [name, value])) as Record<CallName, T>;

/** Every call of the contract, refused but for those that a test handles. */
export function handlersWith(handlers: Partial<CallHandlers>): CallHandlers {
  return { ...forEachCall(unused), ...handlers };
}

/** Takes every request as it comes. */
export const unchecked: RequestParser = (_call, input) => input as never;
