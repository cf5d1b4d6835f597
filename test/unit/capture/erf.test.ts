import { describe, expect, test } from 'vitest';
import { ascii, concat, concatAll } from '../../support/bytes';
import { framed, tcpSession } from '../../support/conversations';
import { ERF, erfFile, type ErfRecord } from '../../support/erf-writer';
import { ethernet } from '../../support/frames';
import { pcapFile } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { seededRandom, type Random } from '../../support/random';
import { readCapture } from '../../support/read-capture';
import { MILLISECOND, SECOND, timeNs } from '../../support/time';

/* ERF has no magic: what is a file of it, and what only looks a little like one. */

const startNs = timeNs('2026-03-10T09:58:00Z') + 123_456_000n;
const records: readonly ErfRecord[] = framed(
  tcpSession({ client: '10.0.0.5:40000', server: '198.51.100.7:443', startNs, exchanges: [{ up: 500, down: 9000 }] }),
  (ip) => ethernet(ip),
);
const padding = (atNs: bigint): ErfRecord => ({ atNs, bytes: new Uint8Array(16), type: ERF.padding });
const first = records[0]!;

describe('ERF is recognised', () => {
  test.each([1, 2, 3, 4, 5, 6])('by %i records that are the whole file', (count) => {
    const some = records.slice(0, count);
    const { rows, unreadable, balanced } = readCapture(erfFile(some));
    expect(rows).toEqual(readCapture(pcapFile(some, { resolution: 'ns' })).rows);
    expect({ unreadable, balanced }).toEqual({ unreadable: [], balanced: true });
  });

  test.each([
    { name: 'behind more padding than the records that are looked at', make: () => [padding(startNs), 9] as const },
    { name: 'behind padding without a time', make: () => [padding(0n), 1] as const },
  ])('$name', ({ make }) => {
    const [pad, count] = make();
    const file = erfFile([...Array.from({ length: count }, () => pad), ...records]);
    expect(readCapture(file)).toMatchObject({ packets: records.length, unreadable: [], balanced: true });
  });

  test.each([
    { name: 'with equal times', stepNs: 0n },
    { name: 'with days between its records', stepNs: 6n * 86_400n * SECOND },
    { name: 'going back by half a second', stepNs: -500n * MILLISECOND },
  ])('$name', ({ stepNs }) => {
    const file = erfFile(
      Array.from({ length: 6 }, (_, index) => ({ ...first, atNs: startNs + BigInt(index) * stepNs })),
    );
    expect(readCapture(file)).toMatchObject({ packets: 6, unreadable: [], balanced: true });
  });

  test('although its packets were cut', () => {
    const cut = records.map(({ atNs, bytes }) => ({ atNs, bytes: bytes.subarray(0, 40), wireBytes: bytes.length }));
    expect(readCapture(erfFile(cut))).toMatchObject({ packets: records.length, unreadable: [], balanced: true });
  });
});

describe('the time of an ERF record', () => {
  const atFraction = (fraction: number): Uint8Array => {
    const file = erfFile([first, first, first]);
    new DataView(file.buffer).setUint32(0, fraction, true);
    return file;
  };
  test.each([
    { name: 'the nearest nanosecond, below', fraction: 2, time: [0, 0] },
    { name: 'the nearest nanosecond, above', fraction: 3, time: [0, 1] },
    { name: 'the next second', fraction: 0xffff_ffff, time: [1, 0] },
  ])('is $name', ({ fraction, time: [sec, nsec] }) => {
    const whole = Number(first.atNs / SECOND);
    expect(readCapture(atFraction(fraction)).times[0]).toBe(`${whole + sec!}.${nsec}`);
  });
});

test('what the card says of itself is a record without a packet', () => {
  const { account, balanced } = readCapture(
    erfFile([...records, { atNs: records.at(-1)!.atNs, bytes: new Uint8Array(32), type: 27 }]),
  );
  expect(account).toMatchObject({ records: records.length + 1, noIpRecords: 1 });
  expect([...account.unknownLinkTypes]).toEqual([]);
  expect(balanced).toBe(true);
});

/** More than five records of the longest kinds below. */
const SIZE = 210_000;
const SHORT = 70_000;
const repeated = (text: string): Uint8Array => ascii(text.repeat(Math.ceil(SIZE / text.length)));
/** As in a text that a program wrote: any of the words, one behind the other. */
const wordsOf = (random: Random, words: readonly string[]): Uint8Array =>
  ascii(Array.from({ length: SHORT / 2 }, () => random.pick(words)).join(''));

