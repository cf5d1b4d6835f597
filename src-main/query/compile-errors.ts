import { AppError } from '../contract/errors';
import type { LogRelation } from './log-relation';
import { foldName } from './sql-scope';

/**
 * An error about a column that is in double quotes, as other languages have texts in, says so too.
 * @see sls-logstore.md §3.8
 */
export function withQuotesTold(cause: unknown, query: string): unknown {
  if (!(cause instanceof AppError) || cause.code !== 'QUERY_UNKNOWN_FIELD') return cause;
  const { position, field } = cause.detail;
  if (typeof position !== 'number' || query[position] !== '"') return cause;
  const told = `it seems ${field} is wrapper by ";if ${field} is a string ,not a key field, please use '${field}'`;
  return new AppError(cause.code, `${cause.message} But ${told}.`, cause.detail, { cause });
}

/** An error about a field that is stored and in no index says how it can be read all the same. */
export function withScanTold(cause: unknown, { stored = [] }: LogRelation): unknown {
  if (!(cause instanceof AppError) || cause.code !== 'QUERY_UNKNOWN_FIELD') return cause;
  const { field } = cause.detail;
  if (typeof field !== 'string' || !stored.some(({ name }) => foldName(name) === foldName(field))) return cause;
  const told = `${field} is stored without an index that SQL reads: with \`set session mode=scan;\` before SELECT it is read as varchar.`;
  return new AppError(cause.code, `${cause.message} ${told}`, cause.detail, { cause });
}

export function offsetOfStatement(offset: number): AppError {
  const message = 'A statement cannot be paged by an offset of the request: write LIMIT and OFFSET into it';
  return new AppError('OPTION_INVALID', message, { offset });
}

export function idsOfStatement(): AppError {
  const message = 'Only a search gives log entries, which have identities: leave the statement out';
  return new AppError('OPTION_INVALID', message);
}

export function endsOfStatement(): AppError {
  const message =
    'Only a search gives log entries, of which it is known why their sessions ended: leave the statement out';
  return new AppError('OPTION_INVALID', message);
}

export function noEnds(): AppError {
  const message = 'Only entries of session logs have sessions, which end: the Logstore has others';
  return new AppError('OPTION_INVALID', message);
}
