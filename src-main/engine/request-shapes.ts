import { isAbsolute } from 'node:path';
import * as z from 'zod/mini';
import { STANDARD_INPUT } from '../contract/imports';
import type { CallName, Calls } from '../contract/ipc';

export type RequestShapes = { readonly [K in CallName]: z.ZodMiniType<Calls[K]['request']> };
/** What a table of shapes is held against. */
export type Requests = Partial<RequestShapes>;

/* What the requests of several calls have in common. */

export const name = z.string().check(z.minLength(1), z.maxLength(128));
export const absolutePath = z.string().check(z.refine(isAbsolute, 'must be an absolute path'));
export const runId = z.uint32();
export const captures = z.array(absolutePath).check(z.minLength(1), z.maxLength(100_000));
export const captureName = z
  .string()
  .check(z.refine((path) => path === STANDARD_INPUT || isAbsolute(path), 'must be an absolute path'));
export const streams = z.optional(
  z.array(z.strictObject({ capture: captureName, socketPath: absolutePath })).check(z.maxLength(100_000)),
);
export const jsonObject = z.record(z.string(), z.unknown());
export const snapshot = z.nullable(
  z.strictObject({
    maxRun: z.nullable(runId),
    startedMs: z.nullable(z.number()),
    // As many imports at once as nobody has.
    hidden: z.array(runId).check(z.maxLength(1000)),
    runs: z.uint32(),
  }),
);
export const nothing = z.strictObject({});
export const run = z.strictObject({ run: runId });
export const logstore = z.strictObject({ project: name, logstore: name });
