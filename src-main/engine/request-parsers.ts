import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { AppError } from '../contract/errors';
import type { CallName, Calls } from '../contract/ipc';

const name = z.string().min(1).max(128);

const importRequest = z.strictObject({
  captures: z.array(z.string().refine(isAbsolute, 'must be an absolute path')).min(1).max(100_000),
  project: name,
  logstore: name,
  inside: z.array(z.string()).max(1000),
  eips: z.array(z.string()).max(256),
  seed: z.int().min(0).max(0xffff_ffff),
  createIndex: z.boolean(),
  again: z.boolean(),
  keepGoing: z.boolean(),
});

const queryRequest = z.strictObject({
  text: z.string().max(1 << 20),
  project: name,
  logstore: name,
  from: z.string().nullable(),
  to: z.string().nullable(),
  zone: name,
  limit: z.int().min(0).nullable(),
  reverse: z.boolean(),
});

/** What comes over the wire is checked here, before anything uses it. */
export const requestParsers: { readonly [K in CallName]: (input: unknown) => Calls[K]['request'] } = {
  'import:run': (input) => parse(importRequest, input),
  'query:run': (input) => parse(queryRequest, input),
};

/** @throws AppError REQUEST_INVALID that names the field and the rule */
function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new AppError('REQUEST_INVALID', `The request is malformed: ${z.prettifyError(result.error)}`);
}
