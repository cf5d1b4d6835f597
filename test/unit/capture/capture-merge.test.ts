import { describe, expect, test } from 'vitest';
import { newDecoder } from '../../../src-main/engine/decoder-module';
import { CaptureMerge, PACKETS_PER_CAPTURE, type MergeSource } from '../../../src-main/capture/capture-merge';
import { udpPacket } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { SECOND } from '../../support/time';

const bytes = udpPacket({ from: '10.0.0.1:1', to: '192.0.2.1:2' });
const at = (sec: number): CaptureRecord => ({ atNs: BigInt(sec) * SECOND, bytes });

function mergeOf(files: readonly (readonly number[])[]): {
  readonly seconds: number[];
  readonly numbers: number[];
  readonly open: () => number;
  readonly merge: CaptureMerge;
} {
  const seconds: number[] = [];
  const numbers: number[] = [];
  const opened = new Set<string>();
  const closed = new Set<string>();
  const sources = files.map((times, index) => {
    const name = `${index}.pcap`;
    const source = memorySource(pcapFile(times.map(at), { linkType: LINK.raw }), { name });
    return {
      source: {
        ...source,
        read: (into: Uint8Array) => {
          opened.add(name);
          return source.read(into);
        },
        close: () => {
          closed.add(name);
        },
      },
      firstSec: times[0] ?? null,
      firstNsec: 0,
    };
  });
  const merge = new CaptureMerge(sources, newDecoder(), (batch) => {
    for (let row = 0; row < batch.length; row++) {
      seconds.push(batch.tsSec[row]!);
      numbers.push(batch.packetNo[row]!);
    }
  });
  return { seconds, numbers, merge, open: () => opened.size - closed.size };
}

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

describe('captures are merged by time', () => {
  test.each([
    { name: 'one after the other', files: [[1, 2, 3], [4, 5], [6]] },
    {
      name: 'interleaved',
      files: [
        [1, 4, 7, 10],
        [2, 5, 8],
        [3, 6, 9, 12, 15],
      ],
    },
    {
      name: 'one inside another',
      files: [
        [1, 2, 100, 200],
        [50, 51, 52],
      ],
    },
    { name: 'with equal times', files: [[1, 5, 5], [5, 5, 6], [5]] },
    { name: 'one of them silent', files: [[1, 2], [2, 3], []] },
    { name: 'all silent', files: [[], []] },
    {
      name: 'more than a batch each',
      files: [0, 1, 2].map((start) => Array.from({ length: 4500 }, (_, i) => start + 3 * i)),
    },
  ])('$name', async ({ files }) => {
    const { seconds, numbers, merge, open } = mergeOf(files);
    while (await merge.step());
    expect(seconds).toEqual(ascending(files.flat()));
    expect(merge.packets).toBe(files.flat().length);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(open()).toBe(0);
  });

  test('equal times keep the order of the captures, and numbers name capture and packet', async () => {
    const { numbers, merge } = mergeOf([
      [1, 5],
      [5, 6],
    ]);
    while (await merge.step());
    expect(numbers).toEqual([1, 2, PACKETS_PER_CAPTURE + 1, PACKETS_PER_CAPTURE + 2]);
  });

  test('packets of one time go by capture, and within one as they stand in it, however many there are', async () => {
    // Longer than a batch, and with places where only some captures have the time.
    const each = (first: number): number[] =>
      Array.from({ length: 4500 }, (_, index) => first + Math.floor(index / 1500));
    const files = [each(1), each(1), each(2), each(2)];
    const { seconds, numbers, merge } = mergeOf(files);
    while (await merge.step());
    const expected = files
      .flatMap((times, file) => times.map((sec, index) => ({ sec, number: file * PACKETS_PER_CAPTURE + index + 1 })))
      .sort((one, other) => one.sec - other.sec || one.number - other.number);
    expect(seconds).toEqual(expected.map(({ sec }) => sec));
    expect(numbers).toEqual(expected.map(({ number }) => number));
  });

  test.each([true, false])('what cannot be opened is left out, or ends the merge: %s', async (mayBeLeftOut) => {
    const seconds: number[] = [];
    let closed = 0;
    const sources = [new Uint8Array(), pcapFile([at(1), at(2)], { linkType: LINK.raw }), new Uint8Array(100)].map(
      (file, index): MergeSource => {
        const source = memorySource(file, { isLate: index === 2 });
        return { source: { ...source, close: () => (closed += 1) }, firstSec: index, firstNsec: 0, mayBeLeftOut };
      },
    );
    const merge = new CaptureMerge(sources, newDecoder(), (batch) => {
      seconds.push(...batch.tsSec.subarray(0, batch.length));
    });
    const run = async (): Promise<void> => {
      while (await merge.step());
    };
    if (!mayBeLeftOut) {
      await expect(run()).rejects.toMatchObject({ code: 'CAPTURE_EMPTY' });
      return;
    }
    await run();
    expect(seconds).toEqual([1, 2]);
    expect(merge.reads).toHaveLength(1);
    expect(merge.leftOut).toMatchObject([
      { source: sources[0], error: { code: 'CAPTURE_EMPTY' } },
      { source: sources[2], error: { code: 'CAPTURE_NOT_A_CAPTURE' } },
    ]);
    expect(closed).toBe(3);
  });

  test('a capture is not opened before its first packet is due, nor kept open after its last', async () => {
    const files = Array.from({ length: 50 }, (_, index) => [index * 100, index * 100 + 50]);
    const { merge, open } = mergeOf(files);
    let most = 0;
    while (await merge.step()) most = Math.max(most, open());
    expect(most).toBeLessThanOrEqual(2);
  });
});
