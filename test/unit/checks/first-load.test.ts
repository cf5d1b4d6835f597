import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtEntry } from '../../support/built';
import { firstLoad } from '../../support/first-load';

const pages = join(import.meta.dirname, '../../../out/renderer');
const MOST_BYTES = 250_000;

/** What a library calls elements of its own, so that it is there however the library is minified. */
const LIBRARIES = [
  { library: 'ECharts', mark: '_echarts_instance_' },
  { library: 'CodeMirror', mark: 'cm-lineWrapping' },
];
const holds = (mark: string, folder: string, file: string): boolean =>
  file.endsWith('.js') && readFileSync(join(folder, file), 'utf8').includes(mark);

describe('the first load of the pages', () => {
  beforeAll(async () => {
    await builtEntry('cli');
  }, 120_000);

  test('is below 250 kB, compressed', () => {
    const { files, gzippedBytes } = firstLoad(pages);
    expect(files.map((file) => file.replace(/.*\./, '')).sort()).toEqual(expect.arrayContaining(['css', 'html', 'js']));
    expect(gzippedBytes).toBeLessThan(MOST_BYTES);
  });

  test.each(LIBRARIES)('is without $library, which is in a file of its own', ({ mark }) => {
    const { files } = firstLoad(pages);
    expect(files.filter((file) => holds(mark, pages, file))).toEqual([]);
    const all = readdirSync(pages, { recursive: true, encoding: 'utf8' });
    expect(all.filter((file) => holds(mark, pages, file))).toHaveLength(1);
  });

  test.each(LIBRARIES)('would be seen to have $library as soon as a script of it imports it at once', ({ mark }) => {
    const folder = mkdtempSync(join(tmpdir(), 'natscope-first-load-'));
    try {
      cpSync(pages, folder, { recursive: true });
      const library = readdirSync(join(folder, 'assets')).find((file) => holds(mark, folder, join('assets', file)));
      const [script = ''] = firstLoad(folder).files.filter(
        (file) => file.startsWith('assets/') && file.endsWith('.js'),
      );
      writeFileSync(
        join(folder, script),
        `import{init}from"./${library}";${readFileSync(join(folder, script), 'utf8')}`,
      );
      expect(firstLoad(folder).files.some((file) => holds(mark, folder, file))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
