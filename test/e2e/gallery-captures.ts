import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ethernet, ipv6Udp, udpPacket } from '../support/frames';
import { pcapFile, type CaptureRecord } from '../support/pcap-writer';
import { MILLISECOND, timeNs } from '../support/time';

export const sample = join(import.meta.dirname, '../../resources/sample.pcapng');

const START = timeNs('2026-03-10T09:20:00Z');

function records(count: number, packetAt: (index: number) => Uint8Array): CaptureRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    atNs: START + BigInt(index) * 400n * MILLISECOND,
    bytes: ethernet(packetAt(index)),
  }));
}

const lookup = (index: number): Uint8Array =>
  udpPacket({
    from: `10.0.4.${10 + (index % 40)}:${20_000 + index}`,
    to: `198.51.100.${1 + (index % 9)}:53`,
    payload: new Uint8Array(24 + (index % 5) * 8),
  });

/** Captures of one kind each, written into a folder; all return their path. */
export const write = {
  /** The sample by another name, so that it is told from the bundled one. */
  copy(folder: string, name: string): string {
    const path = join(folder, name);
    copyFileSync(sample, path);
    return path;
  },

  notes(folder: string): string {
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'no capture at all, just a few words');
    return path;
  },

  plain(folder: string, name: string): string {
    const path = join(folder, name);
    writeFileSync(path, pcapFile(records(900, lookup)));
    return path;
  },

  /** Of hosts with public addresses, which no default gateway has behind it. */
  foreign(folder: string, name: string): string {
    const path = join(folder, name);
    const packets = records(300, (index) =>
      udpPacket({
        from: `203.0.113.${10 + (index % 20)}:${30_000 + index}`,
        to: `198.51.100.${1 + (index % 3)}:53`,
        payload: new Uint8Array(24),
      }),
    );
    writeFileSync(path, pcapFile(packets));
    return path;
  },

  packed(folder: string, name: string): string {
    const path = join(folder, name);
    writeFileSync(path, gzipSync(pcapFile(records(900, lookup))));
    return path;
  },

  /** Some packets have headers that contradict themselves, and the file ends within a record. */
  damaged(folder: string, name: string): string {
    const path = join(folder, name);
    const packets = records(600, (index) => {
      const packet = lookup(index);
      // A header of three words, which is shorter than any.
      if (index % 50 === 7) packet[0] = 0x43;
      return packet;
    });
    writeFileSync(path, pcapFile(packets).subarray(0, -19));
    return path;
  },

  /** Only what no gateway translates. */
  untranslated(folder: string, name: string): string {
    const path = join(folder, name);
    const packets = records(240, (index) =>
      index % 3 === 0
        ? udpPacket({ from: `10.0.1.${2 + (index % 20)}:5353`, to: '10.0.2.40:5432' })
        : ipv6Udp({ from: '2001:db8::10', fromPort: 40_000 + index, to: '2001:db8:1::53', toPort: 53 }),
    );
    writeFileSync(path, pcapFile(packets));
    return path;
  },

  /** Cut within its header, so that nothing of it can be read. */
  cutShort(folder: string, name: string): string {
    const path = join(folder, name);
    writeFileSync(path, readFileSync(sample).subarray(0, 14));
    return path;
  },
};
