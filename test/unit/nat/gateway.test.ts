import { describe, expect, test } from 'vitest';
import { parseNetwork, parsePublicAddress } from '../../../src-main/nat/address-text';
import { defaultGateway, type Gateway } from '../../../src-main/nat/gateway';

describe('a public address', () => {
  test.each([
    { text: '0.0.0.0', why: '"this network"' },
    { text: '0.255.255.255', why: '"this network"' },
    { text: '127.0.0.1', why: 'loopback' },
    { text: '169.254.10.10', why: 'link-local' },
    { text: '224.0.0.1', why: 'multicast' },
    { text: '239.255.255.255', why: 'multicast' },
    { text: '240.0.0.1', why: 'reserved' },
    { text: '255.255.255.255', why: 'broadcast' },
  ])('cannot be $text, which is $why', ({ text, why }) => {
    expect(() => parsePublicAddress(text)).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringMatching(new RegExp(`^${text} is .*${why}`)),
        detail: { value: text },
      }),
    );
  });

  test.each([
    '1.0.0.0',
    '10.0.0.1',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '223.255.255.255',
  ])('can be %s', (text) => {
    expect(parsePublicAddress(text)).toBeGreaterThan(0);
  });
});

function gatewayOf(eips: readonly string[], inside: readonly string[] = []): Gateway {
  return defaultGateway({ inside: inside.map(parseNetwork), eips: eips.map(parsePublicAddress), seed: 0 });
}

describe('a gateway', () => {
  test.each([
    { name: 'a public address twice', eips: ['198.51.100.7', '198.51.100.7'], says: '198.51.100.7 is named twice' },
    { name: 'one inside the default networks', eips: ['100.64.0.1'], says: '100.64.0.1 is inside 100.64.0.0/10' },
    {
      name: 'one inside a network of its own',
      eips: ['198.51.100.7', '198.51.100.8'],
      inside: ['10.0.0.0/8', '198.51.100.8/29'],
      says: '198.51.100.8 is inside 198.51.100.8/29',
    },
    {
      name: 'the default one inside',
      eips: [],
      inside: ['203.0.113.0/24'],
      says: '203.0.113.1 is inside 203.0.113.0/24',
    },
    {
      name: '257 public addresses',
      eips: Array.from({ length: 257 }, (_, at) => `198.51.${at >> 8}.${at & 255}`),
      says: 'at most 256',
    },
    {
      name: '1001 networks',
      eips: [],
      inside: Array.from({ length: 1001 }, (_, at) => `10.0.${at >> 8}.${at & 255}`),
      says: 'at most 1000',
    },
  ])('cannot have $name', ({ eips, inside, says }) => {
    expect(() => gatewayOf(eips, inside)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(says) }),
    );
  });

  test('can have private addresses outside of its networks, as between VPCs', () => {
    expect(gatewayOf(['172.16.0.1'], ['10.0.0.0/8']).snatEntries[0]?.eips).toEqual([0xac100001]);
  });
});
