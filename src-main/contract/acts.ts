/**
 * The acts of the app that have a name, with the keys that carry them out, as Electron writes accelerators; the first of
 * several is the one that is shown. The native menu, the keys of the page, its tips and its palette all read this list.
 */
export const ACT_KEYS = {
  open: ['CmdOrCtrl+O'],
  openRecent: ['CmdOrCtrl+Shift+O'],
  pastePath: [],
  sample: [],
  newWindow: ['CmdOrCtrl+Shift+N'],
  captures: [],
  logs: [],
  who: [],
  gateways: [],
  run: ['F5', 'CmdOrCtrl+R'],
  cancel: ['Escape'],
  focusQuery: ['CmdOrCtrl+L'],
  openRange: ['Alt+T'],
  undoZoom: ['CmdOrCtrl+Z'],
  openSaved: ['Alt+S'],
  saveSearch: [],
  showRaw: [],
  showGraph: [],
  showExplain: [],
  columns: [],
  ledger: [],
  export: ['CmdOrCtrl+E'],
  settings: ['CmdOrCtrl+,'],
  palette: ['CmdOrCtrl+K'],
  themeSystem: [],
  themeLight: [],
  themeDark: [],
  zoomIn: ['CmdOrCtrl+=', 'CmdOrCtrl+Plus'],
  zoomOut: ['CmdOrCtrl+-'],
  zoomReset: ['CmdOrCtrl+0'],
  shortcuts: ['F1', '?'],
  about: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ActId = keyof typeof ACT_KEYS;

/** Whose keys browsers keep for themselves. */
export const BROWSERS_KEEP: ReadonlySet<ActId> = new Set(['newWindow']);

/** In the order in which they are listed. */
export const ACT_IDS = Object.keys(ACT_KEYS) as readonly ActId[];
