import { describe, expect, test } from 'vitest';
import { ACT_IDS, ACT_KEYS, type ActId } from '../../../src-main/contract/acts';
import { findActs, type Act, type NamedActs } from '../../../src-renderer/frame/acts';
import { shortcutSections } from '../../../src-renderer/frame/shortcut-list';
import { chooseInMenu, pressShortcut } from '../../../src-renderer/frame/shortcuts';
import { pressedItem } from '../../../src-renderer/lib/menu';
import { actOfKey, keysOf, keysText, latinKey } from '../../../src-renderer/services/act-keys';

const NO_KEYS = { ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, target: null };

/** Acts that note what was done, those in `refused` with a reason. */
function actsThatNote(refused: readonly ActId[] = []): { readonly acts: NamedActs; readonly done: ActId[] } {
  const done: ActId[] = [];
  const entries = ACT_IDS.map((id) => {
    return [id, { refusal: refused.includes(id) ? 'Not here' : null, run: () => done.push(id) }] as const;
  });
  return { acts: Object.fromEntries(entries) as unknown as NamedActs, done };
}

describe('keys of the window', () => {
  test.each([
    { name: 'Ctrl+O opens', key: 'o', modifiers: { ctrlKey: true }, act: 'open' },
    { name: 'Command+O opens', key: 'o', modifiers: { metaKey: true }, act: 'open' },
    {
      name: 'Ctrl+Shift+O opens what was imported',
      key: 'O',
      modifiers: { ctrlKey: true, shiftKey: true },
      act: 'openRecent',
    },
    { name: 'Ctrl+E exports', key: 'e', modifiers: { ctrlKey: true }, act: 'export' },
    { name: 'Ctrl+K lists what can be done', key: 'k', modifiers: { ctrlKey: true }, act: 'palette' },
    { name: 'Ctrl+L goes to the query', key: 'l', modifiers: { ctrlKey: true }, act: 'focusQuery' },
    { name: 'F5 runs again', key: 'F5', modifiers: {}, act: 'run' },
    { name: 'Ctrl+R runs again', key: 'r', modifiers: { ctrlKey: true }, act: 'run' },
    { name: 'Ctrl+Shift+R is left to others', key: 'R', modifiers: { ctrlKey: true, shiftKey: true }, act: null },
    { name: 'Alt+T opens the range', key: 't', modifiers: { altKey: true }, act: 'openRange' },
    { name: 'Alt+S opens the saved searches', key: 's', modifiers: { altKey: true }, act: 'openSaved' },
    { name: 'F1 lists the keys', key: 'F1', modifiers: {}, act: 'shortcuts' },
    { name: 'a question mark does, with Shift or without', key: '?', modifiers: { shiftKey: true }, act: 'shortcuts' },
    { name: 'Esc cancels', key: 'Escape', modifiers: {}, act: 'cancel' },
    { name: 'O alone is a letter', key: 'o', modifiers: {}, act: null },
  ])('$name', ({ key, modifiers, act }) => {
    const { acts, done } = actsThatNote();
    expect(pressShortcut({ ...NO_KEYS, key, ...modifiers }, acts)).toBe(act !== null);
    expect(done).toEqual(act === null ? [] : [act]);
  });

  test.each([
    { name: 'Ctrl+K on a Cyrillic keyboard', key: 'л', code: 'KeyK', modifiers: { ctrlKey: true }, act: 'palette' },
    { name: 'Ctrl+R on a Greek one', key: 'ρ', code: 'KeyR', modifiers: { ctrlKey: true }, act: 'run' },
    {
      name: 'Ctrl+Shift+O on a Hebrew one',
      key: 'ם',
      code: 'KeyO',
      modifiers: { ctrlKey: true, shiftKey: true },
      act: 'openRecent',
    },
    { name: 'Ctrl+, on a Cyrillic one', key: 'б', code: 'Comma', modifiers: { ctrlKey: true }, act: 'settings' },
    { name: 'Option+T on a Mac', key: '†', code: 'KeyT', modifiers: { altKey: true }, act: 'openRange' },
    { name: 'Option+S on a Mac', key: 'ß', code: 'KeyS', modifiers: { altKey: true }, act: 'openSaved' },
    { name: 'Ctrl+K on a Dvorak one', key: 'k', code: 'KeyV', modifiers: { ctrlKey: true }, act: 'palette' },
    { name: 'what is on K of a Dvorak one', key: 't', code: 'KeyK', modifiers: { ctrlKey: true }, act: null },
    { name: 'a Latin letter on O, as in Turkish', key: 'ö', code: 'KeyO', modifiers: { ctrlKey: true }, act: null },
  ] as const)('$name: $act', ({ key, code, modifiers, act }) => {
    const { acts, done } = actsThatNote();
    expect(pressShortcut({ ...NO_KEYS, key, code, ...modifiers }, acts)).toBe(act !== null);
    expect(done).toEqual(act === null ? [] : [act]);
  });

  test('of a table are in their place on every keyboard, with Shift and without', () => {
    expect(latinKey({ ...NO_KEYS, key: 'о', code: 'KeyJ' })).toBe('j');
    expect(latinKey({ ...NO_KEYS, key: 'С', code: 'KeyC', shiftKey: true })).toBe('C');
    expect(latinKey({ ...NO_KEYS, key: 'ArrowDown', code: 'ArrowDown' })).toBe('ArrowDown');
    expect(latinKey({ ...NO_KEYS, key: '+', code: 'Equal', shiftKey: true })).toBe('+');
  });

  test('are left to others where they do nothing, unless their act says why', () => {
    const { acts, done } = actsThatNote(ACT_IDS);
    expect(pressShortcut({ ...NO_KEYS, key: 'F5' }, acts)).toBe(false);
    expect(pressShortcut({ ...NO_KEYS, key: 'o', ctrlKey: true }, acts)).toBe(true);
    expect(done).toEqual(['open']);
  });

  test('that are texts are typed where one can be', () => {
    const box = {
      closest: (selector: string) => (selector.includes('textarea') ? {} : null),
    } as unknown as EventTarget;
    const { acts, done } = actsThatNote();
    expect(pressShortcut({ ...NO_KEYS, key: '?', target: box }, acts)).toBe(false);
    expect(pressShortcut({ ...NO_KEYS, key: 'F1', target: box }, acts)).toBe(true);
    expect(done).toEqual(['shortcuts']);
  });

  test('are each of one act', () => {
    const all = Object.values(ACT_KEYS).flat<readonly (readonly string[])[]>();
    expect(new Set(all).size).toBe(all.length);
  });

  test('are written as the system writes them', () => {
    expect(keysText('CmdOrCtrl+Shift+O', false)).toBe('Ctrl+Shift+O');
    expect(keysText('CmdOrCtrl+Shift+O', true)).toBe('⌘⇧O');
    expect(keysOf('sample')).toBeUndefined();
    expect(actOfKey({ ...NO_KEYS, key: 'F9' })).toBeNull();
  });

  test('are all on the list of shortcuts', () => {
    const rows = shortcutSections(false).flatMap((section) => section.rows);
    const listed = ['F5 or Ctrl+R', 'F1 or ?', 'Ctrl+/', 'Z', 'W', 'Ctrl+Z', 'Ctrl+Shift+N'];
    expect(rows.map(({ keys }) => keys)).toEqual(expect.arrayContaining(listed));
    expect(rows.filter(({ act, keys }) => act === '' || keys === '')).toEqual([]);
  });

  test('are not listed where a browser keeps them for itself', () => {
    const rows = shortcutSections(true).flatMap((section) => section.rows);
    expect(rows.map(({ keys }) => keys)).not.toContain('Ctrl+Shift+N');
  });

  test('of the zoom are those of a text where one has the focus', () => {
    const text = { closest: () => ({}) } as unknown as EventTarget;
    const { acts, done } = actsThatNote();
    const undo = { ...NO_KEYS, key: 'z', ctrlKey: true };
    expect(pressShortcut({ ...undo, target: text }, acts)).toBe(false);
    expect(pressShortcut(undo, acts)).toBe(true);
    expect(done).toEqual(['undoZoom']);
  });

  test('of a menu choose its item while it is open, too', () => {
    const items = ['+', '-', 'X', 'C', 'Shift+C', 'Enter', undefined].map((keys, index) => {
      return { id: String(index), label: keys ?? '', ...(keys === undefined ? {} : { keys }), run: () => undefined };
    });
    const press = (key: string, shiftKey = false) => pressedItem({ ...NO_KEYS, key, shiftKey }, items)?.label;
    expect(['x', 'X', 'c', '+', '-'].map((key) => press(key))).toEqual(['X', 'X', 'C', '+', '-']);
    expect(press('C', true)).toBe('Shift+C');
    expect(press('+', true)).toBe('+');
    expect([press('Enter'), press('ArrowDown'), press('q')]).toEqual([undefined, undefined, undefined]);
  });
});

