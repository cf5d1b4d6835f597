import { describe, expect, test } from 'vitest';
import { noticesOf } from '../../../src-main/engine/import-notices';
import { readGateway } from '../../../src-main/nat/configuration';
import type { Gateway } from '../../../src-main/nat/gateway';
import { ethernet, icmpEcho, icmpError, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLog, sessionLogOf, type SessionLog } from '../../support/session-log';
import { SECOND } from '../../support/time';

/* What a capture of both sides of a gateway makes of its entries; scenarios 69 to 71. */

const T0 = 1_700_000_400n;
const S = '203.0.113.80:443';
const HOST = '10.0.0.7:47176';
const NAT = '198.51.100.10:48155';
const gateway = gatewayWith({ inside: ['10.0.0.0/16'], eips: ['198.51.100.10'] });

const at = (ms: number, bytes: Uint8Array): CaptureRecord => ({ atNs: T0 * SECOND + BigInt(ms) * 1_000_000n, bytes });
const tcp = (from: string, to: string, flags: string, seq: number, ttl: number, length = 60): Uint8Array =>
  tcpPacket({ from, to, flags, seq, ttl, payload: new Uint8Array(length - 40) } as Parameters<typeof tcpPacket>[0]);
/** A packet from the host as both sides see it, 2 ms apart, and one to it. */
const out = (ms: number, flags: string, seq: number) => [
  at(ms, tcp(HOST, S, flags, seq, 64)),
  at(ms + 2, tcp(NAT, S, flags, seq, 63)),
];
const into = (ms: number, flags: string, seq: number) => [
  at(ms, tcp(S, NAT, flags, seq, 60)),
  at(ms + 2, tcp(S, HOST, flags, seq, 59)),
];

test('69: a session of both sides is one row, of the port that was observed, with each packet once', async () => {
  const log = await sessionLogOf([...out(0, 'S', 1), ...into(10, 'SA', 100), ...out(20, 'A', 2)], gateway);
  expect(
    log.entries.map((entry) => [entry.pri, entry.natIp, entry.natPort, entry.natSource, entry.vpc, entry.inbound]),
  ).toEqual([[HOST, '198.51.100.10', 48155, 'observed', '120/2', '60/1']]);
  expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 3 });
});

test.each<{ name: string; named: Gateway }>([
  { name: 'option', named: gatewayWith({ inside: ['10.0.0.0/16'], eips: ['203.0.113.1'] }) },
  {
    name: 'configuration',
    named: readGateway({ eips: ['203.0.113.1'], snatEntries: [{ sourceCidr: '10.0.0.0/16' }] }).gateway,
  },
  {
    name: 'configuration of a VPC NAT gateway',
    named: readGateway({
      networkType: 'intranet',
      natIps: ['203.0.113.1'],
      snatEntries: [{ sourceCidr: '10.0.0.0/16' }],
    }).gateway,
  },
])('69: the address that stands for one that nobody named is seen where an $name names it', async ({ named }) => {
  const records = [at(0, tcp(HOST, S, 'S', 1, 64)), at(2, tcp('203.0.113.1:48155', S, 'S', 1, 63))];
  const { entries, ledger } = await sessionLogOf(records, named);
  expect(entries.map(({ pri, natIp, natPort, vpc }) => [pri, natIp, natPort, vpc])).toEqual([
    [HOST, '203.0.113.1', 48155, '60/1'],
  ]);
  expect(ledger.packets.notInEntries).toEqual({ public_copy: 1 });
});

test('69: two hosts whose ports the gateway chose otherwise have what it chose', async () => {
  const other = (ms: number) => [
    at(ms, tcp('10.0.0.8:5000', S, 'S', 9, 64)),
    at(ms + 2, tcp('198.51.100.10:1025', S, 'S', 9, 63)),
  ];
  // The only port of the emulated gateway is the one that the first host is seen with.
  const narrow = { ...gateway, portMin: 1025, portMax: 1026 };
  const log = await sessionLogOf([...out(0, 'S', 1), ...other(200), ...out(400, 'A', 2)], narrow);
  expect(log.entries.map((entry) => [entry.pri, entry.natPort]).sort()).toEqual([
    ['10.0.0.7:47176', 48155],
    ['10.0.0.8:5000', 1025],
  ]);
});

