import { ascii, concat, concatAll } from './bytes';
import type { CaptureRecord } from './pcap-writer';
import { LINK, intWriter } from './pcap-writer';
import type { TimeNs } from './time';
import { SECOND } from './time';

export interface PcapngOption {
  readonly code: number;
  readonly bytes: Uint8Array;
}

/** Blocks in the order of the file; make them with the functions below. */
export type PcapngBlock =
  | {
      readonly kind: 'section';
      readonly endian: 'little' | 'big';
      /** -1n, the default, leaves the length open as live captures do. */
      readonly sectionLength: bigint;
      readonly version: readonly [major: number, minor: number];
      readonly options: readonly PcapngOption[];
    }
  | {
      readonly kind: 'interface';
      readonly linkType: number;
      readonly snaplen: number;
      readonly ticksPerSecond: bigint;
      readonly offsetSec: bigint;
      readonly options: readonly PcapngOption[];
    }
  | {
      readonly kind: 'packet';
      readonly atNs: TimeNs;
      readonly bytes: Uint8Array;
      readonly wireBytes: number;
      readonly interfaceId: number;
      readonly options: readonly PcapngOption[];
      /** Written as the Packet Block of before 2004. */
      readonly isObsolete: boolean;
    }
  | { readonly kind: 'simple'; readonly bytes: Uint8Array; readonly wireBytes: number }
  | { readonly kind: 'other'; readonly type: number; readonly body: Uint8Array };

/** A Section Header Block. What follows, up to the next one, has its byte order and its own interfaces. */
export function section(
  given: {
    endian?: 'little' | 'big';
    sectionLength?: bigint;
    application?: string;
    version?: readonly [major: number, minor: number];
  } = {},
): PcapngBlock {
  const { endian = 'little', sectionLength = -1n, application, version = [1, 0] } = given;
  const options = application === undefined ? [] : [{ code: 4, bytes: ascii(application) }];
  return { kind: 'section', endian, sectionLength, version, options };
}

/**
 * An Interface Description Block.
 *
 * @param given.resolution the if_tsresol byte: n for 10^-n seconds, 0x80 + n for 2^-n; absent means microseconds
 * @param given.offsetSec if_tsoffset: whole seconds to be added to the times of the packets
 */
export function networkInterface(
  given: {
    linkType?: number;
    snaplen?: number;
    resolution?: number;
    offsetSec?: number;
    name?: string;
    options?: readonly PcapngOption[];
  } = {},
): PcapngBlock {
  const { linkType = LINK.ethernet, snaplen = 262_144, resolution, offsetSec, name, options = [] } = given;
  const exponent = BigInt((resolution ?? 6) & 0x7f);
  const offset = BigInt.asUintN(64, BigInt(offsetSec ?? 0));
  return {
    kind: 'interface',
    linkType,
    snaplen,
    ticksPerSecond: ((resolution ?? 6) & 0x80) === 0 ? 10n ** exponent : 2n ** exponent,
    offsetSec: BigInt(offsetSec ?? 0),
    options: [
      ...(name === undefined ? [] : [{ code: 2, bytes: ascii(name) }]),
      ...(resolution === undefined ? [] : [{ code: 9, bytes: Uint8Array.of(resolution) }]),
      // Written as bytes, so it is only right in little-endian sections; `encode` turns it around.
      ...(offsetSec === undefined ? [] : [{ code: 14, bytes: intWriter('little')([offset, 8]) }]),
      ...options,
    ],
  };
}

/** An Enhanced Packet Block. Its time is rounded down to the resolution of its interface. */
export function packet(
  record: CaptureRecord,
  given: { interfaceId?: number; options?: readonly PcapngOption[]; isObsolete?: boolean } = {},
): PcapngBlock {
  const { atNs, bytes, wireBytes = bytes.length } = record;
  const { interfaceId = 0, options = [], isObsolete = false } = given;
  return { kind: 'packet', atNs, bytes, wireBytes, interfaceId, options, isObsolete };
}

/** The obsolete Packet Block, otherwise as `packet`. */
export function obsoletePacket(record: CaptureRecord, given: { interfaceId?: number } = {}): PcapngBlock {
  return packet(record, { ...given, isObsolete: true });
}

