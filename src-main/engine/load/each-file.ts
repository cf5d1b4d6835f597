import { AppError } from '../../contract/errors';
import { DEFAULT_MAX_EXPANSION } from '../../contract/imports';
import type { LoadRequest } from '../../contract/logstore';
import type { FieldNames } from '../../logstore/field-names';
import type { CallContext } from '../engine-calls';
import { openFileSource } from '../file-source';
import { otherCalls } from '../turns';
import { EntryReader } from './entry-reader';
import type { LoadFile } from './load-files';

export type LoadContext = Pick<CallContext<'load:run'>, 'signal' | 'emit' | 'passNoReturn'>;

export interface FilesRequest extends LoadRequest {
  readonly opened: readonly LoadFile[];
}

export const cancelled = (): AppError => new AppError('LOAD_CANCELLED', 'Loading was cancelled; nothing of it is kept');

/** Opens the files one after the other, and tells how far it is. */
export async function eachFile(
  request: FilesRequest,
  pass: 1 | 2,
  names: FieldNames,
  { signal, emit }: LoadContext,
  read: (reader: EntryReader, onBatch: (entries: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const sizes = request.opened.map(({ path }) => fileBytes(path));
  const totalBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  let doneBytes = 0;
  for (const [index, file] of request.opened.entries()) {
    const reader = await EntryReader.open(file, request.format, request.maxExpansion ?? DEFAULT_MAX_EXPANSION, names);
    try {
      await read(reader, async (entries) => {
        emit('load:progress', { pass, readBytes: doneBytes + reader.readBytes, totalBytes, entries });
        await otherCalls();
        if (signal.aborted) throw cancelled();
      });
    } finally {
      await reader.close();
    }
    doneBytes += sizes[index] ?? 0;
  }
}

function fileBytes(path: string): number {
  const file = openFileSource(path);
  file.close();
  return file.sizeBytes;
}
