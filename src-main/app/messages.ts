/** The words that the desktop app itself shows, outside of the page. What Electron words by its roles is not here. */
export const messages = {
  product: 'Natscope',
  menu: {
    /** `&` stands before the key that chooses an entry. */
    file: '&File',
    query: '&Query',
    view: '&View',
    help: '&Help',
    acts: {
      open: '&Open Captures…',
      openRecent: 'Open &Recent…',
      pastePath: 'Open by &Path…',
      export: '&Export…',
      run: '&Run Again',
      focusQuery: '&Go to the Query',
      openRange: '&Time Range…',
      undoZoom: '&Undo Zoom',
      openSaved: '&Saved Searches…',
      saveSearch: 'Save &This Search…',
      settings: '&Settings',
      palette: 'Co&mmands…',
      captures: '&Captures',
      logs: '&Logs',
      who: '&Who',
      zoomIn: 'Zoom &In',
      zoomOut: 'Zoom &Out',
      zoomReset: '&Actual Size',
      shortcuts: '&Keyboard Shortcuts',
      about: '&About Natscope',
    },
  },
  openDialog: { title: 'Open captures or log exports' },
  programDialog: { title: 'Choose the program that opens packets', choose: 'Choose' },
  exportDialog: { title: 'Export' },
  files: {
    captures: 'Captures and log exports',
    /** @param extension of a name, without its dot */
    ofKind: (extension: string): string => `${extension.toUpperCase()} file`,
    programs: 'Programs',
    all: 'All files',
  },
} as const;
