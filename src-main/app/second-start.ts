import { isAbsolute } from 'node:path';
import * as z from 'zod/mini';

const secondStart = z.object({
  captures: z.array(z.string().check(z.refine(isAbsolute))).check(z.maxLength(100_000)),
});

/**
 * @param data what a second start of the app has handed over, which any program of this user can
 * @returns its captures; none when it is of another version
 */
export function readSecondStart(data: unknown): readonly string[] {
  const result = secondStart.safeParse(data);
  return result.success ? result.data.captures : [];
}
