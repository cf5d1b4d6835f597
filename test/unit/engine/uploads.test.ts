import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { uploadFolderName, uploadFolderOf } from '../../../src-main/engine/upload-folder';
import { Uploads } from '../../../src-main/engine/uploads';
import { tempFolder } from '../../support/temp';

let workspace: string;
/** Folders that committed runs name. */
let named: Set<string>;
/** Runs when that is asked for, before it is answered. */
let whileReading: () => void;
let uploads: Uploads;
beforeEach(() => {
  workspace = tempFolder();
  named = new Set();
  whileReading = () => undefined;
  uploads = new Uploads(workspace, () => {
    const answer = new Set(named);
    whileReading();
    return Promise.resolve(answer);
  });
});

const DEAD = 4_000_000;
const left = (): string[] => (existsSync(join(workspace, 'uploads')) ? readdirSync(join(workspace, 'uploads')) : []);
const folderOf = (path: string): string => uploadFolderOf(path) ?? '';

/** @returns the path of a capture as a host has taken it in */
function upload(folder = uploadFolderName(1_800_000_000_000, process.pid)): string {
  mkdirSync(join(workspace, 'uploads', folder), { recursive: true });
  const path = join(workspace, 'uploads', folder, 'a b.pcap');
  writeFileSync(path, 'capture');
  return path;
}

const refused = (): Promise<never> => Promise.reject(new Error('refused'));

describe('an upload', () => {
  test('stays when its import has committed with it', async () => {
    const path = upload();
    const imported = await uploads.whileImporting([path], () => {
      named.add(folderOf(path));
      return Promise.resolve('done');
    });
    expect([imported, existsSync(path)]).toEqual(['done', true]);
  });

  test('goes when its import failed, whose error stays the same', async () => {
    const path = upload();
    await expect(uploads.whileImporting([path], refused)).rejects.toThrow('refused');
    expect(left()).toEqual([]);
  });

  test('goes when its import has left it out, and the others stay', async () => {
    const [kept, skipped] = [upload(), upload()];
    await uploads.whileImporting([kept, skipped], () => Promise.resolve(named.add(folderOf(kept))));
    expect(left()).toEqual([folderOf(kept)]);
  });

  test('stays when a run names it, whatever becomes of another import', async () => {
    const path = upload();
    named.add(folderOf(path));
    await uploads.whileImporting([path], refused).catch(() => undefined);
    await uploads.discard([path]);
    expect(existsSync(path)).toBe(true);
  });

  test('stays as long as another import reads it, whose end decides', async () => {
    const path = upload();
    let end = (): void => undefined;
    const other = uploads.whileImporting([path], () => new Promise<void>((resolve) => (end = resolve)));
    await uploads.whileImporting([path], refused).catch(() => undefined);
    await uploads.discard([path]);
    expect(existsSync(path)).toBe(true);
    end();
    await other;
    expect(left()).toEqual([]);
  });

  test('stays when another import of it commits while one is asked whether any has', async () => {
    const path = upload();
    let end = (): void => undefined;
    const other = uploads.whileImporting([path], () => new Promise<void>((resolve) => (end = resolve)));
    whileReading = () => {
      whileReading = () => undefined;
      named.add(folderOf(path));
      end();
    };
    await Promise.all([uploads.discard([path]), other]);
    expect(existsSync(path)).toBe(true);
  });

  test('stays when an import of it begins while one is asked whether any has', async () => {
    const path = upload();
    const imports: Promise<unknown>[] = [];
    whileReading = () => {
      whileReading = () => undefined;
      imports.push(uploads.whileImporting([path], () => Promise.resolve(named.add(folderOf(path)))));
    };
    await uploads.discard([path]);
    await Promise.all(imports);
    expect(existsSync(path)).toBe(true);
  });

  test('stays when it cannot be told who names it', async () => {
    const path = upload();
    whileReading = () => {
      throw new Error('the database is closed');
    };
    await uploads.discard([path]);
    expect(existsSync(path)).toBe(true);
  });
});

test.each(['/captures/a.pcap', '/captures/uploads/a.pcap', '/captures/uploads/mine/a.pcap'])(
  '%s is no upload, and stays',
  async (path) => {
    const own = join(workspace, path);
    mkdirSync(join(own, '..'), { recursive: true });
    writeFileSync(own, 'capture');
    await uploads.whileImporting([own], refused).catch(() => undefined);
    expect(existsSync(own)).toBe(true);
  },
);

describe('what hosts have left', () => {
  const sweep = () => uploads.sweep((pid) => pid !== DEAD);

  test('goes when no run names it, and when it is not whole', async () => {
    const before = upload('mcd9x1-0a1b2c3d');
    const kept = upload(uploadFolderName(1, DEAD));
    named.add(folderOf(kept));
    upload(uploadFolderName(2, DEAD));
    upload(`${uploadFolderName(3, DEAD)}.part`);
    await sweep();
    expect(existsSync(before)).toBe(false);
    expect(left()).toEqual([folderOf(kept)]);
  });

  test('stays when the host is alive: it may be about to be imported, or still coming', async () => {
    const names = [uploadFolderName(1, process.pid), `${uploadFolderName(2, process.pid)}.part`];
    for (const name of names) upload(name);
    await sweep();
    expect(left().sort()).toEqual(names.sort());
  });

  test('is not what somebody else has put there', async () => {
    const path = upload('mine');
    writeFileSync(join(workspace, 'uploads', 'notes.txt'), '');
    await sweep();
    expect(existsSync(path)).toBe(true);
    expect(left()).toHaveLength(2);
  });

  test('is nothing where nothing was ever sent', async () => {
    await expect(sweep()).resolves.toBeUndefined();
  });
});
