import { describe, expect, test } from 'vitest';
import { parseIpv4 } from '../../../src-main/nat/address-text';
import type { NatFingerprint } from '../../../src-main/nat/fingerprint';
import { areSwapped } from '../../../src-main/nat/swapped-captures';

type Evidence = Parameters<typeof areSwapped>[0];

/** @param delayNsec what a packet that goes out is later outside */
function evidence(pairs: readonly (readonly [pri: string, nat: string])[], delayNsec: number): Evidence {
  const translations = pairs.map(([pri, nat]) => ({ priIp: parseIpv4(pri), natIp: parseIpv4(nat) }));
  return { translations, clocks: { delayNsec: [delayNsec, -delayNsec] } } as unknown as NatFingerprint;
}

describe('captures are swapped', () => {
  test.each([
    {
      name: 'hosts are private, the gateway is not',
      pairs: [['10.0.0.1', '203.0.113.1']],
      delayNsec: -1e6,
      swapped: false,
    },
    {
      name: 'the gateway is private, hosts are not',
      pairs: [['203.0.113.1', '10.0.0.1']],
      delayNsec: 1e6,
      swapped: true,
    },
    {
      name: 'both are private, and packets go forward in time',
      pairs: [['10.0.0.1', '172.16.0.1']],
      delayNsec: 1e6,
      swapped: false,
    },
    {
      name: 'both are private, and packets go back in time',
      pairs: [['172.16.0.1', '10.0.0.1']],
      delayNsec: -1e6,
      swapped: true,
    },
    {
      name: 'both are private, and a delay is too short to tell',
      pairs: [['10.0.0.1', '172.16.0.1']],
      delayNsec: -5000,
      swapped: false,
    },
    {
      name: 'several have become one, whatever clocks show',
      pairs: [
        ['10.0.0.1', '172.16.0.1'],
        ['10.0.0.2', '172.16.0.1'],
      ],
      delayNsec: -1e6,
      swapped: false,
    },
    { name: 'nothing was translated', pairs: [], delayNsec: -1e6, swapped: false },
  ] as const)('$name: $swapped', ({ pairs, delayNsec, swapped }) => {
    expect(areSwapped(evidence(pairs, delayNsec))).toBe(swapped);
  });
});
