import { concat, hex, u16, u32, u8 } from './bytes';
import { dnsLookup, framed, ping, tcpSession, udpFlow } from './conversations';
import type { Endpoint } from './frames';
import {
  ETHERTYPE,
  arpMessage,
  ethernet,
  fragment,
  icmpEcho,
  icmpv6Packet,
  ipv6Bytes,
  ipv6Udp,
  tcpPacket,
  udpPacket,
} from './frames';
import type { CaptureRecord } from './pcap-writer';
import { inTimeOrder } from './pcap-writer';
import { networkInterface, packet, pcapngFile, section } from './pcapng-writer';
import { seededRandom } from './random';
import { MILLISECOND, SECOND, timeNs } from './time';
import { tlsExchanges } from './tls';

/*
 * The capture that ships with Natscope: fourteen minutes on the inside of a small company's NAT gateway, from 08:57 to
 * 09:11 UTC, so three windows. All addresses on the Internet are of the documentation ranges.
 */

const START = timeNs('2026-03-10T08:57:00Z');
const END_SEC = 14 * 60;
const at = (seconds: number): bigint => START + BigInt(Math.round(seconds * 1_000_000)) * 1_000n;

const HOST = {
  anna: '10.0.1.11',
  boris: '10.0.1.12',
  chen: '10.0.1.13',
  build: '10.0.2.21',
  api: '10.0.2.22',
  scanner: '10.0.3.31',
  thermostat: '192.168.10.5',
  phone: '192.168.10.6',
} as const;
const DATABASE = '10.0.2.40';
const RESOLVER: Endpoint = '192.0.2.53:53';
const ROUTER_MAC = '02:00:5e:00:00:fe';

const SITES = [
  { name: 'www.example.com', address: '198.51.100.10', rttMs: 14 },
  { name: 'cdn.example.com', address: '198.51.100.24', rttMs: 4 },
  { name: 'mail.example.org', address: '203.0.113.25', rttMs: 31 },
  { name: 'docs.example.net', address: '198.51.100.77', rttMs: 22 },
  { name: 'video.example.net', address: '203.0.113.80', rttMs: 9 },
  { name: 'news.example.org', address: '192.0.2.140', rttMs: 48 },
] as const;

/** Hands out client ports the way operating systems do: upwards from somewhere. */
function portsFrom(first: number): () => number {
  let next = first;
  return () => next++;
}

/** Someone at a browser: a lookup, then a TLS session with a few requests, over and over. */
function browsing(address: string, given: { seed: number; everySec: readonly [number, number] }): CaptureRecord[][] {
  const random = seededRandom(given.seed);
  const port = portsFrom(49_152 + random.int(0, 4_000));
  const conversations: CaptureRecord[][] = [];
  for (let second = random.int(1, 9); second < END_SEC - 12; second += random.int(...given.everySec)) {
    const site = random.pick(SITES);
    const start = second + random.int(0, 999) / 1000;
    conversations.push(
      dnsLookup({ client: `${address}:${port()}`, server: RESOLVER, startNs: at(start), ...site, rttMs: 6 }),
    );
    const requests = Array.from({ length: random.int(1, 3) }, () => ({
      up: random.int(280, 900),
      down: random.pick([240, 420, 900, 1800, 3200, 5200]) + random.int(0, 300),
      pauseMs: random.int(20, 1500),
    }));
    conversations.push(
      tcpSession({
        client: `${address}:${port()}`,
        server: `${site.address}:443`,
        startNs: at(start + 0.02),
        rttMs: site.rttMs,
        exchanges: tlsExchanges(random, site.name, requests),
        end: random.int(1, 12) === 1 ? 'client-rst' : 'fin',
        seed: random.u32(),
      }),
    );
  }
  return conversations;
}

/** The build server fetches packages: few sessions, large answers. */
function downloads(): CaptureRecord[][] {
  const random = seededRandom(21);
  return [65, 179.2, 402, 640, 782.6].flatMap((start, index) => [
    dnsLookup({
      client: `${HOST.build}:${41_000 + index}`,
      server: RESOLVER,
      startNs: at(start),
      name: 'packages.example.com',
      address: '198.51.100.200',
    }),
    tcpSession({
      client: `${HOST.build}:${52_110 + index}`,
      server: '198.51.100.200:443',
      startNs: at(start + 0.05),
      rttMs: 11,
      exchanges: tlsExchanges(random, 'packages.example.com', [{ up: 340, down: random.int(30_000, 60_000) }]),
      seed: 2100 + index,
    }),
  ]);
}

