/** One member of gzip, frame of zstd or lz4, or stream of xz, being decompressed. */
export interface Unpacker {
  /**
   * Fills `into` from its start.
   *
   * @returns octets; 0 when it has ended, its checksums are right, and the input stands behind it
   * @throws PackedDamage
   */
  read(into: Uint8Array): Promise<number>;
  close(): void;
}

/** Why no more can be decompressed; the message is part of a sentence and names the place in the compressed file. */
export class PackedDamage extends Error {
  override readonly name = 'PackedDamage';
}

export const PACKINGS = ['gzip', 'zstd', 'lz4', 'xz'] as const;
export type Packing = (typeof PACKINGS)[number];

/** What one unit of each is called. */
export const UNIT: Readonly<Record<Packing, string>> = { gzip: 'member', zstd: 'frame', lz4: 'frame', xz: 'stream' };

export function cutAt(packing: Packing, offset: number): PackedDamage {
  return new PackedDamage(
    `the ${packing} data are cut off at compressed offset ${offset}, inside a ${UNIT[packing]}: decompressing ends here`,
  );
}

export function damagedAt(packing: Packing, offset: number, what: string): PackedDamage {
  return new PackedDamage(
    `the ${packing} data are damaged at compressed offset ${offset} or behind it (${what}): decompressing ends here`,
  );
}

/** @param offset behind the last octet that the checksum is for */
export function wrongChecksum(packing: Packing, offset: number): PackedDamage {
  return new PackedDamage(
    `the checksum before compressed offset ${offset} does not fit the ${packing} ${UNIT[packing]}: some of its bytes are wrong`,
  );
}
