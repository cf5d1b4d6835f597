import { describe, expect, test } from 'vitest';
import { isGiven } from '../../../src-main/app/harden';

const COPYING = 'clipboard-sanitized-write';
const page = { isMainFrame: true, requestingUrl: 'app://natscope/' };

describe('a permission', () => {
  test('to write text into the clipboard is given to the top frame of our page', () => {
    expect(isGiven(COPYING, page)).toBe(true);
  });

  test.each([
    { name: 'to read the clipboard', permission: 'clipboard-read', asker: page },
    { name: 'for anything else', permission: 'notifications', asker: page },
    { name: 'of a frame within our page', permission: COPYING, asker: { ...page, isMainFrame: false } },
    { name: 'of another page', permission: COPYING, asker: { ...page, requestingUrl: 'https://evil.example/' } },
    {
      name: 'of a host that begins like ours',
      permission: COPYING,
      asker: { ...page, requestingUrl: 'app://natscope.x/' },
    },
    { name: 'of no document', permission: COPYING, asker: { isMainFrame: true } },
  ])('$name is refused', ({ permission, asker }) => {
    expect(isGiven(permission, asker)).toBe(false);
  });
});
