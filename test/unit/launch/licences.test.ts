import { expect, test } from 'vitest';
import { installScripts, licenceFaults } from '../../../src-main/launch/licences.mjs';

const absent = (): undefined => undefined;

test.each([
  { name: 'an allowed licence passes', entry: {}, installed: 'MIT', faults: 0 },
  { name: 'one of several alternatives is enough', entry: {}, installed: '(GPL-3.0-only OR MIT)', faults: 0 },
  { name: 'of a sum all parts must be allowed', entry: {}, installed: '(MIT AND GPL-3.0-only)', faults: 1 },
  { name: 'a licence that was not looked at fails', entry: {}, installed: 'GPL-3.0-only', faults: 1 },
  { name: 'a package without a licence fails', entry: {}, installed: undefined, faults: 1 },
  { name: 'a development package does not ship', entry: { dev: true }, installed: 'GPL-3.0-only', faults: 0 },
  {
    name: "another platform's package is judged by the lock file",
    entry: { optional: true, license: 'MIT' },
    installed: undefined,
    faults: 0,
  },
])('$name', ({ entry, installed, faults }) => {
  expect(licenceFaults({ '': {}, 'node_modules/a': entry }, () => installed)).toHaveLength(faults);
});

test('a production package that is not installed is a fault, not a pass', () => {
  expect(licenceFaults({ 'node_modules/a': { license: 'MIT' } }, absent)).toHaveLength(1);
});

test('a package with an install script is found', () => {
  expect(installScripts({ '': {}, 'node_modules/a': { hasInstallScript: true }, 'node_modules/b': {} })).toEqual([
    'node_modules/a',
  ]);
});
