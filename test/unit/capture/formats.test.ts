import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newDecoder } from '../../../src-main/engine/decoder-module';
import { tcpSession, dnsLookup, framed } from '../../support/conversations';
import { ascii } from '../../support/bytes';
import { ERF, erfFile } from '../../support/erf-writer';
import { ethernet, linuxCooked, udpPacket } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { LINK, cut, inTimeOrder, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import {
  networkInterface,
  obsoletePacket,
  otherBlock,
  packet,
  pcapngFile,
  section,
  simplePacket,
} from '../../support/pcapng-writer';
import { readCapture, readLateCapture, type ReadCapture } from '../../support/read-capture';
import { gatewayWith, sessionLog, type SessionLog } from '../../support/session-log';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { snoopFile } from '../../support/snoop-writer';
import { SECOND, timeNs } from '../../support/time';

const startNs = timeNs('2026-03-10T09:58:00Z') + 123_456_000n;

/** A few sessions of two hosts, over a window edge. */
const packets: readonly CaptureRecord[] = inTimeOrder(
  tcpSession({ client: '10.0.0.5:40000', server: '198.51.100.7:443', startNs, exchanges: [{ up: 500, down: 9000 }] }),
  tcpSession({
    client: '10.0.0.6:40000',
    server: '198.51.100.7:443',
    startNs: startNs + 119n * SECOND,
    exchanges: [{ up: 500, down: 3000, pauseMs: 2000 }],
  }),
  dnsLookup({
    client: '10.0.0.5:5353',
    server: '198.51.100.53:53',
    startNs,
    name: 'example.test',
    address: '198.51.100.7',
  }),
);

/** What the tests of this file compare. */
function compared({ times, packets: count, unreadable, balanced }: ReadCapture) {
  return { times, packets: count, unreadable, balanced };
}

const told = (read: ReadCapture) => ({ ...compared(read), rows: read.rows });

const readAll = (bytes: Uint8Array) => compared(readCapture(bytes));

const overEthernet = framed(packets, (ip) => ethernet(ip));

describe('formats', () => {
  const asMicroseconds = (ns: bigint): bigint => ns - (ns % 1000n);
  const expected = (resolution: 'us' | 'ns'): string[] =>
    packets.map(({ atNs }) => {
      const time = resolution === 'us' ? asMicroseconds(atNs) : atNs;
      return `${time / SECOND}.${time % SECOND}`;
    });

  test.each([
    { name: 'microseconds, little endian', endian: 'little', resolution: 'us' },
    { name: 'microseconds, big endian', endian: 'big', resolution: 'us' },
    { name: 'nanoseconds, little endian', endian: 'little', resolution: 'ns' },
    { name: 'nanoseconds, big endian', endian: 'big', resolution: 'ns' },
  ] as const)('pcap in $name', ({ endian, resolution }) => {
    const read = readAll(pcapFile(overEthernet, { endian, resolution }));
    expect(read).toEqual({ times: expected(resolution), packets: packets.length, unreadable: [], balanced: true });
  });

  test.each([
    { name: 'little endian', endian: 'little' },
    { name: 'big endian', endian: 'big' },
  ] as const)('pcapng in $name, with blocks of unknown types between', ({ endian }) => {
    const blocks = overEthernet.flatMap((record, index) => [
      ...(index % 7 === 3 ? [otherBlock(0x0bad, new Uint8Array(index * 4))] : []),
      packet(record),
    ]);
    const file = pcapngFile([
      section({ endian }),
      networkInterface({ resolution: 9 }),
      ...blocks,
      otherBlock(5, new Uint8Array(8)),
    ]);
    expect(readAll(file)).toEqual({
      times: expected('ns'),
      packets: packets.length,
      unreadable: [],
      balanced: true,
    });
  });

  test.each([
    { name: '2.0, whose lengths are the other way round', version: [2, 0] },
    { name: '2.1', version: [2, 1] },
    { name: '2.2', version: [2, 2] },
    { name: '2.3', version: [2, 3] },
    { name: '543.0, of DG/UX', version: [543, 0] },
  ] as const)('pcap of version $name', ({ version }) => {
    const cutShort = cut(overEthernet, 60);
    const expectedRows = readCapture(pcapFile(cutShort)).rows;
    expect(readCapture(pcapFile(cutShort, { version })).rows).toEqual(expectedRows);
  });

  test('pcap of version 2.3 may have its lengths either way round', () => {
    const [record] = cut(overEthernet.slice(5), 60) as [CaptureRecord];
    const file = pcapFile([record], { version: [2, 3] });
    const swapped = file.slice();
    swapped.set(file.subarray(32, 36), 36);
    swapped.set(file.subarray(36, 40), 32);
    expect(swapped).not.toEqual(file);
    expect(readCapture(swapped).rows).toEqual(readCapture(file).rows);
  });

  test.each([
    { name: 'modified pcap, little endian', file: () => pcapFile(overEthernet, { modified: true }) },
    { name: 'modified pcap, big endian', file: () => pcapFile(overEthernet, { modified: true, endian: 'big' }) },
    { name: 'snoop', file: () => snoopFile(overEthernet) },
    {
      name: 'pcapng of obsolete packet blocks, little endian',
      file: () => pcapngFile([section(), networkInterface(), ...overEthernet.map((record) => obsoletePacket(record))]),
    },
    {
      name: 'pcapng of obsolete packet blocks, big endian',
      file: () =>
        pcapngFile([
          section({ endian: 'big' }),
          networkInterface({ linkType: LINK.raw }),
          networkInterface(),
          ...overEthernet.map((record) => obsoletePacket(record, { interfaceId: 1 })),
        ]),
    },
    {
      name: 'pcapng of version 1.2, with options behind each packet',
      file: () =>
        pcapngFile([
          section({ version: [1, 2] }),
          networkInterface(),
          ...overEthernet.map((record) => packet(record, { options: [{ code: 1, bytes: ascii('a comment') }] })),
        ]),
    },
  ])('$name gives the same rows as pcap', ({ file }) => {
    const read = readCapture(file());
    expect(read.rows).toEqual(readCapture(pcapFile(overEthernet)).rows);
    expect(read).toMatchObject({ packets: packets.length, unreadable: [], balanced: true });
  });

  test('ERF gives the same rows as pcap with nanoseconds, whatever the types of its records', () => {
    const asPcap = readCapture(pcapFile(overEthernet, { resolution: 'ns' })).rows;
    const types = [ERF.ethernet, ERF.colorEthernet];
    const asErf = readCapture(
      erfFile(
        overEthernet.flatMap((record, index) => [
          { ...record, type: types[index % 2]!, extensions: index % 3 },
          ...(index % 5 === 0 ? [{ atNs: record.atNs, bytes: new Uint8Array(16), type: ERF.padding }] : []),
          ...(index % 7 === 0 ? [{ atNs: record.atNs, bytes: new Uint8Array(24), type: ERF.ipCounter }] : []),
        ]),
      ),
    );
    expect(asErf.rows).toEqual(asPcap);
    expect(asErf).toMatchObject({ packets: packets.length, unreadable: [], balanced: true });
  });

  test('a few records of ERF are ERF if they are the whole file', () => {
    const records = overEthernet.slice(0, 2);
    expect(readCapture(erfFile(records)).packets).toBe(2);
    const message = expect.stringContaining('no snoop or ERF header') as string;
    expect(() => readCapture(Uint8Array.of(...erfFile(records), 1))).toThrow(
      expect.objectContaining({ code: 'CAPTURE_NOT_A_CAPTURE', message }) as Error,
    );
  });

  test('an old writer did not count the padding of its blocks', () => {
    const bytes = udpPacket({ from: '10.0.0.1:1', to: '10.0.0.2:2', payload: ascii('odd') });
    const record = { atNs: startNs, bytes };
    const file = pcapngFile([section(), networkInterface({ linkType: LINK.raw }), packet(record), packet(record)]);
    const blockBytes = (file.length - 48) / 2;
    const view = new DataView(file.buffer);
    for (const at of [48, 48 + blockBytes]) {
      view.setUint32(at + 4, blockBytes - 1, true);
      view.setUint32(at + blockBytes - 4, blockBytes - 1, true);
    }
    expect(readCapture(file)).toMatchObject({ packets: 2, unreadable: [], balanced: true });
  });

  test('a section has its own byte order and interfaces; a simple packet is given the time before it', () => {
    const [first, second] = overEthernet as [CaptureRecord, CaptureRecord];
    const file = pcapngFile([
      section({ endian: 'big' }),
      networkInterface({ resolution: 9 }),
      packet(first),
      simplePacket(second.bytes),
      section({ endian: 'little' }),
      networkInterface({ resolution: 9, offsetSec: 10 }),
      packet(second),
    ]);
    const ns = (time: bigint): string => `${time / SECOND}.${time % SECOND}`;
    expect(readAll(file).times).toEqual([ns(first.atNs), ns(first.atNs), ns(second.atNs)]);
  });

  test('a block longer than any buffer is skipped over several reads', () => {
    const file = pcapngFile([
      section(),
      networkInterface({ resolution: 9 }),
      otherBlock(0x4242, new Uint8Array(12 << 20)),
      ...overEthernet.map((record) => packet(record)),
    ]);
    expect(compared(readCapture(file, 100_000))).toMatchObject({
      packets: packets.length,
      unreadable: [],
      balanced: true,
    });
  });

  test('any chunking of a file gives the same rows', async () => {
    const files = [
      pcapFile(overEthernet),
      pcapngFile([
        section(),
        networkInterface(),
        ...overEthernet.map((record) => packet(record)),
        otherBlock(4, new Uint8Array(1000)),
      ]),
      pcapFile(overEthernet, { modified: true }),
      snoopFile(overEthernet),
      erfFile(overEthernet),
    ];
    const whole = files.map((file) => told(readCapture(file)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }),
        fc.integer({ min: 0, max: 4 }),
        fc.boolean(),
        async (sizes, which, isLate) => {
          let turn = 0;
          const chunkBytes = (): number => sizes[turn++ % sizes.length]!;
          const file = files[which]!;
          const read = isLate ? await readLateCapture(file, chunkBytes) : readCapture(file, chunkBytes);
          expect(told(read)).toEqual(whole[which]);
        },
      ),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('any container and link layer gives the same entries', async () => {
    const gateway = gatewayWith();
    const expected = await sessionLog([memorySource(pcapFile(overEthernet, { resolution: 'ns' }))], gateway);
    const variants = [
      pcapFile(packets, { resolution: 'ns', linkType: LINK.raw }),
      pcapFile(
        framed(packets, (ip) => ethernet(ip, { vlans: [5, 7] })),
        { resolution: 'ns', endian: 'big' },
      ),
      pcapFile(
        framed(packets, (ip) => linuxCooked(ip)),
        { resolution: 'ns', linkType: LINK.linuxCooked },
      ),
      pcapngFile([section(), networkInterface({ resolution: 9 }), ...overEthernet.map((record) => packet(record))]),
    ];
    for (const bytes of variants) {
      expect((await sessionLog([memorySource(bytes)], gateway)).entries).toEqual(expected.entries);
    }
  });

  test('any distribution of the packets over files gives the same entries', async () => {
    // Packet numbers name the file, so they differ; everything else must not.
    const withoutPackets = ({ entries }: SessionLog) =>
      entries.map((entry) => ({ ...entry, firstPacket: 0, lastPacket: 0 }));
    const expected = withoutPackets(await sessionLog([memorySource(pcapFile(overEthernet, { resolution: 'ns' }))]));
    const times = [...new Set(overEthernet.map(({ atNs }) => atNs))];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: times.length, maxLength: times.length }),
        async (files) => {
          const fileOf = new Map(times.map((time, index) => [time, files[index]]));
          const sources = [0, 1, 2, 3]
            .map((file) => overEthernet.filter(({ atNs }) => fileOf.get(atNs) === file))
            .filter((records) => records.length > 0)
            .map((records) => ({ records, first: records[0]?.atNs ?? 0n }))
            .sort((one, other) => Number(one.first - other.first))
            .map(({ records }) => memorySource(pcapFile(records, { resolution: 'ns' }), { chunkBytes: 1000 }));
          expect(withoutPackets(await sessionLog(sources))).toEqual(expected);
        },
      ),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

test('a time that cannot be is replaced by the one before, and counted', async () => {
  const [first, second] = overEthernet as [CaptureRecord, CaptureRecord];
  const file = pcapngFile([
    section(),
    networkInterface({ resolution: 9 }),
    networkInterface({ resolution: 9, offsetSec: 2 ** 53 }),
    networkInterface({ resolution: 9, offsetSec: -(2 ** 40) }),
    packet(first),
    packet(second, { interfaceId: 1 }),
    packet(second, { interfaceId: 2 }),
  ]);
  const log = await sessionLog([memorySource(file)]);
  expect(log.impossibleTimes).toBe(2);
  expect(new Set(log.entries.flatMap(({ firstNs, lastNs }) => [firstNs, lastNs]))).toEqual(new Set([first.atNs]));
});

/** What the decoder makes of a pcapng time stamp. */
function split(ticks: bigint, code: number): { readonly sec: number; readonly nsec: number } {
  const module = newDecoder().module as unknown as {
    readonly unitsPerSecond: (resolution: number) => bigint;
    readonly splitTicks: (ticks: bigint, unitsPerSec: bigint, resolution: number) => void;
    readonly tickSec: { readonly value: number };
    readonly tickNsec: { readonly value: number };
  };
  module.splitTicks(ticks, module.unitsPerSecond(code), code);
  return { sec: module.tickSec.value, nsec: module.tickNsec.value >>> 0 };
}

describe('pcapng time', () => {
  test.each([
    { name: 'microseconds', code: 6, ticks: 1_773_136_680_123_456n, sec: 1_773_136_680, nsec: 123_456_000 },
    { name: 'nanoseconds', code: 9, ticks: 1_773_136_680_123_456_789n, sec: 1_773_136_680, nsec: 123_456_789 },
    { name: 'seconds', code: 0, ticks: 1_773_136_680n, sec: 1_773_136_680, nsec: 0 },
    { name: 'picoseconds', code: 12, ticks: 1_773_136_680_123_456n, sec: 1773, nsec: 136_680_123 },
    { name: '2^-10 seconds', code: 0x8a, ticks: 1_773_136_680n * 1024n + 512n, sec: 1_773_136_680, nsec: 500_000_000 },
    {
      name: 'the largest value in nanoseconds',
      code: 9,
      ticks: 2n ** 64n - 1n,
      sec: 18_446_744_073,
      nsec: 709_551_615,
    },
  ])('$name', ({ code, ticks, sec, nsec }) => {
    expect(split(ticks, code)).toEqual({ sec, nsec });
  });

  test('equals exact arithmetic for every resolution', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.integer({ min: 0, max: 127 }),
        fc.boolean(),
        (ticks, exponent, isBinary) => {
          const units = isBinary ? 2n ** BigInt(exponent) : 10n ** BigInt(exponent);
          const code = isBinary ? 0x80 | exponent : exponent;
          const time = split(ticks, code);
          expect(BigInt(time.nsec)).toBe(((ticks % units) * 1_000_000_000n) / units);
          expect(time.sec).toBe(Number(ticks / units));
        },
      ),
      { numRuns: PROPERTY_RUNS * 10 },
    );
  });
});

