import type { MenuItemConstructorOptions } from 'electron';
import { ACT_KEYS, type ActId } from '../contract/acts';
import { messages } from './messages';

/** Their keys are those of a role of the Edit menu, too: a page uses them where no text has the focus. */
const KEYS_OF_PAGES: ReadonlySet<ActId> = new Set(['undoZoom']);

/**
 * The native menu. What a page does itself is sent to it; the rest are roles, which the system words and places.
 *
 * @param choose carries out an act, by the page of the window that is used
 */
export function menuTemplate(
  platform: NodeJS.Platform,
  choose: (command: ActId) => void,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const act = (id: keyof typeof messages.menu.acts): MenuItemConstructorOptions => {
    const [accelerator] = KEYS_OF_PAGES.has(id) ? [] : (ACT_KEYS[id] as readonly string[]);
    const label = messages.menu.acts[id];
    return { id, label, ...(accelerator === undefined ? {} : { accelerator }), click: () => choose(id) };
  };
  const line = { type: 'separator' } as const;
  const { menu } = messages;
  return [
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    {
      label: menu.file,
      submenu: [
        act('newWindow'),
        line,
        act('open'),
        act('openRecent'),
        act('pastePath'),
        line,
        act('export'),
        line,
        act('settings'),
        line,
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: menu.query,
      submenu: [
        act('run'),
        act('focusQuery'),
        act('openRange'),
        act('undoZoom'),
        line,
        act('openSaved'),
        act('saveSearch'),
      ],
    },
    {
      label: menu.view,
      submenu: [
        act('palette'),
        line,
        act('captures'),
        act('logs'),
        act('who'),
        act('gateways'),
        line,
        // The roles would zoom, too, but tell nobody, so that nothing could keep it.
        act('zoomReset'),
        act('zoomIn'),
        act('zoomOut'),
        line,
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', label: menu.help, submenu: [act('shortcuts'), act('about')] },
  ];
}
