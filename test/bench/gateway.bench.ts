import { expect, test } from 'vitest';
import { BATCH_ROWS, PROTOCOL, PacketBatch } from '../../src-main/capture/packet-batch';
import { newEmulatorModule } from '../../src-main/engine/emulator-module';
import type { Gateway } from '../../src-main/nat/gateway';
import { profileValues } from '../../src-main/nat/profiles';
import { gatewayProfile, RECORDING } from '../../src-main/nat/profiles/gateway-profile';
import { WindowAggregator } from '../../src-main/window/window-aggregator';
import { gatewayWith } from '../support/session-log';

/*
 * The gateway at its limits, fed with packets that nobody had to decode: a scan, a million sessions at once, and one
 * destination more than full.
 */

const TCP_SYN = 2;
const TCP_ACK = 16;
const WINDOW = 65_535;

interface Packet {
  readonly sec: number;
  readonly srcIp: number;
  readonly dstIp: number;
  readonly ports: number;
  readonly flags: number;
}

interface Run {
  readonly cpuSec: number;
  /** The most that one batch of 4,096 packets took, or the end of the capture, or a part of what comes of them, milliseconds of CPU. */
  readonly longestMs: number;
  /** What the process has grown by, octets, when all packets were taken. */
  readonly memory: number;
  readonly sessions: number;
  readonly refused: number;
}

/** Runs packets through a gateway, whose entries go nowhere. */
function run(gateway: Gateway, count: number, packetOf: (index: number) => Packet): Run {
  const before = process.memoryUsage.rss();
  const module = newEmulatorModule();
  const aggregator = new WindowAggregator(gateway, module, { entries: () => undefined, events: () => undefined });
  const batch = new PacketBatch();
  let longestMs = 0;
  const time = (work: () => void): void => {
    const began = process.cpuUsage();
    work();
    longestMs = Math.max(longestMs, cpuSecSince(began) * 1000);
  };
  const finish = (work: () => void): void => {
    time(work);
    while (aggregator.isBehind) time(() => aggregator.catchUp());
  };
  const start = process.cpuUsage();
  for (let index = 0; index < count;) {
    for (batch.length = 0; batch.length < BATCH_ROWS && index < count; index++) fill(batch, index, packetOf(index));
    finish(() => aggregator.add(batch));
  }
  const memory = process.memoryUsage.rss() - before;
  finish(() => aggregator.end());
  return {
    cpuSec: cpuSecSince(start),
    longestMs,
    memory,
    sessions: aggregator.sessions,
    refused: aggregator.packetsNotInEntries().no_port ?? 0,
  };
}

function cpuSecSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}

function fill(batch: PacketBatch, index: number, { sec, srcIp, dstIp, ports, flags }: Packet): void {
  const row = batch.length++;
  batch.tsSec[row] = Math.floor(sec);
  batch.tsNsec[row] = Math.floor((sec % 1) * 1e9);
  batch.packetNo[row] = index + 1;
  batch.ipVersion[row] = 4;
  batch.protocol[row] = PROTOCOL.tcp;
  batch.ipBytes[row] = 60;
  batch.srcIp[row] = srcIp;
  batch.dstIp[row] = dstIp;
  batch.ports[row] = ports;
  batch.l4Kind[row] = flags;
  batch.tcpSeq[row] = index;
  batch.tcpWindow[row] = WINDOW;
}

const T0 = 1_700_000_400;
const HOST = 0x0a000007;
const SERVER = 0xcb007150;

const MILLION = 1_000_000;
const OCTETS_PER_SESSION = 400;
/** What is linear takes twice as long for twice as much; the rest is for what is measured. */
const LINEAR_RATIO = 2.5;
const EIPS = Array.from({ length: 20 }, (_, index) => `203.0.113.${index + 1}`);

const ofMillion = (index: number): Packet => ofSessions(index, MILLION);

/** Sessions opened within 500 s, and then one packet each. */
function ofSessions(index: number, sessions: number): Packet {
  const session = index % sessions;
  const isFirst = index < sessions;
  return {
    sec: T0 + (isFirst ? (index * 500) / sessions : 500 + ((index - sessions) * 50) / sessions),
    srcIp: 0x0a000000 + (session >> 6),
    dstIp: SERVER + (session & 0xff),
    ports: (((1024 + (session & 0x3f)) << 16) | 443) >>> 0,
    flags: TCP_ACK,
  };
}

const SCANNED_PER_SEC = 10_000;

/** As the destinations of a scanner, in no order that a table could like. */
function ofScan(index: number): Packet {
  return {
    sec: T0 + index / SCANNED_PER_SEC,
    srcIp: HOST,
    dstIp: (0x14000000 + ((index * 0x9e3779b1) & 0x7fffff)) >>> 0,
    ports: ((40_000 << 16) | 443) >>> 0,
    flags: TCP_SYN,
  };
}

/** One host after another; a session lives for 60 s. */
function ofHosts(index: number): Packet {
  return {
    sec: T0 + index / 50_000,
    srcIp: 0x0a000000 + index,
    dstIp: SERVER + (index & 0xff),
    ports: ((40_000 << 16) | 443) >>> 0,
    flags: TCP_SYN,
  };
}

