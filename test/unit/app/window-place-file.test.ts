import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepWindowPlace, readWindowPlace, windowPlacePath } from '../../../src-main/app/window-place-file';
import { tempFolder } from '../../support/temp';

const PLACE = { bounds: { x: -5, y: 10, width: 1000, height: 700 }, isMaximized: true };

test('a place is what was kept', () => {
  const folder = tempFolder();
  keepWindowPlace(join(folder, 'window.json'), PLACE);
  expect(readWindowPlace(join(folder, 'window.json'))).toEqual(PLACE);
  expect(readdirSync(folder)).toEqual(['window.json']);
});

test('each window has a place of its own', () => {
  expect([0, 1, 2].map((slot) => windowPlacePath('/profile', slot))).toEqual([
    ...['/profile/window.json', '/profile/window-2.json', '/profile/window-3.json'],
  ]);
});

test.each([
  '',
  '{',
  'null',
  '[]',
  '{"bounds":{"x":1e99,"y":0,"width":1,"height":1},"isMaximized":false}',
  '{"bounds":{}}',
])('a file with %o is as if there were none', (text) => {
  const path = join(tempFolder(), 'window.json');
  writeFileSync(path, text);
  expect(readWindowPlace(path)).toBeNull();
});

test('without a file, and without a folder for one, there is none', () => {
  const path = join(tempFolder(), 'gone', 'window.json');
  keepWindowPlace(path, PLACE);
  expect(readWindowPlace(path)).toBeNull();
});
