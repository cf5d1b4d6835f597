import { en } from 'zod/locales';
import * as z from 'zod/mini';
import { AppError, toErrorShape, type Outcome } from '../contract/errors';
import { isZone, MOTIONS, THEMES, ZOOMS } from '../contract/settings';
import { HOST_CALLS, WORK_KINDS, type HostCallName, type HostCalls } from '../contract/host-bridge';

// The small build of zod has no words of its own.
z.config(en());

/** A name within one folder, on every system. */
const fileName = z
  .string()
  .check(z.minLength(1), z.maxLength(255), z.regex(/^[^/\\:\0]+$/, 'must be the name of a file, without a folder'))
  .check(z.refine((text) => text !== '.' && text !== '..', 'must be the name of a file'));

/** Of packets, as a window proposes it: it begins with a letter, so that no program takes it for an option. */
const packetsName = z
  .string()
  .check(z.maxLength(100), z.regex(/^[A-Za-z][\w-]*\.pcapng$/, 'must be the name of packets'));

const nothing = z.strictObject({});

const price = z.nullable(z.number().check(z.minimum(0)));

const settingsChange = z.strictObject({
  theme: z.optional(z.enum(THEMES)),
  zone: z.optional(z.nullable(z.string().check(z.refine(isZone, 'must be the name of a zone')))),
  motion: z.optional(z.enum(MOTIONS)),
  zoomPercent: z.optional(z.literal(ZOOMS)),
  notifies: z.optional(z.boolean()),
  gbWritePrice: z.optional(price),
  gbIndexPrice: z.optional(price),
});

const runningWork = z.strictObject({
  kind: z.enum(WORK_KINDS),
  part: z.nullable(z.number().check(z.minimum(0), z.maximum(1))),
});

const endedWork = z.strictObject({
  title: z.string().check(z.minLength(1), z.maxLength(1000)),
  tookMs: z.number().check(z.minimum(0)),
  hasFailed: z.boolean(),
});

const PARSERS = {
  'capture:pick': nothing,
  'capture:sample': nothing,
  'capture:handed': nothing,
  'export:pick': z.strictObject({ suggestedName: fileName }),
  'export:show': z.strictObject({ path: z.string().check(z.minLength(1), z.maxLength(65_536)) }),
  'export:save': z.strictObject({ file: fileName, target: z.string().check(z.minLength(1), z.maxLength(64)) }),
  'export:fetch': z.strictObject({ file: fileName }),
  'packet-program:read': nothing,
  'packet-program:pick': nothing,
  'packets:open': z.strictObject({ file: fileName, name: packetsName }),
  'settings:read': nothing,
  'settings:change': z.strictObject({ change: settingsChange }),
  'window:open': nothing,
  'work:running': z.strictObject({ running: z.nullable(runningWork) }),
  'work:ended': endedWork,
  'about:read': nothing,
  'engine:restart': nothing,
} satisfies { readonly [K in HostCallName]: z.ZodMiniType<HostCalls[K]['request']> };

/** What a host does for each call of the contract. */
export type HostCallHandlers = {
  readonly [K in HostCallName]: (
    request: HostCalls[K]['request'],
  ) => HostCalls[K]['reply'] | Promise<HostCalls[K]['reply']>;
};

/**
 * Answers a call of a window, after looking at all of it.
 *
 * @param name as it came from the window
 * @param request as it came from the window
 * @returns what the call gave, or its error: REQUEST_INVALID for what is no call, or a malformed one. Never rejects
 */
export async function answerHostCall(
  handlers: HostCallHandlers,
  name: unknown,
  request: unknown,
): Promise<Outcome<unknown>> {
  try {
    const known = hostCallName(name);
    return { ok: true, value: await answer(handlers[known], known, request) };
  } catch (cause) {
    return { ok: false, error: toErrorShape(cause) };
  }
}

/** The handler and the parser of one name fit each other, which a name that is one of several does not show. */
function answer<K extends HostCallName>(handle: HostCallHandlers[K], name: K, request: unknown): unknown {
  return handle(parseHostRequest(name, request));
}

function hostCallName(name: unknown): HostCallName {
  const known = HOST_CALLS.find((each) => each === name);
  if (known !== undefined) return known;
  const shown = typeof name === 'string' ? name.slice(0, 64) : typeof name;
  throw new AppError('REQUEST_INVALID', `The host has no call "${shown}"`);
}

function parseHostRequest<K extends HostCallName>(name: K, request: unknown): HostCalls[K]['request'] {
  const result = z.safeParse<z.ZodMiniType<HostCalls[K]['request']>>(PARSERS[name], request);
  if (result.success) return result.data;
  throw new AppError('REQUEST_INVALID', `The request "${name}" is malformed: ${z.prettifyError(result.error)}`);
}
