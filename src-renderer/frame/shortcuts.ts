/** What the keys do. @returns whether it is of any use on the page that is shown; a key that is not is left to others */
type Shortcut = () => boolean;

export interface Shortcuts {
  readonly open: Shortcut;
  readonly export: Shortcut;
  readonly runAgain: Shortcut;
  readonly focusQuery: Shortcut;
  readonly openRange: Shortcut;
  readonly openSaved: Shortcut;
  readonly cancel: Shortcut;
}

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

function shortcutOf({ key: name, ctrlKey, metaKey, altKey, shiftKey }: Key): keyof Shortcuts | null {
  const key = name.toLowerCase();
  const isCommand = (ctrlKey || metaKey) && !altKey && !shiftKey;
  if (isCommand && key === 'o') return 'open';
  if (isCommand && key === 'e') return 'export';
  if (isCommand && key === 'l') return 'focusQuery';
  if (altKey && !ctrlKey && key === 't') return 'openRange';
  if (altKey && !ctrlKey && key === 's') return 'openSaved';
  if (key === 'f5' && !ctrlKey && !altKey && !shiftKey) return 'runAgain';
  return key === 'escape' ? 'cancel' : null;
}

/** Keys of the whole window. @returns whether the key was used */
export function pressShortcut(event: Key, shortcuts: Shortcuts): boolean {
  const name = shortcutOf(event);
  return name !== null && shortcuts[name]();
}

/** While a dialog is open the keys are its own, wherever the focus is: Esc closes it, and ends nothing behind it. */
export function isDialogOpen(document: ParentNode): boolean {
  return document.querySelector('dialog:modal') !== null;
}
