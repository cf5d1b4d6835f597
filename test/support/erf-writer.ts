import { concatAll, u16, u8 } from './bytes';
import { intWriter, type CaptureRecord } from './pcap-writer';
import { SECOND } from './time';

/** Types of ERF records. */
export const ERF = { hdlc: 1, ethernet: 2, colorEthernet: 11, ipCounter: 13, ipv4: 22, ipv6: 23, padding: 48 } as const;

export interface ErfRecord extends CaptureRecord {
  /** Default `ERF.ethernet`. */
  readonly type?: number;
  /** Extension headers of 8 octets; default none. */
  readonly extensions?: number;
}

/** An ERF capture. Its clock has 2^32 ticks a second; times are rounded up, so that they are the same in nanoseconds. */
export function erfFile(records: readonly ErfRecord[]): Uint8Array {
  return concatAll(
    records.flatMap(({ atNs, bytes, wireBytes = bytes.length, type = ERF.ethernet, extensions = 0 }) => {
      const isEthernet = type === ERF.ethernet || type === ERF.colorEthernet;
      const fraction = (((atNs % SECOND) << 32n) + SECOND - 1n) / SECOND;
      const head = 16 + extensions * 8 + (isEthernet ? 2 : 0);
      const padding = (8 - ((head + bytes.length) % 8)) % 8;
      const write = intWriter('little');
      return [
        write([((atNs / SECOND) << 32n) | fraction, 8]),
        u8(type | (extensions > 0 ? 0x80 : 0)),
        u8(4),
        u16(head + bytes.length + padding),
        u16(0),
        u16(wireBytes),
        ...Array.from({ length: extensions }, (_, index) =>
          Uint8Array.of(index + 1 < extensions ? 0x83 : 0x03, 0, 0, 0, 0, 0, 0, 0),
        ),
        new Uint8Array(isEthernet ? 2 : 0),
        bytes,
        new Uint8Array(padding),
      ];
    }),
  );
}
