import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtEntry } from '../../support/built';
import { firstLoad } from '../../support/first-load';

const pages = join(import.meta.dirname, '../../../out/renderer');
const MOST_BYTES = 250_000;

/** An attribute that ECharts gives to its elements, so it is in the library however it is minified. */
const ECHARTS = '_echarts_instance_';
const holdsECharts = (folder: string, file: string): boolean =>
  file.endsWith('.js') && readFileSync(join(folder, file), 'utf8').includes(ECHARTS);

describe('the first load of the pages', () => {
  beforeAll(async () => {
    await builtEntry('cli');
  }, 120_000);

  test('is below 250 kB, compressed', () => {
    const { files, gzippedBytes } = firstLoad(pages);
    expect(files.map((file) => file.replace(/.*\./, '')).sort()).toEqual(expect.arrayContaining(['css', 'html', 'js']));
    expect(gzippedBytes).toBeLessThan(MOST_BYTES);
  });

  test('is without ECharts, which is in a file of its own', () => {
    const { files } = firstLoad(pages);
    expect(files.filter((file) => holdsECharts(pages, file))).toEqual([]);
    const all = readdirSync(pages, { recursive: true, encoding: 'utf8' });
    expect(all.filter((file) => holdsECharts(pages, file))).toHaveLength(1);
  });

  test('would be seen to have ECharts as soon as a script of it imports the charts at once', () => {
    const folder = mkdtempSync(join(tmpdir(), 'natscope-first-load-'));
    try {
      cpSync(pages, folder, { recursive: true });
      const charts = readdirSync(join(folder, 'assets')).find((file) => holdsECharts(folder, join('assets', file)));
      const [script = ''] = firstLoad(folder).files.filter(
        (file) => file.startsWith('assets/') && file.endsWith('.js'),
      );
      writeFileSync(
        join(folder, script),
        `import{init}from"./${charts}";${readFileSync(join(folder, script), 'utf8')}`,
      );
      expect(firstLoad(folder).files.some((file) => holdsECharts(folder, file))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
