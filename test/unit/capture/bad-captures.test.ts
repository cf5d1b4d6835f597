import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { capturesFolder, needingCaptures } from '../../support/captures';
import { readCapture } from '../../support/read-capture';

/*
 * Damaged, hostile and odd captures, each with what tshark 4.0 makes of it. Where tshark stops at the damage, we go on, so
 * our count is at least its own; where it is another for a reason, the reason is here.
 */

const NOT_A_CAPTURE = 'CAPTURE_NOT_A_CAPTURE';
const UNSUPPORTED = 'CAPTURE_UNSUPPORTED';

/** What is refused, and the code. */
const REFUSED: Readonly<Record<string, string>> = {
  'dmg-empty.pcap': 'CAPTURE_EMPTY',
  // tshark takes one octet for a text file, whose lines it lists.
  'dmg-1byte.pcap': NOT_A_CAPTURE,
  'dmg-badmagic.pcap': NOT_A_CAPTURE,
  'dmg-hdr23.pcap': NOT_A_CAPTURE,
  'dmg-magic-only.pcap': NOT_A_CAPTURE,
  'dmg-random4k.pcap': NOT_A_CAPTURE,
  'dmg-text.pcap': NOT_A_CAPTURE,
  'dmg-zeros1m.pcap': NOT_A_CAPTURE,
  'dmg-ng-badbom.pcapng': NOT_A_CAPTURE,
  'dmg-ng-cut-shb.pcapng': NOT_A_CAPTURE,
  'dmg-ng-nosec.pcapng': NOT_A_CAPTURE,
  'dmg-ng-ver2.pcapng': UNSUPPORTED,
  // The magic gives one byte order and the version the other.
  'dmg-swapmagic.pcap': UNSUPPORTED,
  // tshark reads any version from 2.0 on; libpcap refuses those after 2.4, whose records nobody has described.
  'dmg-ver99.pcap': UNSUPPORTED,
  'real-libpcap-pcap-invalid-version-1.pcap': UNSUPPORTED,
  'real-libpcap-pcap-invalid-version-2.pcap': UNSUPPORTED,
};

/** Packets that are read where tshark reads another number, and why. */
const PACKETS: Readonly<Record<string, { readonly packets: number; readonly why: string }>> = {
  'dmg-caplen-1g.pcap': { packets: 1999, why: 'goes on behind the record' },
  'dmg-caplen-4g.pcap': { packets: 1999, why: 'goes on behind the record' },
  'dmg-caplen-neg.pcap': { packets: 1999, why: 'goes on behind the record' },
  'dmg-caplen-plus7.pcap': { packets: 1999, why: 'goes on behind the record' },
  'dmg-caplen0.pcap': { packets: 2000, why: 'goes on behind the octets of the record' },
  'dmg-concat.pcap': { packets: 2300, why: 'goes on behind the second file header' },
  'dmg-crlf.pcap': { packets: 16, why: 'goes on wherever three headers were spared' },
  'dmg-hole.pcap': { packets: 1992, why: 'zeros are no packets, and it goes on behind them' },
  'dmg-zeros-after-hdr.pcap': { packets: 0, why: 'zeros are no packets' },
  'dmg-linktype-max.pcap': { packets: 2000, why: 'an unknown link type is counted' },
  'dmg-flip02.pcap': { packets: 249, why: 'goes on behind the record' },
  'dmg-flip05.pcapng': { packets: 199, why: 'goes on behind the block' },
  'dmg-flip09.pcapng': { packets: 198, why: 'goes on behind the blocks' },
  'dmg-flip11.pcapng': { packets: 199, why: 'goes on behind the block' },
  'dmg-ng-caplen.pcapng': { packets: 199, why: 'goes on behind the block' },
  'dmg-ng-if99.pcapng': { packets: 199, why: 'goes on behind the block' },
  'dmg-ng-len-odd.pcapng': { packets: 199, why: 'goes on behind the block' },
  'dmg-ng-len0.pcapng': { packets: 199, why: 'goes on behind the block' },
  'dmg-ng-len4g.pcapng': { packets: 199, why: 'goes on behind the block' },
  'dmg-ng-trailer.pcapng': { packets: 199, why: 'goes on behind the block' },
  'real-pcapplusplus-cf-5685520970809344.pcap': { packets: 1, why: 'an unknown link type is counted' },
  'real-pcapplusplus-cf-5752969003008000.pcap': { packets: 1, why: 'an unknown link type is counted' },
  'real-pcapplusplus-cf-5717750942269440.pcap': { packets: 0, why: 'zeros are no packets' },
  'real-pcapplusplus-crash-8534c61cdf5987482365d7877ade12eef5aaf8b7.pcap': { packets: 1, why: 'zeros are no packets' },
  'real-pcapplusplus-cf-5766899836387328.pcap': { packets: 1, why: 'lengths of 2.3 are swapped as libpcap does' },
  'real-pcapplusplus-crash-81dba690a3f67ee41a41390a625db732fa1413a1.pcap': { packets: 58, why: 'goes on' },
  // As tcpdump counts.
  'real-pcapplusplus-crash-exception-cast-constructed-record.pcap': { packets: 2, why: 'a wild time is a time' },
  'real-pcapplusplus-igmplayer.pcap': { packets: 20, why: 'goes on' },
  'real-python-pcapng-test007.ntar': { packets: 1, why: 'a simple packet is cut by the snap length of its interface' },
  'real-suricata-verify-tls_DER-incomplete-header.pcap': { packets: 13, why: 'goes on behind the record' },
};

interface BadCapture {
  readonly name: string;
  readonly what: string;
  readonly tsharkPackets: number;
}

/** Compressed ones are read through their decompression, which is tested where that is. */
const COMPRESSED = /\.(gz|zst)$/;

function badCaptures(folder: string): BadCapture[] {
  const [, ...lines] = readFileSync(join(folder, 'manifest.tsv'), 'utf8').trimEnd().split('\n');
  const present = new Set(readdirSync(folder));
  return lines
    .map((line) => line.split('\t'))
    .map(([name = '', , , , , what = '', packets]) => ({ name, what, tsharkPackets: Number(packets) }))
    .filter(({ name }) => present.has(name) && !COMPRESSED.test(name));
}

const folder = capturesFolder === undefined ? undefined : join(capturesFolder, 'bad');
const captures = folder === undefined ? [] : badCaptures(folder);

describe.skipIf(folder === undefined)(needingCaptures('bad captures'), () => {
  test('there are some', () => {
    expect(captures.length).toBeGreaterThan(90);
    const names = new Set(captures.map(({ name }) => name));
    expect([...Object.keys(REFUSED), ...Object.keys(PACKETS)].filter((name) => !names.has(name))).toEqual([]);
  });

  test.each(captures)('$name: $what', ({ name, tsharkPackets }) => {
    const bytes = readFileSync(join(folder ?? '', name));
    const code = REFUSED[name];
    if (code !== undefined) {
      const message = expect.stringContaining('offset') as string;
      expect(() => readCapture(bytes)).toThrow(expect.objectContaining({ code, message }) as Error);
      return;
    }
    const read = readCapture(bytes);
    expect(read.balanced).toBe(true);
    expect(read.packets).toBe(PACKETS[name]?.packets ?? tsharkPackets);
    expect(read.rows).toHaveLength(read.packets);
    // The same in small pieces, as from a pipe.
    const pieces = readCapture(bytes, 4099);
    expect(pieces.rows).toEqual(read.rows);
    expect(pieces.unreadable).toEqual(read.unreadable);
  });
});
