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

test('the key is neither token nor cookie, and the token is known again when it is spent', () => {
  const session = new Session(4242);
  const cookie = session.exchange(session.token);
  expect(Buffer.from(session.key, 'base64url')).toHaveLength(32);
  expect(session.key).not.toBe(session.token);
  expect(cookie).not.toContain(session.key);
  expect(session.isKey(session.key)).toBe(true);
  expect(session.isToken(session.token)).toBe(true);
  expect(session.isToken(session.key)).toBe(false);
});

test.each([
  { name: 'none', key: () => null },
  { name: 'an empty one', key: () => '' },
  { name: 'one with a character more', key: ({ key }: Session) => `${key}A` },
  { name: 'one with a character less', key: ({ key }: Session) => key.slice(0, -1) },
  { name: 'the token', key: ({ token }: Session) => token },
  { name: "another session's", key: () => new Session(4242).key },
])('$name is not the key', ({ key }) => {
  const session = new Session(4242);
  expect(session.isKey(key(session))).toBe(false);
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
