import { expect, test } from 'vitest';
import type { Endpoint } from '../../support/frames';
import { HOST, S, at, echo, fixture, run, tcp, udp } from '../../support/nat-scenario';
import type { CaptureRecord } from '../../support/pcap-writer';

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

test('one port of a host can have hundreds of translated ones', async () => {
  const timeouts = { ...fixture().timeouts, tcpEstablished: 432_000 };
  const gateway = { portPolicy: 'linux', portMin: 1024, timeouts } as const;
  const packets: CaptureRecord[] = [];
  const ports = new Set<number>();
  let port: number | undefined;
  for (let index = 0; index < 300; index++) {
    const server: Endpoint = `203.0.${113 + (index >> 8)}.${index & 255}:443`;
    const sec = index * 30;
    // Towards each server, both the host's own port and the one that it had last are taken for a while.
    const step = [
      ...[5000, ...(port === undefined ? [] : [port])].map((each) => at(sec, tcp(`${OTHER}:${each}`, server, 'S', 60))),
      at(sec + 1, tcp(`${HOST}:5000`, server, 'S', 60)),
      at(sec + 1.1, tcp(server, `${HOST}:5000`, 'SA', 60)),
      at(sec + 1.2, tcp(`${HOST}:5000`, server, 'A', 60)),
    ];
    packets.push(...step);
    port = (await run(step, gateway)).entries.find(({ pri }) => pri === `${HOST}:5000`)?.natPort;
  }
  for (const { pri, natPort } of (await run(packets, gateway)).entries) if (pri === `${HOST}:5000`) ports.add(natPort);
  expect(ports.size).toBeGreaterThan(290);
});
