import { expect } from 'vitest';
import type { TunnelLayer } from '../../src-main/contract/imports';
import type { ByReason } from '../../src-main/contract/ledger';
import type { EndReason } from '../../src-main/contract/log-entry';
import { parsePublicAddress } from '../../src-main/nat/address-text';
import type { Gateway, HostAddress } from '../../src-main/nat/gateway';
import { icmpEcho, ipv4Number, tcpPacket, udpPacket, type Endpoint } from './frames';
import { memorySource } from './memory-source';
import { LINK, pcapFile, type CaptureRecord } from './pcap-writer';
import { gatewayWith, sessionLog, snatEntry, type Entry, type SessionLog } from './session-log';
import { SECOND } from './time';

/*
 * What the numbered scenarios of the specification have in common: nat-gateway reference §7, "Fixture". Times are seconds
 * after T0, a window edge; lengths are IPv4 total lengths.
 */
export const T0 = 1_700_000_400n;
export const S: Endpoint = '203.0.113.80:443';
export const S2: Endpoint = '203.0.113.81:443';
/** A host of E1. */
export const HOST = '10.0.0.7';

export const E1 = snatEntry('10.0.0.0/16', ['198.51.100.10']);
export const E2 = snatEntry('10.0.1.0/24', ['198.51.100.20']);
export const E3 = snatEntry('10.0.1.5/32', ['198.51.100.30']);
export const E4 = snatEntry('10.1.0.0/16', ['198.51.100.41', '198.51.100.42', '198.51.100.43']);
export const E5 = snatEntry('10.2.0.0/16', ['198.51.100.51', '198.51.100.52'], { affinity: true });
const ENTRIES = [E1, E2, E3, E4, E5];

/** A DNAT mapping of any port, or an EIP of a host's own. */
export const hostAddress = (publicAddress: string, privateAddress: string): HostAddress => ({
  publicAddress: parsePublicAddress(publicAddress),
  privateAddress: ipv4Number(privateAddress),
});

/** The gateway of the fixture, with what a scenario changes. */
export function fixture(changes: Partial<Gateway> = {}): Gateway {
  return gatewayWith({
    instance: 'ngw-t',
    vpcId: 'vpc-t',
    bindMode: 'MULTI_BINDED',
    portPolicy: 'sequential',
    timeModel: 'packet',
    addresses: ENTRIES.flatMap(({ eips }) => eips.map((address) => ({ address, privateAddress: null }))),
    snatEntries: ENTRIES,
    dnatMappings: [hostAddress('198.51.100.99', '10.0.9.9')],
    ...changes,
  });
}

export const at = (sec: number, bytes: Uint8Array): CaptureRecord => ({
  atNs: T0 * SECOND + BigInt(Math.round(sec * 1e9)),
  bytes,
});

/** A TCP packet of `length` octets, of which 40 are headers. */
export const tcp = (
  from: Endpoint,
  to: Endpoint,
  flags: string,
  length: number,
  fields: { seq?: number; ack?: number; window?: number } = {},
): Uint8Array => tcpPacket({ from, to, flags, payload: new Uint8Array(length - 40), ...fields });

export const udp = (from: Endpoint, to: Endpoint, length: number): Uint8Array =>
  udpPacket({ from, to, payload: new Uint8Array(length - 28) });

/** An echo request of 84 octets, or the reply. */
export const echo = (from: string, to: string, id: number, reply = false): Uint8Array =>
  icmpEcho({ from, to, id, reply, payload: new Uint8Array(56) });

/** The packets of scenario 1: a whole connection within two seconds, 420 octets in 6 packets out and 716 in 4 in. */
export function connection(client: Endpoint, server: Endpoint, start: number): CaptureRecord[] {
  return [
    at(start, tcp(client, server, 'S', 60)),
    at(start + 0.1, tcp(server, client, 'SA', 60)),
    at(start + 0.2, tcp(client, server, 'A', 52)),
    at(start + 0.3, tcp(client, server, 'PA', 152)),
    at(start + 0.4, tcp(server, client, 'A', 52)),
    at(start + 0.5, tcp(server, client, 'PA', 552)),
    at(start + 0.6, tcp(client, server, 'A', 52)),
    at(start + 1, tcp(client, server, 'FA', 52)),
    at(start + 1.5, tcp(server, client, 'FA', 52)),
    at(start + 2, tcp(client, server, 'A', 52)),
  ];
}

/** The handshake of a connection within 20 ms: 112 octets in 2 packets out, 60 in 1 in. */
export const handshake = (client: Endpoint, server: Endpoint, start: number): CaptureRecord[] => [
  at(start, tcp(client, server, 'S', 60, { seq: 100 })),
  at(start + 0.01, tcp(server, client, 'SA', 60, { seq: 500, ack: 101 })),
  at(start + 0.02, tcp(client, server, 'A', 52, { seq: 101, ack: 501 })),
];

/** How the specification writes a row: `proto pri -> pub via nat | vpc B/P | pub B/P | start-end`. */
export function rowText(entry: Entry): string {
  const { protocol, pri, pub, natIp, natPort, vpc, inbound, firstNs, lastNs } = entry;
  const seconds = `${firstNs / SECOND - T0}-${lastNs / SECOND - T0}`;
  return `${protocol} ${pri} -> ${pub} via ${natIp}:${natPort} | ${vpc} | ${inbound} | ${seconds}`;
}

export interface Scenario {
  readonly name: string;
  readonly packets: readonly CaptureRecord[];
  /** As `rowText` writes them, in order of the entries' numbers. */
  readonly rows: readonly string[];
  /** Packets in no row. */
  readonly reasons?: ByReason;
  readonly ends?: readonly EndReason[];
  /** Of each row, all but `partialWindow`: a capture of these is shorter than its window. */
  readonly flags?: readonly (readonly string[])[];
  readonly gateway?: Partial<Gateway>;
  readonly layer?: TunnelLayer;
  /** Default: no link layer. */
  readonly linkType?: number;
}

export const flagsOf = (entry: Entry): string[] => entry.flags.filter((flag) => flag !== 'partialWindow');

/** Runs the packets of a scenario through the gateway of the fixture. */
export function run(
  packets: readonly CaptureRecord[],
  gateway: Partial<Gateway> = {},
  { layer = 'auto', linkType = LINK.raw }: { layer?: TunnelLayer; linkType?: number } = {},
): Promise<SessionLog> {
  return sessionLog([memorySource(pcapFile(packets, { linkType, resolution: 'ns' }))], fixture(gateway), layer);
}

/** Asserts what a scenario expects: all rows, and every packet that is in none. */
export async function expectScenario(scenario: Scenario): Promise<void> {
  const { packets, rows, reasons = {}, ends, flags, gateway, layer = 'auto', linkType = LINK.raw } = scenario;
  const log = await run(packets, gateway, { layer, linkType });
  expect(log.entries.map(rowText)).toEqual(rows);
  expect(log.ledger.packets.notInEntries).toEqual(reasons);
  if (ends !== undefined) expect(log.entries.map(({ end }) => end)).toEqual(ends);
  if (flags !== undefined) expect(log.entries.map(flagsOf)).toEqual(flags);
}
