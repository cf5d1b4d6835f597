import { en } from 'zod/locales';
import * as z from 'zod/mini';
import { AppError } from '../contract/errors';
import type { CallName, Calls } from '../contract/ipc';
import { GATEWAY_REQUESTS } from './gateway-requests';
import { IMPORT_REQUESTS } from './import-requests';
import { LOGSTORE_REQUESTS } from './logstore-requests';
import { QUERY_REQUESTS, packetsRequest } from './query-requests';
import type { RequestShapes } from './request-shapes';

// The small build of zod has no words of its own.
z.config(en());

/** A refusal repeats what was sent, which may be megabytes. */
const MAX_REFUSAL_TEXT = 2000;

const SHAPES: Omit<RequestShapes, 'packets:write'> = {
  ...IMPORT_REQUESTS,
  ...QUERY_REQUESTS,
  ...LOGSTORE_REQUESTS,
  ...GATEWAY_REQUESTS,
};

/**
 * What comes over the wire is checked here, before anything uses it.
 *
 * @throws AppError REQUEST_INVALID that names the field and the rule
 */
export function parseRequest<K extends CallName>(call: K, input: unknown): Calls[K]['request'] {
  const shapes: RequestShapes = { ...SHAPES, 'packets:write': packetsRequest(input) };
  const result = shapes[call].safeParse(input);
  if (result.success) return result.data;
  throw new AppError(
    'REQUEST_INVALID',
    `The request is malformed: ${z.prettifyError(result.error).slice(0, MAX_REFUSAL_TEXT)}`,
  );
}
