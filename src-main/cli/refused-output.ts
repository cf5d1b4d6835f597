import { AppError } from '../contract/errors';
import { NOT_FREE } from '../engine/output/atomic-folder';
import { NOT_A_FILE, type RefusedFile } from '../engine/output/refused-file';
import { ReaderGone } from './text-output';

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'create its folder first, or name another file with --out',
  ENOTDIR: 'a part of its path is no folder; name another file with --out',
  EACCES: 'allow writing there, or name another file with --out',
  EPERM: 'allow writing there, or name another file with --out',
  EROFS: 'its disk is read-only; name a file on another with --out',
  ENOSPC: 'its disk is full; free space, or name a file on another with --out',
  EDQUOT: 'your quota on its disk is used up; free space, or name a file on another with --out',
  [NOT_A_FILE.folder]: 'name a file in it',
  [NOT_FREE.file]: 'name a folder that is not there yet, or is empty',
  [NOT_FREE.full]: 'name a folder that is not there yet, or is empty; none is replaced',
  [NOT_A_FILE.special]: 'name a file with --out',
  [NOT_A_FILE.capture]: 'name another file with --out, or remove the capture yourself if nobody needs it',
  [NOT_A_FILE.unwritable]: 'name a file, a pipe or a character device with --out, or - for standard output',
};

/** @returns what makes OUTPUT_UNWRITABLE of a failure to write to where `--out` leads, or ReaderGone of a pipe without a reader */
export function refusedOutput(path: string): RefusedFile {
  return (why, cause) => {
    if (why === 'EPIPE') return new ReaderGone();
    const message = `${path} cannot be written (${why}): ${REMEDIES[why] ?? 'name another file with --out'}`;
    return new AppError('OUTPUT_UNWRITABLE', message, { file: path, why }, { cause });
  };
}
