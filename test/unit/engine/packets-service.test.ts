import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PacketSide, PacketsReport } from '../../../src-main/contract/packets';
import { writeDigest } from '../../../src-main/duckdb/capture-digests';
import { exportsFolder } from '../../../src-main/engine/exports-folder';
import { writePackets } from '../../../src-main/engine/packets-service';
import { otherThanPartial } from '../../support/notices';
import { internetChecksum, u16 } from '../../support/bytes';
import { tcpPacket, udpPacket } from '../../support/frames';
import type { CaptureRecord } from '../../support/pcap-writer';
import { SECOND } from '../../support/time';
import { readCapture } from '../../support/read-capture';
import { tempFolder, tempFolderForFile } from '../../support/temp';
import { sharedDatabase } from '../duckdb/temporary-workspace';
import { importInto, writeCapture } from './imported-database';

const START = 1_773_133_200;
const shared = sharedDatabase();
let folder = '';
beforeAll(() => {
  folder = tempFolderForFile();
});

/** A packet of each of two hosts in every second. */
function records(fromSec: number, seconds: number): CaptureRecord[] {
  return Array.from({ length: seconds * 2 }, (_, index) => ({
    atNs: BigInt(fromSec + Math.floor(index / 2)) * SECOND,
    bytes: udpPacket({ from: `10.0.0.${(index % 2) + 1}:5000`, to: '198.51.100.7:53', payload: new Uint8Array(index) }),
  }));
}

async function write(
  run: number,
  entryNo: number,
  signal = new AbortController().signal,
  side?: PacketSide,
): Promise<PacketsReport> {
  return writePackets(shared(), { run, entryNo, side }, { signal, emit: () => undefined });
}

const bytesOf = ({ file }: PacketsReport): Uint8Array => readFileSync(join(exportsFolder(shared().workspaceDir), file));

test('the packets of an entry that goes through two files are written in order, each with its place', async () => {
  const paths = [
    writeCapture(folder, 'one.pcap', records(START, 5)),
    writeCapture(folder, 'two.pcap', records(START + 5, 5)),
  ];
  const { run } = await importInto(shared(), paths);
  const report = await write(run, 0);
  expect(report).toMatchObject({ found: { packets: 10 }, counted: { packets: 10 }, notices: [{ kind: 'partial' }] });
  expect(report.found).toEqual(report.counted);
  expect(report.description).toBe(
    `log entry ${run}-0 of import ${run}, window 2026-03-10 09:00:00 to 2026-03-10 09:10:00 UTC, ` +
      'UDP 10.0.0.1:5000 → 198.51.100.7:53, NAT 203.0.113.1:' +
      (report.description.split(':').at(-1) ?? ''),
  );
  const bytes = bytesOf(report);
  expect(report.bytes).toBe(bytes.length);
  const { times, rows, balanced } = readCapture(bytes);
  expect(balanced).toBe(true);
  expect(times).toEqual(Array.from({ length: 10 }, (_, index) => `${START + index}.0`));
  expect(rows.every((row) => row.includes(' 17 '))).toBe(true);
  const text = Buffer.from(bytes).toString('latin1');
  expect(text).toContain('packet 1 of one.pcap, the first of log entry');
  expect(text).toContain('packet 9 of two.pcap');
  expect(text).not.toContain('packet 2 of one.pcap');
});

