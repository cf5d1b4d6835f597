import { MOST_HEAD_BYTES, type FileKind, type RecognisedFile } from '../../../src-main/contract/logstore';
import type { Engine } from '../../services/engine-connection.svelte';
import type { CaptureSource } from '../captures/source-job.svelte';

export interface SortedSources {
  readonly captures: readonly CaptureSource[];
  /** Files of log entries. */
  readonly entries: readonly CaptureSource[];
}

/** Tells files of log entries from captures by what is in them. What nobody can tell is taken for a capture. */
export async function sortSources(engine: Engine, sources: readonly CaptureSource[]): Promise<SortedSources> {
  const paths = sources.filter((source) => typeof source === 'string');
  const kinds = new Map<CaptureSource, FileKind>();
  const ask = async (files: readonly RecognisedFile[], asked: readonly CaptureSource[]): Promise<void> => {
    const outcome = await engine.call('file:recognise', { files }).outcome;
    if (outcome.ok) outcome.value.kinds.forEach((kind, index) => kinds.set(asked[index] ?? '', kind));
  };
  if (paths.length > 0) {
    await ask(
      paths.map((path) => ({ path })),
      paths,
    );
  }
  // One after the other: a call is not to be as large as all of them.
  for (const source of sources) {
    if (typeof source === 'string') continue;
    const head = await headOf(source);
    if (head !== null) await ask([{ head }], [source]);
  }
  return {
    captures: sources.filter((source) => kinds.get(source) !== 'entries'),
    entries: sources.filter((source) => kinds.get(source) === 'entries'),
  };
}

/** @returns the beginning as base64; null when it cannot be read */
async function headOf(file: File): Promise<string | null> {
  try {
    const octets = new Uint8Array(await file.slice(0, MOST_HEAD_BYTES).arrayBuffer());
    return btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join(''));
  } catch {
    return null;
  }
}
