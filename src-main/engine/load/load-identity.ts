import { createHash } from 'node:crypto';
import type { LoadedFile } from '../../contract/export';
import { digestAt } from '../capture-survey';
import { openFileSource, SAMPLE_BYTES } from '../file-source';
import type { LoadFile } from './load-files';
import type { LoadTarget } from './load-target';

interface FilesToRead {
  /** As they were named, and where they are read. */
  readonly files: readonly string[];
  readonly opened: readonly LoadFile[];
}

export type FileContent = Required<LoadedFile>;

/** What the files are known by. */
export function contentsOf({ files, opened }: FilesToRead): readonly FileContent[] {
  return opened.map(({ path }, place) => {
    const file = openFileSource(path);
    try {
      const tailSha256 = digestAt(file, Math.max(0, file.sizeBytes - SAMPLE_BYTES));
      return { path: files[place] ?? path, sizeBytes: file.sizeBytes, headSha256: digestAt(file, 0), tailSha256 };
    } finally {
      file.close();
    }
  });
}

/** The same files into the same fields are the same load, wherever the files lie. */
export function identityOf(contents: readonly FileContent[], { schema }: Pick<LoadTarget, 'schema'>): string {
  const digests = contents.map(({ sizeBytes, headSha256, tailSha256 }) => [sizeBytes, headSha256, tailSha256]);
  return createHash('sha256')
    .update(JSON.stringify(['load', digests, schema]))
    .digest('hex');
}
