import { describe, expect, test } from 'vitest';
import { crc32c, crc32cChange } from '../../../src-main/capture/crc32c';
import type { Gateway } from '../../../src-main/nat/gateway';
import { PROFILE_NAMES, profileValues } from '../../../src-main/nat/profiles';
import { RECORDING, gatewayProfile } from '../../../src-main/nat/profiles/gateway-profile';
import { fragment, icmpError, ipv4Packet, udpLitePacket, type Endpoint } from '../../support/frames';
import { at, expectScenario, rowText, run, type Scenario } from '../../support/nat-scenario';
import { snatEntry } from '../../support/session-log';

/* Protocols besides TCP, UDP and ICMP, of each profile: nat-gateway reference §4.3 and scenario 58. */

const HOST = '10.0.0.7';
const OTHER = '10.0.0.8';
const PEER = '192.0.2.1';
const EIP = '198.51.100.10';
const SECOND_EIP = '198.51.100.11';

const [GRE, ESP, SCTP, UDP_LITE] = [47, 50, 132, 136];
/** Of 60 octets; a header of GRE without anything that would make it a tunnel. */
const packet = (protocol: number, from: string, to: string): Uint8Array =>
  ipv4Packet({ from, to, protocol, payload: new Uint8Array(40).fill(1) });

const linux = (...eips: readonly string[]): Partial<Gateway> => ({
  ...gatewayProfile('linux', profileValues('linux'), RECORDING),
  addresses: [],
  snatEntries: [snatEntry('10.0.0.0/8', eips)],
});
const LINUX = linux(EIP);

const row = (protocol: number, counts: string, host = HOST, nat = EIP): string =>
  `${protocol} ${host}:0 -> ${PEER}:0 via ${nat}:0 | ${counts}`;

