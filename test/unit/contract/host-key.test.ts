import { expect, test } from 'vitest';
import { keyInProtocols, socketProtocols } from '../../../src-main/contract/host-key';

const KEY = 'K-_0'.padEnd(43, 'x');

test('a host finds the key in what a page offers', () => {
  expect(keyInProtocols(socketProtocols(KEY).join(', '))).toBe(KEY);
  expect(keyInProtocols(socketProtocols(KEY).join(','))).toBe(KEY);
});

test.each([undefined, '', 'natscope', `natscope.other.${KEY}`, KEY])('%s offers none', (offered) => {
  expect(keyInProtocols(offered)).toBeNull();
});