test('where others of the five-tuple are between the packets of an entry, only its own are written', async () => {
  const tcp = (isOut: boolean, flags: string, seq: number): Uint8Array => {
    const [from, to] = isOut
      ? (['10.0.0.1:1000', '203.0.113.9:443'] as const)
      : (['203.0.113.9:443', '10.0.0.1:1000'] as const);
    return tcpPacket({ from, to, flags, seq, ack: seq + 1 });
  };
  const packets = [
    ...[tcp(true, 'S', 100), tcp(false, 'SA', 100), tcp(true, 'A', 101)],
    // The SYN of the next session comes before the last packet of this one.
    ...[tcp(true, 'S', 900), tcp(true, 'PA', 101), tcp(false, 'SA', 900), tcp(true, 'A', 901)],
  ];
  const reused = packets.map((bytes, index) => ({ atNs: BigInt(START + index) * SECOND, bytes }));
  const { run, logEntries } = await importInto(shared(), [writeCapture(folder, 'reused.pcap', reused)]);
  expect(logEntries).toBe(2);
  const places = [
    [1, 2, 3, 5],
    [4, 6, 7],
  ];
  for (const [entryNo, numbers] of places.entries()) {
    const report = await write(run, entryNo);
    expect(report).toMatchObject({ found: report.counted, notices: [{ kind: 'partial' }] });
    const text = Buffer.from(bytesOf(report)).toString('latin1');
    const written = [...text.matchAll(/packet (\d+) of reused\.pcap/g)].map(([, number]) => Number(number));
    expect(written).toEqual(numbers);
  }
  expect(readdirSync(exportsFolder(shared().workspaceDir)).some((name) => name.endsWith('.part'))).toBe(false);
});

test('of an entry whose destination was not kept the packets are found by what the gateway did', async () => {
  const gateway = { eips: ['198.51.100.10'], snatEntries: [{ sourceCidr: '10.0.0.0/8' }], redactDestination: true };
  const { run } = await importInto(shared(), [writeCapture(folder, 'redacted.pcap', records(START, 5))], { gateway });
  const report = await write(run, 0);
  expect(report).toMatchObject({ found: { packets: 5 }, counted: { packets: 5 }, notices: [{ kind: 'partial' }] });
  expect(report.found).toEqual(report.counted);
  expect(report.description).toContain('UDP 10.0.0.1:5000 → a destination that was not kept, NAT 198.51.100.10:');
});

test('as the Internet saw them, packets have the translated ends, and what is not simply so is said', async () => {
  const ends = { from: '10.0.0.1:5000', to: '198.51.100.7:53', payload: new Uint8Array(20) } as const;
  const partial = udpPacket(ends);
  // The sum of the pseudo header, as a host leaves it to its network card.
  partial.set(u16(~internetChecksum(partial.subarray(12, 20), u16(17), u16(28))), 26);
  const observed = { eips: ['198.51.100.10'], snatEntries: [{ sourceCidr: '10.0.0.0/8' }] };
  const packets = [
    { bytes: udpPacket(ends) },
    { bytes: partial },
    { bytes: partial.subarray(0, 40), wireBytes: partial.length },
  ].map((record, index) => ({ atNs: BigInt(START + index) * SECOND, ...record }));
  const { run } = await importInto(shared(), [writeCapture(folder, 'offload.pcap', packets)], { gateway: observed });
  const report = await write(run, 0, new AbortController().signal, 'public');
  expect(report).toMatchObject({ found: { packets: 3 }, counted: { packets: 3 } });
  expect(otherThanPartial(report.notices).map(({ text }) => text)).toEqual([
    'With a checksum that was left to the network card, which was computed: 1 packet.',
    'With a checksum that was left to the network card, and stays so, as not all of them was captured: 1 packet.',
  ]);
  const natPort = Number(report.description.split(':').at(-1));
  const bytes = bytesOf(report);
  const expected = Buffer.from(udpPacket({ ...ends, from: `198.51.100.10:${natPort}` }));
  const whole = Buffer.from(bytes).toString('latin1').split(expected.toString('latin1'));
  expect(whole).toHaveLength(3);
  const text = Buffer.from(bytes).toString('utf8');
  expect(text).toContain(`The packets of ${report.description}, as the Internet saw them`);
  expect(text).toContain('packet 2 of offload.pcap, its checksum computed, which was left to the network card');
  expect(readCapture(bytes).rows.every((row) => row.includes(` 17 48 3325256714 `))).toBe(true);
});

