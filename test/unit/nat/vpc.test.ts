import { describe, expect, test } from 'vitest';
import { checkVSwitch, overlapOf, vpcNetworks } from '../../../src-main/nat/vpc';

const vpc = (cidrBlock: string, ...secondaryCidrBlocks: string[]) => ({ cidrBlock, secondaryCidrBlocks });
const invalid = (message: string): unknown =>
  expect.objectContaining({ code: 'VPC_INVALID', message: expect.stringContaining(message) });

describe('a VPC', () => {
  test.each([
    { name: 'no network', given: vpc('10.0.0'), says: '"10.0.0"' },
    { name: 'bits behind the prefix', given: vpc('10.0.0.1/8'), says: 'did you mean 10.0.0.0/8?' },
    { name: 'everything', given: vpc('0.0.0.0/0'), says: '1 to 29 bits' },
    { name: 'one address', given: vpc('10.0.0.1/32'), says: '1 to 29 bits' },
    { name: 'networks that overlap', given: vpc('10.0.0.0/8', '10.9.0.0/16'), says: 'overlap' },
    { name: 'the same network twice', given: vpc('10.0.0.0/8', '172.16.0.0/12', '172.16.0.0/12'), says: 'overlap' },
  ])('cannot have $name', ({ given, says }) => {
    expect(() => vpcNetworks(given)).toThrow(invalid(says));
  });

  test.each([
    { name: 'beside each other', a: vpc('10.0.0.0/9'), b: vpc('10.128.0.0/9'), is: null },
    { name: 'one in the other', a: vpc('10.0.0.0/8'), b: vpc('10.1.0.0/16'), is: ['10.0.0.0/8', '10.1.0.0/16'] },
    {
      name: 'by a secondary network',
      a: vpc('10.0.0.0/8', '192.168.0.0/16'),
      b: vpc('172.16.0.0/12', '192.168.7.0/24'),
      is: ['192.168.0.0/16', '192.168.7.0/24'],
    },
    { name: 'at the end of all addresses', a: vpc('255.255.0.0/16'), b: vpc('255.0.0.0/16'), is: null },
  ])('overlaps with another or not: $name', ({ a, b, is }) => {
    expect(overlapOf(a, b)).toEqual(is);
    expect(overlapOf(b, a)).toEqual(is === null ? null : [...is].reverse());
  });

  test('has vSwitches within one of its networks, beside each other', () => {
    const around = vpc('10.0.0.0/16', '192.168.0.0/24');
    const others = [{ id: 'vsw-1', cidrBlock: '10.0.1.0/24' }];
    expect(() => checkVSwitch('192.168.0.0/24', around, others)).not.toThrow();
    expect(() => checkVSwitch('10.0.0.0/8', around, others)).toThrow(invalid('not within its VPC'));
    expect(() => checkVSwitch('10.0.1.128/25', around, others)).toThrow(invalid('of vSwitch vsw-1'));
  });
});
