import { expect, test } from 'vitest';
import { HOST, S, at, echo, run, udp } from '../../support/nat-scenario';

/* Netfilter's search for a port: nat-gateway reference §2.3, and nf_nat_core.c where a rule has ports of its own. */

const OTHER = '10.0.0.8';

test.each([
  { name: 'an unprivileged one', port: 5000, portMin: 1024, portMax: 65_535, own: true, first: 1024, last: 65_535 },
  { name: 'one below 1024', port: 1000, portMin: 1024, portMax: 65_535, own: true, first: 600, last: 1023 },
  { name: 'one below 512', port: 500, portMin: 1024, portMax: 65_535, own: true, first: 1, last: 511 },
  { name: 'one of the rule', port: 30_500, portMin: 30_000, portMax: 40_000, own: true, first: 30_000, last: 40_000 },
  {
    name: 'one not of the rule',
    port: 5000,
    portMin: 30_000,
    portMax: 40_000,
    own: false,
    first: 30_000,
    last: 40_000,
  },
])('two hosts with the same port, $name', async ({ port, portMin, portMax, own, first, last }) => {
  const packets = [at(0, udp(`${HOST}:${port}`, S, 60)), at(1, udp(`${OTHER}:${port}`, S, 60))];
  const { entries } = await run(packets, { portPolicy: 'linux', portMin, portMax });
  const ports = entries.toSorted((a, b) => a.sessionId - b.sessionId).map(({ natPort }) => natPort);
  expect(ports[0] === port).toBe(own);
  expect(new Set(ports).size).toBe(2);
  for (const each of ports) {
    expect(each).toBeGreaterThanOrEqual(first);
    expect(each).toBeLessThanOrEqual(last);
  }
});

test('identifiers of queries are no ports: those of a rule are not for them', async () => {
  const packets = [at(0, echo(HOST, '203.0.113.80', 7)), at(1, echo(OTHER, '203.0.113.80', 9))];
  const { entries } = await run(packets, { portPolicy: 'linux', portMin: 30_000, portMax: 40_000 });
  expect(entries.map(({ natPort }) => natPort)).toEqual([7, 9]);
});
