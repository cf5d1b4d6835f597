import { describe, expect, test } from 'vitest';
import { HOST, S, S2, at, run, udp } from '../../support/nat-scenario';

/* A mapping ends with its last session, at the instant of its timeout, and not when somebody looks at it next. */

const OTHER = '10.0.0.8';

test('netfilter has forgotten the port of a host whose sessions have died, and preserves its own', async () => {
  const packets = [
    at(0, udp(`${OTHER}:5000`, S, 60)),
    // The port is taken, so that another one is chosen.
    at(1, udp(`${HOST}:5000`, S, 60)),
    at(2, udp(`${HOST}:5000`, S2, 60)),
    at(61.999999999, udp(`${HOST}:5000`, '203.0.113.82:443', 60)),
    at(200, udp(`${HOST}:5000`, S2, 60)),
  ];
  const { entries } = await run(packets, { portPolicy: 'linux', portMin: 1024 });
  const [first, second, third, fourth, last] = entries.map(({ natPort }) => natPort);
  expect([first, last]).toEqual([5000, 5000]);
  expect(second).not.toBe(5000);
  expect([third, fourth]).toEqual([second, second]);
});

test('a block is free for another host when the sessions in it have died', async () => {
  const oneBlock = {
    portPolicy: 'blocks',
    portMin: 1025,
    portMax: 1026,
    portBlockSize: 2,
    maxBlocksPerHost: 1,
  } as const;
  const packets = [
    at(0, udp(`${OTHER}:5000`, S, 60)),
    at(59, udp(`${HOST}:5000`, S, 60)),
    at(60, udp(`${HOST}:5000`, S, 60)),
  ];
  const log = await run(packets, oneBlock);
  expect(log.ledger.packets.notInEntries).toEqual({ no_port: 1 });
  expect(log.events.map(({ event, pri, firstNs }) => [event, pri, firstNs - at(0, new Uint8Array()).atNs])).toEqual([
    ['block_allocate', OTHER, 0n],
    ['no_port', HOST, 59_000_000_000n],
    ['block_free', OTHER, 60_000_000_000n],
    ['block_allocate', HOST, 60_000_000_000n],
    // Though it is looked at when the window closes.
    ['block_free', HOST, 120_000_000_000n],
  ]);
});

describe('nobody is let in to an endpoint', () => {
  test.each([
    { name: 'of which every session has died', filtering: 'eif', from: S2 },
    { name: 'of which every session with that address has died', filtering: 'adf', from: '203.0.113.80:999' },
  ] as const)('$name', async ({ filtering, from }) => {
    const packets = (sec: number) =>
      [
        at(0, udp(`${HOST}:5000`, S, 60)),
        // With address-dependent filtering, the endpoint itself lives on.
        ...(filtering === 'adf' ? [0, 50, 100].map((each) => at(each, udp(`${HOST}:5000`, S2, 60))) : []),
        at(sec, udp(from, `${HOST}:5000`, 60)),
      ].sort((one, other) => Number(one.atNs - other.atNs));
    const gateway = { mapping: 'eim', filtering } as const;
    expect((await run(packets(59.999999999), gateway)).ledger.packets.notInEntries).toEqual({});
    expect((await run(packets(60), gateway)).ledger.packets.notInEntries).toEqual({ no_session: 1 });
  });
});

test('nor to one that has died within the second, however many others are alive', async () => {
  const MANY = 17_000;
  const others = Array.from({ length: MANY }, (_, index) =>
    at(10 + index / MANY, udp(`10.0.${index >> 8}.${index & 0xff}:6000`, S, 60)),
  );
  const packets = [
    at(0.1, udp(`${HOST}:5000`, S, 60)),
    ...others,
    // Whoever asks for a port before finds it alive.
    at(60.05, udp(`${OTHER}:5000`, S, 60)),
    at(60.2, udp(S2, `${HOST}:5000`, 60)),
  ];
  const { ledger } = await run(packets, { mapping: 'eim', filtering: 'eif' });
  expect(ledger.packets.notInEntries).toMatchObject({ no_session: 1 });
});
