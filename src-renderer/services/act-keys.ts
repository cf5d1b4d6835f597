import { ACT_IDS, ACT_KEYS, type ActId } from '../../src-main/contract/acts';

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

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

/** Whether keys are pressed that are written as an accelerator, or as a sign alone. */
export function isPressed({ key, ctrlKey, metaKey, altKey, shiftKey }: Key, accelerator: string): boolean {
  const parts = accelerator.split('+');
  const last = accelerator === '+' ? 'Plus' : (parts.at(-1) ?? '');
  // Electron writes the sign between two keys as a word.
  const name = last === 'Plus' ? '+' : last.toLowerCase();
  // Where a sign stands on a key, and so whether Shift makes it, is of the keyboard.
  const isSign = name.length === 1 && !/[a-z]/u.test(name);
  return (
    key.toLowerCase() === name &&
    (ctrlKey || metaKey) === parts.includes('CmdOrCtrl') &&
    altKey === parts.includes('Alt') &&
    (isSign || shiftKey === parts.includes('Shift'))
  );
}
