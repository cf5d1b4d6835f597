import { expect, test } from 'vitest';
import { Session } from '../../../src-main/serve/session';

const pairOf = (cookie: string | null): string => cookie?.split(';')[0] ?? '';

test('a token has 256 bits, and none is like another', () => {
  const tokens = [new Session(1).token, new Session(1).token];
  expect(tokens.map((token) => Buffer.from(token, 'base64url').length)).toEqual([32, 32]);
  expect(tokens[0]).not.toBe(tokens[1]);
});

test('the token gives one cookie, once, which is not the token', () => {
  const session = new Session(4242);
  const cookie = session.exchange(session.token);
  expect(cookie).toMatch(/^natscope_4242=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  expect(cookie).not.toContain(session.token);
  expect(session.exchange(session.token)).toBeNull();
});

test.each(['', 'x', 'x'.repeat(43), 'x'.repeat(100_000)])('a wrong token gives nothing and spends nothing', (token) => {
  const session = new Session(4242);
  expect(session.exchange(token)).toBeNull();
  expect(session.exchange(session.token)).not.toBeNull();
});

test('the cookie is found among those of other programs on this address', () => {
  const session = new Session(4242);
  const own = pairOf(session.exchange(session.token));
  expect(session.holdsCookie(own)).toBe(true);
  expect(session.holdsCookie(`a=1; ${own}; natscope_1=2`)).toBe(true);
});

test.each([
  { name: 'none', header: () => undefined },
  { name: 'an empty one', header: () => '' },
  { name: "another port's", header: (own: string) => own.replace('4242', '4243') },
  { name: 'one with a character more', header: (own: string) => `${own}A` },
  { name: 'one with a character less', header: (own: string) => own.slice(0, -1) },
  { name: 'the token itself', header: (_own: string, token: string) => `natscope_4242=${token}` },
])('$name is not the cookie', ({ header }) => {
  const session = new Session(4242);
  const { token } = session;
  expect(session.holdsCookie(header(pairOf(session.exchange(token)), token))).toBe(false);
});
