import { counted, noun } from './words';

/** The ledger of an import. */
export const ledger = {
  ledger: {
    title: 'Ledger',
    which: 'Import',
    contents: 'What became of every byte and packet',
    runName: (run: number, name: string, files: number) =>
      `Run ${run}: ${name}${files > 1 ? ` and ${counted(files - 1, 'more file', 'more files')}` : ''}`,
    balanced: 'Balanced',
    unbalanced: 'Not balanced',
    close: 'Close the ledger',
    resize: 'Width of the ledger',
    fileBytes: 'File bytes',
    container: 'Container: headers and padding',
    captured: 'Captured: bytes of packets',
    unreadablePart: 'Unreadable',
    sum: 'Sum',
    read: 'Read',
    equal: '= equal',
    notEqual: '≠ not equal',
    off: (bytes: string) => `≠ off by ${bytes}`,
    packetsAndBytes: 'Packets and IP bytes',
    part: 'Part',
    packets: 'Packets',
    share: 'Share',
    ipBytes: 'IP bytes',
    inEntries: (entries: string, count: number) => `In ${entries} log ${noun(count, 'entry', 'entries')}`,
    unreadable: (bytes: string, name: string) => `${bytes} bytes of ${name} could not be read.`,
    incomplete: (name: string) => `${name} is incomplete, or partly wrong.`,
    unreadableWhy: (offset: string, cause: string) =>
      `From offset ${offset}: ${cause}. Get an undamaged copy and import that.`,
    leftOut: (name: string) => `${name} was left out.`,
  },
};