test('what is chosen in a menu is done, or why it is not is told', () => {
  const { acts, done } = actsThatNote(['run', 'export']);
  const told: string[] = [];
  const tell = (refusal: string): void => void told.push(refusal);
  for (const id of ['captures', 'run', 'export'] as const) chooseInMenu(id, acts, true, tell);
  expect(done).toEqual(['captures', 'export']);
  chooseInMenu('captures', acts, false, tell);
  expect(done).toHaveLength(2);
  expect(told).toEqual(['Not here', 'Close the dialog first']);
});

describe('the palette', () => {
  const act = (label: string, rest: Partial<Act> = {}): Act => {
    return { id: label, group: 'View', label, refusal: null, run: () => undefined, ...rest };
  };
  const labels = (acts: readonly Act[]): string[] => acts.map(({ label }) => label);
  const acts = [
    act('Show raw logs'),
    act('Logs', { group: 'Go to' }),
    act('Run the query again', { refusal: 'This page has no query' }),
    act('Rename the query'),
    act('Europe/Prague', { group: 'Zone', isOneOfMany: true }),
    act('Asia/Kolkata', { group: 'Zone', isOneOfMany: true, also: 'Asia/Calcutta' }),
  ];

  test.each([
    { text: '', found: ['Show raw logs', 'Logs', 'Run the query again', 'Rename the query'] },
    { text: 'log', found: ['Logs', 'Show raw logs'] },
    { text: 'LOGS raw', found: ['Show raw logs'] },
    { text: 'query', found: ['Rename the query', 'Run the query again'] },
    { text: 'prag', found: ['Europe/Prague'] },
    { text: 'zone eur', found: ['Europe/Prague'] },
    { text: 'calc', found: ['Asia/Kolkata'] },
    { text: 'ogs', found: ['Show raw logs', 'Logs'] },
    { text: 'nothing', found: [] },
  ])('finds by "$text" $found', ({ text, found }) => {
    expect(labels(findActs(acts, text))).toEqual(found);
  });
});
