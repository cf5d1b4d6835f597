import type { ImportProgress } from '../../../src-main/contract/imports';

export interface ImportRate {
  readonly bytesPerSec: number;
  readonly packetsPerSec: number;
  /** 0 to 1; null when the size is not known beforehand. */
  readonly part: number | null;
  /** Null while too little is read to say. */
  readonly leftMs: number | null;
}

/** Before that, a start says nothing about the rest. */
const LEAST_MS = 500;

export function importRate({ readBytes, totalBytes, packets, elapsedMs }: ImportProgress): ImportRate {
  const seconds = elapsedMs / 1000;
  const isEarly = elapsedMs < LEAST_MS || readBytes === 0;
  const part = totalBytes === null || totalBytes === 0 ? null : Math.min(1, readBytes / totalBytes);
  return {
    bytesPerSec: seconds > 0 ? readBytes / seconds : 0,
    packetsPerSec: seconds > 0 ? packets / seconds : 0,
    part,
    leftMs: isEarly || part === null || totalBytes === null ? null : ((totalBytes - readBytes) / readBytes) * elapsedMs,
  };
}
