import { counted, grouped, noun } from './words';

/** The ledger of an import. */
export const ledger = {
  ledger: {
    title: 'Ledger',
    none: 'This Logstore has no ledger.',
    noneWhy: 'Its entries were loaded from files: a ledger accounts for the packets of an import.',
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
  /** What is behind a number of a ledger. */
  ledgerPackets: {
    title: (count: number, part: string) => `${counted(count, 'packet')}: ${part}`,
    partName: (part: string) => (part === 'read' ? 'all' : part === 'in_entries' ? 'in log entries' : part),
    ofCapture: (fact: string, capture: string) => `${fact} in ${capture}`,
    /** Behind the number that opens it, which is of packets or of something that packets have. */
    packetsOf: (part: string) => `packets: ${part}`,
    bytesOf: (part: string) => `IP bytes: ${part}`,
    capturedBytes: 'bytes of packets',
    factsOf: 'bytes: what the captures are',
    reading: 'Reading them again from the captures',
    shown: (shown: number, total: number) =>
      shown === total ? `All ${counted(total, 'packet')}` : `The first ${grouped(shown)} of ${grouped(total)}`,
    off: (found: number, total: number) =>
      `The ledger counts ${grouped(total)}, and ${grouped(found)} were found: please report this.`,
    list: 'Packets',
    capture: 'Capture',
    frame: 'Frame',
    time: (zone: string) => `Time, ${zone}`,
    part: 'Part',
    protocol: 'Protocol',
    source: 'Source',
    destination: 'Destination',
    more: (count: number) => `Show ${grouped(count)} more`,
    save: 'Save these packets as pcapng',
  },
};
