import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ImportNote } from '../../../src-renderer/features/captures/import-note';
import { CookieSettings, keepItem } from '../../../src-renderer/services/settings-store';
import { ThemeState } from '../../../src-renderer/services/theme.svelte';
import { ZoneState } from '../../../src-renderer/services/zone.svelte';

/** Cookies as a browser has them: written one at a time, read as one line. */
function cookieJar(): { cookie: string; readonly written: string[] } {
  const kept = new Map<string, string>([['natscope_4242_of_another', 'x=y']]);
  const written: string[] = [];
  return {
    written,
    get cookie() {
      return [...kept].map((pair) => pair.join('=')).join('; ');
    },
    set cookie(text: string) {
      written.push(text);
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/u.exec(text) ?? [];
      if (/Max-Age=0\b/u.test(text)) kept.delete(name);
      else kept.set(name, value);
    },
  };
}

test('a setting is read as it was written, until it is removed', () => {
  const jar = cookieJar();
  const settings = new CookieSettings(jar);
  expect(settings.getItem('natscope.zone')).toBeNull();
  settings.setItem('natscope.zone', 'America/Port-au-Prince; x=1');
  expect(settings.getItem('natscope.zone')).toBe('America/Port-au-Prince; x=1');
  expect(jar.written[0]).toMatch(/^natscope\.zone=America%2F[^;]*; Path=\/; Max-Age=\d+; SameSite=Strict$/u);
  settings.removeItem('natscope.zone');
  expect(settings.getItem('natscope.zone')).toBeNull();
});

test('a cookie of another program is no setting', () => {
  expect(new CookieSettings({ cookie: 'natscope.zone=%E0%A4%A' }).getItem('natscope.zone')).toBeNull();
  expect(new CookieSettings({ cookie: 'xnatscope.zone=UTC' }).getItem('natscope.zone')).toBeNull();
});

test.each([
  { name: 'from the cookie of a browser host', cookie: 'a=b; natscope.theme=dark', kept: null, theme: 'dark' },
  { name: 'from what the desktop keeps', cookie: '', kept: 'light', theme: 'light' },
  { name: 'from neither', cookie: 'natscope.theme=pink', kept: null, theme: undefined },
])('the theme is there before the first paint, $name', ({ cookie, kept, theme }) => {
  const script = readFileSync(join(import.meta.dirname, '../../../src-renderer/public/boot-theme.js'), 'utf8');
  const dataset: { theme?: string } = {};
  runInNewContext(script, {
    document: { cookie, documentElement: { dataset } },
    localStorage: { getItem: () => kept },
  });
  expect(dataset.theme).toBe(theme);
});

test('what a storage refuses is chosen all the same', () => {
  const refuse = (): never => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  const full = { getItem: () => null, setItem: refuse, removeItem: refuse };
  expect(keepItem(full, 'key', 'value')).toBe(false);
  expect(keepItem(null, 'key', 'value')).toBe(true);
  const zone = new ZoneState(full, 'UTC');
  zone.choose('Asia/Shanghai');
  expect(zone.name).toBe('Asia/Shanghai');
  zone.choose(null);
  expect(zone.name).toBe('UTC');
  const root = { dataset: {} } as HTMLElement;
  const theme = new ThemeState(full, root, { matches: false, addEventListener: () => undefined } as never);
  theme.choose('dark');
  expect(root.dataset).toEqual({ theme: 'dark' });
  new ImportNote(full as never).write(['a.pcap']);
});
