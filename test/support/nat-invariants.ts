import { expect } from 'vitest';
import type { Reason } from '../../src-main/contract/ledger';
import { formatIpv4, isInNetwork } from '../../src-main/nat/address-text';
import type { Gateway, SnatEntry } from '../../src-main/nat/gateway';
import { tupleOf, type TrafficPacket } from './adversarial-traffic';
import { ipv4Number, splitEndpoint, type Endpoint } from './frames';
import type { Entry, SessionLog } from './session-log';
import { SECOND } from './time';

/*
 * What holds of every gateway and all traffic: nat-gateway reference §6, "Invariants to property-test". The traffic is that
 * of the private leg, and none of it is late
 * unless it is said to be.
 */

/** What a gateway made of packets. */
export interface Run extends Rows {
  readonly packets: readonly TrafficPacket[];
  readonly log: Pick<SessionLog, 'entries' | 'events' | 'ledger'>;
  /** By packet: why it is in no row; null when it is in one. */
  readonly reasons: readonly (Reason | null)[];
}

/** What is asked where nothing but rows matters. */
export interface Rows {
  readonly gateway: Gateway;
  readonly log: Pick<SessionLog, 'entries'>;
}

/** From when the gateway first saw it, also of one whose first packet waited, until its mapping ends, half-open. */
interface Life {
  readonly entry: Entry;
  readonly host: string;
  readonly startNs: bigint;
  endNs: bigint;
}

/**
 * What the last row of a session tells of its end is that of a session without another packet. A packet that opened the
 * next one of the same five-tuple has ended it before; one that was refused has ended nothing.
 */
export function livesOf({ log }: Rows): readonly Life[] {
  const lives = new Map<number, Life>();
  for (const entry of log.entries) {
    const host = splitEndpoint(entry.pri as Endpoint).address;
    const { startNs = entry.seenNs } = lives.get(entry.sessionId) ?? {};
    lives.set(entry.sessionId, {
      ...{ entry, host },
      startNs: startNs < entry.seenNs ? startNs : entry.seenNs,
      endNs: entry.mappingEndNs,
    });
  }
  const all = [...lives.values()].sort(byStart);
  for (const group of groupBy(all, ({ entry }) => tupleOf(entry.protocol, entry.pri, entry.pub)).values()) {
    group.forEach((life, index) => {
      const next = group[index + 1]?.startNs;
      if (next !== undefined && next < life.endNs) life.endNs = next;
    });
  }
  return all;
}

/**
 * How long each row's session had the endpoint of that row, which both sides of a gateway may show to be another one than in the row of
 * a window before: until the window ends, or the session. Where the next session of the five-tuple has begun with a packet that waited
 * for its answer, that has had it since.
 */
function spansOf({ gateway, log }: Rows): readonly Life[] {
  const windowNs = BigInt(gateway.windowSec) * SECOND;
  const rows = new Map<string, Life>();
  const lastOf = new Map<number, Life>();
  for (const entry of log.entries) {
    const host = entry.pri === 'unknown' ? '' : splitEndpoint(entry.pri as Endpoint).address;
    const key = `${entry.sessionId} in ${entry.windowStart}`;
    // What corrects a row comes beside it.
    const { startNs = entry.seenNs } = rows.get(key) ?? {};
    const endNs = BigInt(entry.windowStart) * SECOND + windowNs;
    const row = { entry, host, startNs: startNs < entry.seenNs ? startNs : entry.seenNs, endNs };
    rows.set(key, row);
    const last = lastOf.get(entry.sessionId);
    if (last === undefined || last.entry.windowStart <= entry.windowStart) lastOf.set(entry.sessionId, row);
  }
  for (const last of lastOf.values()) {
    const { end, mappingEndNs } = last.entry;
    // Behind its window, one that lives on may have ended before its time was up; so may one that is closed, and waits for that.
    const isToCome = end === 'open' || end === 'fin' || end === 'rst';
    if (!isToCome || mappingEndNs < last.endNs) last.endNs = mappingEndNs;
  }
  const all = [...rows.values()].sort(byStart);
  const tupleOfLife = ({ entry }: Life): string =>
    entry.pri === 'unknown' ? `${endpointOf({ entry })} ${entry.pub}` : tupleOf(entry.protocol, entry.pri, entry.pub);
  for (const group of groupBy(all, tupleOfLife).values()) {
    group.forEach((row, index) => {
      const next = group.slice(index + 1).find(({ entry }) => entry.sessionId !== row.entry.sessionId);
      if (next !== undefined && next.startNs < row.endNs) row.endNs = next.startNs;
    });
  }
  return all;
}

/** Also where both sides show other endpoints than the gateway would have chosen. */
export function expectRowsToShareNoEndpoint(rows: Rows): void {
  expectOfPairs(
    spansOf(rows),
    (row) => `${endpointOf(row)} ${row.entry.pub}`,
    () => false,
  );
}

const byStart = (one: Life, other: Life): number => Number(one.startNs - other.startNs);

