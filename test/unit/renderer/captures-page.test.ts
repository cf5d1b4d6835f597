import { describe, expect, test } from 'vitest';
import type { ImportFacts } from '../../../src-main/contract/workspace-report';
import { shellWord } from '../../../src-renderer/features/captures/command-line';
import { readDrop } from '../../../src-renderer/features/captures/dropped-files';
import { ImportNote, lostImports } from '../../../src-renderer/features/captures/import-note';

test.each([
  { path: '/home/a/.local/share/natscope', word: '/home/a/.local/share/natscope' },
  { path: '/home/a/My work', word: "'/home/a/My work'" },
  { path: "/home/a/it's $HOME", word: `'/home/a/it'\\''s $HOME'` },
  { path: 'C:\\Users\\A B\\natscope', word: '"C:\\Users\\A B\\natscope"' },
])('$path is one word of a command line', ({ path, word }) => {
  expect(shellWord(path)).toBe(word);
});

test('a drop tells folders from files, and leaves out what is neither', () => {
  const item = (kind: string, name: string, isDirectory: boolean) => ({
    kind,
    getAsFile: () => (kind === 'file' ? new File(['x'], name) : null),
    webkitGetAsEntry: () => (kind === 'file' ? ({ isDirectory, name } as FileSystemEntry) : null),
  });
  const items = [item('file', 'a.pcap', false), item('file', 'captures', true), item('string', 'words', false)];
  const { files, folders } = readDrop(items);
  expect(files.map(({ name }) => name)).toEqual(['a.pcap']);
  expect(folders).toEqual(['captures']);
});

describe('imports that a reload ends', () => {
  function storage(): Storage {
    const kept = new Map<string, string>();
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    } as Storage;
  }
  const facts = (finishedMs: number, ...names: string[]) =>
    ({ finishedMs, captures: names.map((name) => ({ path: `/captures/${name}` })) }) as unknown as ImportFacts;

  test('are known to the next page, once', () => {
    const tab = storage();
    const note = new ImportNote(tab, () => 1000);
    expect(note.left).toBeNull();
    note.write(['a.pcap', 'b.pcap']);
    expect(new ImportNote(tab).left).toEqual({ names: ['a.pcap', 'b.pcap'], sinceMs: 1000 });
    expect(new ImportNote(tab).left).toBeNull();
  });

  test('are forgotten when they end before', () => {
    const tab = storage();
    const note = new ImportNote(tab);
    note.write(['a.pcap']);
    note.write([]);
    expect(new ImportNote(tab).left).toBeNull();
  });

  test('are not lost when they were finished all the same', () => {
    const left = { names: ['a.pcap', 'b.pcap'], sinceMs: 1000 };
    expect(lostImports(left, [facts(999, 'a.pcap')])).toEqual(['a.pcap', 'b.pcap']);
    expect(lostImports(left, [facts(1000, 'a.pcap')])).toEqual(['b.pcap']);
    expect(lostImports(left, [facts(1000, 'a.pcap', 'b.pcap')])).toEqual([]);
  });

  test('are lost whatever another window has finished meanwhile', () => {
    const left = { names: ['a.pcap'], sinceMs: 1000 };
    expect(lostImports(left, [facts(2000, 'c.pcap')])).toEqual(['a.pcap']);
  });
});