/** By another port of the gateway, from the packet on that both sides show of it. */
const again = (ms: number, from: Endpoint, to: Endpoint, flags: string, seq: number, ack: number) => {
  const outside: Endpoint = '198.51.100.10:40002';
  const [behind, before] = [
    { from: from === HOST ? outside : from, to: to === HOST ? outside : to },
    { from, to },
  ];
  const [first, second] = from === HOST ? [before, behind] : [behind, before];
  return [
    at(ms, tcpPacket({ ...first, flags, seq, ack, ttl: 64 })),
    at(ms + 2, tcpPacket({ ...second, flags, seq, ack, ttl: 63 })),
  ];
};

test.each([
  { name: 'its SYN and the answer', isAnswerSeen: true },
  { name: 'its SYN alone', isAnswerSeen: false },
])('a session that begins in place of a live one has the port that $name was seen with', async ({ isAnswerSeen }) => {
  const [syn, answer] = [again(599_980, HOST, S, 'S', 9000, 0), again(600_010, S, HOST, 'SA', 7000, 9001)];
  const { entries } = await sessionLogOf(
    [
      // Nobody knows what these are translated to.
      ...[out(580_000, 'S', 1)[0]!, into(580_010, 'SA', 100)[1]!, out(580_020, 'A', 2)[0]!],
      ...syn,
      ...(isAnswerSeen ? answer : answer.slice(1)),
      ...again(600_020, HOST, S, 'A', 9001, 7001),
    ],
    { ...gateway, portPolicy: 'sequential', countUnpaired: true },
  );
  expect(
    entries.map(({ sessionId, natPort, natSource, revision }) => [sessionId, natPort, natSource, revision]),
  ).toEqual([
    [1, 1025, 'emulated', 0],
    [2, 40_002, 'observed', 1],
    [2, 40_002, 'observed', 0],
  ]);
});

test('a port that was chosen for a host and is seen with nobody leaves the host with another one', async () => {
  const sequential = { ...gateway, portPolicy: 'sequential' as const };
  const log = await sessionLogOf(
    [
      at(0, tcp(HOST, S, 'S', 1, 64)),
      at(500, tcp('198.51.100.10:1025', S, 'S', 9, 63)),
      at(1000, tcp('10.0.0.8:5000', S, 'S', 5, 64)),
      at(1500, tcp(HOST, S, 'A', 2, 64)),
    ],
    sequential,
  );
  expect(log.entries.map((entry) => [entry.pri, entry.natPort, entry.natSource, entry.vpc])).toEqual([
    [HOST, 1026, 'emulated', '120/2'],
    ['unknown', 1025, 'observed', '60/1'],
    ['10.0.0.8:5000', 1027, 'emulated', '60/1'],
  ]);
});

test('where there is no other port, the session of the host has ended', async () => {
  const log = await sessionLogOf([at(0, tcp(HOST, S, 'S', 1, 64)), at(500, tcp('198.51.100.10:1025', S, 'S', 9, 63))], {
    ...gateway,
    portMin: 1025,
    portMax: 1025,
  });
  expect(log.entries.map((entry) => [entry.pri, entry.natPort, entry.end])).toEqual([
    [HOST, 1025, 'reused'],
    ['unknown', 1025, 'idle'],
  ]);
});

test('a session whose port is seen with another host had ended by its own FINs, if there were both', async () => {
  const other = [at(5000, tcp('10.0.0.8:5000', S, 'S', 9, 64)), at(5002, tcp(NAT, S, 'S', 9, 63))];
  const endsOf = async (...closing: CaptureRecord[][]) =>
    (await sessionLogOf([...out(0, 'S', 1), ...closing.flat(), ...other], gateway)).entries.map(({ pri, end }) => [
      pri,
      end,
    ]);
  const last = ['10.0.0.8:5000', 'idle'];
  expect(await endsOf(into(10, 'SA', 100), out(20, 'FA', 2))).toEqual([[HOST, 'reused'], last]);
  expect(await endsOf(into(10, 'SA', 100), out(20, 'FA', 2), into(30, 'FA', 101))).toEqual([[HOST, 'fin'], last]);
});

test('where there is no other port, a session that both FINs have closed has ended by them', async () => {
  const closed = [
    at(0, tcp(HOST, S, 'S', 1, 64)),
    at(10, tcp(S, HOST, 'SA', 100, 59)),
    at(20, tcp(HOST, S, 'FA', 2, 64)),
    at(30, tcp(S, HOST, 'FA', 101, 59)),
  ];
  const log = await sessionLogOf([...closed, at(5000, tcp('198.51.100.10:1025', S, 'S', 9, 63))], {
    ...gateway,
    portMin: 1025,
    portMax: 1025,
  });
  expect(log.entries.map((entry) => [entry.pri, entry.end])).toEqual([
    [HOST, 'fin'],
    ['unknown', 'idle'],
  ]);
});

