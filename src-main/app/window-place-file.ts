import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { WindowPlace } from './window-bounds';

const length = z.int().check(z.minimum(1), z.maximum(100_000));
const position = z.int().check(z.minimum(-100_000), z.maximum(100_000));
const place = z.object({
  bounds: z.object({ x: position, y: position, width: length, height: length }),
  isMaximized: z.boolean(),
});

/** @returns the file of one of the windows that are open at the same time, by its number from 0 on */
export function windowPlacePath(folder: string, slot: number): string {
  return join(folder, slot === 0 ? 'window.json' : `window-${slot + 1}.json`);
}

/** @returns null when there is none, or none that can be read: the window then opens where it does at first */
export function readWindowPlace(path: string): WindowPlace | null {
  try {
    return place.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** A place that cannot be kept is no reason to hold up who closes the window. */
export function keepWindowPlace(path: string, kept: WindowPlace): void {
  try {
    writeFileSync(`${path}.part`, JSON.stringify(kept));
    renameSync(`${path}.part`, path);
  } catch {
    // The next start opens where the last place was kept.
  }
}
