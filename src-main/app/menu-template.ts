import type { MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../contract/host-bridge';

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
      label: '&File',
      submenu: [
        { id: 'open', label: '&Open Captures…', accelerator: 'CmdOrCtrl+O', click: () => tell('open') },
        { id: 'export', label: '&Export…', accelerator: 'CmdOrCtrl+E', click: () => tell('export') },
        { type: 'separator' },
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
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