export function groupBy<T>(all: readonly T[], key: (each: T) => unknown): Map<unknown, T[]> {
  const groups = new Map<unknown, T[]>();
  for (const each of all) {
    const group = groups.get(key(each));
    if (group === undefined) groups.set(key(each), [each]);
    else group.push(each);
  }
  return groups;
}

/** Asserts of each life, and those with the same key that are alive when it begins. */
function expectOfAlive(
  lives: readonly Life[],
  key: (life: Life) => string,
  isFine: (life: Life, alive: readonly Life[]) => boolean,
): void {
  for (const group of groupBy(lives, key).values()) {
    let alive: Life[] = [];
    for (const life of group) {
      alive = alive.filter(({ endNs }) => endNs > life.startNs);
      if (!isFine(life, alive)) expect({ life, alive }).toBe('not at once');
      alive.push(life);
    }
  }
}

/** Asserts `isFine` of each two lives that share a key and overlap. */
function expectOfPairs(lives: readonly Life[], key: (life: Life) => string, isFine: (a: Life, b: Life) => boolean) {
  expectOfAlive(lives, key, (life, alive) => alive.every((other) => isFine(life, other)));
}

/** Asserts that of lives that share a key, at most so many are alive at once. */
function expectAtMost(limit: number | null, lives: readonly Life[], key: (life: Life) => string): void {
  if (limit !== null) expectOfAlive(lives, key, (_life, alive) => alive.length < limit);
}

const endpointOf = ({ entry }: Pick<Life, 'entry'>): string => `${entry.protocol} ${entry.natIp}:${entry.natPort}`;
const countsOf = (text: string): readonly [number, number] => text.split('/').map(Number) as [number, number];

/** Sums of octets and packets each way, by five-tuple and window. */
class Sums {
  readonly #sums = new Map<string, [number, number, number, number]>();

  add(key: string, place: 0 | 2, bytes: number, packets: number): void {
    const sum = this.#sums.get(key) ?? [0, 0, 0, 0];
    sum[place] += bytes;
    sum[place + 1]! += packets;
    this.#sums.set(key, sum);
  }

