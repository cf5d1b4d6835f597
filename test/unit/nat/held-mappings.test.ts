import { describe, expect, test } from 'vitest';
import { HOST, S, S2, at, echo, run, tcp, udp } from '../../support/nat-scenario';

/* Ports that are held back with endpoint-independent mapping: nat-gateway reference §3.5 C8, §4.2 rule 10, scenario 40. */

const GATEWAY = { mapping: 'eim', filtering: 'eif', portHold: { tcp: 0, udp: 120, icmp: 120 } } as const;

test('the next ping after an idle one is a new session, with another identifier while the old one is held back', async () => {
  const packets = [0, 70, 140, 210].map((sec) => at(sec, echo(HOST, '203.0.113.80', 7)));
  const { entries, ledger } = await run(packets, GATEWAY);
  expect(ledger.packets.notInEntries).toEqual({});
  // The first is free again at 180.
  expect(entries.map(({ natPort }) => natPort)).toEqual([1025, 1026, 1027, 1025]);
});

test('a dead mapping has another port towards all destinations while its own is held back', async () => {
  const packets = [at(0, udp(`${HOST}:5000`, S, 60)), at(70, udp(`${HOST}:5000`, S2, 60))];
  packets.push(at(71, udp('10.0.0.8:5000', S2, 60)), at(72, udp(`${HOST}:5000`, S, 60)));
  const { entries } = await run(packets, GATEWAY);
  expect(entries.map(({ natPort }) => natPort)).toEqual([1025, 1026, 1027, 1026]);
});

describe.each([
  { name: 'its old peer', from: S },
  { name: 'a stranger', from: '203.0.113.99:1' },
] as const)('a dead mapping whose port is held back lets nobody in: $name', ({ from }) => {
  test.each(['eif', 'adf'] as const)('with %s', async (filtering) => {
    const packets = [at(0, udp(`${HOST}:5000`, S, 60)), at(70, udp(from, `${HOST}:5000`, 60))];
    const { entries, ledger } = await run(packets, { ...GATEWAY, filtering });
    expect(ledger.packets.notInEntries).toEqual({ no_session: 1 });
    expect(entries).toHaveLength(1);
  });
});

test('a mapping that lives has its port towards all destinations, whatever sessions of it have ended', async () => {
  const packets = [0, 50, 100].map((sec) => at(sec, udp(`${HOST}:5000`, S, 60)));
  // The session with the second destination is dead at 60, and its port held back until 180.
  packets.push(at(0, udp(`${HOST}:5000`, S2, 60)), at(110, udp(`${HOST}:5000`, S2, 60)));
  packets.sort((one, other) => Number(one.atNs - other.atNs));
  const { entries, ledger } = await run(packets, {
    ...GATEWAY,
    portMin: 2000,
    portMax: 2000,
    maxPerEipPerDestination: 1,
  });
  expect(ledger.packets.notInEntries).toEqual({});
  expect(entries.map(({ natPort }) => natPort)).toEqual([2000, 2000, 2000]);
});

test('the port is held back from the end of the last session of its mapping on', async () => {
  const packets = [at(0, udp(`${HOST}:5000`, S, 60)), at(30, udp(`${HOST}:5000`, S2, 60))];
  packets.push(at(209.9, udp('10.0.0.8:5000', S, 60)), at(210, udp('10.0.0.9:5000', S, 60)));
  const { entries, ledger } = await run(packets, { ...GATEWAY, portMin: 2000, portMax: 2000 });
  expect(ledger.packets.notInEntries).toEqual({ no_port: 1 });
  expect(entries.map(({ pri }) => pri)).toEqual([`${HOST}:5000`, `${HOST}:5000`, '10.0.0.9:5000']);
});

describe('a connection that begins anew', () => {
  const GATEWAY_TCP = { ...GATEWAY, portHold: { tcp: 120, udp: 0, icmp: 0 } };
  const closed = [
    at(0, tcp(`${HOST}:5000`, S, 'S', 40, { seq: 1 })),
    at(1, tcp(`${HOST}:5000`, S, 'FA', 40)),
    at(2, tcp(S, `${HOST}:5000`, 'FA', 40)),
  ];
  const again = at(10, tcp(`${HOST}:5000`, S, 'S', 40, { seq: 9 }));

  test('has the port of its mapping, which lives by another', async () => {
    const packets = [...closed, at(5, tcp(`${HOST}:5000`, S2, 'S', 40)), again];
    const { entries } = await run(packets, { ...GATEWAY_TCP, portMin: 2000, portMax: 2000 });
    expect(entries).toHaveLength(3);
    expect(new Set(entries.map(({ natPort }) => natPort))).toEqual(new Set([2000]));
  });

  test('has another port where the old one is held back', async () => {
    const { entries } = await run([...closed, again], GATEWAY_TCP);
    expect(entries.map(({ natPort }) => natPort)).toEqual([1025, 1026]);
  });

  test('is refused where there is none, and the old one lives on', async () => {
    const packets = [...closed, again, at(11, tcp(S, `${HOST}:5000`, 'A', 40))];
    const { entries, ledger } = await run(packets, { ...GATEWAY_TCP, portMin: 2000, portMax: 2000 });
    expect(ledger.packets.notInEntries).toEqual({ no_port: 1 });
    expect(entries).toHaveLength(1);
  });
});