describe('blocks of ports follow what was observed', () => {
  const datagram = (ms: number, from: Endpoint, content: number, ttl = 64): CaptureRecord =>
    at(ms, udpPacket({ from, to: S, ttl, payload: new Uint8Array(32).fill(content) }));
  const blocks = { ...gateway, portPolicy: 'blocks', portMin: 1025, portBlockSize: 2, maxBlocksPerHost: 1 } as const;
  const portsOf = ({ entries }: SessionLog, pri: Endpoint) =>
    entries.filter((entry) => entry.pri === pri).map(({ natPort }) => natPort);

  test('one that was chosen and observed is free when its session has died', async () => {
    const oneBlock = { ...blocks, portMax: 1026 };
    const [port] = portsOf(await sessionLogOf([datagram(0, HOST, 1)], oneBlock), HOST);
    const log = await sessionLogOf(
      [
        datagram(0, HOST, 1),
        datagram(2, `198.51.100.10:${port!}`, 1, 63),
        // As long as the first is alive there is none.
        datagram(59_000, '10.0.0.8:5000', 2),
        datagram(60_000, '10.0.0.8:5000', 3),
      ],
      oneBlock,
    );
    expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 1, no_port: 1 });
    expect(portsOf(log, '10.0.0.8:5000')).toHaveLength(1);
  });

  test('sessions that have changed their ports have changed their blocks', async () => {
    const twoBlocks = { ...blocks, portMax: 1028 };
    const both = [datagram(0, HOST, 1), datagram(1000, '10.0.0.8:5000', 2)];
    const chosen = await sessionLogOf(both, twoBlocks);
    const [ofHost] = portsOf(chosen, HOST);
    const [ofOther] = portsOf(chosen, '10.0.0.8:5000');
    const later = (host: string, content: number) => datagram(200_000 + content, `${host}:5000` as Endpoint, content);
    const log = await sessionLogOf(
      [...both, datagram(1002, `198.51.100.10:${ofHost!}`, 2, 63), later('10.0.0.9', 3), later('10.0.0.10', 4)],
      twoBlocks,
    );
    expect([portsOf(log, HOST), portsOf(log, '10.0.0.8:5000')]).toEqual([[ofOther], [ofHost]]);
    expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 1 });
    const [given, taken] = ['block_allocate', 'block_free'].map(
      (kind) => log.events.filter(({ event }) => event === kind).length,
    );
    expect(given).toBe(taken);
  });

  test('a free one whose ports are those of the public side is tried once', async () => {
    const onePort = {
      ...{ ...blocks, portMax: 1026, portBlockSize: 1, maxBlocksPerHost: 2 },
      mapping: 'eim',
      portHold: { ...gateway.portHold, tcp: 120 },
    } as const;
    const log = await sessionLogOf(
      [
        at(0, tcp('10.0.0.7:1026', '203.0.113.80:444', 'S', 0, 64)),
        at(2, tcp('198.51.100.10:1025', '203.0.113.80:443', 'FA', 1, 63)),
        at(82_008, tcp('10.0.0.7:1025', '203.0.113.80:443', 'S', 0, 64)),
      ],
      onePort,
    );
    expect(log.ledger.packets.notInEntries).toEqual({ no_port: 1 });
    expect(log.entries).toHaveLength(2);
  });

  test('a port that is in none is nobody’s', async () => {
    const log = await sessionLogOf(
      [datagram(0, HOST, 1), datagram(2, '198.51.100.10:48155', 1, 63), datagram(200_000, HOST, 2)],
      { ...blocks, portMax: 1026 },
    );
    expect(portsOf(log, HOST)[0]).toBe(48_155);
    expect(log.events.map(({ event }) => event)).toEqual([
      ...['block_allocate', 'block_free', 'block_allocate', 'block_free'],
    ]);
  });
});

test('70: of the public side alone the translation is known, and the host is not', async () => {
  const log = await sessionLogOf([at(0, tcp(NAT, S, 'S', 1, 63)), at(10, tcp(S, NAT, 'SA', 100, 60))], gateway);
  expect(log.entries.map((entry) => [entry.pri, entry.pub, entry.natIp, entry.natPort, entry.natSource])).toEqual([
    ['unknown', S, '198.51.100.10', 48155, 'observed'],
  ]);
  expect(log.entries[0]).toMatchObject({ vpc: '60/1', inbound: '60/1' });
});

