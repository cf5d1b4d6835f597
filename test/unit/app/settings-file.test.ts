import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SettingsFile } from '../../../src-main/app/settings-file';
import { DEFAULT_SETTINGS, readSettings, steppedZoom } from '../../../src-main/contract/settings';
import { tempFolder } from '../../support/temp';

const open = (folder: string): SettingsFile => new SettingsFile(join(folder, 'settings.json'), () => 42);
const read = (folder: string, name = 'settings.json'): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

test('settings are as by default until they are changed, and then as they were changed, after a restart too', () => {
  const folder = tempFolder();
  const settings = open(folder);
  expect(settings.report).toEqual({ settings: DEFAULT_SETTINGS, path: join(folder, 'settings.json'), fault: null });
  expect(readdirSync(folder)).toEqual([]);
  settings.change({ theme: 'dark', zoomPercent: 125 });
  settings.change({ zone: 'Asia/Shanghai' });
  const changed = { ...DEFAULT_SETTINGS, theme: 'dark', zone: 'Asia/Shanghai', zoomPercent: 125 };
  expect(settings.settings).toEqual(changed);
  expect(open(folder).settings).toEqual(changed);
  expect(read(folder, 'settings.backup.json')).toEqual({ ...changed, zone: null });
  expect(readdirSync(folder).sort()).toEqual(['settings.backup.json', 'settings.json']);
});

test('what another version has written stays in the file', () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'settings.json'), '{ "language": "zh", "theme": "light" }');
  open(folder).change({ motion: 'reduced' });
  expect(read(folder)).toEqual({ ...DEFAULT_SETTINGS, language: 'zh', theme: 'light', motion: 'reduced' });
});

test('what somebody has written into the file meanwhile holds from the next change on', () => {
  const folder = tempFolder();
  const path = join(folder, 'settings.json');
  const settings = open(folder);
  settings.change({ theme: 'dark' });
  writeFileSync(path, '{ "theme": "light", "zone": "Asia/Tokyo" }');
  settings.change({ motion: 'reduced' });
  const changed = { ...DEFAULT_SETTINGS, theme: 'light', zone: 'Asia/Tokyo', motion: 'reduced' };
  expect([settings.settings, read(folder)]).toEqual([changed, changed]);

  writeFileSync(path, '{ "theme": "dark", }');
  settings.change({ zoomPercent: 125 });
  expect(read(folder)).toEqual({ ...changed, zoomPercent: 125 });
  expect(readFileSync(join(folder, 'settings.damaged-42.json'), 'utf8')).toBe('{ "theme": "dark", }');
  expect(settings.report.fault).toBeNull();
});

test.each([
  { name: 'cut short', text: '{ "theme": "da' },
  { name: 'no object', text: '["dark"]' },
  { name: 'empty', text: '' },
])('a file that is $name is kept aside, its backup is used, and that is told', ({ text }) => {
  const folder = tempFolder();
  const path = join(folder, 'settings.json');
  const before = open(folder);
  before.change({ theme: 'dark' });
  before.change({ zoomPercent: 150 });
  writeFileSync(path, text);
  const settings = open(folder);
  const keptAs = join(folder, 'settings.damaged-42.json');
  expect(settings.report.fault).toEqual({ kind: 'damaged', keptAs, used: 'backup' });
  expect(settings.settings).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark' });
  expect(readFileSync(keptAs, 'utf8')).toBe(text);
  settings.change({ motion: 'reduced' });
  expect(settings.report.fault).toBeNull();
  expect(read(folder)).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark', motion: 'reduced' });
});

test('of values that do not fit, as a newer version may write them, all others hold, and that is told', () => {
  const folder = tempFolder();
  const path = join(folder, 'settings.json');
  const text = '{ "theme": "pink", "zone": "Asia/Tokyo", "zoomPercent": 300, "language": "zh" }';
  writeFileSync(path, text);
  const settings = open(folder);
  expect(settings.report.fault).toEqual({ kind: 'unknown', names: ['theme', 'zoomPercent'] });
  expect(settings.settings).toEqual({ ...DEFAULT_SETTINGS, zone: 'Asia/Tokyo' });
  expect(readdirSync(folder)).toEqual(['settings.json']);
  settings.change({ motion: 'reduced' });
  expect(settings.report.fault).toBeNull();
  expect(read(folder)).toEqual({ ...DEFAULT_SETTINGS, zone: 'Asia/Tokyo', motion: 'reduced', language: 'zh' });
  expect(readFileSync(join(folder, 'settings.backup.json'), 'utf8')).toBe(text);
});

test('a file may begin with the mark of its encoding', () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'settings.json'), '\uFEFF{ "theme": "dark" }');
  expect(open(folder).report).toMatchObject({ settings: { theme: 'dark' }, fault: null });
});

test('without a backup, a damaged file is kept aside, and all is as by default', () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'settings.json'), 'x');
  writeFileSync(join(folder, 'settings.backup.json'), 'y');
  expect(open(folder).report.fault).toMatchObject({ kind: 'damaged', used: 'defaults' });
  expect(open(folder).settings).toEqual(DEFAULT_SETTINGS);
});

test('a change that cannot be kept holds, and says so, until it can be', () => {
  const folder = tempFolder();
  // A folder in its place refuses root, too.
  mkdirSync(join(folder, 'settings.json.part'));
  const settings = open(folder);
  settings.change({ theme: 'light' });
  expect(settings.report).toMatchObject({ settings: { theme: 'light' }, fault: { kind: 'unwritable', why: 'EISDIR' } });
});

test('of what is written, only what fits is taken', () => {
  const written = {
    theme: 'dark',
    zone: 7,
    motion: 'none',
    zoomPercent: 101,
    gbWritePrice: -1,
    gbIndexPrice: 0,
    other: 1,
  };
  expect(readSettings(written)).toEqual({
    settings: { ...DEFAULT_SETTINGS, theme: 'dark', gbIndexPrice: 0 },
    wrong: ['zone', 'motion', 'zoomPercent', 'gbWritePrice'],
  });
});

test('zoom goes in steps, as far as there are some', () => {
  expect([steppedZoom(100, 1), steppedZoom(100, -1), steppedZoom(200, 1), steppedZoom(67, -1)]).toEqual([
    110, 90, 200, 67,
  ]);
});
