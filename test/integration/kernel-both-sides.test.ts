import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { onOneClock } from '../../src-main/engine/capture-clocks';
import { surveyCaptures } from '../../src-main/engine/capture-survey';
import { openFileSource } from '../../src-main/engine/file-source';
import { internetChecksum } from '../support/bytes';
import { KERNEL_NAT, kernelNatMissing, runKernelNat, type KernelNatOptions } from '../support/kernel-nat';
import { gatewayWith, sessionLog, type SessionLog } from '../support/session-log';
import { tempFolder } from '../support/temp';

/*
 * The import of both sides of the NAT of this machine's own kernel, as it is, with another clock outside, and with other
 * identifications there: every session has the translation that its server saw, and every packet counts once.
 */
const missing = kernelNatMissing();
const title = 'both sides of a NAT of the kernel';
const [first, second, third] = KERNEL_NAT.hosts;
const [server, otherServer] = KERNEL_NAT.servers;
const [natAddress] = KERNEL_NAT.natAddresses;
const gateway = gatewayWith({ inside: ['10.77.0.0/24'], eips: [natAddress] });
const maxExpansion = 200;
type Step = KernelNatOptions['script'][number];

/** The first SYN to this port does not come out: it has 60 octets. */
const LOSSY_PORT = 7004;
const RULE = `masquerade; add chain ip t f { type filter hook forward priority 0; }; add rule ip t f tcp dport ${LOSSY_PORT} tcp flags & (syn|ack) == syn quota until 60 bytes drop`;
const SCRIPT: readonly Step[] = [
  ...Array.from({ length: 30 }, (): Step => ['tcp', first, 0, server, 7001]),
  ['tcp', third, 33_333, server, LOSSY_PORT],
  ...KERNEL_NAT.hosts.map((host): Step => ['hold', host, 30_000, server, 7002]),
  ...KERNEL_NAT.hosts.map((host): Step => ['udp', host, 31_000, server, 7002]),
  ...[7001, 7002, 7003].map((port): Step => ['udp', first, 31_000, otherServer, port]),
  ...Array.from({ length: 40 }, (_, index): Step => ['udp', second, 32_000 + index, server, 7003]),
  ['ping', first, 4321, server],
  ['ping', second, 4321, server],
];

/** Rewrites each packet of a capture by tcpdump: Ethernet, little-endian, microseconds. */
function rewrite(path: string, change: (packet: DataView, header: DataView) => void): void {
  const bytes = readFileSync(path);
  for (let at = 24; at < bytes.length;) {
    const length = bytes.readUInt32LE(at + 8);
    const part = (from: number, size: number) => new DataView(bytes.buffer, bytes.byteOffset + from, size);
    change(part(at + 16 + 14, length - 14), part(at, 16));
    at += 16 + length;
  }
  writeFileSync(path, bytes);
}

function shiftTimes(path: string, us: number): void {
  rewrite(path, (_, header) => {
    const total = header.getUint32(0, true) * 1e6 + header.getUint32(4, true) + us;
    header.setUint32(0, Math.floor(total / 1e6), true);
    header.setUint32(4, total % 1e6, true);
  });
}

/** As pf does with random-id. */
function renumberWhatLeaves(path: string): void {
  let next = 7;
  rewrite(path, (packet) => {
    const isLeaving = [12, 13, 14, 15].map((at) => packet.getUint8(at)).join('.') === natAddress;
    if (!isLeaving) return;
    next = (next * 25_173 + 13_849) & 0xffff;
    packet.setUint16(4, next);
    packet.setUint16(10, 0);
    packet.setUint16(10, internetChecksum(new Uint8Array(packet.buffer, packet.byteOffset, 20)));
  });
}

async function importOf(paths: readonly string[]): Promise<SessionLog> {
  const { signal } = new AbortController();
  const options = { keepGoing: false, again: false, maxExpansion, streams: new Map<string, string>() };
  const survey = await surveyCaptures(paths, options, signal);
  const { captures } = await onOneClock(survey, { gateway, layer: 'auto', maxExpansion }, signal);
  return sessionLog(
    captures.map(({ path, firstSec, firstNsec, clock }) => ({
      source: openFileSource(path),
      firstSec,
      firstNsec,
      clock,
    })),
    gateway,
  );
}

describe.skipIf(missing !== null)(missing === null ? title : `${title} (skipped: ${missing})`, () => {
  test.each([
    { name: 'as they are', aheadUs: 0, renumbers: false },
    { name: 'with other identifications outside', aheadUs: 0, renumbers: true },
    { name: 'with a clock outside that is 0.2 s ahead', aheadUs: 200_000, renumbers: false },
    { name: 'that is 5 s ahead, and other identifications', aheadUs: 5e6, renumbers: true },
    { name: 'that is 3 s behind', aheadUs: -3e6, renumbers: true },
    { name: 'that is an hour ahead', aheadUs: 3600e6, renumbers: false },
  ])('$name', async ({ aheadUs, renumbers }) => {
    const { insidePath, outsidePath, truth } = await runKernelNat(tempFolder(), { rule: RULE, script: SCRIPT });
    if (aheadUs !== 0) shiftTimes(outsidePath, aheadUs);
    if (renumbers) renumberWhatLeaves(outsidePath);
    const { entries, ledger, legs } = await importOf([insidePath, outsidePath]);
    const found = entries
      .filter(({ protocol }) => protocol !== 1)
      .map(
        ({ protocol, pri, pub, natIp, natPort, natSource }) =>
          `${protocol} ${pri} ${pub} ${natIp}:${natPort} ${natSource}`,
      );
    const seen = truth.map(({ protocol, pri, pub, nat }) => `${protocol} ${pri} ${pub} ${nat} observed`);
    expect([...new Set(found)].sort()).toEqual([...new Set(seen)].sort());
    const pings = entries.filter(({ protocol }) => protocol === 1);
    expect(pings.map(({ pri, natSource }) => [pri, natSource])).toEqual([
      [`${first}:4321`, 'observed'],
      [`${second}:4321`, 'observed'],
    ]);
    expect(legs).toMatchObject({ privateOnly: 1, publicOnly: 0 });
    expect(ledger.packets.notInEntries).toMatchObject({ lost_in_nat: 1, public_copy: legs.paired });
  });
});