describe('a packet from outside that is seen on both sides has passed', () => {
  const stranger: Endpoint = '203.0.113.99:5555';
  const through = (ms: number, of: (to: Endpoint, ttl: number) => Uint8Array): CaptureRecord[] => [
    at(ms, of(NAT, 60)),
    at(ms + 2, of(HOST, 59)),
  ];
  const rowsOf = ({ entries }: SessionLog) =>
    entries.map(({ pri, pub, natIp, natPort, natSource, vpc, inbound }) => [
      `${pri} -> ${pub} via ${natIp}:${natPort} ${natSource} | ${vpc} | ${inbound}`,
    ]);

  test('also where nobody would have been let in', async () => {
    const datagram = (content: number) => (to: Endpoint, ttl: number) =>
      udpPacket({ from: stranger, to, ttl, payload: new Uint8Array(32).fill(content) });
    const log = await sessionLogOf([...through(0, datagram(1)), ...through(10, datagram(2))], gateway);
    expect(rowsOf(log)).toEqual([[`${HOST} -> ${stranger} via ${NAT} observed | 0/0 | 120/2`]]);
    expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 2 });
  });

  test('and opens a connection as one that is let in', async () => {
    const syn = (to: Endpoint, ttl: number) => tcpPacket({ from: stranger, to, flags: 'S', seq: 1, ttl });
    const [entry] = (await sessionLogOf(through(0, syn), gateway)).entries;
    expect([entry?.pri, entry?.natPort, entry?.flags.includes('midstream')]).toEqual([HOST, 48155, false]);
    expect(entry?.mappingEndNs).toBe((T0 + 60n) * SECOND + 2_000_000n);
  });

  test('as a ping and its answer have', async () => {
    const echo = (from: string, to: string, ttl: number, reply = false) =>
      icmpEcho({ from, to, id: 7, seq: 1, reply, ttl });
    const log = await sessionLogOf(
      [
        ...[at(0, echo('203.0.113.99', '198.51.100.10', 60)), at(2, echo('203.0.113.99', '10.0.0.7', 59))],
        ...[at(4, echo('10.0.0.7', '203.0.113.99', 64, true)), at(6, echo('198.51.100.10', '203.0.113.99', 63, true))],
      ],
      gateway,
    );
    expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 2 });
    expect(log.entries.map(({ pri, natIp, natPort, vpc, inbound }) => [pri, natIp, natPort, vpc, inbound])).toEqual([
      ['10.0.0.7:7', '198.51.100.10', 7, '84/1', '84/1'],
    ]);
  });

  test.each<{ name: string; limits: Partial<Gateway> }>([
    { name: 'no port is left', limits: { portMin: 1025, portMax: 1025 } },
    { name: 'too many come within a second', limits: { limits: { ...gateway.limits, maxNewPerSec: 1 } } },
    { name: 'too many are live', limits: { limits: { ...gateway.limits, maxSessions: 1 } } },
    { name: 'a host has too many ports', limits: { limits: { ...gateway.limits, maxPortsPerHost: 1 } } },
  ])('and so has one from the VPC, though $name', async ({ limits }) => {
    const second = (ms: number): CaptureRecord[] => [
      at(ms, tcp('10.0.0.7:5000', S, 'S', 9, 64)),
      at(ms + 2, tcp('198.51.100.10:48156', S, 'S', 9, 63)),
    ];
    const of = { ...gateway, ...limits };
    const log = await sessionLogOf([...out(0, 'S', 1), ...second(100), ...out(200, 'A', 2)], of);
    expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 3 });
    expect(log.entries.map(({ pri, natPort, natSource, vpc }) => [pri, natPort, natSource, vpc])).toEqual([
      [HOST, 48155, 'observed', '120/2'],
      ['10.0.0.7:5000', 48156, 'observed', '60/1'],
    ]);
    expect(log.events.filter(({ event }) => event !== 'block_allocate')).toEqual([]);
    const unseen = await sessionLogOf([...out(0, 'S', 1), ...second(100).slice(0, 1), ...out(200, 'A', 2)], {
      ...of,
      countUnpaired: true,
    });
    expect(unseen.entries).toHaveLength(1);
  });
});