/** A session that lives in all three windows and is still open when the capture ends. */
function keepAlive(): CaptureRecord[] {
  const random = seededRandom(22);
  const beats = Array.from({ length: 55 }, () => ({ up: 61, down: 37, pauseMs: 14_950 }));
  return tcpSession({
    client: `${HOST.api}:38500`,
    server: '203.0.113.60:8883',
    startNs: at(8),
    rttMs: 26,
    exchanges: tlsExchanges(random, 'events.example.com', beats),
    end: 'open',
    seed: 22,
  });
}

/** A web hook every eleven seconds: short sessions to one endpoint, each with a port of its own. */
function webHooks(): CaptureRecord[][] {
  const random = seededRandom(220);
  return Array.from({ length: 74 }, (_, index) =>
    tcpSession({
      client: `${HOST.api}:${39_000 + index}`,
      server: '203.0.113.61:443',
      startNs: at(15 + index * 11.1),
      rttMs: 17,
      exchanges: tlsExchanges(random, 'hooks.example.com', [{ up: random.int(500, 1200), down: 180 }]),
      seed: 39_000 + index,
    }),
  );
}

/** Someone tries the ports of one public host: refused, filtered, and two that are open. */
function portScan(): CaptureRecord[][] {
  return Array.from({ length: 70 }, (_, index) => {
    const port = 20 + index;
    return tcpSession({
      client: `${HOST.scanner}:${61_000 + index}`,
      server: `203.0.113.77:${port}`,
      startNs: at(372 + index * 0.11),
      rttMs: 35,
      answer: port === 22 || port === 80 ? 'accepted' : port % 7 === 0 ? 'silent' : 'refused',
      end: 'client-rst',
      seed: port,
    });
  });
}

/** QUIC as a stranger sees it: a long-header packet each way, then short headers with unreadable payload. */
function quic(start: number, port: number, down: number): CaptureRecord[] {
  const random = seededRandom(port);
  const client: Endpoint = `${HOST.phone}:${port}`;
  const server: Endpoint = '203.0.113.80:443';
  const connection = random.bytes(8);
  const long = (type: number): Uint8Array =>
    concat(u8(0xc0 | (type << 4)), u32(1), u8(8), connection, u8(8), random.bytes(8));
  // Handshake packets (type 2) need no token, and their keys cannot be derived from the connection.
  const hello = (bytes: number): Uint8Array => concat(long(2), u16(0x4000 | bytes), random.bytes(bytes));
  const pattern = Array.from({ length: down }, (_, index) => (index % 4 === 3 ? 62 : -random.int(900, 1_252)));
  return inTimeOrder(
    [{ atNs: at(start), bytes: udpPacket({ from: client, to: server, payload: hello(1_150) }) }],
    [{ atNs: at(start + 0.011), bytes: udpPacket({ from: server, to: client, payload: hello(1_100), ttl: 52 }) }],
    udpFlow({
      ...{ client, server, startNs: at(start + 0.02), datagrams: pattern, intervalMs: 7, seed: port },
      prefix: concat(u8(0x41), connection),
    }),
  );
}

/** The clock of a thermostat: NTP every minute, from port 123 to port 123. */
function clock(): CaptureRecord[] {
  const secondsSince1900 = (second: number): number => Number(at(second) / SECOND) + 2_208_988_800;
  const message = (mode: number, second: number): Uint8Array =>
    concat(hex(mode === 3 ? '23 00 06 20' : '24 02 06 e9'), new Uint8Array(36), u32(secondsSince1900(second)), u32(0));
  return Array.from({ length: 13 }, (_, index) => 4.5 + index * 64).flatMap((second) => {
    const ends = { from: `${HOST.thermostat}:123`, to: '192.0.2.123:123' } as const;
    return [
      { atNs: at(second), bytes: udpPacket({ ...ends, payload: message(3, second) }) },
      {
        atNs: at(second) + 19n * MILLISECOND,
        bytes: udpPacket({ from: ends.to, to: ends.from, payload: message(4, second), ttl: 55 }),
      },
    ];
  });
}

/** Packets between private hosts, which no gateway sees in a cloud but a capture often holds. */
function insideTraffic(): CaptureRecord[][] {
  return Array.from({ length: 6 }, (_, index) =>
    tcpSession({
      client: `${HOST.api}:${45_000 + index}`,
      server: `${DATABASE}:6432`,
      startNs: at(40 + index * 130),
      rttMs: 0.4,
      exchanges: [
        { up: 96, down: 320 },
        { up: 140, down: 2_600 },
      ],
      seed: 450 + index,
    }),
  );
}

