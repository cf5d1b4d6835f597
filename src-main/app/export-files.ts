import { randomUUID } from 'node:crypto';
import { copyFile, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../contract/errors';
import type { ExportTarget } from '../contract/host-bridge';
import { syncFolder } from '../engine/output/atomic-file';
import { createAtomicFolder } from '../engine/output/atomic-folder';
import { metaPath } from '../engine/output/export-meta';
import { inspectPlace } from '../engine/output/output-place';
import type { RefusedFile } from '../engine/output/refused-file';
import { temporaryBeside } from '../engine/output/unfinished-files';

/**
 * Where exports go that the user has chosen a place for. A window knows a target by its id alone, so it can write
 * where the user said, once, and nowhere else.
 */
export class ExportTargets {
  readonly #paths = new Map<string, string>();

  /** @param path absolute, as the user chose it */
  add(path: string): ExportTarget {
    const id = randomUUID();
    this.#paths.set(id, path);
    return { id, path };
  }

  /** @throws AppError REQUEST_INVALID when it was not chosen, or was used before */
  take(id: string): string {
    const path = this.#paths.get(id);
    if (path === undefined) {
      throw new AppError(
        'REQUEST_INVALID',
        'This place for an export was not chosen, or was used already: export again',
      );
    }
    this.#paths.delete(id);
    return path;
  }
}

/**
 * Moves a finished export, a file or a folder, to its place, where it is then whole, or as before. The export leaves the workspace in any
 * case: nobody could ask for it again, and it is as large as what it was made from.
 *
 * @param workspace its real path; null while it was never opened, when there is no export
 * @param file name of either within `<workspace>/tmp/exports`
 * @param target absolute
 * @throws AppError OUTPUT_UNWRITABLE
 */
export async function moveExport(workspace: string | null, file: string, target: string): Promise<void> {
  const name = basename(file);
  const source = workspace === null || !EXPORT_NAME.test(name) ? null : join(workspace, 'tmp', 'exports', name);
  const stats = source === null ? null : await lstat(source).catch(() => null);
  if (source === null || stats === null || !(stats.isFile() || stats.isDirectory())) {
    const message = `the export for ${target} is not there any more, since the engine was started again: export once more`;
    throw new AppError('OUTPUT_UNWRITABLE', message, { file: target });
  }
  const refuse = (why: string, cause?: unknown): AppError => {
    const message = `${target} cannot be written (${why}): ${REMEDIES[why] ?? 'choose another place'}`;
    return new AppError('OUTPUT_UNWRITABLE', message, { file: target, why }, { cause });
  };
  try {
    if (stats.isDirectory()) await moveFolder(source, target, refuse);
    else {
      // A link stays one, and a device or a pipe is not replaced by a file.
      const place = await inspectPlace(target, refuse);
      await moveWithMeta(source, place.target, moveDurably);
    }
  } catch (cause) {
    for (const each of [source, metaPath(source)]) {
      await rm(each, { recursive: true, force: true }).catch(() => undefined);
    }
    throw cause instanceof AppError ? cause : refuse((cause as NodeJS.ErrnoException).code ?? 'unknown', cause);
  }
}

/** Those that exports have; never the folder itself, or the one above it. */
const EXPORT_NAME = /^[\w-][\w.-]*$/;

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'free space on its disk, or choose another place',
  EDQUOT: 'your quota on its disk is used up; choose another place',
  EROFS: 'its disk is read-only; choose another place',
  EISDIR: 'it is a folder; choose the name of a file',
  ENOENT: 'its folder is gone; choose another place',
};

/** In the order of `AtomicFile.commitWith`: a file may lack its description then, and no description its file. */
async function moveWithMeta(
  source: string,
  target: string,
  move: (source: string, target: string) => Promise<void>,
): Promise<void> {
  await rm(metaPath(target), { force: true });
  await move(source, target);
  const meta = metaPath(source);
  if ((await lstat(meta).catch(() => null))?.isFile() === true) await moveDurably(meta, metaPath(target));
}

/** It takes the place of nothing but an empty folder. */
async function moveFolder(source: string, path: string, refuse: RefusedFile): Promise<void> {
  const folder = await createAtomicFolder(path, refuse);
  try {
    await folder.take(source);
    await moveWithMeta(source, folder.target, () => folder.commit());
    await rm(source, { recursive: true, force: true });
  } catch (cause) {
    await folder.discard();
    throw cause;
  }
}

async function moveDurably(source: string, target: string): Promise<void> {
  try {
    await rename(source, target);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EXDEV') throw cause;
    await copyAcross(source, target);
    await rm(source, { force: true });
  }
  await syncFolder(dirname(target));
}

/** To another disk a file can only be copied, which is done beside its place. */
async function copyAcross(source: string, target: string): Promise<void> {
  const unfinished = await temporaryBeside(target);
  try {
    await copyFile(source, unfinished);
    const handle = await open(unfinished, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, target);
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw cause;
  }
}