/** A Simple Packet Block: no time, interface 0. The bytes must already be cut to that interface's snaplen. */
export function simplePacket(bytes: Uint8Array, wireBytes = bytes.length): PcapngBlock {
  return { kind: 'simple', bytes, wireBytes };
}

/** Any other block: name resolution (4), statistics (5), custom (0xbad), or a type that nobody knows. */
export function otherBlock(type: number, body: Uint8Array): PcapngBlock {
  return { kind: 'other', type, body };
}

/**
 * A pcapng file.
 *
 * ```ts
 * pcapngFile([section(), networkInterface({ resolution: 9 }), ...records.map((record) => packet(record))])
 * ```
 */
export function pcapngFile(blocks: readonly PcapngBlock[]): Uint8Array {
  let endian: 'little' | 'big' = 'little';
  let interfaces: Extract<PcapngBlock, { kind: 'interface' }>[] = [];
  const encoded: Uint8Array[] = [];
  for (const block of blocks) {
    if (block.kind === 'section') {
      endian = block.endian;
      interfaces = [];
    } else if (block.kind === 'interface') interfaces.push(block);
    encoded.push(encode(block, endian, interfaces));
  }
  return concatAll(encoded);
}

/** A capture of one interface, as most are. */
export function simplePcapng(
  records: readonly CaptureRecord[],
  given: Parameters<typeof networkInterface>[0] = {},
): Uint8Array {
  return pcapngFile([section(), networkInterface(given), ...records.map((record) => packet(record))]);
}

function encode(
  block: PcapngBlock,
  endian: 'little' | 'big',
  interfaces: readonly Extract<PcapngBlock, { kind: 'interface' }>[],
): Uint8Array {
  const write = intWriter(endian);
  const frame = (type: number, ...parts: readonly Uint8Array[]): Uint8Array => {
    const body = padded(concat(...parts));
    const total = write([body.length + 12, 4]);
    return concat(write([type, 4]), total, body, total);
  };
  const list = (options: readonly PcapngOption[]): Uint8Array =>
    options.length === 0
      ? new Uint8Array()
      : concat(
          ...options.map(({ code, bytes }) => {
            const value = code === 14 && endian === 'big' ? Uint8Array.from(bytes).reverse() : bytes;
            return concat(write([code, 2], [value.length, 2]), padded(value));
          }),
          new Uint8Array(4),
        );

  switch (block.kind) {
    case 'section': {
      const length = BigInt.asUintN(64, block.sectionLength);
      const [major, minor] = block.version;
      return frame(0x0a0d0d0a, write([0x1a2b3c4d, 4], [major, 2], [minor, 2], [length, 8]), list(block.options));
    }
    case 'interface':
      return frame(1, write([block.linkType, 2], [0, 2], [block.snaplen, 4]), list(block.options));
    case 'packet': {
      const { ticksPerSecond, offsetSec } = interfaces[block.interfaceId] ?? {
        ticksPerSecond: 1_000_000n,
        offsetSec: 0n,
      };
      const ticks = ((block.atNs - offsetSec * SECOND) * ticksPerSecond) / SECOND;
      const high = Number(ticks >> 32n);
      const low = Number(ticks & 0xffffffffn);
      // Where an enhanced packet names its interface, the obsolete one counts 7 dropped packets as well.
      const named = block.isObsolete ? write([block.interfaceId, 2], [7, 2]) : write([block.interfaceId, 4]);
      return frame(
        block.isObsolete ? 2 : 6,
        named,
        write([high, 4], [low, 4], [block.bytes.length, 4], [block.wireBytes, 4]),
        padded(block.bytes),
        list(block.options),
      );
    }
    case 'simple':
      return frame(3, write([block.wireBytes, 4]), block.bytes);
    case 'other':
      return frame(block.type, block.body);
  }
}

/** To a multiple of four bytes, with zeros. */
function padded(bytes: Uint8Array): Uint8Array {
  return bytes.length % 4 === 0 ? bytes : concat(bytes, new Uint8Array(4 - (bytes.length % 4)));
}
