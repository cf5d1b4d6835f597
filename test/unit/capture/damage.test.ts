import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_UNREADABLE_RANGES } from '../../../src-main/capture/capture-account';
import { concatAll } from '../../support/bytes';
import { framed, tcpSession } from '../../support/conversations';
import { erfFile } from '../../support/erf-writer';
import { ethernet, tcpPacket, udpPacket } from '../../support/frames';
import { LINK, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { networkInterface, otherBlock, packet, pcapngFile, section } from '../../support/pcapng-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { readCapture as readAll, type ReadCapture } from '../../support/read-capture';
import { snoopFile } from '../../support/snoop-writer';
import { SECOND, timeNs } from '../../support/time';

const startNs = timeNs('2026-03-10T09:58:00Z');

const overEthernet: readonly CaptureRecord[] = framed(
  tcpSession({
    client: '10.0.0.5:40000',
    server: '198.51.100.7:443',
    startNs,
    exchanges: [
      { up: 500, down: 9000 },
      { up: 70, down: 20_000, pauseMs: 5000 },
    ],
  }),
  (ip) => ethernet(ip),
);

const pcap = pcapFile(overEthernet);
const pcapng = pcapngFile([section(), networkInterface(), ...overEthernet.map((record) => packet(record))]);

/** Where each record begins in a file whose headers are as long as said, and after the last one. */
function recordOffsets(fileHeader: number, header: number, align = 1): number[] {
  const offsets = [fileHeader];
  for (const { bytes } of overEthernet) {
    const recordBytes = header + bytes.length;
    offsets.push(offsets.at(-1)! + Math.ceil(recordBytes / align) * align);
  }
  return offsets;
}

/** The rows of the undamaged capture without some. */
const without = (rows: readonly string[], ...missing: readonly number[]): string[] =>
  rows.filter((_, index) => !missing.includes(index));

/** A copy in which octets were overwritten. */
function patched(file: Uint8Array, at: number, ...octets: readonly number[]): Uint8Array {
  const copy = file.slice();
  copy.set(octets, at);
  return copy;
}

test('a file cut anywhere keeps what is before the cut, and every byte is accounted for', () => {
  for (const file of [pcap, pcapng]) {
    const whole = readAll(file).times;
    for (let end = 60; end < file.length; end += 97) {
      const read = readAll(file.subarray(0, end));
      expect(read.balanced).toBe(true);
      expect(read.times).toEqual(whole.slice(0, read.packets));
      const lost = read.unreadable[0];
      expect(lost === undefined || lost.offset + lost.bytes === end).toBe(true);
    }
  }
});

describe('pcap goes on behind', () => {
  const offsets = recordOffsets(24, 16);
  const { rows } = readAll(pcap);
  const fifth = offsets[5]!;
  const sixth = offsets[6]!;
  const wholeFifth = { offset: fifth, bytes: sixth - fifth };

  test.each([
    { name: 'a captured length of 4 GiB', file: patched(pcap, fifth + 8, 0xff, 0xff, 0xff, 0xff), says: '4294967295' },
    {
      name: 'a captured length of 200,000',
      file: patched(pcap, fifth + 8, 0x40, 0x0d, 3),
      says: 'ends inside a packet',
    },
    {
      name: 'a captured length that is 7 too large',
      file: patched(pcap, fifth + 8, pcap[fifth + 8]! + 7),
      says: 'a record has an odd header and no record behind it',
    },
    { name: 'a header of zeros', file: patched(pcap, fifth, ...new Array<number>(16).fill(0)), says: 'of zeros' },
  ])('$name: one record is lost, and named', ({ file, says }) => {
    const read = readAll(file);
    expect(read.rows).toEqual(without(rows, 5));
    expect(read.unreadable).toEqual([{ ...wholeFifth, cause: expect.stringContaining(says) as string }]);
    expect(read.balanced).toBe(true);
  });

  test('a captured length of 0: the record has no octets, and those that it had are lost', () => {
    const read = readAll(patched(pcap, fifth + 8, 0, 0, 0, 0));
    expect(read).toMatchObject({ packets: rows.length, balanced: true });
    expect(read.unreadable).toMatchObject([{ offset: fifth + 16, bytes: sixth - fifth - 16 }]);
  });

  test('a hole of zeros over several records', () => {
    const from = fifth + 30;
    const to = offsets[9]! + 5;
    const read = readAll(patched(pcap, from, ...new Array<number>(to - from).fill(0)));
    // The frame of the fifth was cut short by the hole, which its header does not tell.
    expect(without(read.rows, 5)).toEqual(without(rows, 5, 6, 7, 8, 9));
    expect(read).toMatchObject({ balanced: true, unreadable: [{ offset: sixth, bytes: offsets[10]! - sixth }] });
  });

  test('octets that went missing, and such that came in between', () => {
    const short = concatAll([pcap.subarray(0, fifth + 3), pcap.subarray(fifth + 9)]);
    expect(readAll(short)).toMatchObject({ rows: without(rows, 5), balanced: true });
    const long = concatAll([pcap.subarray(0, fifth), new Uint8Array(1000).fill(0x5a), pcap.subarray(fifth)]);
    expect(readAll(long)).toMatchObject({ rows, balanced: true, unreadable: [{ offset: fifth, bytes: 1000 }] });
  });

  test('more damage than a buffer holds', () => {
    const noise = new Uint8Array(3 << 20).map((_, index) => (index * 2654435761) >>> 24);
    const read = readAll(concatAll([pcap.subarray(0, fifth), noise, pcap.subarray(fifth)]));
    expect(read).toMatchObject({ rows, balanced: true, unreadable: [{ offset: fifth, bytes: noise.length }] });
  });

  test.each([
    { name: 'of the same kind', options: {} },
    { name: 'in the other byte order, with nanoseconds', options: { endian: 'big', resolution: 'ns' } },
    { name: 'of another link type, with longer headers', options: { linkType: LINK.raw, modified: true } },
  ] as const)('the file header of a capture that was joined to it, $name', ({ options }) => {
    const joined = pcapFile(overEthernet, options);
    const read = readAll(concatAll([pcap, joined]));
    expect(read.rows).toEqual([...rows, ...readAll(joined).rows]);
    expect(read).toMatchObject({ balanced: true, unreadable: [{ offset: pcap.length, bytes: 24 }] });
    expect(read.account.container.sections).toBe(2);
  });

  test.each([
    { name: 'no octets', record: { bytes: new Uint8Array() } },
    { name: 'more octets than were on the wire', record: { wireBytes: 20 } },
    { name: 'a time of 1970', record: { atNs: 0n } },
    { name: 'a time of 2106', record: { atNs: (2n ** 32n - 1n) * SECOND } },
  ])('an odd record among good ones is one of them: $name', ({ record }) => {
    const records = overEthernet.with(7, { ...overEthernet[7]!, ...record });
    expect(readAll(pcapFile(records))).toMatchObject({ packets: rows.length, unreadable: [], balanced: true });
  });

  test('records that are all odd are records', () => {
    const empty = overEthernet.map(({ atNs }) => ({ atNs, bytes: new Uint8Array(), wireBytes: 60 }));
    expect(readAll(pcapFile(empty))).toMatchObject({ packets: rows.length, unreadable: [], balanced: true });
    const wild = overEthernet.map((record, index) => ({ ...record, atNs: BigInt(index % 5) * 900_000_000n * SECOND }));
    expect(readAll(pcapFile(wild))).toMatchObject({ packets: rows.length, unreadable: [], balanced: true });
  });
});

test('a snoop capture that was joined to a later one is read to its end', () => {
  const earlier = overEthernet.map((record) => ({ ...record, atNs: record.atNs - 86_400n * SECOND }));
  const [first, second] = [snoopFile(overEthernet), snoopFile(earlier, { dataLink: 24 })];
  const read = readAll(concatAll([first, second]));
  expect(read.rows).toEqual([...readAll(first).rows, ...readAll(second).rows]);
  expect(read).toMatchObject({ balanced: true, unreadable: [{ offset: first.length, bytes: 16 }] });
});

describe('pcapng goes on behind', () => {
  const { rows } = readAll(pcapng);
  const offsets = recordOffsets(48, 32, 4);
  const fifth = offsets[5]!;
  const lost = { offset: fifth, bytes: offsets[6]! - fifth };
  const last = offsets.at(-2)!;

  test.each([
    { name: 'a block of length 0', at: 4, octets: [0, 0, 0, 0], says: 'length of 0' },
    { name: 'a block of 4 GiB', at: 4, octets: [0xfc, 0xff, 0xff, 0xff], says: '4294967292 bytes' },
    { name: 'a block longer than the file', at: 4, octets: [0, 0, 8, 0], says: 'ends inside a pcapng block' },
    {
      name: 'a block whose trailing length differs',
      at: lost.bytes - 4,
      octets: [1],
      says: 'lengths of a block differ',
    },
    { name: 'a block of a length that is no multiple of 4', at: 4, octets: [0xff], says: 'length of 1791' },
    { name: 'an interface that is not described', at: 8, octets: [99], says: 'interface 99' },
    { name: 'more captured bytes than the block has', at: 20, octets: [0, 0xea, 0, 0], says: '59904 captured bytes' },
  ])('$name: one packet is lost, and named', ({ at, octets, says }) => {
    const read = readAll(patched(pcapng, fifth + at, ...octets));
    expect(read.rows).toEqual(without(rows, 5));
    expect(read.unreadable).toEqual([{ ...lost, cause: expect.stringContaining(says) as string }]);
    expect(read.balanced).toBe(true);
  });

  test('octets that went missing, so that later blocks are not aligned any more', () => {
    const file = concatAll([pcapng.subarray(0, fifth + 40), pcapng.subarray(fifth + 43)]);
    expect(readAll(file)).toMatchObject({ rows: without(rows, 5), balanced: true });
  });

  test('damage before the last packet, and within it', () => {
    expect(readAll(patched(pcapng, offsets.at(-3)! + 4, 0, 0)).rows).toEqual(without(rows, rows.length - 2));
    expect(readAll(patched(pcapng, last + 4, 0, 0)).rows).toEqual(rows.slice(0, -1));
  });

  test('a section of another version, to the next one', () => {
    const blocks = overEthernet.map((record) => packet(record));
    const good = [section({ endian: 'big' }), networkInterface(), ...blocks];
    const bad = pcapngFile([section({ version: [2, 7] }), networkInterface(), ...blocks]);
    const read = readAll(concatAll([pcapngFile(good), bad, pcapng]));
    expect(read.rows).toEqual([...rows, ...rows]);
    const cause = 'a section is of version 2.7, and only 1.0 and 1.2 are known';
    expect(read).toMatchObject({ balanced: true, unreadable: [{ bytes: bad.length, cause }] });
  });

  test('an interface whose description is damaged: its packets are lost, those of others are not', () => {
    const tooLong = { code: 2, bytes: new Uint8Array(8) };
    const blocks = [section(), networkInterface({ options: [tooLong] }), networkInterface()];
    const good = pcapngFile([
      ...blocks,
      ...overEthernet.map((record, index) => packet(record, { interfaceId: index % 2 })),
    ]);
    const damages = [patched(good, 28 + 18, 0xff, 0xff), patched(good, 28 + 4, 0, 0)];
    for (const file of damages) {
      const read = readAll(file);
      expect(read.rows).toEqual(rows.filter((_, index) => index % 2 === 1));
      expect(read.balanced).toBe(true);
    }
  });

  test('a long block whose two lengths differ', () => {
    const blocks = overEthernet.map((record) => packet(record));
    const head = pcapngFile([section(), networkInterface()]);
    const long = otherBlock(0x4242, new Uint8Array(2 << 20));
    const file = pcapngFile([section(), networkInterface(), long, ...blocks]);
    const trailing = head.length + (2 << 20) + 8;
    const read = readAll(patched(file, trailing, 1));
    expect(read).toMatchObject({ rows, balanced: true, unreadable: [{ offset: head.length, bytes: (2 << 20) + 12 }] });
  });

  test('an unknown block that claims more than the file has is no container', () => {
    const file = pcapngFile([
      section(),
      networkInterface(),
      packet(overEthernet[0]!),
      otherBlock(0x77, new Uint8Array(400)),
    ]);
    const at = file.length - 412;
    new DataView(file.buffer).setUint32(at + 4, 0xffff_fff0, true);
    expect(readAll(file)).toMatchObject({ packets: 1, balanced: true, unreadable: [{ offset: at, bytes: 412 }] });
  });

  test.each([
    { name: 'a length of 0', offset: 4, value: 0, cause: 'length of 0' },
    { name: 'a length that is no multiple of 4', offset: 4, value: 33, cause: 'length of 33' },
    { name: 'two lengths that differ', offset: 4, value: 36, cause: 'lengths of a block differ' },
    { name: 'an interface that is not described', offset: 8, value: 99, cause: 'interface 99' },
    { name: 'more captured bytes than the block has', offset: 20, value: 60_000, cause: '60000 captured bytes' },
  ])('a packet block with $name', ({ offset, value, cause }) => {
    const bytes = udpPacket({ from: '10.0.0.1:1', to: '10.0.0.2:2' });
    const file = pcapngFile([section(), networkInterface({ linkType: LINK.raw }), packet({ atNs: 0n, bytes })]);
    const at = file.length - 60;
    new DataView(file.buffer).setUint32(at + offset, value, true);
    const read = readAll(file);
    expect(read.balanced).toBe(true);
    expect(read.unreadable).toEqual([{ offset: at, bytes: 60, cause: expect.stringContaining(cause) as string }]);
  });
});

describe.each([
  { name: 'snoop', file: snoopFile(overEthernet), header: 24, fileHeader: 16, lengthAt: 8, align: 4 },
  { name: 'ERF', file: erfFile(overEthernet), header: 18, fileHeader: 0, lengthAt: 10, align: 8 },
])('$name goes on behind', ({ file, header, fileHeader, lengthAt, align }) => {
  const { rows } = readAll(file);
  const offsets = recordOffsets(fileHeader, header, align);

  test('a record of a length that cannot be', () => {
    const read = readAll(patched(file, offsets[5]! + lengthAt, 0, 0, 0, 0).with(offsets[5]! + 3, 0xff));
    expect(read.rows).toEqual(without(rows, 5));
    expect(read).toMatchObject({
      balanced: true,
      unreadable: [{ offset: offsets[5], bytes: offsets[6]! - offsets[5]! }],
    });
  });

  test('octets in between', () => {
    const noise = new Uint8Array(700).fill(0xc3);
    const read = readAll(concatAll([file.subarray(0, offsets[5]), noise, file.subarray(offsets[5])]));
    expect(read).toMatchObject({ rows, balanced: true, unreadable: [{ offset: offsets[5], bytes: 700 }] });
  });

  test('a cut, where nothing is', () => {
    const end = offsets.at(-1)! - 3;
    expect(readAll(file.subarray(0, end))).toMatchObject({ rows: rows.slice(0, -1), balanced: true });
  });
});

/** Packets whose payload is a whole capture, as FTP carries them. */
function carrying(capture: Uint8Array): CaptureRecord[] {
  const segments = Array.from({ length: Math.ceil(capture.length / 1400) }, (_, index) =>
    tcpPacket({
      from: '198.51.100.7:20',
      to: '10.0.0.5:40001',
      flags: 'A',
      payload: capture.subarray(index * 1400, (index + 1) * 1400),
    }),
  );
  return segments.map((segment, index) => ({ atNs: startNs + BigInt(index) * SECOND, bytes: ethernet(segment) }));
}

test('a capture that was sent over the wire is no part of the capture of it, whatever is damaged', () => {
  const older = overEthernet.map((record) => ({ ...record, atNs: record.atNs - 3600n * SECOND }));
  const small = older.map((record) => ({ ...record, bytes: record.bytes.subarray(0, 60) }));
  const carried = [
    pcapFile(small),
    pcapngFile([section(), networkInterface(), ...small.map((record) => packet(record))]),
  ];
  for (const inner of carried) {
    const records = carrying(inner);
    for (const file of [
      pcapFile(records),
      pcapngFile([section(), networkInterface(), ...records.map((r) => packet(r))]),
    ]) {
      const isPcap = file[0] === 0xd4;
      const second = (isPcap ? 24 : 48) + (isPcap ? 16 : 32) + Math.ceil(records[0]!.bytes.length / 4) * 4;
      const at = isPcap ? 24 + 16 + records[0]!.bytes.length + 8 : second + 4;
      const read = readAll(patched(file, at, 0xff, 0xff, 0xff, 0xff));
      expect(read).toMatchObject({ packets: records.length - 1, balanced: true });
      expect(read.rows.filter((row) => row.includes('no IP'))).toEqual([]);
    }
  }
});

test('a file with more damage than can be told place by place says how much there is', () => {
  const [record] = overEthernet as [CaptureRecord];
  const blocks = Array.from({ length: MAX_UNREADABLE_RANGES + 50 }, () => [
    packet(record),
    packet(record, { interfaceId: 9 }),
  ]);
  const read = readAll(pcapngFile([section(), networkInterface(), ...blocks.flat()]));
  expect(read).toMatchObject({ packets: blocks.length, balanced: true });
  expect(read.unreadable).toHaveLength(MAX_UNREADABLE_RANGES);
  expect(read.unreadable.at(-1)!.cause).toMatch(
    /^51 places from here on, the first of them: a packet names interface 9/,
  );
});

describe('whatever the damage', () => {
  const files = [
    pcap,
    pcapng,
    snoopFile(overEthernet),
    erfFile(overEthernet),
    pcapFile(overEthernet, { modified: true, endian: 'big' }),
    concatAll([pcap, pcapFile(overEthernet, { endian: 'big' })]),
  ];
  const damage = fc.record({
    which: fc.integer({ min: 0, max: files.length - 1 }),
    patches: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.uint8Array({ maxLength: 12 })), {
      maxLength: 8,
    }),
    cutAt: fc.double({ min: 0.2, max: 1, noNaN: true }),
  });
  const damaged = ({ which, patches, cutAt }: { which: number; patches: [number, Uint8Array][]; cutAt: number }) => {
    const file = files[which]!.slice();
    // The header stays, as do the first records of ERF, by which it is recognised.
    for (const [place, octets] of patches) {
      const at = Math.max(3000, Math.floor(place * file.length));
      file.set(octets.subarray(0, file.length - at), at);
    }
    return file.subarray(0, Math.floor(cutAt * file.length));
  };
  const told = ({ rows, unreadable, balanced, account }: ReadCapture) => {
    return { rows, unreadable, balanced, container: account.containerBytes, captured: account.capturedBytes };
  };

  test('any chunking of the file gives the same rows and the same account', () => {
    fc.assert(
      fc.property(
        damage,
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }),
        (given, sizes) => {
          const file = damaged(given);
          let turn = 0;
          const whole = told(readAll(file));
          expect(told(readAll(file, () => sizes[turn++ % sizes.length]!))).toEqual(whole);
          expect(whole.balanced).toBe(true);
        },
      ),
      { numRuns: PROPERTY_RUNS * 2 },
    );
  });

  test('two wrong octets spare what is before them, and what is more than a record behind', () => {
    const shapes = [
      { file: pcap, offsets: recordOffsets(24, 16) },
      { file: pcapng, offsets: recordOffsets(48, 32, 4) },
      { file: snoopFile(overEthernet), offsets: recordOffsets(16, 24, 4) },
      { file: erfFile(overEthernet), offsets: recordOffsets(0, 18, 8) },
      { file: pcapFile(overEthernet, { modified: true, endian: 'big' }), offsets: recordOffsets(24, 24) },
    ].map((shape) => ({ ...shape, rows: readAll(shape.file).rows }));
    const longest = 1600;
    fc.assert(
      fc.property(
        fc.constantFrom(...shapes),
        fc.double({ min: 0.1, max: 0.99, noNaN: true }),
        fc.uint8Array({ minLength: 1, maxLength: 2 }),
        ({ file, offsets, rows }, place, octets) => {
          const at = Math.floor(place * file.length);
          const read = readAll(patched(file, at, ...octets));
          const before = offsets.filter((offset, index) => index > 0 && offset <= at).length;
          const behind = offsets.filter((offset) => offset > at + 2 * longest && offset < file.length).length;
          expect(read.balanced).toBe(true);
          expect(read.rows.slice(0, before)).toEqual(rows.slice(0, before));
          expect(read.rows.slice(read.rows.length - behind)).toEqual(rows.slice(rows.length - behind));
          expect(read.rows.length).toBeLessThanOrEqual(rows.length + 1);
        },
      ),
      { numRuns: PROPERTY_RUNS * 4 },
    );
  });

  test('random bytes behind a good header never throw, hang or unbalance', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.boolean(), (noise, isPcapng) => {
        const header = isPcapng ? pcapngFile([section(), networkInterface()]) : pcap.subarray(0, 24);
        expect(readAll(Uint8Array.of(...header, ...noise)).balanced).toBe(true);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});
