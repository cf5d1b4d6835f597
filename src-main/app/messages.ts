/** The words that the desktop app itself shows, outside of the page. What Electron words by its roles is not here. */
export const messages = {
  product: 'Natscope',
  menu: {
    /** `&` stands before the key that chooses an entry. */
    file: '&File',
    open: '&Open Captures…',
    export: '&Export…',
    view: '&View',
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
