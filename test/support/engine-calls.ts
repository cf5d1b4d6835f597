import { AppError } from '../../src-main/contract/errors';
import type { CallHandlers, CallParsers } from '../../src-main/engine/engine-calls';

const unused = (): Promise<never> => Promise.reject(new AppError('INTERNAL', 'not in this test'));
const unchecked = (input: unknown): never => input as never;

/** Every call of the contract, refused but for those that a test handles. */
export function handlersWith(handlers: Partial<CallHandlers>): CallHandlers {
  return {
    'import:run': unused,
    'query:run': unused,
    'query:explain': unused,
    'histogram:run': unused,
    'field:read': unused,
    'context:read': unused,
    'nat-table:read': unused,
    'nat-events:read': unused,
    'export:run': unused,
    'packets:write': unused,
    'upload:discard': unused,
    'workspace:read': unused,
    'import:read': unused,
    'import:hosts': unused,
    'digest:run': unused,
    'capture:info': unused,
    ...handlers,
  };
}

/** Takes every request as it comes, but for those that a test parses. */
export function parsersWith(parsers: Partial<CallParsers> = {}): CallParsers {
  return {
    'import:run': unchecked,
    'query:run': unchecked,
    'query:explain': unchecked,
    'histogram:run': unchecked,
    'field:read': unchecked,
    'context:read': unchecked,
    'nat-table:read': unchecked,
    'nat-events:read': unchecked,
    'export:run': unchecked,
    'packets:write': unchecked,
    'upload:discard': unchecked,
    'workspace:read': unchecked,
    'import:read': unchecked,
    'import:hosts': unchecked,
    'digest:run': unchecked,
    'capture:info': unchecked,
    ...parsers,
  };
}
