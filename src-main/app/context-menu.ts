import type { ContextMenuParams, MenuItemConstructorOptions } from 'electron';
import { messages } from './messages';

type Clicked = Pick<ContextMenuParams, 'isEditable' | 'selectionText'> & {
  readonly editFlags: Pick<ContextMenuParams['editFlags'], 'canCut' | 'canCopy' | 'canPaste' | 'canSelectAll'>;
};

/**
 * The native menu of what was clicked: where text is typed, all that is done with it; elsewhere, copying what is selected.
 * Without spelling, which the windows do not check. Where the page has a menu of its own, it is not asked for.
 *
 * @returns none where there is nothing to do, and no menu is shown
 */
export function contextMenuTemplate({ isEditable, selectionText, editFlags }: Clicked): MenuItemConstructorOptions[] {
  const { cut, copy, paste, selectAll } = messages.contextMenu;
  const copying = { role: 'copy', label: copy, enabled: editFlags.canCopy } as const;
  if (!isEditable) return selectionText.trim() === '' ? [] : [copying];
  return [
    { role: 'cut', label: cut, enabled: editFlags.canCut },
    copying,
    { role: 'paste', label: paste, enabled: editFlags.canPaste },
    { type: 'separator' },
    { role: 'selectAll', label: selectAll, enabled: editFlags.canSelectAll },
  ];
}
