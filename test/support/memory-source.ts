import type { ByteSource } from '../../src-main/capture/read-buffer';

/**
 * A capture in memory, for tests of what reads captures.
 *
 * @param chunkBytes what one read returns at most; a function is asked before each read
 * @param isLate whether reads are answered by a promise
 */
export function memorySource(
  bytes: Uint8Array,
  {
    name = 'memory.pcap',
    chunkBytes = Infinity,
    isLate = false,
  }: { name?: string; chunkBytes?: number | (() => number); isLate?: boolean } = {},
): ByteSource {
  let offset = 0;
  return {
    name,
    sizeBytes: bytes.length,
    read(into) {
      const most = typeof chunkBytes === 'number' ? chunkBytes : chunkBytes();
      const count = Math.min(into.length, bytes.length - offset, most);
      into.set(bytes.subarray(offset, offset + count));
      offset += count;
      return isLate ? Promise.resolve(count) : count;
    },
    close: () => undefined,
  };
}