function pings(): CaptureRecord[][] {
  const big = icmpEcho({ from: HOST.boris, to: '198.51.100.10', id: 77, payload: new Uint8Array(2_400) });
  const bigReply = icmpEcho({
    from: '198.51.100.10',
    to: HOST.boris,
    id: 77,
    payload: new Uint8Array(2_400),
    reply: true,
  });
  const fragments = (whole: Uint8Array, second: number): CaptureRecord[] =>
    fragment(whole, 1_480).map((bytes, index) => ({ atNs: at(second) + BigInt(index) * 15_000n, bytes }));
  return [
    ping({ from: HOST.anna, to: '198.51.100.10', startNs: at(30.25), id: 4_711, count: 5, rttMs: 14.1 }),
    ping({ from: HOST.chen, to: '192.0.2.140', startNs: at(176.5), id: 902, count: 8, rttMs: 48.3, lost: [3, 6] }),
    ping({ from: HOST.api, to: '203.0.113.60', startNs: at(500), id: 17, count: 30, intervalMs: 10_000, rttMs: 26 }),
    fragments(big, 250),
    fragments(bigReply, 250.015),
  ];
}

/** Knocks from outside that belong to no session, so the gateway drops them. */
function unsolicited(): CaptureRecord[] {
  return [95, 96, 98, 411.5, 700.2].map((second, index) => ({
    atNs: at(second),
    bytes: tcpPacket({
      from: `192.0.2.${index < 3 ? 66 : 67 + index}:${40_000 + index}`,
      to: index < 3 ? `${HOST.anna}:22` : `${HOST.build}:3389`,
      ...{ flags: 'S', seq: 0x5eed0000 + index, ttl: 44, window: 1_024, identification: 54_321 },
    }),
  }));
}

function neighbours(): CaptureRecord[] {
  const linkLocal = 'fe80::5eff:fe00:fe';
  const solicit = (target: string): Uint8Array => concat(u32(0), ipv6Bytes(target));
  const ipv6 = [20, 320, 620].flatMap((second) =>
    [
      icmpv6Packet({ from: linkLocal, to: 'ff02::1', type: 135, body: solicit('2001:db8::11'), hopLimit: 255 }),
      ipv6Udp({
        from: '2001:db8::11',
        fromPort: 50_100 + second,
        to: '2001:db8:53::1',
        toPort: 443,
        payload: concat(u8(0x41), seededRandom(second).bytes(120)),
      }),
    ].map((bytes, index) => ({ atNs: at(second + index * 0.3), bytes: ethernet(bytes, { from: ROUTER_MAC }) })),
  );

  const arp = Array.from({ length: 24 }, (_, index) => {
    const [address] = [Object.values(HOST)[index % 8] ?? HOST.anna];
    const body = {
      senderMac: ROUTER_MAC,
      sender: address.startsWith('10.') ? '10.0.0.1' : '192.168.10.1',
      target: address,
    };
    const second = 12.4 + index * 34;
    const link = { ethertype: ETHERTYPE.arp };
    return [
      { atNs: at(second), bytes: ethernet(arpMessage(body), { ...link, from: ROUTER_MAC, to: 'ff:ff:ff:ff:ff:ff' }) },
      {
        atNs: at(second + 0.0004),
        bytes: ethernet(
          arpMessage({
            ...{ reply: true, senderMac: macOf(address), sender: address },
            ...{ targetMac: ROUTER_MAC, target: body.sender },
          }),
          { ...link, from: macOf(address), to: ROUTER_MAC },
        ),
      },
    ];
  }).flat();
  return [...ipv6, ...arp];
}

/** A local address made from the IPv4 address; everything from outside comes through the router. */
function macOf(address: string): string {
  if (!Object.values<string>(HOST).includes(address) && address !== DATABASE) return ROUTER_MAC;
  return ['02', '00', ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');
}

function onLan(bytes: Uint8Array): Uint8Array {
  const address = (offset: number): string => bytes.subarray(offset, offset + 4).join('.');
  return ethernet(bytes, { from: macOf(address(12)), to: macOf(address(16)) });
}

/** @returns the bytes of resources/sample.pcapng, the same on every run */
export function sampleCapture(): Uint8Array {
  const ip = inTimeOrder(
    ...browsing(HOST.anna, { seed: 11, everySec: [16, 40] }),
    ...browsing(HOST.boris, { seed: 12, everySec: [30, 70] }),
    ...browsing(HOST.chen, { seed: 13, everySec: [40, 110] }),
    ...browsing(HOST.phone, { seed: 16, everySec: [60, 150] }),
    ...downloads(),
    keepAlive(),
    ...webHooks(),
    ...portScan(),
    quic(130, 51_820, 40),
    quic(592.5, 51_833, 70),
    clock(),
    ...insideTraffic(),
    ...pings(),
    unsolicited(),
  );
  const records = inTimeOrder(framed(ip, onLan), neighbours());
  return pcapngFile([
    section({ application: 'Natscope sample generator' }),
    networkInterface({ name: 'lan0', resolution: 9 }),
    ...records.map((record) => packet(record)),
  ]);
}
