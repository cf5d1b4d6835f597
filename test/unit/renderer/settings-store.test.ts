import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ImportNote } from '../../../src-renderer/features/captures/import-note';
import { tellFaults } from '../../../src-renderer/features/settings/tell-faults';
import { DEFAULT_SETTINGS, type SettingsReport } from '../../../src-main/contract/settings';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { CookieSettings, keepItem } from '../../../src-renderer/services/settings-store';
import { BrowserSettings } from '../../../src-renderer/services/settings-place';
import { SettingsState } from '../../../src-renderer/services/settings.svelte';
import { ThemeState } from '../../../src-renderer/services/theme.svelte';
import { currentZone, oldZone, ZONES, ZoneState } from '../../../src-renderer/services/zone.svelte';

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
  { name: 'from the cookie of a browser host', cookie: 'a=b; natscope.theme=dark', theme: 'dark' },
  { name: 'from no cookie of another theme', cookie: 'natscope.theme=pink', theme: undefined },
])('the theme is there before the first paint, $name', ({ cookie, theme }) => {
  const script = readFileSync(join(import.meta.dirname, '../../../src-renderer/public/boot-theme.js'), 'utf8');
  const dataset: { theme?: string } = {};
  runInNewContext(script, {
    document: { cookie, documentElement: { dataset } },
  });
  expect(dataset.theme).toBe(theme);
});

test('what is chosen in one tab of a browser holds in the others at once, and a tab takes nothing that does not fit', () => {
  const jar = cookieJar();
  const others = new Set<() => void>();
  const tabs = {
    postMessage: () => {
      for (const other of others) other();
    },
    addEventListener: (_: string, listener: () => void) => others.add(listener),
    removeEventListener: (_: string, listener: () => void) => others.delete(listener),
  };
  const roots = [{ dataset: {} }, { dataset: {} }];
  const [one, other] = roots.map(
    (root) => new SettingsState(new BrowserSettings(new CookieSettings(jar), tabs as never), root),
  );
  const stop = other?.start();
  one?.change({ theme: 'dark', motion: 'reduced', zone: 'Asia/Shanghai', gbWritePrice: 0.4 });
  expect(other?.values).toEqual({
    ...DEFAULT_SETTINGS,
    theme: 'dark',
    motion: 'reduced',
    zone: 'Asia/Shanghai',
    gbWritePrice: 0.4,
  });
  expect(roots[1]?.dataset).toEqual({ theme: 'dark', motion: 'reduced' });
  jar.cookie = 'natscope.zone=Mars%2FOlympus';
  jar.cookie = 'natscope.gb-index-price=cheap';
  one?.change({ theme: 'system', motion: 'system', gbWritePrice: null });
  expect(other?.values).toEqual(DEFAULT_SETTINGS);
  expect(roots[1]?.dataset).toEqual({});
  stop?.();
  expect(others.size).toBe(0);
});

test('what a storage refuses is chosen all the same', () => {
  const refuse = (): never => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  const full = { getItem: () => null, setItem: refuse, removeItem: refuse };
  expect(keepItem(full, 'key', 'value')).toBe(false);
  expect(keepItem(null, 'key', 'value')).toBe(true);
  const root = { dataset: {} };
  const tabs = {
    postMessage: () => undefined,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
  const settings = new SettingsState(new BrowserSettings(full, tabs as never), root);
  const zone = new ZoneState(settings, 'UTC');
  zone.choose('Asia/Shanghai');
  expect(zone.name).toBe('Asia/Shanghai');
  zone.choose(null);
  expect(zone.name).toBe('UTC');
  const theme = new ThemeState(settings, { matches: false, addEventListener: () => undefined } as never);
  theme.choose('dark');
  expect(root.dataset).toEqual({ theme: 'dark' });
  new ImportNote(full as never).write(['a.pcap']);
});

test('a zone that no browser lists, as a file of settings may name one, is among those to choose from', () => {
  const settings = new SettingsState(null, { dataset: {} });
  const zone = new ZoneState(settings, 'UTC');
  expect(zone.choices).toBe(ZONES);
  zone.choose('US/Pacific');
  expect([zone.choices[0], zone.choices.length]).toEqual(['US/Pacific', ZONES.length + 1]);
  zone.choose('Asia/Calcutta');
  expect(zone.choices).toBe(ZONES);
});

test('zones have the names that they have now, and are known by older ones', () => {
  expect(ZONES[0]).toBe('UTC');
  expect(ZONES).toEqual(expect.arrayContaining(['Asia/Kolkata', 'Europe/Kyiv', 'Asia/Kathmandu', 'Europe/Berlin']));
  expect(ZONES.filter((name) => name !== currentZone(name))).toEqual([]);
  expect(new Set(ZONES).size).toBe(ZONES.length);
  for (const name of ZONES) expect(() => new Intl.DateTimeFormat('en', { timeZone: name })).not.toThrow();
  expect([currentZone('Europe/Kiev'), currentZone('Europe/Kyiv'), oldZone('Europe/Kyiv')]).toEqual([
    'Europe/Kyiv',
    'Europe/Kyiv',
    'Europe/Kiev',
  ]);
});

test('that settings cannot be kept is told once, wherever they are changed, and said alone where it is shown', () => {
  const told: string[] = [];
  let isShown = false;
  const heard: ((report: SettingsReport) => void)[] = [];
  const on: HostBridge['on'] = (_name, listener) => {
    heard.push(listener as (report: SettingsReport) => void);
    return () => undefined;
  };
  const announcer = {
    say: (text: string) => void told.push(`said: ${text}`),
    tell: (kind: string, title: string) => void told.push(`${kind}: ${title}`),
  };
  tellFaults({ on }, announcer, () => isShown);
  const change = (fault: SettingsReport['fault']): void =>
    heard.forEach((listener) => listener({ settings: DEFAULT_SETTINGS, path: '/p/settings.json', fault }));
  const unwritable = { kind: 'unwritable', why: 'EROFS' } as const;
  change({ kind: 'damaged', keptAs: null, used: 'backup' });
  change(unwritable);
  change(unwritable);
  change(null);
  isShown = true;
  change(unwritable);
  const title = 'The settings file cannot be written.';
  expect(told).toEqual([`warn: ${title}`, `said: ${title}`]);
});
