import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CaptureStream } from '../../../src-main/capture/capture-stream';
import { PacketBatch } from '../../../src-main/capture/packet-batch';
import { newDecoder } from '../../../src-main/engine/decoder-module';
import { capturesFolder, needingCaptures } from '../../support/captures';
import { cutFrame, makeFrame, type Frame } from '../../support/encapsulations';
import { manySessions } from '../../support/many-sessions';
import { memorySource } from '../../support/memory-source';
import { readWithPcapParser, type ReadRecord } from '../../support/pcap-parser';
import { cut, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { networkInterface, packet, pcapngFile, section } from '../../support/pcapng-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom, type Random } from '../../support/random';
import { readCapture } from '../../support/read-capture';
import { snoopFile } from '../../support/snoop-writer';
import { MILLISECOND, timeNs } from '../../support/time';

/* Our reader and the npm package `pcap-parser` read the same captures, record by record, wherever the package can. */

/** What our reader finds, in the order of the file. */
function readOurs(bytes: Uint8Array): ReadRecord[] {
  const decoder = newDecoder();
  const records: ReadRecord[] = [];
  decoder.tellRows(({ tsSec, tsNsec, length }, firstRow) => {
    for (let row = firstRow; row < length; row++) {
      const { bytes: frame, wireBytes } = decoder.frameOf(row - firstRow);
      records.push({ sec: tsSec[row]!, nsec: tsNsec[row]!, wireBytes, bytes: Buffer.from(frame) });
    }
  });
  // A source in memory answers at once, so that nothing here is a promise.
  const stream = CaptureStream.open(memorySource(bytes), decoder) as CaptureStream;
  const batch = new PacketBatch();
  for (let hasMore = true; hasMore;) {
    batch.length = 0;
    hasMore = stream.fill(batch) as boolean;
  }
  stream.release();
  return records;
}

/** As text, since of long lists of octets nothing else says quickly where they differ. */
const textOf = ({ sec, nsec, wireBytes, bytes }: ReadRecord): string =>
  `${sec}.${nsec} ${bytes.length} of ${wireBytes}: ${bytes.toString('hex')}`;

/** @returns the number of records, which are the same */
async function expectTheSame(bytes: Uint8Array, pieceBytes?: () => number): Promise<number> {
  const theirs = await readWithPcapParser(bytes, pieceBytes);
  const ours = readOurs(bytes);
  const differing = ours.findIndex(
    (record, index) => theirs[index] === undefined || textOf(record) !== textOf(theirs[index]),
  );
  expect(
    differing === -1
      ? null
      : { record: differing, ours: textOf(ours[differing]!), theirs: theirs[differing] && textOf(theirs[differing]) },
  ).toBeNull();
  expect(ours).toHaveLength(theirs.length);
  return ours.length;
}

/** Formats by their first octets, and by their version where one magic stands for two. */
const FORMATS = {
  d4c3b2a1: 'pcap',
  a1b2c3d4: 'pcap',
  '4d3cb2a1': 'pcap with nanoseconds',
  a1b23c4d: 'pcap with nanoseconds',
  '34cdb2a1': 'modified pcap',
  '0a0d0d0a': 'pcapng',
  '1f8b': 'gzip',
} as const;

function formatOf(bytes: Uint8Array): string {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  const known = Object.entries(FORMATS).find(([octets]) => magic.startsWith(octets));
  return known?.[1] ?? `unknown: ${magic}`;
}

/** Of the shared captures, those that it cannot read; it is to read all others. */
const NOT_READ = {
  'brimcap-multisection.pcapng': 'pcapng',
  'fpcap-many-interfaces.pcapng': 'pcapng',
  'gopacket-le-test201.pcapng': 'pcapng',
  'pp-wireshark-samples.pcapng': 'pcapng',
  'zeek-ipv4-linktype.pcap.gz': 'gzip',
  'zeek-nanosec.pcap': 'pcap with nanoseconds',
  'zeek-rlogin.pcapng.gz': 'gzip',
} as const;

interface GroundTruth {
  readonly packets: number;
}

const folder = capturesFolder === undefined ? undefined : join(capturesFolder, 'dev');
const names = (folder === undefined ? [] : readdirSync(folder)).filter((name) => /\.(pcap|pcapng)(\.gz)?$/.test(name));
const capture = (name: string): Buffer => readFileSync(join(folder ?? '', name));
const isRead = (name: string): boolean => formatOf(capture(name)) === 'pcap';

describe.skipIf(folder === undefined)(needingCaptures('captures'), () => {
  test('are all of a format that it reads, or named as one that it does not', () => {
    const others = names.filter((name) => !isRead(name)).map((name) => [name, formatOf(capture(name))]);
    expect(Object.fromEntries(others)).toEqual(NOT_READ);
    expect(names.length - others.length).toBeGreaterThan(30);
  });

  test.each(names.filter(isRead))('the same records: %s', async (name) => {
    const { packets } = JSON.parse(readFileSync(join(folder ?? '', `${name}.oracle.json`), 'utf8')) as GroundTruth;
    // Every one of them, as tshark counts.
    expect(await expectTheSame(capture(name))).toBe(packets);
    expect(packets).toBeGreaterThan(0);
  });

  test.each(names.filter((name) => !isRead(name)))('refused by it, and read by us: %s', async (name) => {
    const bytes = capture(name);
    await expect(readWithPcapParser(bytes)).rejects.toThrow('unknown magic number');
    if (formatOf(bytes) !== 'gzip') expect(readOurs(bytes).length).toBeGreaterThan(0);
  });
});

const startNs = timeNs('2026-03-10T09:00:00Z');

/** Frames of any kind, many of them cut, at times that stand still, go on, and go back. */
function makeRecords(random: Random, count: number): { readonly linkType: number; readonly records: CaptureRecord[] } {
  const [first, ...others] = Array.from({ length: count }, () => makeFrame(random)) as [Frame, ...Frame[]];
  let atNs = startNs;
  const records = [first, ...others].map((frame) => {
    atNs += BigInt(random.pick([0, 1, 999, 40_000, 3_600_000, -900])) * MILLISECOND + BigInt(random.int(0, 999_999));
    const { bytes, wireBytes } = random.int(0, 2) === 0 ? cutFrame(random, frame) : frame;
    return { atNs, bytes, wireBytes };
  });
  return { linkType: first.linkType, records };
}

describe('captures that are made here', () => {
  test.each(['little', 'big'] as const)('the same records, %s endian, in any pieces', async (endian) => {
    for (let seed = 1; seed <= PROPERTY_RUNS; seed++) {
      const random = seededRandom(seed);
      const { linkType, records } = makeRecords(random, 60);
      const file = pcapFile(records, { endian, linkType });
      const mostBytes = random.pick([1, 40, 700, 9000]);
      expect(await expectTheSame(file, () => random.int(1, mostBytes)), `seed ${seed}`).toBe(records.length);
    }
  });

  test('the same records, over many batches and reads', async () => {
    expect(await expectTheSame(pcapFile(manySessions(20_000, MILLISECOND)))).toBe(20_000);
  });

  const { records } = makeRecords(seededRandom(1), 40);
  const asBlocks = records.map((record) => packet(record));

  test.each([
    { name: 'pcap with nanoseconds', file: pcapFile(records, { resolution: 'ns' }) },
    { name: 'modified pcap', file: pcapFile(records, { modified: true }) },
    { name: 'pcapng', file: pcapngFile([section(), networkInterface(), ...asBlocks]) },
    { name: 'snoop', file: snoopFile(records) },
    { name: 'gzip', file: gzipSync(pcapFile(records)) },
  ])('refused by it: $name', async ({ file }) => {
    await expect(readWithPcapParser(file)).rejects.toThrow('unknown magic number');
  });

  test('misread by it: pcap before 2.3, whose lengths are the other way round, if a packet was cut', async () => {
    const file = pcapFile(cut(manySessions(9, MILLISECOND), 40), { version: [2, 2] });
    expect(await readWithPcapParser(file)).not.toHaveLength(9);
    expect(readCapture(file)).toMatchObject({ packets: 9, unreadable: [] });
  });

  test('not said by it: that a file ends inside a record', async () => {
    const whole = pcapFile(manySessions(9, MILLISECOND));
    const file = whole.subarray(0, whole.length - 1);
    expect(await readWithPcapParser(file)).toHaveLength(8);
    expect(readCapture(file)).toMatchObject({
      packets: 8,
      unreadable: [{ cause: 'the file ends inside a packet record' }],
    });
  });
});