test('a file that was touched or copied back is still the same', async () => {
  const path = writeCapture(folder, 'touched.pcap', records(START, 3));
  const { run } = await importInto(shared(), [path]);
  utimesSync(path, 1, 1);
  expect(otherThanPartial((await write(run, 0)).notices)).toEqual([]);
});

test.each([
  { name: 'another size', change: (path: string) => writeFileSync(path, 'short') },
  {
    name: 'the same size and other octets',
    change: (path: string) => {
      const bytes = readFileSync(path);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(path, bytes);
      utimesSync(path, 1, 1);
    },
  },
])('a capture of $name is not the one that was imported', async ({ name, change }) => {
  const path = writeCapture(folder, `changed-${name.length}.pcap`, records(START, 4 + name.length));
  const { run } = await importInto(shared(), [path]);
  change(path);
  await expect(write(run, 0)).rejects.toMatchObject({ code: 'CAPTURE_CHANGED', detail: { run, file: path } });
});

describe('a capture of which octets in the middle were changed', () => {
  const MIDDLE = 1_500_000;
  const large = Array.from({ length: 2500 }, (_, index) => ({
    atNs: BigInt(START) * SECOND + BigInt(index),
    bytes: udpPacket({ from: '10.0.0.1:5000', to: '198.51.100.7:53', payload: new Uint8Array(1200) }),
  }));

  function change(path: string): void {
    const bytes = readFileSync(path);
    bytes[MIDDLE]! ^= 1;
    writeFileSync(path, bytes);
    utimesSync(path, 1, 1);
  }

  test('is refused where the import has the digest of all of it', async () => {
    const path = writeCapture(folder, 'middle.pcap', large);
    const { run } = await importInto(shared(), [path]);
    await writeDigest(shared(), run, 0, createHash('sha256').update(readFileSync(path)).digest('hex'));
    utimesSync(path, 2, 2);
    expect(otherThanPartial((await write(run, 0)).notices)).toEqual([]);
    change(path);
    await expect(write(run, 0)).rejects.toMatchObject({ code: 'CAPTURE_CHANGED', detail: { run, file: path } });
  });

  test('is told of where it has none', async () => {
    const path = writeCapture(folder, 'undigested.pcap', large);
    const { run } = await importInto(shared(), [path], { seed: 7 });
    expect(otherThanPartial((await write(run, 0)).notices)).toEqual([]);
    change(path);
    expect(otherThanPartial((await write(run, 0)).notices)).toEqual([
      { kind: 'info', text: expect.stringContaining(`${path} was modified since import ${run}`) as string },
    ]);
  });
});

test('a capture that was moved is named, and one that is not reached need not be there', async () => {
  const inner = join(folder, 'moved');
  mkdirSync(inner);
  const paths = [
    writeCapture(inner, 'first.pcap', records(START, 7)),
    writeCapture(inner, 'later.pcap', records(START + 4000, 7)),
  ];
  const { run } = await importInto(shared(), paths);
  rmSync(paths[1]!);
  expect((await write(run, 0)).found.packets).toBe(7);
  await expect(write(run, 2)).rejects.toMatchObject({ code: 'CAPTURE_NOT_FOUND', detail: { file: paths[1] } });
  renameSync(paths[0]!, join(inner, 'elsewhere.pcap'));
  await expect(write(run, 0)).rejects.toMatchObject({
    code: 'CAPTURE_NOT_FOUND',
    message: expect.stringContaining('put it back') as string,
  });
});

test('entries and imports that there are not are told apart', async () => {
  const { run } = await importInto(shared(), [writeCapture(tempFolder(), 'a.pcap', records(START, 8))]);
  await expect(write(run, 99)).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' });
  await expect(write(4_000_000_000, 0)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
});

test('a cancel leaves no file', async () => {
  const { run } = await importInto(shared(), [writeCapture(folder, 'b.pcap', records(START, 9))]);
  const abort = new AbortController();
  abort.abort();
  await expect(write(run, 0, abort.signal)).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
});
