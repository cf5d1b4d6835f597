export interface Shortcuts {
  readonly open: () => void;
  readonly export: () => void;
  readonly runAgain: () => void;
  readonly focusQuery: () => void;
  readonly openRange: () => void;
  /** @returns whether something was running */
  readonly cancel: () => boolean;
}

/** Keys of the whole window. @returns whether the key was one of them */
export function pressShortcut(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
  shortcuts: Shortcuts,
): boolean {
  const key = event.key.toLowerCase();
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (isCommand && key === 'o') shortcuts.open();
  else if (isCommand && key === 'e') shortcuts.export();
  else if (isCommand && key === 'l') shortcuts.focusQuery();
  else if (event.altKey && !event.ctrlKey && key === 't') shortcuts.openRange();
  else if (key === 'f5' && !event.ctrlKey && !event.altKey && !event.shiftKey) shortcuts.runAgain();
  else if (key === 'escape') return shortcuts.cancel();
  else return false;
  return true;
}
