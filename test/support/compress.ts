import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { PACKINGS, type Packing } from '../../src-main/engine/unpack/unpacker';
import { hasTool, needing } from './tools';

/** Checksums of everything that the format has checksums for, which is not the default of each. */
const ARGUMENTS = {
  zstd: ['-q', '-c', '--check'],
  lz4: ['-q', '-c', '-BX'],
  xz: ['-q', '-c', '--check=crc64'],
} as const;

/** Those that can be made here: gzip always, the others with their programs. */
export const packings: readonly Packing[] = PACKINGS.filter((packing) => packing === 'gzip' || hasTool(packing));

/** Of a test for each packing that says which cannot be made here. */
export function packingTitle(packing: Packing, title: string): string {
  return `${packing}: ${packing === 'gzip' ? title : needing(packing, title)}`;
}

/** @param more arguments for the program; of gzip there are none */
export function compress(packing: Packing, bytes: Uint8Array, more: readonly string[] = []): Buffer {
  if (packing === 'gzip') return gzipSync(bytes);
  return execFileSync(packing, [...ARGUMENTS[packing], ...more], { input: bytes, maxBuffer: 1 << 30 });
}
