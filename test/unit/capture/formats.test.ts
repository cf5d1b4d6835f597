import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureStream } from '../../../src-main/capture/capture-stream';
import { PacketBatch } from '../../../src-main/capture/packet-batch';
import { newDecoder } from '../../../src-main/engine/decoder-module';
import { tcpSession, dnsLookup, framed } from '../../support/conversations';
import { ethernet, linuxCooked, udpPacket } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { LINK, inTimeOrder, pcapFile, type CaptureRecord } from '../../support/pcap-writer';
import { networkInterface, otherBlock, packet, pcapngFile, section, simplePacket } from '../../support/pcapng-writer';
import { gatewayWith, sessionLog, type SessionLog } from '../../support/session-log';
import { PROPERTY_RUNS } from '../../support/property-runs';
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

interface Read {
  readonly times: string[];
  readonly packets: number;
  readonly unreadable: readonly { offset: number; bytes: number; cause: string }[];
  readonly balanced: boolean;
}

async function readAll(
  bytes: Uint8Array,
  chunkBytes: number | (() => number) = Infinity,
  isLate = false,
): Promise<Read> {
  const stream = await CaptureStream.open(memorySource(bytes, { chunkBytes, isLate }), newDecoder());
  const batch = new PacketBatch();
  const times: string[] = [];
  for (let hasMore = true; hasMore;) {
    batch.length = 0;
    hasMore = await stream.fill(batch);
    for (let row = 0; row < batch.length; row++) times.push(`${batch.tsSec[row]!}.${batch.tsNsec[row]!}`);
  }
  const { account } = stream;
  const lost = account.unreadable.reduce((total, range) => total + range.bytes, 0);
  return {
    times,
    packets: account.records,
    unreadable: account.unreadable.map(({ offset, bytes: count, cause }) => ({ offset, bytes: count, cause })),
    balanced:
      stream.readBytes === bytes.length && bytes.length === account.containerBytes + account.capturedBytes + lost,
  };
}

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
  ] as const)('pcap in $name', async ({ endian, resolution }) => {
    const read = await readAll(pcapFile(overEthernet, { endian, resolution }));
    expect(read).toEqual({ times: expected(resolution), packets: packets.length, unreadable: [], balanced: true });
  });

  test.each([
    { name: 'little endian', endian: 'little' },
    { name: 'big endian', endian: 'big' },
  ] as const)('pcapng in $name, with blocks of unknown types between', async ({ endian }) => {
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
    expect(await readAll(file)).toEqual({
      times: expected('ns'),
      packets: packets.length,
      unreadable: [],
      balanced: true,
    });
  });

  test('a section has its own byte order and interfaces; a simple packet is given the time before it', async () => {
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
    expect((await readAll(file)).times).toEqual([ns(first.atNs), ns(first.atNs), ns(second.atNs)]);
  });

  test('a block longer than any buffer is skipped over several reads', async () => {
    const file = pcapngFile([
      section(),
      networkInterface({ resolution: 9 }),
      otherBlock(0x4242, new Uint8Array(12 << 20)),
      ...overEthernet.map((record) => packet(record)),
    ]);
    expect(await readAll(file, 100_000)).toMatchObject({ packets: packets.length, unreadable: [], balanced: true });
  });

  test('any chunking of a file gives the same records', async () => {
    const files = [
      pcapFile(overEthernet),
      pcapngFile([
        section(),
        networkInterface(),
        ...overEthernet.map((record) => packet(record)),
        otherBlock(4, new Uint8Array(1000)),
      ]),
    ];
    const whole = await Promise.all(files.map((file) => readAll(file)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }),
        fc.integer({ min: 0, max: 1 }),
        fc.boolean(),
        async (sizes, which, isLate) => {
          let turn = 0;
          expect(await readAll(files[which]!, () => sizes[turn++ % sizes.length]!, isLate)).toEqual(whole[which]);
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

describe('damage', () => {
  const pcap = pcapFile(overEthernet);
  const pcapng = pcapngFile([section(), networkInterface(), ...overEthernet.map((record) => packet(record))]);

  test('a file cut anywhere keeps what is before the cut, and every byte is accounted for', async () => {
    for (const file of [pcap, pcapng]) {
      const whole = (await readAll(file)).times;
      for (let end = 60; end < file.length; end += 97) {
        const read = await readAll(file.subarray(0, end));
        expect(read.balanced).toBe(true);
        expect(read.times).toEqual(whole.slice(0, read.packets));
        const lost = read.unreadable[0];
        expect(lost === undefined || lost.offset + lost.bytes === end).toBe(true);
      }
    }
  });

  test('a record that claims more than any record can have ends the readable part', async () => {
    const file = pcap.slice();
    const second = 24 + 16 + overEthernet[0]!.bytes.length;
    new DataView(file.buffer).setUint32(second + 8, 0xffff_ffff, true);
    expect(await readAll(file)).toMatchObject({
      packets: 1,
      balanced: true,
      unreadable: [
        { offset: second, bytes: file.length - second, cause: expect.stringContaining('4294967295') as string },
      ],
    });
  });

  test('an unknown block that claims more than the file has is no container', async () => {
    const file = pcapngFile([
      section(),
      networkInterface(),
      packet(overEthernet[0]!),
      otherBlock(0x77, new Uint8Array(400)),
    ]);
    const at = file.length - 412;
    new DataView(file.buffer).setUint32(at + 4, 0xffff_fff0, true);
    expect(await readAll(file)).toMatchObject({ packets: 1, balanced: true, unreadable: [{ offset: at, bytes: 412 }] });
  });

  test.each([
    { name: 'a length of 0', offset: 4, value: 0, cause: 'length of 0' },
    { name: 'a length that is no multiple of 4', offset: 4, value: 33, cause: 'length of 33' },
    { name: 'two lengths that differ', offset: 4, value: 36, cause: 'lengths of a block differ' },
    { name: 'an interface that is not described', offset: 8, value: 99, cause: 'interface 99' },
    { name: 'more captured bytes than the block has', offset: 20, value: 60_000, cause: '60000 captured bytes' },
  ])('a packet block with $name', async ({ offset, value, cause }) => {
    const bytes = udpPacket({ from: '10.0.0.1:1', to: '10.0.0.2:2' });
    const file = pcapngFile([section(), networkInterface({ linkType: LINK.raw }), packet({ atNs: 0n, bytes })]);
    const at = file.length - 60;
    new DataView(file.buffer).setUint32(at + offset, value, true);
    const read = await readAll(file);
    expect(read.balanced).toBe(true);
    expect(read.unreadable).toEqual([{ offset: at, bytes: 60, cause: expect.stringContaining(cause) as string }]);
  });

  test.each([
    { name: 'an empty file', bytes: new Uint8Array(0), code: 'CAPTURE_EMPTY', says: 'is empty, it ends at offset 0' },
    {
      name: 'a text file',
      bytes: new TextEncoder().encode('time,source,destination\n'.repeat(9)),
      code: 'CAPTURE_NOT_A_CAPTURE',
      says: 'at offset 0 is no pcap or pcapng magic',
    },
    {
      name: 'a section header with a byte order that is none',
      bytes: pcapng.with(8, 0),
      code: 'CAPTURE_NOT_A_CAPTURE',
      says: 'at offset 0 is no pcap or pcapng magic',
    },
  ])('$name is refused as $code, by name', async ({ bytes, code, says }) => {
    const message = expect.stringMatching(new RegExp(`memory\\.pcap .*${says}`)) as string;
    await expect(readAll(bytes)).rejects.toThrow(expect.objectContaining({ code, message }) as Error);
  });

  test.each([
    { name: 'of pcap after 1 byte', bytes: pcap.subarray(0, 1) },
    { name: 'of pcap after its magic', bytes: pcap.subarray(0, 4) },
    { name: 'of pcap before its last byte', bytes: pcap.subarray(0, 23) },
    { name: 'of pcapng within its byte-order magic', bytes: pcapng.subarray(0, 10) },
    { name: 'of pcapng before its last byte, longer than one of pcap', bytes: pcapng.subarray(0, 27) },
  ])('a header $name is said to be cut', async ({ bytes }) => {
    const message = expect.stringContaining(
      `memory.pcap is no packet capture: the file ends inside its header at offset 0, after ${bytes.length} bytes; copy it again`,
    ) as string;
    await expect(readAll(bytes)).rejects.toThrow(
      expect.objectContaining({ code: 'CAPTURE_NOT_A_CAPTURE', message }) as Error,
    );
  });

  test('random bytes behind a good header never throw, hang or unbalance', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), fc.boolean(), async (noise, isPcapng) => {
        const header = isPcapng ? pcapngFile([section(), networkInterface()]) : pcap.subarray(0, 24);
        expect((await readAll(Uint8Array.of(...header, ...noise))).balanced).toBe(true);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
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
