import { expect, test } from 'vitest';
import { pageAddress } from '../../../src-main/contract/host-key';
import { takeKey, type AddressBar } from '../../../src-renderer/services/session-key';

const KEY = 'K-_0'.padEnd(43, 'x');

function tab(address: string) {
  const location = new URL(address, 'http://127.0.0.1:4242');
  const shown: unknown[] = [];
  const history: AddressBar['history'] = { state: null, replaceState: (_state, _title, url) => shown.push(url) };
  return { bar: { location, history }, shown };
}

function store() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
}

test('the key leaves the address at once, and is there after a reload', () => {
  const session = store();
  const first = tab(pageAddress(KEY));
  expect(takeKey(first.bar, session)).toBe(KEY);
  expect(first.shown).toEqual(['/']);
  const reloaded = tab('/');
  expect(takeKey(reloaded.bar, session)).toBe(KEY);
  expect(reloaded.shown).toEqual([]);
});

test('a newer key takes the place of the one before', () => {
  const session = store();
  takeKey(tab(pageAddress('a'.repeat(43))).bar, session);
  expect(takeKey(tab(pageAddress(KEY)).bar, session)).toBe(KEY);
  expect(takeKey(tab('/').bar, session)).toBe(KEY);
});

test('a storage that is full or forbidden keeps nobody out', () => {
  const full = { ...store(), setItem: () => expect.fail('full') };
  for (const session of [full, null]) expect(takeKey(tab(pageAddress(KEY)).bar, session)).toBe(KEY);
});

test.each(['/', '/#', '/#key=', '/#key=short', `/#key=${'x'.repeat(44)}`, `/#other=${KEY}`, `/?key=${KEY}`])(
  'there is no key in %s',
  (address) => {
    const { bar, shown } = tab(address);
    expect(takeKey(bar, store())).toBeNull();
    expect(shown).toEqual([]);
  },
);
