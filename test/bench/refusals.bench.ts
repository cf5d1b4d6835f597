import { expect, test } from 'vitest';
import { BATCH_ROWS, PROTOCOL, PacketBatch } from '../../src-main/capture/packet-batch';
import { newEmulatorModule } from '../../src-main/engine/emulator-module';
import type { Gateway } from '../../src-main/nat/gateway';
import { WindowAggregator } from '../../src-main/window/window-aggregator';
import { gatewayWith } from '../support/session-log';

/*
 * What a refusal costs where all ports are taken that a host may have, though not all of the address, so that they have to
 * be looked through.
 */

const T0 = 1_700_000_400;
const SERVER = 0xcb007150;
const REFUSALS = 100_000;

/** Opens sessions that live on, and then as many as are refused. @returns what the refusals took, seconds of CPU */
function refuse(
  gateway: Gateway,
  first: (index: number) => Tuple,
  opened: number,
  then: (index: number) => Tuple,
): Cost {
  const aggregator = new WindowAggregator(gateway, newEmulatorModule(), {
    entries: () => undefined,
    events: () => undefined,
  });
  const batch = new PacketBatch();
  const feed = (count: number, tupleOf: (index: number) => Tuple, startSec: number): void => {
    for (let index = 0; index < count;) {
      for (batch.length = 0; batch.length < BATCH_ROWS && index < count; index++) {
        fill(batch, startSec + index / 20_000, tupleOf(index));
      }
      aggregator.add(batch);
      while (aggregator.isBehind) aggregator.catchUp();
    }
  };
  feed(opened, first, T0);
  const began = process.cpuUsage();
  feed(REFUSALS, then, T0 + 10);
  const { user, system } = process.cpuUsage(began);
  const sessions = aggregator.sessions;
  aggregator.end();
  while (aggregator.isBehind) aggregator.catchUp();
  return { cpuSec: (user + system) / 1e6, sessions, refused: aggregator.packetsNotInEntries().no_port ?? 0 };
}

interface Cost {
  readonly cpuSec: number;
  readonly sessions: number;
  readonly refused: number;
}

interface Tuple {
  readonly host: number;
  readonly port: number;
  readonly protocol?: number;
}

let packetNo = 0;
function fill(batch: PacketBatch, sec: number, { host, port, protocol = PROTOCOL.tcp }: Tuple): void {
  const row = batch.length++;
  batch.tsSec[row] = Math.floor(sec);
  batch.tsNsec[row] = Math.floor((sec % 1) * 1e9);
  batch.packetNo[row] = ++packetNo;
  batch.ipVersion[row] = 4;
  batch.protocol[row] = protocol;
  batch.ipBytes[row] = 60;
  batch.srcIp[row] = host;
  batch.dstIp[row] = SERVER;
  batch.ports[row] = ((port << 16) | 443) >>> 0;
  batch.l4Kind[row] = 16;
  batch.tcpSeq[row] = packetNo;
  batch.tcpWindow[row] = 65_535;
}

const HOST = 0x0a000001;
const lowPorts = (index: number): Tuple => ({ host: HOST + index, port: 1 + (index % 511) });
const highPorts = (index: number): Tuple => ({ host: HOST + (index >> 14), port: 20_000 + (index & 0x3fff) });
const sameHost = (index: number): Tuple => ({ host: HOST, port: 1024 + (index % 64_000) });
const all = { portMin: 1024, portMax: 65_535, maxPerEipPerDestination: 65_536 };
const EIPS = Array.from({ length: 20 }, (_, index) => `203.0.113.${index + 1}`);

const CASES = [
  {
    name: 'linux, ports below 512',
    opened: 511,
    first: lowPorts,
    then: lowPorts,
    changes: { ...all, portPolicy: 'linux' },
  },
  {
    name: 'linux, ports below 512 of 20 addresses',
    // The kernel's search gives up before it has seen all ports, so that it takes more hosts to have the last ones taken.
    ...{ opened: 511 * 20 * 10, first: lowPorts, then: lowPorts },
    changes: { ...all, portPolicy: 'linux', eips: EIPS },
  },
  {
    name: 'linux, all ports',
    opened: 64_512,
    first: highPorts,
    then: highPorts,
    changes: { ...all, portPolicy: 'linux' },
  },
  {
    name: 'preserve, low ports',
    ...{ opened: 1023, first: lowPorts, then: lowPorts },
    changes: { ...all, portMin: 1, portPolicy: 'preserve' },
  },
  {
    name: 'preserve, high ports',
    ...{ opened: 64_512, first: highPorts, then: highPorts },
    changes: { ...all, portMin: 1, portPolicy: 'preserve' },
  },
  {
    name: 'deterministic',
    ...{ opened: 1024, first: sameHost, then: (index: number) => sameHost(index + 1024) },
    changes: { ...all, portPolicy: 'deterministic', portBlockSize: 1024 },
  },
  {
    name: 'deterministic, large blocks',
    ...{ opened: 16_384, first: sameHost, then: (index: number) => sameHost(index + 16_384) },
    changes: { ...all, portPolicy: 'deterministic', portBlockSize: 16_384 },
  },
  {
    name: 'blocks',
    ...{ opened: 4096, first: sameHost, then: (index: number) => sameHost(index + 4096) },
    changes: { ...all, portPolicy: 'blocks', portBlockSize: 1024, maxBlocksPerHost: 4 },
  },
  { name: 'random', opened: 64_512, first: highPorts, then: highPorts, changes: { ...all, portPolicy: 'random' } },
  {
    name: 'sequential',
    opened: 64_512,
    first: highPorts,
    then: highPorts,
    changes: { ...all, portPolicy: 'sequential' },
  },
] as const;

test.each(CASES)('100,000 refusals by $name take less than a second', ({ name, changes, opened, first, then }) => {
  const cost = refuse(gatewayWith(changes), first, opened, then);
  console.log(`${name}: ${cost.cpuSec.toFixed(2)} s of CPU, ${cost.sessions} sessions, ${cost.refused} refused`);
  expect(cost.cpuSec).toBeLessThan(1);
});
