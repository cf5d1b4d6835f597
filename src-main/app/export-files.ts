import { randomUUID } from 'node:crypto';
import { lstat, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '../contract/errors';
import type { ExportTarget } from '../contract/host-bridge';
import { commitWith, createAtomicFile, type AtomicFile, type AtomicOutput } from '../engine/output/atomic-file';
import { createAtomicFolder } from '../engine/output/atomic-folder';
import { metaPath } from '../engine/output/export-meta';
import type { RefusedFile } from '../engine/output/refused-file';

/**
 * Where exports go that the user has chosen a place for. A window knows a target by its id alone, so it can write
 * where the user said, once, and nowhere else.
 */
export class ExportTargets {
  readonly #paths = new Map<string, string>();
  readonly #saved = new Set<string>();

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

  /** Something was written there. */
  noteSaved(path: string): void {
    this.#saved.add(path);
  }

  /** @throws AppError REQUEST_INVALID for a place where nothing was written: a window is shown no others */
  refuseUnsaved(path: string): void {
    if (!this.#saved.has(path)) throw new AppError('REQUEST_INVALID', 'Nothing was exported to that place');
  }
}

/**
 * Refuses a place before anything is written for it: an export may take minutes.
 *
 * @param target absolute, for a file or a folder
 * @throws AppError OUTPUT_UNWRITABLE
 */
export async function refuseUnwritable(target: string): Promise<void> {
  const isFolder = await stat(target).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  const create = isFolder ? createAtomicFolder : createAtomicFile;
  await (await create(target, refusedTarget(target))).discard();
}

/**
 * Moves a finished export, a file or a folder, to its place, where it is then whole, or as before: also what describes an older
 * one stays until both are beside their places. The export leaves the workspace in any case: nobody could ask for it again, and
 * it is as large as what it was made from.
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
  const refuse = refusedTarget(target);
  try {
    // A link stays one, and a device or a pipe is not replaced by a file.
    const create = stats.isDirectory() ? createAtomicFolder : createAtomicFile;
    await takeWithMeta(source, await create(target, refuse), refuse);
  } catch (cause) {
    throw cause instanceof AppError ? cause : refuse((cause as NodeJS.ErrnoException).code ?? 'unknown', cause);
  } finally {
    for (const each of [source, metaPath(source)]) {
      await rm(each, { recursive: true, force: true }).catch(() => undefined);
    }
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
  EACCES: 'you may not write there; choose another place',
  ENAMETOOLONG: 'choose a shorter name',
};

function refusedTarget(target: string): RefusedFile {
  return (why, cause) => {
    const message = `${target} cannot be written (${why}): ${REMEDIES[why] ?? 'choose another place'}`;
    return new AppError('OUTPUT_UNWRITABLE', message, { file: target, why }, { cause });
  };
}

/** Packets and settings have no description; one of an older file goes all the same. */
async function takeWithMeta(source: string, output: AtomicOutput, refuse: RefusedFile): Promise<void> {
  let meta: AtomicFile | null = null;
  try {
    await output.take(source);
    const isDescribed = (await lstat(metaPath(source)).catch(() => null))?.isFile() === true;
    if (isDescribed) {
      meta = await createAtomicFile(metaPath(output.target), refuse);
      await meta.take(metaPath(source));
      await commitWith(output, meta);
    } else {
      await output.settle();
      await rm(metaPath(output.target), { force: true });
      await output.takePlace();
    }
  } catch (cause) {
    await output.discard();
    await meta?.discard();
    throw cause;
  }
}
