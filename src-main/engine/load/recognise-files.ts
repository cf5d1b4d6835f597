import { Buffer } from 'node:buffer';
import type { ByteSource } from '../../capture/read-buffer';
import { DEFAULT_MAX_EXPANSION } from '../../contract/imports';
import type { FileKind, RecognisedFile } from '../../contract/logstore';
import { FieldNames } from '../../logstore/field-names';
import { openFileSource } from '../file-source';
import { isPipe } from '../pipe-source';
import { EntryReader } from './entry-reader';
import { isParquet } from './parquet-source';

/**
 * Tells files of log entries from all others by how they begin, whatever they are called: by one entry that can be read.
 * Pipes, whose beginning nobody could read again, and what cannot be opened are no such files here.
 *
 * @param signal ends it between two files
 */
export async function recogniseFiles(
  files: readonly RecognisedFile[],
  signal: AbortSignal,
): Promise<readonly FileKind[]> {
  const kinds: FileKind[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    kinds.push((await hasEntries(file)) ? 'entries' : 'other');
  }
  return kinds;
}

async function hasEntries(file: RecognisedFile): Promise<boolean> {
  try {
    if ('path' in file) return !isPipe(file.path) && (await beginsWithEntry(openFileSource(file.path)));
    return await beginsWithEntry(headSource(Buffer.from(file.head, 'base64')));
  } catch {
    // Whoever reads it as a capture says what is wrong with it.
    return false;
  }
}

/** @param source is closed in any case */
async function beginsWithEntry(source: HeadSource): Promise<boolean> {
  if (isParquet(source)) {
    source.close();
    return true;
  }
  const reader = await EntryReader.begin(source, source.sizeBytes, DEFAULT_MAX_EXPANSION, new FieldNames());
  try {
    while (await reader.next()) {
      // Of lines in braces none may be right, and whoever loads them says why; a reader of captures could not.
      if (reader.batch.length > 0 || (reader.format === 'ndjson' && reader.bad.length > 0)) return true;
    }
    return false;
  } finally {
    await reader.close();
  }
}

interface HeadSource extends ByteSource {
  readonly sizeBytes: number;
  readAt(into: Uint8Array, offset: number): number;
}

/** The beginning of a file that is elsewhere. */
function headSource(head: Uint8Array): HeadSource {
  let at = 0;
  const readAt = (into: Uint8Array, offset: number): number => {
    const part = head.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  };
  return {
    name: 'head',
    sizeBytes: head.length,
    readAt,
    read: (into) => {
      const count = readAt(into, at);
      at += count;
      return count;
    },
    close: () => undefined,
  };
}
