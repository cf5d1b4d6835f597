import { counted } from './words';

/** Files of results, and packets of entries. */
export const exports = {
  exports: {
    title: 'Export',
    dialogTitle: (phase: 'choosing' | 'running' | 'done' | 'failed') =>
      ({ choosing: 'Export the answer', running: 'Exporting', done: 'Exported', failed: 'Export the answer' })[phase],
    rows: 'Rows',
    rowCount: (count: number, isMore: boolean) => `${isMore ? 'more than ' : ''}${counted(count, 'row')}`,
    range: 'Time range',
    noRange: 'The log has no entries',
    zone: 'Zone of its times',
    query: 'Query',
    format: 'Format',
    formatName: { csv: 'CSV', tsv: 'TSV', json: 'JSON', ndjson: 'NDJSON', xlsx: 'XLSX', parquet: 'Parquet' },
    spelling: 'Spelling of the fields',
    spellingName: { current: 'instance, protocol', preview2024: 'intstance, portocol (preview of 2024)' },
    gzip: 'Pack with gzip',
    neutralise: 'Neutralise formulas',
    partition: 'Write a folder of partitions, as Hive has them',
    partitionBy: 'Divide by these columns',
    noPartitions: 'Choose at least one column to divide by, and leave one for the files',
    folders: (path: string) => `Folders: ${path}`,
    name: 'Name',
    remarks: {
      sheets: (sheets: string, most: string, isMore: boolean) =>
        `The rows go to ${isMore ? 'as many' : sheets} sheets${isMore ? ' as they need' : ''}: one holds ${most} rows, the names above them included.`,
      cells:
        'Integers of more than 15 digits are written as text, since a spreadsheet would round them. Texts are cut after 32,767 characters, the most of a cell. Nothing is a formula.',
      formulas: 'A spreadsheet takes a text that begins with =, +, - or @ for a formula, and may run it.',
      neutralised:
        'A text that a spreadsheet would take for a formula begins with an apostrophe that is not in the log. The file says so in its description.',
      digits: 'All digits are written. A spreadsheet that opens the file keeps 15 of each number.',
      json: 'All digits are written. Readers that take numbers for doubles, as JavaScript does, round integers above 9,007,199,254,740,991.',
      parquet:
        'Integers and decimals are exact, times are instants, and the file is packed with zstd. A value that Parquet cannot keep ends the export with an error.',
      partitions:
        'Each combination of values is a folder with a file of its own, 10,000 at most. The columns are in the names of the folders, and not in the files.',
    },
    start: (count: number, isMore: boolean) => (isMore ? 'Export all rows' : `Export ${counted(count, 'row')}`),
    progressOf: (name: string) => `Export to ${name}`,
    /** @param rows null where nobody counts them */
    progressFacts: (rows: string | null, all: string, bytes: string) =>
      rows === null ? `${bytes} of ${all} written` : `${rows} of ${all}, ${bytes} written`,
    leave: 'Go on in the background',
    leaveFacts: 'The page can be used meanwhile. It says when the file is there.',
    cancelled: 'The export was cancelled.',
    nothingKept: 'Nothing of it is kept.',
    size: (bytes: string) => `${bytes}.`,
    writtenTo: 'Written to',
    inBrowser: 'Fetched by the browser as',
    description: 'Described in',
    descriptionFacts: 'Its description names query, range, captures and losses.',
    fetchDescription: 'Fetch its description',
    again: 'Export again',
    progress: (rows: string | null, bytes: string) =>
      rows === null ? `${bytes} written` : `${rows} rows, ${bytes} written`,
    show: 'Show',
    nothing: 'There is no answer to export.',
    nothingWhy: 'An export has the rows of a query: open a log and run one.',
    cancel: 'Cancel the export',
    done: (count: number) => `Exported ${counted(count, 'row')}`,
    to: (path: string) => path,
    byBrowser: 'The browser has the file.',
    showInFolder: 'Show in folder',
  },
  packets: {
    save: 'Save the packets of this entry',
    wireshark: 'Wireshark',
    openIn: (program: string) => `Open in ${program}`,
    openAny: 'Open the packets',
    openElsewhere: 'Open in another program…',
    opened: (count: number) => `Opened ${counted(count, 'packet')}`,
    openedIn: (program: string | null) => (program === null ? 'In the program for pcapng.' : `In ${program}.`),
    openDownload: (name: string) =>
      `A page cannot start a program: the browser downloads ${name}, to be opened in Wireshark from there.`,
    progress: (packets: string) => `${packets} packets found`,
    done: (count: number) => `Saved ${counted(count, 'packet')}`,
    incomplete: 'The packets that were saved are not those that are counted.',
  },
};
