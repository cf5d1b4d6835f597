import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the shared captures with their ground truth; undefined where it was not given. */
export const capturesFolder: string | undefined = process.env.NATSCOPE_CAPTURES;

/** @returns the path of a shared capture, or undefined when the folder or the file is not there */
export function sharedCapture(name: string): string | undefined {
  const path = capturesFolder === undefined ? undefined : join(capturesFolder, name);
  return path !== undefined && existsSync(path) ? path : undefined;
}

/**
 * Title of a suite that needs the shared captures; it says so where they are missing.
 *
 * ```ts
 * describe.skipIf(capturesFolder === undefined)(needingCaptures('conversations'), …)
 * ```
 */
export function needingCaptures(title: string): string {
  return capturesFolder === undefined ? `${title} (skipped: NATSCOPE_CAPTURES is not set)` : title;
}

/** The capture that ships with Natscope. */
export const bundledSample = join(import.meta.dirname, '../../resources/sample.pcapng');
