import { copyFileSync, linkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_MAX_EXPANSION } from '../../../src-main/contract/imports';
import { surveyCaptures } from '../../../src-main/engine/capture-survey';
import { bundledSample } from '../../support/captures';
import { tempFolder } from '../../support/temp';

const options = {
  again: true,
  keepGoing: false,
  maxExpansion: DEFAULT_MAX_EXPANSION,
  streams: new Map<string, string>(),
};

function manyCaptures(count: number): string[] {
  const folder = tempFolder();
  const first = join(folder, '0.pcapng');
  copyFileSync(bundledSample, first);
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, `${index}.pcapng`);
    if (index > 0) linkSync(first, path);
    return path;
  });
}

test('looking at many captures gives others their turn, and ends when it is cancelled', async () => {
  const abort = new AbortController();
  let turns = 0;
  const ticking = setInterval(() => {
    turns++;
    abort.abort();
  }, 1);
  const surveying = surveyCaptures(manyCaptures(500), options, abort.signal);
  await expect(surveying).rejects.toMatchObject({ code: 'IMPORT_CANCELLED' });
  clearInterval(ticking);
  expect(turns).toBeGreaterThan(0);
});

test('captures come in order of their first packet, ties as they were named', async () => {
  const paths = manyCaptures(3);
  const { captures } = await surveyCaptures(paths, options, new AbortController().signal);
  expect(captures.map(({ path }) => path)).toEqual(paths);
});
