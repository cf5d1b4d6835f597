import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What a browser fetches before the page shows anything. */
export interface FirstLoad {
  /** Paths relative to the folder of the pages. */
  readonly files: readonly string[];
  readonly gzippedBytes: number;
}

const TAG = /<(?:script|link)\b[^>]*>/g;
const FILE = /\b(?:src|href)="\.?\/?([^"]+)"/;
/** What is imported when its module is; `import(…)` waits until it is asked for. */
const STATIC_IMPORT = /(?:\bfrom|\bimport)\s*["']\.\/([^"']+)["']/g;

/**
 * Follows the document to its scripts and styles, and the scripts to what they import at once.
 *
 * @param folder of the built pages
 */
export function firstLoad(folder: string): FirstLoad {
  const files = new Map<string, Buffer>();
  const add = (file: string): void => {
    if (files.has(file)) return;
    const content = readFileSync(join(folder, file));
    files.set(file, content);
    if (!file.endsWith('.js')) return;
    for (const [, imported = ''] of content.toString().matchAll(STATIC_IMPORT)) add(join(file, '..', imported));
  };
  const document = readFileSync(join(folder, 'index.html'), 'utf8');
  files.set('index.html', Buffer.from(document));
  for (const [tag] of document.matchAll(TAG)) {
    const [, file] = FILE.exec(tag) ?? [];
    if (file !== undefined) add(file);
  }
  const gzippedBytes = [...files.values()].reduce((sum, content) => sum + gzipSync(content).length, 0);
  return { files: [...files.keys()], gzippedBytes };
}
