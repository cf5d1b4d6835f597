import { ascii, concat, u16, u8 } from './bytes';
import type { Exchange } from './conversations';
import type { Random } from './random';

/** Longest content of one TLS record. */
const RECORD_BYTES = 16_384;

const record = (type: number, content: Uint8Array, version = 0x0303): Uint8Array =>
  concat(u8(type), u16(version), u16(content.length), content);
const handshake = (type: number, body: Uint8Array): Uint8Array =>
  record(0x16, concat(u8(type), u8(body.length >>> 16), u16(body.length), body), 0x0301);
const withLength = (body: Uint8Array): Uint8Array => concat(u16(body.length), body);
const extension = (type: number, body: Uint8Array): Uint8Array => concat(u16(type), withLength(body));

/** Records of encrypted application data, `bytes` of content in all. */
function applicationData(random: Random, bytes: number): Uint8Array {
  const records: Uint8Array[] = [];
  for (let left = bytes; left > 0; left -= RECORD_BYTES) {
    records.push(record(0x17, random.bytes(Math.min(left, RECORD_BYTES))));
  }
  return concat(...records);
}

function clientHello(random: Random, serverName: string): Uint8Array {
  const name = concat(u8(0), withLength(ascii(serverName)));
  const extensions = concat(
    extension(0, withLength(name)),
    extension(10, withLength(concat(u16(0x001d), u16(0x0017)))),
    extension(43, concat(u8(2), u16(0x0304))),
    extension(51, withLength(concat(u16(0x001d), withLength(random.bytes(32))))),
  );
  const suites = withLength(concat(u16(0x1301), u16(0x1302), u16(0x1303)));
  return handshake(
    1,
    concat(u16(0x0303), random.bytes(32), u8(32), random.bytes(32), suites, u8(1), u8(0), withLength(extensions)),
  );
}

function serverHello(random: Random): Uint8Array {
  const extensions = concat(
    extension(43, u16(0x0304)),
    extension(51, concat(u16(0x001d), withLength(random.bytes(32)))),
  );
  return handshake(
    2,
    concat(u16(0x0303), random.bytes(32), u8(32), random.bytes(32), u16(0x1301), u8(0), withLength(extensions)),
  );
}

/** A TLS 1.3 handshake followed by requests and answers of the given content lengths, for `tcpSession`. */
export function tlsExchanges(random: Random, serverName: string, requests: readonly Exchange[]): Exchange[] {
  const encrypted = (length: Exchange['up']): Uint8Array =>
    typeof length === 'number' ? applicationData(random, length) : length;
  const changeCipherSpec = record(0x14, u8(1));
  const certificates = applicationData(random, random.int(1900, 2900));
  return [
    { up: clientHello(random, serverName), down: concat(serverHello(random), changeCipherSpec, certificates) },
    ...requests.map(({ up, down, ...rest }) => ({ up: encrypted(up), down: encrypted(down), ...rest })),
  ];
}
