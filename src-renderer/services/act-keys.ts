import { ACT_IDS, ACT_KEYS, type ActId } from '../../src-main/contract/acts';

/** `code` is of the place on the keyboard. */
export type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'> &
  Partial<Pick<KeyboardEvent, 'code'>>;

/** Without a browser around it, as in Node 20, there is none. */
const IS_MAC = 'navigator' in globalThis && navigator.platform.startsWith('Mac');
const ON_MAC: Readonly<Record<string, string>> = { CmdOrCtrl: '⌘', Shift: '⇧', Alt: '⌥', Escape: 'Esc' };
const ELSEWHERE: Readonly<Record<string, string>> = { CmdOrCtrl: 'Ctrl', Escape: 'Esc' };

/** @returns an accelerator as it stands in tips and menus */
export function keysText(accelerator: string, isMac = IS_MAC): string {
  const words = isMac ? ON_MAC : ELSEWHERE;
  return accelerator
    .split('+')
    .map((part) => words[part] ?? part)
    .join(isMac ? '' : '+');
}

/** @returns the keys of an act for tips and menus; undefined without any */
export function keysOf(id: ActId): string | undefined {
  const [first] = ACT_KEYS[id] as readonly string[];
  return first === undefined ? undefined : keysText(first);
}

/** @returns the act whose keys are pressed; null for none */
export function actOfKey(event: Key): ActId | null {
  return ACT_IDS.find((id) => ACT_KEYS[id].some((accelerator) => isPressed(event, accelerator))) ?? null;
}

/**
 * What is on a key for whoever has another script on it, as Cyrillic or Greek, or other signs by Alt, as on a Mac: the Latin
 * letter in its place, as systems take it for their own shortcuts. A Latin letter is itself, wherever it is.
 */
export function latinKey({
  key,
  code = '',
  altKey,
  shiftKey,
}: Pick<Key, 'key' | 'code' | 'altKey' | 'shiftKey'>): string {
  const letter = code === 'Comma' ? ',' : /^Key([A-Z])$/u.exec(code)?.[1];
  if (letter === undefined || !/^[^\0-\x7f]$/u.test(key)) return key;
  if (!altKey && /\p{Script=Latin}/u.test(key)) return key;
  return shiftKey ? letter : letter.toLowerCase();
}

/** Whether keys are pressed that are written as an accelerator, or as a sign alone. */
export function isPressed(event: Key, accelerator: string): boolean {
  const { ctrlKey, metaKey, altKey, shiftKey } = event;
  const parts = accelerator.split('+');
  const last = accelerator === '+' ? 'Plus' : (parts.at(-1) ?? '');
  // Electron writes the sign between two keys as a word.
  const name = last === 'Plus' ? '+' : last.toLowerCase();
  // Where a sign stands on a key, and so whether Shift makes it, is of the keyboard.
  const isSign = name.length === 1 && !/[a-z]/u.test(name);
  return (
    latinKey(event).toLowerCase() === name &&
    (ctrlKey || metaKey) === parts.includes('CmdOrCtrl') &&
    altKey === parts.includes('Alt') &&
    (isSign || shiftKey === parts.includes('Shift'))
  );
}
