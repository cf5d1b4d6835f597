import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CrashGuard } from '../../../src-main/app/crash-guard';
import { HandedCaptures } from '../../../src-main/app/handed-captures';
import { menuTemplate } from '../../../src-main/app/menu-template';
import { makeProfileFolder, profileFolder } from '../../../src-main/app/profile-folder';
import { readSecondStart } from '../../../src-main/app/second-start';
import { isOurPage } from '../../../src-main/app/trusted-sender';
import { tempFolder } from '../../support/temp';

describe('a message is trusted', () => {
  const page = { url: 'app://natscope/', parent: null };
  test('from the top frame of our window with our page', () => {
    expect(isOurPage({ sender: { id: 1 }, senderFrame: page }, 1)).toBe(true);
  });

  test.each([
    { name: 'another window', id: 2, senderFrame: page },
    { name: 'a frame that is gone', id: 1, senderFrame: null },
    { name: 'a frame within our page', id: 1, senderFrame: { ...page, parent: page } },
    { name: 'a page of the web', id: 1, senderFrame: { ...page, url: 'https://evil.example/' } },
    { name: 'a host that begins like ours', id: 1, senderFrame: { ...page, url: 'app://natscope.evil/' } },
    { name: 'an empty page', id: 1, senderFrame: { ...page, url: 'about:blank' } },
  ])('but not from $name', ({ id, senderFrame }) => {
    expect(isOurPage({ sender: { id }, senderFrame: senderFrame as never }, 1)).toBe(false);
  });
});

describe('captures that are handed over', () => {
  test('are told, and taken once, in their order', () => {
    let told = 0;
    const handed = new HandedCaptures(() => told++);
    handed.add(['/a', '/b']);
    handed.add([]);
    handed.add(['/c']);
    expect(told).toBe(2);
    expect(handed.take()).toEqual(['/a', '/b', '/c']);
    expect(handed.take()).toEqual([]);
  });

  test.each([
    { data: { captures: ['/a.pcap'] }, taken: ['/a.pcap'] },
    { data: { captures: ['a.pcap'] }, taken: [] },
    { data: { captures: 'x' }, taken: [] },
    { data: null, taken: [] },
    { data: undefined, taken: [] },
  ])('by a second start as $data are $taken', ({ data, taken }) => {
    expect(readSecondStart(data)).toEqual(taken);
  });
});

test('a workspace that is named has a profile of its own, always the same', () => {
  expect(profileFolder('/profile', null)).toBe('/profile');
  expect(profileFolder('/profile', '/a')).toMatch(/^\/profile\/workspaces\/[0-9a-f]{16}$/);
  expect(profileFolder('/profile', '/a')).toBe(profileFolder('/profile', '/a'));
  expect(profileFolder('/profile', '/a')).not.toBe(profileFolder('/profile', '/b'));
});

test('the folder of a profile is made, with what is missing above it, or says why it cannot be', () => {
  const folder = tempFolder();
  const profile = makeProfileFolder(join(folder, 'config', 'Natscope'), '/a');
  expect(statSync(profile).isDirectory()).toBe(true);
  expect(makeProfileFolder(join(folder, 'config', 'Natscope'), '/a')).toBe(profile);
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeProfileFolder(join(folder, 'file'), null)).toThrow('EEXIST');
  expect(() => makeProfileFolder(join(folder, 'file'), '/a')).toThrow('ENOTDIR');
});

describe('the menu', () => {
  test.each(['linux', 'darwin', 'win32'] as const)('on %s sends what the page does', (platform) => {
    const told: string[] = [];
    const template = menuTemplate(platform, (command) => told.push(command));
    const items = template.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
    const keys = {
      open: 'CmdOrCtrl+O',
      export: 'CmdOrCtrl+E',
      run: 'F5',
      palette: 'CmdOrCtrl+K',
      captures: undefined,
      undoZoom: undefined,
    };
    for (const [id, accelerator] of Object.entries(keys)) {
      const item = items.find((each) => each.id === id);
      expect(item?.accelerator).toBe(accelerator);
      item?.click?.(undefined as never, undefined, undefined as never);
    }
    expect(told).toEqual(Object.keys(keys));
    // It would throw away what the page has asked.
    expect(items.some(({ role }) => role === 'reload' || role === 'forceReload')).toBe(false);
    expect(template.some(({ role }) => role === 'editMenu')).toBe(true);
    expect(template[0]?.role === 'appMenu').toBe(platform === 'darwin');
  });
});

test.each(['linux', 'darwin', 'win32'] as const)(
  'on %s no two entries of a menu are chosen by the same key',
  (platform) => {
    const template = menuTemplate(platform, () => undefined);
    for (const items of [template, ...template.map(({ submenu }) => (Array.isArray(submenu) ? submenu : []))]) {
      const keys = items.flatMap(({ label = '' }) => /&(.)/u.exec(label)?.[1]?.toLowerCase() ?? []);
      expect(keys).toEqual([...new Set(keys)]);
    }
  },
);

describe('a crash', () => {
  function guarded(ends: 'app' | 'window' = 'app') {
    const done: string[] = [];
    const guard = new CrashGuard({
      report: (line) => done.push(line),
      reload: () => done.push('reload'),
      giveUp: () => {
        done.push('give up');
        return ends;
      },
    });
    return { guard, done };
  }

  test('is told, and the page is loaded again', () => {
    const { guard, done } = guarded();
    guard.ended('renderer', 'crashed', 139);
    expect(done).toEqual(['natscope: the renderer process ended (crashed, exit code 139)', 'reload']);
  });

  test('that comes again ends the app', () => {
    const { guard, done } = guarded();
    guard.ended('GPU', 'crashed', 1);
    guard.ended('renderer', 'oom', 5);
    expect(done).toEqual([
      expect.stringContaining('GPU'),
      'reload',
      expect.stringContaining('(oom, exit code 5)'),
      'give up',
      expect.stringContaining('second time, so the app ends'),
    ]);
  });

  test('that comes again among other windows ends the window', () => {
    const { guard, done } = guarded('window');
    guard.ended('renderer', 'crashed', 139);
    guard.ended('renderer', 'crashed', 139);
    expect(done.at(-1)).toContain('second time, so the window ends');
  });

  test('is not what ends on its own', () => {
    const { guard, done } = guarded();
    guard.ended('renderer', 'clean-exit', 0);
    expect(done).toEqual([]);
  });
});