describe('an ICMP error that is seen on one side', () => {
  const answer = (to: Endpoint) => udpPacket({ from: S, to, payload: new Uint8Array(32).fill(9) });
  const request = (from: Endpoint) => udpPacket({ from, to: S, payload: new Uint8Array(32).fill(8) });
  const asked = (ms: number): CaptureRecord[] => [
    at(ms, udpPacket({ from: HOST, to: S, ttl: 64, payload: new Uint8Array(32).fill(8) })),
    at(ms + 2, udpPacket({ from: NAT, to: S, ttl: 63, payload: new Uint8Array(32).fill(8) })),
  ];
  const fromHost = { from: '10.0.0.7', to: '203.0.113.80', type: 3, code: 3 };

  test.each([
    {
      name: 'where it came out of the gateway',
      of: { ...fromHost, from: '198.51.100.10', about: answer(NAT) },
      vpc: '116/2',
    },
    {
      name: 'where it came to the host',
      of: { from: '192.0.2.1', to: '10.0.0.7', about: request(HOST) },
      inbound: '56/1',
    },
    // The private side was not captured then.
    { name: 'where it came in', of: { from: '192.0.2.1', to: '198.51.100.10', about: request(NAT) }, inbound: '56/1' },
  ])('counts in the session that it quotes, $name', async ({ of, vpc = '60/1', inbound = '0/0' }) => {
    const error = icmpError({ type: 11, code: 0, ...of });
    const log = await sessionLogOf([...asked(0), at(1000, error)], gateway);
    expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 1 });
    expect(
      log.entries.map((entry) => [entry.pri, entry.vpc, entry.inbound, entry.flags.includes('legMissing')]),
    ).toEqual([[HOST, vpc, inbound, true]]);
  });

  test('is about no session when that has died', async () => {
    const error = icmpError({ ...fromHost, from: '198.51.100.10', about: answer(NAT) });
    const log = await sessionLogOf([...asked(0), at(60_000, error)], gateway);
    expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 1, icmp_no_session: 1 });
  });

  test('counts in the session of the public side alone', async () => {
    const error = icmpError({ ...fromHost, from: '198.51.100.10', about: answer(NAT) });
    const log = await sessionLogOf([at(0, request(NAT)), at(10, error)], gateway);
    expect(log.entries.map((entry) => [entry.pri, entry.vpc, entry.flags.includes('legMissing')])).toEqual([
      ['unknown', '116/2', false],
    ]);
  });
});

describe('a port that is reused in the middle of a session, as its SYN-ACK confirms', () => {
  const answer = (ms: number, to: Endpoint, ack: number, ttl = 60): CaptureRecord =>
    at(ms, tcpPacket({ from: S, to, flags: 'SA', seq: 7, ack, ttl }));

  test('of the public side alone is a session with the same translation', async () => {
    const log = await sessionLogOf(
      [
        ...[at(0, tcp(NAT, S, 'S', 1, 63)), answer(10, NAT, 2), at(20, tcp(NAT, S, 'A', 2, 63))],
        ...[at(1000, tcp(NAT, S, 'S', 900, 63)), answer(1010, NAT, 901)],
      ],
      gateway,
    );
    expect(
      log.entries.map(({ pri, natIp, natPort, natSource, vpc, inbound, end }) => [
        ...[pri, `${natIp}:${natPort}`, natSource, vpc, inbound, end],
      ]),
    ).toEqual([
      ['unknown', NAT, 'observed', '120/2', '40/1', 'reused'],
      ['unknown', NAT, 'observed', '60/1', '40/1', 'idle'],
    ]);
  });

  test('is one of the host whose answer was seen on the public side only', async () => {
    const log = await sessionLogOf(
      [
        ...[...out(0, 'S', 1), answer(10, NAT, 2), answer(12, HOST, 2, 59), ...out(20, 'A', 2)],
        ...[...out(1000, 'S', 900), answer(1010, NAT, 901)],
      ],
      { ...gateway, countUnpaired: true },
    );
    expect(log.entries.map(({ pri, natIp, vpc, inbound, end }) => [pri, natIp, vpc, inbound, end])).toEqual([
      [HOST, '198.51.100.10', '120/2', '40/1', 'reused'],
      [HOST, '198.51.100.10', '60/1', '40/1', 'idle'],
    ]);
  });
});

