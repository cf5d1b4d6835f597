import { AppError, type ErrorCode } from '../../src-main/contract/errors';

export function isAppError(cause: unknown, code: ErrorCode): boolean {
  return cause instanceof AppError && cause.code === code;
}
