import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../support/frames';
import { HOST, S, S2, at, echo, fixture, run, tcp, udp } from '../../support/nat-scenario';

/* How many ports a host may have of a protocol: nat-gateway reference §3.5 C4. */

const limits = { ...fixture().limits, maxPortsPerHost: 2 };
const EIM = { mapping: 'eim', limits } as const;
const servers = Array.from({ length: 5 }, (_, index): Endpoint => `203.0.113.${80 + index}:53`);

describe('with endpoint-independent mapping', () => {
  test('one port has sessions with any number of destinations', async () => {
    const packets = servers.flatMap((server, sec) => [
      at(sec, udp(`${HOST}:5000`, server, 60)),
      at(sec + 0.5, udp(`${HOST}:5001`, server, 60)),
    ]);
    packets.push(at(6, udp(`${HOST}:5002`, S, 60)), at(7, udp('10.0.0.8:5000', S, 60)));
    packets.push(at(8, tcp(`${HOST}:5000`, S, 'S', 60)), at(9, echo(HOST, '203.0.113.80', 7)));
    const { entries, ledger } = await run(packets, EIM);
    expect(ledger.packets.notInEntries).toEqual({ host_limit: 1 });
    expect(entries).toHaveLength(13);
  });

  test('a port counts until the last of its sessions has ended', async () => {
    const packets = [at(0, udp(`${HOST}:5000`, S, 60)), at(1, udp(`${HOST}:5001`, S, 60))];
    packets.push(at(30, udp(`${HOST}:5000`, S2, 60)), at(60.5, udp(`${HOST}:5002`, S, 60)));
    packets.push(at(61, udp(`${HOST}:5002`, S, 60)), at(62, udp(`${HOST}:5003`, S, 60)));
    packets.push(at(90, udp(`${HOST}:5003`, S, 60)));
    const { entries, ledger } = await run(packets, EIM);
    expect(ledger.packets.notInEntries).toEqual({ host_limit: 2 });
    expect(entries.map(({ pri }) => pri).sort()).toEqual(
      [5000, 5000, 5001, 5002, 5003].map((port) => `${HOST}:${port}`),
    );
  });

  test.each([
    { name: 'with another session of its port', ports: [5001], refused: 1 },
    { name: 'without', ports: [], refused: 0 },
  ])('a connection that begins anew counts once: $name', async ({ ports, refused }) => {
    const client = `${HOST}:5000` as const;
    const packets = [
      at(0, tcp(client, S2, 'S', 40)),
      ...ports.map((port) => at(0.5, tcp(`${HOST}:${port}`, S2, 'S', 40))),
      ...[1, 3, 5].flatMap((sec) => [
        at(sec, tcp(client, S, 'S', 40, { seq: sec })),
        at(sec + 0.5, tcp(client, S, 'FA', 40)),
        at(sec + 1, tcp(S, client, 'FA', 40)),
      ]),
      at(10, tcp(`${HOST}:5002`, S, 'S', 40)),
    ];
    const { entries, ledger } = await run(packets, EIM);
    expect(ledger.packets.notInEntries).toEqual(refused === 0 ? {} : { host_limit: refused });
    expect(entries.filter(({ pri, pub }) => pri === client && pub === S)).toHaveLength(3);
  });
});

test('with a mapping for each destination each session has a port of its own', async () => {
  const packets = servers.map((server, sec) => at(sec, udp(`${HOST}:5000`, server, 60)));
  const { entries, ledger } = await run(packets, { limits });
  expect(ledger.packets.notInEntries).toEqual({ host_limit: 3 });
  expect(entries).toHaveLength(2);
});