test('a connection that begins again where only the public side was seen is of the same host, with the port that was seen', async () => {
  const log = await sessionLogOf(
    [
      ...[...out(0, 'S', 1), ...into(10, 'SA', 100), ...out(20, 'A', 2)],
      ...[...out(30, 'FA', 2), ...into(40, 'FA', 101), ...out(50, 'A', 3)],
      ...[at(9000, tcp(NAT, S, 'S', 9000, 63)), at(9100, tcp(S, NAT, 'SA', 700, 60))],
    ],
    gateway,
  );
  expect(
    log.entries.map(({ pri, natIp, natPort, natSource, vpc, inbound }) => [
      pri,
      natIp,
      natPort,
      natSource,
      vpc,
      inbound,
    ]),
  ).toEqual([
    [HOST, '198.51.100.10', 48155, 'observed', '240/4', '120/2'],
    [HOST, '198.51.100.10', 48155, 'observed', '60/1', '60/1'],
  ]);
  expect(log.entries[1]?.flags).toContain('legMissing');
});

test.each([{ vlanAware: true }, { vlanAware: false }])(
  'what is seen behind the gateway alone is of the host, whatever its VLAN is there: vlanAware $vlanAware',
  async ({ vlanAware }) => {
    const tagged = ({ atNs, bytes }: CaptureRecord, vlan: number) => ({
      atNs,
      bytes: ethernet(bytes, { vlans: [vlan] }),
    });
    const bothSides = (records: CaptureRecord[], [first, second]: readonly [number, number]) =>
      records.map((record, index) => tagged(record, index === 0 ? first : second));
    const about = tcp(NAT, S, 'A', 2, 60);
    const error = icmpError({ from: '203.0.113.1', to: '198.51.100.10', type: 3, code: 1, about, ttl: 60 });
    const records = [
      ...[...bothSides(out(0, 'S', 1), [12, 99]), ...bothSides(into(10, 'SA', 100), [99, 12])],
      ...bothSides(out(20, 'A', 2), [12, 99]),
      ...[tagged(at(300, tcp(NAT, S, 'PA', 3, 63)), 99), tagged(at(400, tcp(S, NAT, 'A', 101, 60)), 99)],
      tagged(at(500, error), 99),
    ];
    const capture = memorySource(pcapFile(records, { linkType: LINK.ethernet }));
    const { entries } = await sessionLog([capture], { ...gateway, vlanAware });
    expect(entries.map(({ pri, natPort, vpc, realm }) => [pri, natPort, vpc, realm])).toEqual([
      [HOST, 48155, '180/3', vlanAware ? 12 : null],
    ]);
    expect(entries[0]!.inbound.endsWith('/3')).toBe(true);
    expect(entries[0]!.flags).toContain('legMissing');
    expect(entries[0]!.flags).not.toContain('realmConflict');
  },
);

test('71: a packet that is missing on the public side was not forwarded, and does not count', async () => {
  const lost = at(30, tcp(HOST, S, 'PA', 3, 64, 160));
  const records = [...out(0, 'S', 1), ...into(10, 'SA', 100), ...out(20, 'A', 2), lost, ...out(500, 'A', 4)];
  const log = await sessionLogOf(records, gateway);
  expect(log.ledger.packets.notInEntries).toEqual({ public_copy: 4, lost_in_nat: 1 });
  expect(log.entries.map((entry) => entry.vpc)).toEqual(['180/3']);
  const counted = await sessionLogOf(records, { ...gateway, countUnpaired: true });
  expect(counted.entries.map((entry) => entry.vpc)).toEqual(['340/4']);
});

test('71: one that came in and is missing on the public side counts, and its entry says so', async () => {
  const records = [...out(0, 'S', 1), ...into(10, 'SA', 100), at(30, tcp(S, HOST, 'PA', 200, 59)), ...out(200, 'A', 2)];
  const log = await sessionLogOf(records, gateway);
  expect(log.entries.map((entry) => [entry.inbound, entry.flags.includes('legMissing')])).toEqual([['120/2', true]]);
});

test('packets that cannot wait for their copies, as too many come at once, are told of', async () => {
  const crowd = Array.from({ length: 140_000 }, (_, index) => at(100, tcp(HOST, S, 'A', 10 + index, 64)));
  const log = await sessionLogOf([...out(0, 'S', 1), ...crowd], gateway);
  expect(log.unpairedEarly).toBeGreaterThan(8000);
  const { unpairedEarly } = await sessionLogOf([...out(0, 'S', 1), ...crowd.slice(0, 1000)], gateway);
  expect(unpairedEarly).toBe(0);
  const [notice] = noticesOf(1, log, gateway).filter(({ kind }) => kind === 'losses');
  expect(notice?.text).toContain(`${log.unpairedEarly} packets could not wait 50 ms`);
});
