import { join } from 'node:path';
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { messages } from './messages';
import { LEAST_SIZE, openingBounds, type WindowPlace } from './window-bounds';
import { keepWindowPlace, readWindowPlace } from './window-place-file';

export interface MainWindowOptions {
  /** Holds `out/preload`. */
  readonly packageFolder: string;
  readonly iconPath: string;
  /** Where the window's place is kept. */
  readonly placePath: string;
  /** Windows that are open already. */
  readonly others: readonly BrowserWindow[];
}

/** What shows before the page has painted: the page's `--color-canvas`, so that nothing flashes. */
const CANVAS = { light: '#f1f4f4', dark: '#0e1314' } as const;

/** Makes a window, which shows itself when its page has painted. */
export function createMainWindow({ packageFolder, iconPath, placePath, others }: MainWindowOptions): BrowserWindow {
  const place = readWindowPlace(placePath);
  const main = screen.getPrimaryDisplay().workArea;
  const bounds = openingBounds(
    place?.bounds ?? null,
    [main, ...screen.getAllDisplays().map(({ workArea }) => workArea)],
    others.map((other) => placeOf(other).bounds),
  );
  const window = new BrowserWindow({
    ...bounds,
    minWidth: LEAST_SIZE.width,
    minHeight: LEAST_SIZE.height,
    show: false,
    title: messages.product,
    icon: iconPath,
    backgroundColor: nativeTheme.shouldUseDarkColors ? CANVAS.dark : CANVAS.light,
    webPreferences: {
      preload: join(packageFolder, 'out', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      webSecurity: true,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => {
    if (place?.isMaximized === true) window.maximize();
    window.show();
  });
  window.on('close', () => keepWindowPlace(placePath, placeOf(window)));
  return window;
}

function placeOf(window: BrowserWindow): WindowPlace {
  const isMaximized = window.isMaximized();
  // The size that a maximized window goes back to.
  return { bounds: isMaximized ? window.getNormalBounds() : window.getBounds(), isMaximized };
}
