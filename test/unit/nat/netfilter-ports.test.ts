import { expect, test } from 'vitest';
import type { Endpoint } from '../../support/frames';
import { HOST, S, S2, at, echo, fixture, run, tcp, udp } from '../../support/nat-scenario';
import type { CaptureRecord } from '../../support/pcap-writer';
import { seededRandom } from '../../support/random';

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

test('identifiers of queries are no ports: a rule with few of those has as many identifiers as any', async () => {
  const packets = [7, 8, 9].map((id) => at(id, echo(HOST, '203.0.113.80', id)));
  const gateway = { portPolicy: 'linux', portMin: 30_000, portMax: 30_000 } as const;
  const { entries, ledger } = await run(packets, gateway);
  expect(ledger.packets.notInEntries).toEqual({});
  expect(entries.map(({ natPort }) => natPort)).toEqual([7, 8, 9]);
  const limited = await run(packets, { ...gateway, maxPerEipPerDestination: 2 });
  expect(limited.ledger.packets.notInEntries).toEqual({ no_port: 1 });
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

test('a port that the host has no more is not preferred, while it has another one', async () => {
  const packets = [
    ...[0, 20, 40, 60].map((sec) => at(sec, udp(`${HOST}:5000`, S, 60))),
    // Its own port is taken towards the second destination, so that it has another one there until 31.
    ...[at(0.5, udp(`${OTHER}:5000`, S2, 60)), at(1, udp(`${HOST}:5000`, S2, 60))],
    at(65, udp(`${HOST}:5000`, '203.0.113.82:443', 60)),
  ].toSorted((one, other) => Number(one.atNs - other.atNs));
  const timeouts = { ...fixture().timeouts, udp: 30 };
  const { entries } = await run(packets, { portPolicy: 'linux', portMin: 1024, timeouts });
  const ports = entries.filter(({ pri }) => pri === `${HOST}:5000`).toSorted((a, b) => a.sessionId - b.sessionId);
  expect(ports.map(({ natPort }) => natPort === 5000)).toEqual([true, false, true]);
});

test('of several ports of a host one that is left is preferred, in whatever order they go', async () => {
  const servers = Array.from({ length: 8 }, (_, index): Endpoint => `203.0.114.${index}:443`);
  const timeouts = { ...fixture().timeouts, udp: 30 };
  for (let seed = 1; seed <= 5; seed++) {
    const random = seededRandom(seed);
    const packets: CaptureRecord[] = [];
    let sec = 0;
    for (let step = 0; step < 300; step++) {
      // One session goes on, so that there is always one to be found.
      for (const end = sec + random.int(1, 40); sec < end; sec++) {
        if (sec % 10 === 0) packets.push(at(sec + 0.7, udp(`${HOST}:5000`, S, 60)));
      }
      const server = random.pick(servers);
      // Towards a third of them the port of another host is in the way.
      if (random.int(0, 2) === 0) packets.push(at(sec, udp(`${OTHER}:5000`, server, 60)));
      packets.push(at(sec + 0.5, udp(`${HOST}:5000`, server, 60)));
    }
    const { entries } = await run(packets, { portPolicy: 'linux', portMin: 1024, timeouts });
    const inOrder = entries.toSorted((a, b) => a.sessionId - b.sessionId);
    const own = inOrder.filter(({ pri }) => pri === `${HOST}:5000`);
    for (const [index, entry] of own.entries()) {
      const live = own.slice(0, index).filter(({ mappingEndNs }) => mappingEndNs > entry.firstNs);
      if (live.length === 0) continue;
      const isTaken = (port: number): boolean =>
        inOrder.some(
          (other) =>
            other !== entry &&
            other.pub === entry.pub &&
            other.natPort === port &&
            other.firstNs <= entry.firstNs &&
            other.mappingEndNs > entry.firstNs,
        );
      const ports = live.map(({ natPort }) => natPort);
      if (!ports.some((port) => isTaken(port))) expect(ports).toContain(entry.natPort);
    }
  }
});
