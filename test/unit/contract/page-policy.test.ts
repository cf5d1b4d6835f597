import { expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../../src-main/contract/page-policy';

test('the page may load its own files, style itself under the nonce, and do nothing else', () => {
  expect(contentSecurityPolicy('AAAA', null).split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'nonce-AAAA'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'none'",
  ]);
});

test('a browser host names its own WebSockets besides', () => {
  const policy = contentSecurityPolicy('AAAA', 'ws://127.0.0.1:4242');
  expect(policy).toContain("connect-src 'self' ws://127.0.0.1:4242; ");
  expect(policy).not.toMatch(/unsafe|\*/);
});
