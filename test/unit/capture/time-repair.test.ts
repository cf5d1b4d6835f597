import { expect, test } from 'vitest';
import { BATCH_ROWS, PACKET_FLAG, PacketBatch } from '../../../src-main/capture/packet-batch';
import { TimeRepair } from '../../../src-main/capture/time-repair';

const NOW = 1_700_000_000;
const YEAR = 365 * 86_400;

/** Runs times through the repair in batches of so many, and gives the times that come out; repaired ones with a star. */
function repaired(times: readonly number[], rows = BATCH_ROWS): string[] {
  let fixed = 0;
  const repair = new TimeRepair(() => fixed++);
  const out: string[] = [];
  let next = 0;
  let isEnd = false;
  while (!isEnd) {
    const batch = new PacketBatch();
    repair.begin(batch);
    while (batch.length < rows && next < times.length) batch.tsSec[batch.length++] = times[next++]!;
    isEnd = next === times.length && batch.length < rows;
    repair.repair(batch, isEnd);
    for (let row = 0; row < batch.length; row++) {
      out.push(`${batch.tsSec[row]! - NOW}${(batch.flags[row]! & PACKET_FLAG.noTime) !== 0 ? '*' : ''}`);
    }
  }
  expect(fixed).toBe(out.filter((text) => text.endsWith('*')).length);
  return out;
}

test.each([
  { name: 'times that are in order stay', times: [0, 1, 2], out: ['0', '1', '2'] },
  { name: 'a time of zero becomes that before', times: [0, 5, -NOW, 6], out: ['0', '5', '5*', '6'] },
  { name: 'so does one that is years ahead', times: [0, 5, 3 * YEAR, 6], out: ['0', '5', '5*', '6'] },
  { name: 'and several in turn', times: [0, -NOW, 9 * YEAR, 6], out: ['0', '0*', '0*', '6'] },
  { name: 'a time of zero is none, however often', times: [0, 5, -NOW, -NOW, 6], out: ['0', '5', '5*', '5*', '6'] },
  {
    name: 'a clock that was set is believed',
    times: [0, 1, 3 * YEAR, 3 * YEAR + 1],
    out: ['0', '1', `${3 * YEAR}`, `${3 * YEAR + 1}`],
  },
  { name: 'a gap of a year is a gap', times: [0, YEAR, 1], out: ['0', `${YEAR}`, '1'] },
  { name: 'a last packet years later is believed', times: [0, 3 * YEAR], out: ['0', `${3 * YEAR}`] },
  { name: 'a last packet without a time is not', times: [0, -NOW], out: ['0', '0*'] },
  { name: 'a first packet without a time gets that behind', times: [-NOW, 3, 4], out: ['3*', '3', '4'] },
  {
    name: 'two packets that are years from each other are believed',
    times: [-3 * YEAR, 0],
    out: [`${-3 * YEAR}`, '0'],
  },
  { name: 'a capture without any times keeps them', times: [-NOW, -NOW, -NOW], out: [`${-NOW}`, `${-NOW}`, `${-NOW}`] },
])('$name, in any batches', ({ times, out }) => {
  const seconds = times.map((sec) => sec + NOW);
  expect(repaired(seconds)).toEqual(out);
  for (const rows of [2, 3, 4]) expect(repaired(seconds, rows)).toEqual(out);
});

test.each([
  { name: 'without times', times: [-NOW, -NOW, -NOW, 7, 8], out: ['7*', '7*', '7*', '7', '8'] },
  { name: 'years ahead', times: [9 * YEAR, 3, 4], out: ['3*', '3', '4'] },
  { name: 'years back', times: [-9 * YEAR, 3, 4], out: ['3*', '3', '4'] },
  {
    name: 'of a clock that was set',
    times: [-9 * YEAR, -9 * YEAR + 1, 4, 5],
    out: [`${-9 * YEAR}`, `${-9 * YEAR + 1}`, '4', '5'],
  },
])('the first packets $name', ({ times, out }) => {
  expect(repaired(times.map((sec) => sec + NOW))).toEqual(out);
});
