import { expect, test } from 'vitest';
import { pageFileAt } from '../../../src-main/contract/page-files';

test.each([
  { path: '/', file: 'index.html', mediaType: 'text/html; charset=utf-8', isImmutable: false },
  { path: '/index.html', file: 'index.html', mediaType: 'text/html; charset=utf-8', isImmutable: false },
  { path: '/mark.svg', file: 'mark.svg', mediaType: 'image/svg+xml; charset=utf-8', isImmutable: false },
  {
    path: '/assets/index-C1Ixfey0.js',
    file: 'assets/index-C1Ixfey0.js',
    mediaType: 'text/javascript; charset=utf-8',
    isImmutable: true,
  },
  { path: '/assets/plain.css', file: 'assets/plain.css', mediaType: 'text/css; charset=utf-8', isImmutable: false },
])('$path is $file', ({ path, file, mediaType, isImmutable }) => {
  expect(pageFileAt(path)).toEqual({ path: file, mediaType, isImmutable });
});

test.each([
  { name: 'a way up', path: '/../package.json' },
  { name: 'a way up in the middle', path: '/assets/../../package.json' },
  { name: 'an encoded way up', path: '/%2e%2e/package.json' },
  { name: 'an encoded slash', path: '/..%2fpackage.json' },
  { name: 'a slash that is encoded twice', path: '/..%252fpackage.json' },
  { name: 'a backslash', path: '/..\\package.json' },
  { name: 'an encoded backslash', path: '/..%5cpackage.json' },
  { name: 'an absolute path', path: '//etc/passwd.txt' },
  { name: 'a drive', path: '/C:/windows/win.txt' },
  { name: 'a zero', path: '/index.html%00.js' },
  { name: 'bytes that are no UTF-8', path: '/%c0%ae%c0%ae/x.js' },
  { name: 'a hidden file', path: '/.env.txt' },
  { name: 'a folder', path: '/assets/' },
  { name: 'a file of no known kind', path: '/secret.duckdb' },
  { name: 'a name of every object', path: '/x.constructor' },
  { name: 'a whole address', path: 'http://127.0.0.1/index.html' },
  { name: 'nothing', path: '' },
])('$name is no file of the page', ({ path }) => {
  expect(pageFileAt(path)).toBeNull();
});
