/*
 * The checksum of SCTP: CRC32c, whose register is sent with its lowest octet first.
 * @see RFC 9260 appendix A
 */

const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, octet) => {
  let register = octet;
  for (let bit = 0; bit < 8; bit++) register = (register >>> 1) ^ ((register & 1) === 0 ? 0 : POLYNOMIAL);
  return register;
});

function shifted(register: number, octet: number): number {
  return TABLE[(register ^ octet) & 0xff]! ^ (register >>> 8);
}

/** @returns the checksum of the octets from `at` up to `end`, as a number of 32 bits */
export function crc32c(bytes: Uint8Array, at: number, end: number): number {
  let register = -1;
  for (let next = at; next < end; next++) register = shifted(register, bytes[next]!);
  return ~register >>> 0;
}

/**
 * What a checksum changes by, to be XORed with it, when the first four octets do: right if and only if it was right before, whatever
 * follows them.
 *
 * @param change XOR of the octets before and after, the first one in the upper bits
 * @param length of all octets
 */
export function crc32cChange(change: number, length: number): number {
  let register = 0;
  for (let shift = 24; shift >= 0; shift -= 8) register = shifted(register, (change >>> shift) & 0xff);
  for (let next = 4; next < length; next++) register = shifted(register, 0);
  return register >>> 0;
}
