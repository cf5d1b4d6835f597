import type { ErrorCode } from '../contract/errors';

export const EXIT = { done: 0, failed: 1, wrongUsage: 2, doneWithLosses: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const USAGE_CODES: readonly ErrorCode[] = [
  'OPTION_INVALID',
  'TIME_INVALID',
  'LOGSTORE_NAME_INVALID',
  'SAVED_SEARCH_INVALID',
  'QUERY_VARIABLE',
];

export function exitCodeOf(code: ErrorCode): ExitCode {
  return USAGE_CODES.includes(code) ? EXIT.wrongUsage : EXIT.failed;
}
