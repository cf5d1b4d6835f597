import type { MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../contract/host-bridge';
import { messages } from './messages';

/**
 * The native menu. What the page does itself is sent to it; the rest are roles, which the system words and places.
 *
 * @param tell sends a command to the page
 */
export function menuTemplate(
  platform: NodeJS.Platform,
  tell: (command: MenuCommand) => void,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  return [
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    {
      label: messages.menu.file,
      submenu: [
        { id: 'open', label: messages.menu.open, accelerator: 'CmdOrCtrl+O', click: () => tell('open') },
        { id: 'export', label: messages.menu.export, accelerator: 'CmdOrCtrl+E', click: () => tell('export') },
        { type: 'separator' },
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: messages.menu.view,
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
  ];
}
