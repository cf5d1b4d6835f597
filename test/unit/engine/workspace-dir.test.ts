import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Workspace, defaultWorkspaceDir, prepareWorkspaceDir } from '../../../src-main/engine/workspace';
import { tempFolder } from '../../support/temp';

vi.mock('node:os', async (importOriginal) => {
  const os = await importOriginal<typeof import('node:os')>();
  return { ...os, homedir: vi.fn(os.homedir), userInfo: vi.fn(os.userInfo) };
});

afterEach(() => {
  vi.mocked(homedir).mockReset();
  vi.mocked(userInfo).mockReset();
});

const unlisted = (): never => {
  throw new Error('ENOENT: no such user');
};

describe('the default workspace', () => {
  const inHomeOf = (home: string): void => {
    vi.mocked(userInfo).mockReturnValue({ ...userInfo(), homedir: home });
  };

  test.each(['', 'relative/home'])('is in the home of the list of users when the variable says "%s"', (home) => {
    vi.mocked(homedir).mockReturnValue(home);
    inHomeOf('/home/someone');
    const dir = defaultWorkspaceDir({});
    expect(dir.startsWith(join('/home/someone', '/'))).toBe(true);
    expect(isAbsolute(dir)).toBe(true);
  });

  test('must be named where there is no home', () => {
    const refusal = expect.objectContaining({
      code: 'WORKSPACE_UNUSABLE',
      message: expect.stringMatching(/--workspace or NATSCOPE_WORKSPACE/),
    });
    vi.mocked(homedir).mockReturnValue('');
    inHomeOf('');
    expect(() => defaultWorkspaceDir({})).toThrow(refusal);
    vi.mocked(homedir).mockImplementation(unlisted);
    vi.mocked(userInfo).mockImplementation(unlisted);
    expect(() => defaultWorkspaceDir({})).toThrow(refusal);
    expect(defaultWorkspaceDir({ NATSCOPE_WORKSPACE: '/named' })).toBe('/named');
  });
});

test.each([
  { name: 'that leads to nothing', at: 'link' },
  { name: 'in a folder that a link to nothing stands for', at: 'link/workspace' },
])('a workspace $name is unusable', ({ at }) => {
  const folder = tempFolder();
  symlinkSync(join(folder, 'gone'), join(folder, 'link'));
  const path = join(folder, at);
  expect(() => prepareWorkspaceDir(path)).toThrow(
    expect.objectContaining({ code: 'WORKSPACE_UNUSABLE', message: expect.stringContaining(path), detail: { path } }),
  );
});

test('a workspace behind a link is known by its real path', () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  expect(prepareWorkspaceDir(join(folder, 'link'))).toBe(prepareWorkspaceDir(join(folder, 'real')));
});

describe('a folder that never was a workspace', () => {
  test.each([
    {
      name: 'with files in a tmp of its own',
      make: (folder: string) => {
        mkdirSync(join(folder, 'tmp/cache'), { recursive: true });
        writeFileSync(join(folder, 'tmp/cache/precious'), 'x');
      },
      kept: 'tmp/cache/precious',
    },
    {
      name: 'whose tmp leads elsewhere',
      make: (folder: string) => {
        mkdirSync(join(folder, 'elsewhere'));
        writeFileSync(join(folder, 'elsewhere/precious'), 'x');
        symlinkSync(join(folder, 'elsewhere'), join(folder, 'tmp'));
      },
      kept: 'elsewhere/precious',
    },
  ])('$name is refused, and loses nothing', async ({ make, kept }) => {
    const folder = tempFolder();
    make(folder);
    await expect(Workspace.open(folder)).rejects.toMatchObject({ code: 'WORKSPACE_UNUSABLE' });
    expect(existsSync(join(folder, kept))).toBe(true);
    expect(existsSync(join(folder, 'workspace.duckdb'))).toBe(false);
  });

  test('keeps its tmp when its database is none', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'tmp'));
    writeFileSync(join(folder, 'tmp/precious'), 'x');
    writeFileSync(join(folder, 'workspace.duckdb'), 'no database');
    await expect(Workspace.open(folder)).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    expect(existsSync(join(folder, 'tmp/precious'))).toBe(true);
  });
});

test('what an earlier owner left in tmp is gone when the workspace is open', async () => {
  const folder = tempFolder();
  await (await Workspace.open(folder)).close();
  mkdirSync(join(folder, 'tmp/exports'), { recursive: true });
  writeFileSync(join(folder, 'tmp/exports/old.csv'), 'x');
  const workspace = await Workspace.open(folder);
  expect(existsSync(join(folder, 'tmp/exports'))).toBe(false);
  await workspace.close();
});