describe('what is no capture that can be read', () => {
  const pcap = pcapFile(overEthernet);
  const pcapng = pcapngFile([section(), networkInterface(), ...overEthernet.map((record) => packet(record))]);

  test.each([
    { name: 'an empty file', bytes: new Uint8Array(0), code: 'CAPTURE_EMPTY', says: 'is empty, it ends at offset 0' },
    {
      name: 'a text file',
      bytes: new TextEncoder().encode('time,source,destination\n'.repeat(9)),
      code: 'CAPTURE_NOT_A_CAPTURE',
      says: 'at offset 0 is no pcap or pcapng magic, no snoop or ERF header',
    },
    {
      name: 'a section header with a byte order that is none',
      bytes: pcapng.with(8, 0),
      code: 'CAPTURE_NOT_A_CAPTURE',
      says: 'at offset 0 is no pcap or pcapng magic, no snoop or ERF header',
    },
    ...[[1, 4] as const, [2, 5] as const, [99, 99] as const].map((version) => ({
      name: `pcap of version ${version.join('.')}`,
      bytes: pcapFile(overEthernet, { version }),
      code: 'CAPTURE_UNSUPPORTED',
      says: `is pcap of version ${version.join('.')} by its header at offset 4`,
    })),
    {
      name: 'a first section of version 9.9',
      bytes: pcapngFile([section({ version: [9, 9] }), networkInterface()]),
      code: 'CAPTURE_UNSUPPORTED',
      says: 'is pcapng of version 9.9 by its header at offset 12',
    },
    {
      name: 'snoop of version 3',
      bytes: snoopFile(overEthernet, { version: 3 }),
      code: 'CAPTURE_UNSUPPORTED',
      says: 'is snoop of version 3 by its header at offset 8',
    },
  ])('$name is refused as $code, by name', ({ bytes, code, says }) => {
    const message = expect.stringMatching(new RegExp(`memory\\.pcap .*${says}`)) as string;
    expect(() => readAll(bytes)).toThrow(expect.objectContaining({ code, message }) as Error);
  });

  test.each([
    { name: 'of pcap after 1 byte', bytes: pcap.subarray(0, 1) },
    { name: 'of pcap after its magic', bytes: pcap.subarray(0, 4) },
    { name: 'of pcap before its last byte', bytes: pcap.subarray(0, 23) },
    { name: 'of snoop before its last byte', bytes: snoopFile([]).subarray(0, 15) },
    { name: 'of pcapng within its byte-order magic', bytes: pcapng.subarray(0, 10) },
    { name: 'of pcapng before its last byte, longer than one of pcap', bytes: pcapng.subarray(0, 27) },
  ])('a header $name is said to be cut', ({ bytes }) => {
    const message = expect.stringContaining(
      `memory.pcap is no packet capture: the file ends inside its header at offset 0, after ${bytes.length} bytes; copy it again`,
    ) as string;
    expect(() => readAll(bytes)).toThrow(expect.objectContaining({ code: 'CAPTURE_NOT_A_CAPTURE', message }) as Error);
  });
});