describe('58: whether other protocols are translated:', () => {
  test.each(PROFILE_NAMES)('%s', async (name) => {
    const gateway = gatewayProfile(name, profileValues(name), RECORDING);
    const packets = [GRE, ESP, SCTP, UDP_LITE, 2].map((protocol) => at(protocol, packet(protocol, HOST, PEER)));
    const { entries, ledger } = await run(packets, { ...gateway, snatEntries: [snatEntry('10.0.0.0/8', [EIP])] });
    const isTranslated = name === 'linux';
    expect(entries.map(({ protocol }) => protocol)).toEqual(isTranslated ? [GRE, ESP, SCTP, UDP_LITE, 2] : []);
    expect(ledger.packets.notInEntries).toEqual(isTranslated ? {} : { unsupported_protocol: 5 });
  });
});

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'without ports, both directions are one session, that of the two addresses',
    packets: [
      ...[at(1, packet(ESP, HOST, PEER)), at(2, packet(ESP, PEER, HOST)), at(3, packet(ESP, HOST, PEER))],
      at(4, packet(ESP, HOST, '192.0.2.2')),
    ],
    rows: [row(ESP, '120/2 | 60/1 | 1-3'), `50 ${HOST}:0 -> 192.0.2.2:0 via ${EIP}:0 | 60/1 | 0/0 | 4-4`],
    gateway: LINUX,
  },
  {
    name: 'each protocol is a session of its own',
    packets: [at(1, packet(ESP, HOST, PEER)), at(2, packet(51, HOST, PEER)), at(3, packet(4, HOST, PEER))],
    rows: [row(ESP, '60/1 | 0/0 | 1-1'), row(51, '60/1 | 0/0 | 2-2'), row(4, '60/1 | 0/0 | 3-3')],
    gateway: LINUX,
    layer: 'outer',
  },
  {
    // Reference §2.3 step 6.
    name: 'a second host has no session with the same peer while the first one has it, and one when that has died',
    packets: [
      ...[at(1, packet(ESP, HOST, PEER)), at(2, packet(ESP, OTHER, PEER)), at(590, packet(ESP, HOST, PEER))],
      ...[at(1189.999, packet(ESP, OTHER, PEER)), at(1190, packet(ESP, OTHER, PEER))],
    ],
    rows: [row(ESP, '120/2 | 0/0 | 1-590'), row(ESP, '60/1 | 0/0 | 1190-1190', OTHER)],
    reasons: { no_port: 2 },
    ends: ['open', 'capture_end'],
    gateway: LINUX,
  },
  {
    // Reference §6.1 "Pool spill".
    name: 'or has it by another address of the pool, until there is none',
    packets: [HOST, OTHER, '10.0.0.9'].map((host, index) => at(index, packet(ESP, host, PEER))),
    rows: [row(ESP, '60/1 | 0/0 | 0-0', HOST, SECOND_EIP), row(ESP, '60/1 | 0/0 | 1-1', OTHER, EIP)].sort(),
    reasons: { no_port: 1 },
    gateway: linux(EIP, SECOND_EIP),
  },
  {
    name: 'GRE dies after 30 seconds, or after 180 when it was answered',
    packets: [
      ...[at(0, packet(GRE, HOST, PEER)), at(29.999, packet(GRE, HOST, PEER)), at(60, packet(GRE, HOST, PEER))],
      ...[at(61, packet(GRE, PEER, HOST)), at(240.999, packet(GRE, HOST, PEER)), at(420.999, packet(GRE, HOST, PEER))],
    ],
    rows: [row(GRE, '120/2 | 0/0 | 0-29'), row(GRE, '120/2 | 60/1 | 60-240'), row(GRE, '60/1 | 0/0 | 420-420')],
    ends: ['idle', 'idle', 'idle'],
    gateway: LINUX,
    layer: 'outer',
  },
  {
    name: 'what comes from the Internet first has no session',
    packets: [at(1, packet(ESP, PEER, HOST))],
    rows: [],
    reasons: { no_session: 1 },
    gateway: LINUX,
  },
  {
    name: 'an error about a packet without ports counts in its session',
    packets: [
      at(1, packet(ESP, HOST, PEER)),
      at(2, icmpError({ from: '192.0.2.9', to: HOST, type: 11, code: 0, about: packet(ESP, HOST, PEER) })),
      at(3, icmpError({ from: '192.0.2.9', to: OTHER, type: 11, code: 0, about: packet(ESP, OTHER, PEER) })),
    ],
    rows: [row(ESP, '60/1 | 56/1 | 1-2')],
    reasons: { icmp_no_session: 1 },
    gateway: LINUX,
  },
  {
    name: 'fragments count each',
    packets: fragment(
      ipv4Packet({ from: HOST, to: PEER, protocol: ESP, identification: 7, payload: new Uint8Array(60) }),
      40,
    ).map((bytes, index) => at(index, bytes)),
    rows: [row(ESP, '100/2 | 0/0 | 0-1')],
    gateway: LINUX,
  },
];

const CLIENT: Endpoint = `${HOST}:5000`;
const SERVER: Endpoint = `${PEER}:7001`;
/** Of 60 octets. */
const lite = (from: Endpoint, to: Endpoint): Uint8Array => udpLitePacket({ from, to, payload: new Uint8Array(32) });
const liteRow = (counts: string, pri: Endpoint = CLIENT): string =>
  `136 ${pri} -> ${SERVER} via ${EIP}:${pri.split(':')[1]} | ${counts}`;

const OF_UDP_LITE: readonly Scenario[] = [
  {
    name: 'has its ports, and dies after 30 seconds, or after 120 when it was answered',
    packets: [
      ...[at(1, lite(CLIENT, SERVER)), at(2, lite(`${HOST}:5001`, SERVER)), at(31, lite(CLIENT, SERVER))],
      ...[at(60.999, lite(SERVER, CLIENT)), at(180.998, lite(CLIENT, SERVER)), at(300.998, lite(CLIENT, SERVER))],
    ],
    rows: [
      ...[liteRow('60/1 | 0/0 | 1-1'), liteRow('60/1 | 0/0 | 2-2', `${HOST}:5001`)],
      ...[liteRow('120/2 | 60/1 | 31-180'), liteRow('60/1 | 0/0 | 300-300')],
    ],
    gateway: LINUX,
  },
  {
    name: 'is kept alive from inside alone where UDP is',
    packets: [at(1, lite(CLIENT, SERVER)), at(2, lite(SERVER, CLIENT)), at(121, lite(SERVER, CLIENT))],
    rows: [liteRow('60/1 | 60/1 | 1-2')],
    reasons: { no_session: 1 },
    gateway: { ...LINUX, udpInboundRefresh: false },
  },
  {
    name: 'that comes from the Internet first has no session',
    packets: [at(1, lite(SERVER, CLIENT))],
    rows: [],
    reasons: { no_session: 1 },
    gateway: LINUX,
  },
  {
    name: 'has the errors about it, by its ports',
    packets: [
      ...[at(1, lite(CLIENT, SERVER)), at(2, lite(`${HOST}:5001`, SERVER))],
      at(3, icmpError({ from: PEER, to: HOST, type: 3, code: 3, about: lite(`${HOST}:5001`, SERVER) })),
    ],
    rows: [liteRow('60/1 | 0/0 | 1-1'), liteRow('60/1 | 56/1 | 2-3', `${HOST}:5001`)],
    gateway: LINUX,
  },
];

