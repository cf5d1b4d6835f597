import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newEmulatorModule } from '../../../src-main/engine/emulator-module';
import { ADDRESS_CLASS } from '../../../src-main/nat/address-classes';
import { networkBase, parseIpv4, parseNetwork } from '../../../src-main/nat/address-text';
import { Emulator } from '../../../src-main/nat/emulator';
import { defaultGateway, type Network, type SnatEntry } from '../../../src-main/nat/gateway';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { snatEntry } from '../../support/session-log';

const entriesOf = (networks: readonly string[]): SnatEntry[] =>
  networks.map((text) => snatEntry(text, ['198.51.100.1']));

/** As the emulator tells them apart, which reads the tables. */
function classOf(snatEntries: readonly SnatEntry[], vpcNetworks: readonly Network[] = []): (address: number) => number {
  const module = newEmulatorModule();
  new Emulator(module, { ...defaultGateway({ inside: [], eips: [], seed: 0 }), snatEntries, vpcNetworks });
  return (address) => module.classOf(address);
}

test.each([
  {
    name: 'the longest prefix wins',
    networks: ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.1.2.3'],
    address: '10.1.2.3',
    entry: 3,
  },
  {
    name: 'its neighbour has the next longest',
    networks: ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.1.2.3'],
    address: '10.1.2.4',
    entry: 2,
  },
  {
    name: 'the order of entries does not matter',
    networks: ['10.1.2.0/24', '10.0.0.0/8'],
    address: '10.1.2.4',
    entry: 0,
  },
  { name: 'of two equal ones the first wins', networks: ['10.0.0.0/8', '10.0.0.0/8'], address: '10.9.9.9', entry: 0 },
  { name: 'everything can be inside', networks: ['0.0.0.0/0'], address: '8.8.8.8', entry: 0 },
])('$name', ({ networks, address, entry }) => {
  expect(classOf(entriesOf(networks))(parseIpv4(address)!)).toBe(ADDRESS_CLASS.inside + entry);
});

test('equals a search through all entries, and then through the networks of the VPC', () => {
  const network = fc
    .tuple(fc.constantFrom(0x0a000000, 0x0a010000, 0xac100000, 0xc0a80100, 0x64400000), fc.integer({ min: 4, max: 32 }))
    .map(([address, prefixBits]) => ({ base: networkBase(address, prefixBits), prefixBits }));
  fc.assert(
    fc.property(
      fc.array(network, { maxLength: 6 }),
      fc.array(network, { maxLength: 3 }),
      fc.integer({ min: 0x01000000, max: 0xdfffffff }),
      (networks, vpcNetworks, anywhere) => {
        const classOfAny = classOf(
          networks.map((network) => ({ ...snatEntry('0.0.0.0/0', ['198.51.100.1']), network })),
          vpcNetworks,
        );
        const bases = [...networks, ...vpcNetworks].map(({ base }) => base);
        for (const address of [anywhere, ...bases, 0x0a010203, 0xc0a80107]) {
          const first = address >>> 24;
          if (first === 0 || first === 127 || first >= 224 || address >>> 16 === 0xa9fe) continue;
          const holds = ({ base, prefixBits }: Network): boolean => networkBase(address, prefixBits) === base;
          const best = networks
            .map((each, index) => ({ ...each, index }))
            .filter(holds)
            .sort((a, b) => b.prefixBits - a.prefixBits || a.index - b.index)[0];
          expect(classOfAny(address)).toBe(
            best !== undefined
              ? ADDRESS_CLASS.inside + best.index
              : vpcNetworks.some(holds)
                ? ADDRESS_CLASS.uncovered
                : ADDRESS_CLASS.outside,
          );
        }
      },
    ),
    { numRuns: PROPERTY_RUNS * 2 },
  );
});

test.each(['10.0.0.1/8', '10.0.0.0/33', '10.0.0/8', '10.0.0.256', '010.0.0.0/8', '', '10.0.0.0/8/8'])(
  '"%s" is no network',
  (text) => {
    expect(() => parseNetwork(text)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error);
  },
);

test('hundreds of entries are told apart', () => {
  const entries = entriesOf(Array.from({ length: 600 }, (_, index) => `10.${index >> 2}.${(index & 3) * 64}.0/18`));
  const wide = entriesOf(Array.from({ length: 300 }, (_, index) => `${20 + (index >> 7)}.${(index & 127) * 2}.0.0/15`));
  expect(classOf(entries)(0x0a_95_c0_01)).toBe(ADDRESS_CLASS.inside + 599);
  expect(classOf(wide)(0x16_56_00_01)).toBe(ADDRESS_CLASS.inside + 299);
});