  /** Without what is 0. */
  get all() {
    return Object.fromEntries([...this.#sums].filter(([, sum]) => sum.some((count) => count > 0)));
  }
}

/** @param isLate packets may count in later windows than their own, so that only their sums are compared */
export function expectRowsToBePackets({ gateway, packets, log, reasons }: Run, isLate = false): void {
  const keyOf = (windowStart: bigint | number, tuple: string) => (isLate ? tuple : `${windowStart} ${tuple}`);
  const windowNs = BigInt(gateway.windowSec) * SECOND;
  const phaseNs = (log.entries.length > 0 ? BigInt(log.entries[0]!.windowStart) * SECOND : 0n) % windowNs;
  const fromPackets = new Sums();
  packets.forEach(({ atNs, bytes, fromVpc, tuple }, index) => {
    expect(reasons[index]).not.toBeUndefined();
    if (reasons[index] !== null) return;
    const windowStart = atNs - ((atNs - phaseNs) % windowNs);
    fromPackets.add(keyOf(windowStart / SECOND, tuple), fromVpc ? 0 : 2, bytes.length, 1);
  });
  const fromRows = new Sums();
  for (const { windowStart, protocol, pri, pub, vpc, inbound } of log.entries) {
    const key = keyOf(windowStart, tupleOf(protocol, pri, pub));
    fromRows.add(key, 0, ...countsOf(vpc));
    fromRows.add(key, 2, ...countsOf(inbound));
  }
  expect(fromRows.all).toEqual(fromPackets.all);
}

export function expectReasonsToBeCounted({ log, reasons }: Run): void {
  const counts: Partial<Record<Reason, number>> = {};
  for (const reason of reasons) if (reason !== null) counts[reason] = (counts[reason] ?? 0) + 1;
  expect(log.ledger.packets.notInEntries).toEqual(counts);
  const refused: readonly string[] = ['no_port', 'cps_limit', 'session_limit', 'host_limit'] satisfies Reason[];
  const told = log.events.filter(({ event }) => refused.includes(event));
  expect(told.reduce((sum, { packets }) => sum + packets, 0)).toBe(
    reasons.filter((reason) => reason !== null && refused.includes(reason)).length,
  );
}

export function expectRowsOfOneSession({ gateway, log }: Rows): void {
  const seen = new Set<string>();
  const endpoints = new Map<number, string>();
  log.entries.forEach((entry, index) => {
    const { sessionId, windowStart, firstNs, lastNs, vpc, inbound, revision } = entry;
    expect(entry.entryNo).toBe(index);
    expect(countsOf(vpc)[1] + countsOf(inbound)[1]).toBeGreaterThan(0);
    const row = `${sessionId} in ${windowStart}`;
    // What corrects a row comes beside it: SYNs whose answer came after their window, here.
    if (revision === 0) {
      expect([row, seen.has(row)]).toEqual([row, false]);
      seen.add(row);
    }
    const startNs = BigInt(windowStart) * SECOND;
    const endNs = startNs + BigInt(gateway.windowSec) * SECOND;
    expect(firstNs).toBeGreaterThanOrEqual(startNs);
    expect(firstNs).toBeLessThan(endNs);
    expect(lastNs).toBeGreaterThanOrEqual(firstNs);
    if (gateway.timeModel === 'aliflow') expect(lastNs).toBeLessThanOrEqual(endNs);
    else expect(lastNs).toBeLessThan(endNs);
    const endpoint = `${tupleOf(entry.protocol, entry.pri, entry.pub)} ${entry.natIp}:${entry.natPort}`;
    expect(endpoint).toBe(endpoints.get(sessionId) ?? endpoint);
    endpoints.set(sessionId, endpoint);
  });
}

/** @returns the entry with the longest prefix that covers a host */
function entryOf({ snatEntries }: Gateway, host: string): SnatEntry {
  const covering = snatEntries.filter(({ network }) => isInNetwork(ipv4Number(host), network));
  return covering.sort((a, b) => b.network.prefixBits - a.network.prefixBits)[0]!;
}

export function expectEndpointsToBeAllowed({ gateway, log }: Rows): void {
  const translatedTo = new Map(
    gateway.addresses.map(({ address, privateAddress }) => [
      address,
      formatIpv4(gateway.bindMode === 'NAT' && privateAddress !== null ? privateAddress : address),
    ]),
  );
  for (const entry of log.entries) {
    const { address: host, port } = splitEndpoint(entry.pri as Endpoint);
    const { eips, network } = entryOf(gateway, host);
    expect(eips.map((eip) => [formatIpv4(eip), translatedTo.get(eip)])).toContainEqual([entry.natEip, entry.natIp]);
    const [first, last] = portsFor(gateway, entry.protocol, port, ipv4Number(host) - network.base);
    if (hasKernelPorts(gateway) && entry.natPort === port) continue;
    expect(entry.natPort).toBeGreaterThanOrEqual(first);
    expect(entry.natPort).toBeLessThanOrEqual(last);
  }
}

/** Of netfilter's rules, one without ports keeps the host's own, whatever it is. */
const hasKernelPorts = ({ portPolicy, portMin, portMax }: Gateway): boolean =>
  portPolicy === 'linux' && portMin === 1024 && portMax === 65_535;

/** @returns the first and the last port that the policy may choose; the host's own as well, for netfilter's */
function portsFor(gateway: Gateway, protocol: number, port: number, place: number): readonly [number, number] {
  const { portPolicy, portMin, portMax, portBlockSize } = gateway;
  if (protocol === 47 || protocol === 50) return [0, 0];
  if (portPolicy === 'linux' && protocol === 1) return [0, 65_535];
  if (hasKernelPorts(gateway)) {
    if (port < 512) return [1, 511];
    if (port < 1024) return [600, 1023];
  }
  if (portPolicy === 'deterministic') {
    const blocks = Math.floor((portMax - portMin + 1) / portBlockSize);
    const first = portMin + (place % blocks) * portBlockSize;
    return [first, first + portBlockSize - 1];
  }
  return [portMin, portMax];
}

const isIndependent = ({ mapping }: Gateway, protocol: number): boolean =>
  mapping === 'eim' && [1, 6, 17].includes(protocol);

export function expectEndpointsToBeUnique(rows: Rows): void {
  const { gateway } = rows;
  const lives = livesOf(rows);
  expectOfPairs(
    lives,
    (life) => `${endpointOf(life)} ${life.entry.pub}`,
    () => false,
  );
  if (gateway.mapping === 'eim') {
    const independent = lives.filter(({ entry }) => isIndependent(gateway, entry.protocol));
    expectOfPairs(independent, endpointOf, (one, other) => one.entry.pri === other.entry.pri);
    expectOfPairs(
      independent,
      ({ entry }) => `${entry.protocol} ${entry.pri}`,
      (one, other) => endpointOf(one) === endpointOf(other),
    );
  }
  if (gateway.portPolicy === 'blocks') {
    const blockOf = ({ entry }: Life) => Math.floor((entry.natPort - gateway.portMin) / gateway.portBlockSize);
    expectOfPairs(
      lives.filter(({ entry }) => entry.natPort > 0),
      (life) => `${life.entry.natIp} ${blockOf(life)}`,
      (one, other) => one.host === other.host,
    );
  }
  const { limits, maxPerEipPerDestination } = gateway;
  expectAtMost(maxPerEipPerDestination, lives, ({ entry }) => `${entry.protocol} ${entry.natIp} ${entry.pub}`);
  expectAtMost(limits.maxSessions, lives, () => '');
  const { maxPortsPerHost } = limits;
  if (maxPortsPerHost === null) return;
  // Sessions of a mapping for all destinations have one port.
  const portOf = ({ entry }: Life): string =>
    isIndependent(gateway, entry.protocol) ? entry.pri : `${entry.sessionId}`;
  expectOfAlive(
    lives,
    ({ entry, host }) => `${entry.protocol} ${host}`,
    (life, alive) => new Set([life, ...alive].map(portOf)).size <= maxPortsPerHost,
  );
}