describe('58: UDP-Lite', () => {
  test.each(OF_UDP_LITE)('$name', expectScenario);

  test('of a second host with the same port has another one', async () => {
    const packets = [HOST, OTHER].map((host, sec) => at(sec, lite(`${host}:5000`, SERVER)));
    const { entries } = await run(packets, LINUX);
    expect(entries.map(({ pri }) => pri).sort()).toEqual([CLIENT, `${OTHER}:5000`]);
    expect(entries.filter(({ natPort }) => natPort === 5000)).toMatchObject([{ pri: CLIENT }]);
  });

  test('of both sides counts once, with the port that was observed', async () => {
    const inside = udpLitePacket({ from: CLIENT, to: SERVER, ttl: 64, payload: new Uint8Array(32).fill(7) });
    const outside = udpLitePacket({ from: `${EIP}:6000`, to: SERVER, ttl: 63, payload: new Uint8Array(32).fill(7) });
    const { entries, ledger } = await run([at(1, inside), at(1.001, outside)], LINUX);
    expect(entries.map(rowText)).toEqual([`136 ${CLIENT} -> ${SERVER} via ${EIP}:6000 | 60/1 | 0/0 | 1-1`]);
    expect(ledger.packets.notInEntries).toEqual({ public_copy: 1 });
  });
});

describe('58: a gateway that translates other protocols:', () => test.each(SCENARIOS)('$name', expectScenario));

test('packets of both sides count once, with the address that was observed', async () => {
  const both = (sec: number, protocol: number, isOut: boolean): Scenario['packets'] => {
    const inside = ipv4Packet({
      from: isOut ? HOST : PEER,
      to: isOut ? PEER : HOST,
      protocol,
      ttl: isOut ? 64 : 62,
      identification: sec,
      payload: new Uint8Array(40).fill(sec),
    });
    const outside = ipv4Packet({
      from: isOut ? SECOND_EIP : PEER,
      to: isOut ? PEER : SECOND_EIP,
      protocol,
      ttl: 63,
      identification: sec,
      payload: new Uint8Array(40).fill(sec),
    });
    return isOut ? [at(sec, inside), at(sec + 0.001, outside)] : [at(sec, outside), at(sec + 0.001, inside)];
  };
  const { entries, ledger } = await run([...both(1, ESP, true), ...both(2, ESP, false)], linux(EIP, SECOND_EIP));
  expect(entries.map(rowText)).toEqual([row(ESP, '60/1 | 60/1 | 1-2', HOST, SECOND_EIP)]);
  expect(entries[0]?.natSource).toBe('observed');
  expect(ledger.packets.notInEntries).toEqual({ public_copy: 2 });
});

describe('the checksum of SCTP', () => {
  const bytes = Uint8Array.from({ length: 53 }, (_, index) => (index * 37 + 5) & 0xff);

  test('is CRC32c', () => {
    expect(crc32c(new TextEncoder().encode('0123456789'.slice(1)), 0, 9)).toBe(0xe3069283);
  });

  test('follows the ports, whatever comes behind them', () => {
    const changed = bytes.slice();
    changed.set([1, 2, 3, 4]);
    const change = ((bytes[0]! ^ 1) << 24) | ((bytes[1]! ^ 2) << 16) | ((bytes[2]! ^ 3) << 8) | (bytes[3]! ^ 4);
    expect((crc32c(bytes, 0, 53) ^ crc32cChange(change, 53)) >>> 0).toBe(crc32c(changed, 0, 53));
  });
});