/** A tar archive of one file. @see POSIX.1-2017, pax, "ustar Interchange Format" */
function tarOf(name: string, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(512);
  header.set(ascii(name));
  header.set(ascii(['0000644', '0000000', '0000000', ''].join('\0')), 100);
  header.set(ascii(`${content.length.toString(8).padStart(11, '0')}\0`), 124);
  header.set(ascii(['ustar', '00'].join('\0')), 257);
  return concat(header, content, new Uint8Array(1024 + ((512 - (content.length % 512)) % 512)));
}

const JPEG = concat(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0x10), ascii('JFIF\0'), Uint8Array.of(1, 1));
const PNG = concat(Uint8Array.of(0x89), ascii('PNG\r\n\x1a\n\0\0\0\rIHDR'));
const noise = (seed: number): Uint8Array => seededRandom(seed).bytes(SIZE);

const ORDINARY: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  { name: 'prose', bytes: repeated('The quick brown fox jumps over the lazy dog.\n') },
  { name: 'the digit 0, which is the type of padding', bytes: repeated('0') },
  { name: 'the digit 0, one record long', bytes: ascii('0'.repeat(0x3030)) },
  { name: 'blank lines', bytes: repeated('\n') },
  { name: 'blank lines with carriage returns', bytes: repeated('\r\n') },
  { name: 'zeros between commas', bytes: repeated('0,') },
  { name: 'zeros between tabs', bytes: repeated('0\t') },
  { name: 'zeros between tabs, beginning with a tab', bytes: repeated('\t0') },
  { name: 'lines of a digit', bytes: repeated('0\n') },
  { name: 'zeros in UTF-16', bytes: repeated('0\0') },
  { name: 'a hex dump of zeros', bytes: repeated('0000000 0000 0000 0000 0000 0000 0000 0000 0000\n') },
  { name: 'a PDF', bytes: concat(ascii('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n'), noise(1)) },
  { name: 'a JPEG', bytes: concat(JPEG, noise(2)) },
  { name: 'a PNG', bytes: concat(PNG, noise(3)) },
  { name: 'a ZIP', bytes: concat(ascii('PK\x03\x04\x14\0\0\0\x08\0'), noise(4)) },
  { name: 'a tar of texts', bytes: tarOf('capture_0.csv', repeated('0;0;0;1\n')) },
  { name: 'a tar whose file has a short name', bytes: tarOf('a', repeated('0')) },
];

const REFUSAL = { code: 'CAPTURE_NOT_A_CAPTURE' };

test.each(ORDINARY)('$name: no capture', ({ bytes }) => {
  expect(() => readCapture(bytes)).toThrow(expect.objectContaining(REFUSAL) as Error);
});

test('the same octet all along: no capture', () => {
  for (let octet = 0; octet < 256; octet++) {
    const bytes = new Uint8Array(SIZE).fill(octet);
    expect(() => readCapture(bytes), `octet ${octet}`).toThrow(expect.objectContaining(REFUSAL) as Error);
  }
});

const KINDS: readonly { readonly name: string; readonly make: (random: Random) => Uint8Array }[] = [
  { name: 'noise', make: (random) => random.bytes(SHORT) },
  { name: 'flags between commas', make: (random) => wordsOf(random, ['0,', '1,']) },
  { name: 'flags between tabs', make: (random) => wordsOf(random, ['0\t', '1\t', '\n']) },
  { name: 'small numbers', make: (random) => wordsOf(random, ['0', '00', '10', ' ', '\t', '\n', '\r\n']) },
  {
    name: 'a dark picture',
    make: (random) => {
      const dark = random.int(1, 27);
      return concatAll([random.bytes(random.int(0, 20)), random.bytes(SHORT).map((octet) => dark + (octet % 3))]);
    },
  },
  {
    name: 'small words of 16 bits',
    make: (random) => random.bytes(SHORT).map((octet, at) => (at % 2 === 0 ? octet % 30 : 0)),
  },
];

describe('whatever is in them, such files are no captures', () => {
  test.each(KINDS)('$name', ({ make }) => {
    for (let seed = 0; seed < PROPERTY_RUNS; seed++) {
      const bytes = make(seededRandom(seed));
      expect(() => readCapture(bytes), `seed ${seed}`).toThrow(expect.objectContaining(REFUSAL) as Error);
    }
  });
});
