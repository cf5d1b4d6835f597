import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeCapture, type DecodedFrame } from '../support/decoded-frames';
import { cutFrame, makeFrame, mutateFrame, type Frame } from '../support/encapsulations';
import { networkInterface, packet, pcapngFile, section } from '../support/pcapng-writer';
import { PROPERTY_RUNS } from '../support/property-runs';
import { seededRandom, type Random } from '../support/random';
import { tempFolder } from '../support/temp';
import { MILLISECOND, timeNs } from '../support/time';
import { hasTool, needing } from '../support/tools';
import { dissect, type DissectedFrame, type IpLayer, type QuotingError } from '../support/tshark';

/* The decoder and tshark read the same frames, which nobody has seen before. */

/** Of each kind of frame. */
const FRAMES = Math.min(30_000, 100 * PROPERTY_RUNS);
/** Dissecting takes a millisecond a frame, and longer on a busy machine. */
const TIMEOUT_MS = 60_000 + 10 * FRAMES;
/** Not more with more runs: of many wrong frames there are always some of which a dissector makes what nobody else does. */
const WRONG_FRAMES = 4000;

function capture(frames: readonly Frame[]): Uint8Array {
  const linkTypes = [...new Set(frames.map(({ linkType }) => linkType))];
  const start = timeNs('2026-03-10T09:00:00Z');
  return pcapngFile([
    section(),
    ...linkTypes.map((linkType) => networkInterface({ linkType })),
    ...frames.map(({ bytes, wireBytes, linkType }, index) =>
      packet(
        { atNs: start + BigInt(index) * MILLISECOND, bytes, wireBytes },
        { interfaceId: linkTypes.indexOf(linkType) },
      ),
    ),
  ]);
}

/** What both say of a frame, without what only one of them knows. */
interface Said {
  readonly outer: unknown;
  readonly inner: unknown;
  readonly errors: readonly unknown[];
  /** Of a frame without an IP packet: whether there is an IP header that cannot be read. */
  readonly isUndecoded: boolean;
}

function saidByTshark({ outer, inner, errors, isUndecoded }: DissectedFrame): Said {
  return {
    isUndecoded,
    outer: outer && layerText(outer),
    inner: inner && layerText(inner),
    errors: errors.map(errorText),
  };
}

function saidByUs(outer: DecodedFrame, inner: DecodedFrame): Said {
  return {
    isUndecoded: outer.ip === null && ['malformed', 'l4_truncated'].includes(outer.reason),
    outer: outer.ip && layerText(outer.ip),
    inner: inner.ip && layerText(inner.ip),
    errors: inner.error === null ? [] : [errorText(inner.error)],
  };
}

function layerText(layer: IpLayer): string {
  return `${endpointsText(layer)}, ${layer.ipBytes} bytes${layer.isLater ? ', later' : ''}`;
}

function errorText({ type, code, quoted }: QuotingError): string {
  return `${type}/${code} about ${quoted === null ? 'nothing' : endpointsText(quoted)}`;
}

function endpointsText(given: Pick<IpLayer, 'version' | 'protocol' | 'src' | 'srcPort' | 'dst' | 'dstPort'>): string {
  const { version, protocol, src, srcPort, dst, dstPort } = given;
  // Of SCTP a dissector wants the whole header, and the ports are in its first four octets.
  const ports = protocol === 132 ? [] : [srcPort, dstPort];
  return `IPv${version} ${protocol} ${src} > ${dst} ${ports.join(' > ')}`;
}

/**
 * Whether there is an IP header in a frame of raw IP that is no IP, a dissector says by its own lights; and where a frame was cut,
 * that of MACsec wants all of it, those of Cisco's HDLC and frame relay give nothing on, and source routes want an octet more.
 */
function isJudgedAlike({ name, bytes }: Frame): boolean {
  if (/: raw\d* ip/.test(name) && (bytes.length < 8 || ![4, 6].includes(bytes[0]! >> 4))) return false;
  return !name.startsWith('cut') || !/macsec|-route|: chdlc|: fr-cisco/.test(name);
}

async function compare(frames: readonly Frame[], isCompared: (frame: DissectedFrame) => boolean): Promise<void> {
  const bytes = capture(frames);
  const path = join(tempFolder(), 'frames.pcapng');
  writeFileSync(path, bytes);
  const dissected = await dissect(path);
  expect(dissected.length).toBe(frames.length);
  const outer = decodeCapture(bytes, 'outer');
  const inner = decodeCapture(bytes, 'inner');
  const rows = frames.flatMap((made, index) => {
    const { name, bytes: octets } = made;
    const theirs = dissected[index]!;
    if (!isCompared(theirs) || !isJudgedAlike(made)) return [];
    const frame = `${name} (${theirs.protocols}) ${Buffer.from(octets).toString('hex')}`;
    return [{ frame, said: saidByUs(outer[index]!, inner[index]!), expected: saidByTshark(theirs) }];
  });
  // Nearly all of them, or the comparison says nothing.
  expect(rows.length).toBeGreaterThan(frames.length * 0.8);
  const differing = rows.filter(({ said, expected }) => JSON.stringify(said) !== JSON.stringify(expected));
  expect(differing.slice(0, 5)).toEqual([]);
}

const make = (seed: number, count: number, change: (random: Random, frame: Frame) => Frame): Frame[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => change(random, makeFrame(random)));
};

describe.skipIf(!hasTool('tshark'))(
  needing('tshark', 'what tshark finds in a frame, the decoder finds'),
  { timeout: TIMEOUT_MS },
  () => {
    test('every link type, and encapsulations and tunnels in each other', async () => {
      await compare(
        make(1, FRAMES, (_random, frame) => frame),
        () => true,
      );
    });

    test('frames that the capture cut', async () => {
      await compare(make(2, FRAMES, cutFrame), () => true);
    });

    test('frames with octets that are wrong', async () => {
      // Where a dissector gives up, whatever is behind that place is ours alone to judge; and IPv6 where IPv4 was announced is to
      // it a layer of each, so that addresses go to the wrong one.
      await compare(
        make(6, WRONG_FRAMES, mutateFrame),
        ({ isMalformed, protocols }) => !isMalformed && !/\bip:ipv6\b/.test(protocols),
      );
    });
  },
);
