import { mkdirSync, symlinkSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { defaultWorkspaceDir, prepareWorkspaceDir } from '../../../src-main/engine/workspace';
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