// First, since what the process has grown by before is used again.
test('a million sessions at once behind 20 addresses take less than 400 octets each', () => {
  const sessions = MILLION;
  const { cpuSec, longestMs, memory, ...rest } = run(gatewayWith({ eips: EIPS }), sessions * 2, ofMillion);
  console.log(
    `a million sessions: ${cpuSec.toFixed(2)} s of CPU; longest pause ${longestMs.toFixed(0)} ms; ` +
      `${(memory / sessions).toFixed(0)} octets each`,
  );
  expect(rest).toMatchObject({ sessions, refused: 0 });
  expect(memory / sessions).toBeLessThan(OCTETS_PER_SESSION);
  expect(longestMs).toBeLessThan(100);
});

test('a million sessions at once take twice as long as half as many', () => {
  const opened = (sessions: number): Run =>
    run(gatewayWith({ eips: EIPS }), sessions * 2, (index) => ofSessions(index, sessions));
  const half = opened(MILLION / 2);
  const whole = opened(MILLION);
  console.log(`a million sessions: ${whole.cpuSec.toFixed(2)} s of CPU, half of them ${half.cpuSec.toFixed(2)} s`);
  expect([whole.sessions, half.sessions]).toEqual([MILLION, MILLION / 2]);
  expect(whole.cpuSec / half.cpuSec).toBeLessThan(LINEAR_RATIO);
});

test('a scan of 3.5 million destinations takes twice as long as one of half as many', () => {
  const scan = (count: number): Run => run(gatewayWith(), count, ofScan);
  scan(100_000);
  const half = scan(1_750_000);
  const whole = scan(3_500_000);
  console.log(
    `scan of 3.5 M: ${whole.cpuSec.toFixed(2)} s of CPU, half of it ${half.cpuSec.toFixed(2)} s; ` +
      `longest pause ${whole.longestMs.toFixed(0)} ms; ${(whole.memory / 2 ** 20).toFixed(0)} MiB`,
  );
  expect(whole.sessions).toBe(3_500_000);
  expect(whole.cpuSec / half.cpuSec).toBeLessThan(LINEAR_RATIO);
  expect(whole.longestMs).toBeLessThan(100);
  // Of all destinations, those of the last while are sessions that live.
  const alive = gatewayWith().timeouts.tcpOpening * SCANNED_PER_SEC;
  expect(whole.memory / alive).toBeLessThan(OCTETS_PER_SESSION);
});

test('of 55,001 connections to one destination one is refused, within a second and bounded memory', () => {
  const { cpuSec, longestMs, memory, sessions, refused } = run(gatewayWith(), 55_001, (index) => ({
    sec: T0 + index / 10_000,
    srcIp: HOST + (index >> 12),
    dstIp: SERVER,
    ports: (((1024 + (index & 0xfff)) << 16) | 443) >>> 0,
    flags: TCP_SYN,
  }));
  console.log(
    `55,001 connections: ${cpuSec.toFixed(2)} s of CPU; longest pause ${longestMs.toFixed(0)} ms; ` +
      `${(memory / 2 ** 20).toFixed(0)} MiB`,
  );
  expect([sessions, refused]).toEqual([55_000, 1]);
  // Scenario 23 of the reference allows 5 s.
  expect(cpuSec).toBeLessThan(1);
  expect(longestMs).toBeLessThan(100);
  // Mostly of tables that any gateway has, which would hide what one session takes.
  expect(memory).toBeLessThan(64 * 2 ** 20);
});

const LINUX = gatewayProfile('linux', profileValues('linux'), RECORDING);
const HARDLY_ANY = { maxSessions: 10, maxNewPerSec: null, maxPortsPerHost: null, maxNewPerSecPerHost: null };

interface Setting {
  readonly name: string;
  readonly changes: Partial<Gateway>;
  readonly packets: number;
  readonly packetOf: (index: number) => Packet;
}

const SETTINGS: readonly Setting[] = [
  { name: 'endpoint-independent mapping', changes: { mapping: 'eim' }, packets: MILLION * 2, packetOf: ofMillion },
  {
    name: 'filtering by address',
    changes: { mapping: 'eim', filtering: 'adf' },
    packets: MILLION * 2,
    packetOf: ofMillion,
  },
  { name: 'the profile of Linux', changes: LINUX, packets: MILLION * 2, packetOf: ofMillion },
  { name: 'windows of sessions', changes: { windowPhase: 'session' }, packets: MILLION * 2, packetOf: ofMillion },
  {
    name: 'a scan of 5 M and windows of sessions of 1 s',
    changes: { windowPhase: 'session', windowSec: 1 },
    packets: MILLION * 5,
    packetOf: ofScan,
  },
  { name: 'a million refusals', changes: { limits: HARDLY_ANY }, packets: MILLION, packetOf: ofScan },
  {
    name: 'refusals at half a million sessions that die one by one',
    changes: { limits: { ...HARDLY_ANY, maxSessions: 500_000 } },
    packets: MILLION * 2,
    packetOf: ofScan,
  },
  {
    name: 'two million hosts for 20,140 blocks of ports',
    changes: { portPolicy: 'blocks', portBlockSize: 64, maxBlocksPerHost: 1 },
    packets: MILLION * 2,
    packetOf: ofHosts,
  },
  {
    name: 'two million hosts for 1.3 million endpoints',
    changes: { mapping: 'eim' },
    packets: MILLION * 2,
    packetOf: ofHosts,
  },
];

test.each(SETTINGS)('with $name no pause is above 100 ms', ({ name, changes, packets, packetOf }) => {
  const { cpuSec, longestMs } = run(gatewayWith({ eips: EIPS, ...changes }), packets, packetOf);
  console.log(`${name}: ${cpuSec.toFixed(2)} s of CPU; longest pause ${longestMs.toFixed(0)} ms`);
  expect(longestMs).toBeLessThan(100);
});
