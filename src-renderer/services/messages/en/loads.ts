import { counted, grouped, noun } from './words';

/** Logs that are loaded from files. */
export const loads = {
  loads: {
    title: (first: string, more: number) =>
      `Load ${first}${more === 0 ? '' : ` and ${counted(more, 'more file', 'more files')}`}`,
    looking: 'Looking at what is in it',
    formatName: { csv: 'CSV', json: 'JSON', ndjson: 'NDJSON', parquet: 'Parquet' },
    fileFacts: (format: string, packing: string | null, bytes: string) =>
      [format, ...(packing === null ? [] : [`packed with ${packing}`]), bytes].join(', '),
    moreFiles: 'More files',
    moreFilesCount: (count: number) => counted(count, 'file'),
    sampled: 'Looked at',
    sampledEntries: (entries: string, count: number, isWhole: boolean) =>
      isWhole ? `all ${entries} ${noun(count, 'entry', 'entries')}` : `the first ${entries} entries`,
    recognised: 'Recognised as',
    recognisedAs: (schema: 'session_log' | 'custom', spelling: 'current' | 'preview2024' | null, fields: number) =>
      schema === 'session_log'
        ? `session logs, fields spelled as ${spelling === 'preview2024' ? 'in the preview of 2024: intstance, portocol' : 'now: instance, protocol'}`
        : `log entries with ${counted(fields, 'field')} of their own`,
    badSampled: (count: number) =>
      `${counted(count, 'line')} of what was looked at ${noun(count, 'is', 'are')} no log entry.`,
    firstBad: (file: string, line: number, reason: string) => `${file}, line ${line}: ${reason}`,
    format: 'Format',
    formatRecognised: (formats: readonly string[]) => `Recognised: ${formats.join(', ')}`,
    allowExpansion: (times: number) => `Load it, up to ${grouped(times)} times its size`,
    takeAs: 'Take them as',
    kindName: { session_log: 'Session logs', custom: 'Fields of their own' },
    project: 'Project',
    newProject: 'New project',
    logstore: 'Logstore',
    newLogstore: 'New Logstore',
    /** @param entries null where it is not there yet */
    targetFacts: (entries: number | null) =>
      entries === null ? 'It is made with the load.' : `It has ${counted(entries, 'entry', 'entries')}.`,
    problem: {
      noProject: 'Name the project.',
      noLogstore: 'Name the Logstore.',
      badProject: (fault: string) => `This is no name of a project: ${fault}.`,
      badLogstore: (fault: string) => `This is no name of a Logstore: ${fault}.`,
      otherKind: 'There is a Logstore of that name for another kind of entries: choose another name.',
    },
    extraFields: (names: readonly string[]) =>
      `Other fields are loaded as well: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ' and others' : ''}.`,
    time: 'Time of an entry',
    timeProposed: (field: string | null) => (field === null ? 'When it is loaded' : `${field}, as recognised`),
    fields: 'Fields and their types',
    field: 'Field',
    having: 'Entries',
    type: 'Type',
    typeOf: (field: string) => `Type of ${field}`,
    typeName: { text: 'text', long: 'long', double: 'double', json: 'json', ipv4: 'ipv4' },
    storedAs: (type: string) => `${type}, as it is stored`,
    fieldsFacts: (count: number, most: number) =>
      `${count > most ? `The first ${most} of ${counted(count, 'field')}. ` : ''}Types are proposed from those entries. A load looks at all of them, and changes what you did not choose where others do not fit. A value that is not of the type is kept as text.`,
    hashKey: 'Shard of an entry',
    loadBalance: 'In turn, as calls of 4,096 entries are balanced',
    hashOf: (field: string) => `By the MD5 hash of ${field}`,
    createIndex: 'Create the recommended index if it has none',
    start: (logstore: string) => (logstore === '' ? 'Load' : `Load into ${logstore}`),
    pass: { 1: 'Looking at the fields', 2: 'Loading' },
    progressOf: (name: string) => `Load of ${name}`,
    progress: (read: string, all: string, entries: string) => `${read} of ${all} read, ${entries} entries`,
    cancelKeepsNothing: 'Cancelling keeps nothing of this load. The file itself is never changed.',
    cancelled: (name: string) => `Loading ${name} was cancelled.`,
    change: 'Change and load',
    again: 'Load again',
    began: (name: string) => `Loading ${name}`,
    ended: (name: string, more: number) =>
      `The load of ${name}${more === 0 ? '' : ` and ${counted(more, 'more file', 'more files')}`} was cancelled.`,
    endedWhy: 'It ended with the page that it was started on. Nothing of it is kept: open it again.',
    done: (name: string, entries: number, logstore: string) =>
      `Loaded ${name}: ${counted(entries, 'entry', 'entries')} into ${logstore}.`,
    keptAside: (count: number) => `${counted(count, 'line')} ${noun(count, 'is', 'are')} no log entry, and kept aside.`,
    badValues: (
      values: readonly {
        readonly field: string;
        readonly fault: 'type' | 'order' | 'twice';
        readonly values: number;
      }[],
    ) =>
      values
        .map(({ field, fault, values: count }) => {
          const entries = counted(count, 'entry', 'entries');
          if (fault === 'type')
            return `${counted(count, 'value')} of ${field} ${noun(count, 'is', 'are')} none that it can have, and kept as text.`;
          return fault === 'twice'
            ? `${entries} ${noun(count, 'has', 'have')} two values of ${field}, of which the first stands.`
            : `${entries} ${noun(count, 'ends', 'end')} before ${noun(count, 'it starts', 'they start')}.`;
        })
        .join(' '),
    showBad: (count: number) => `Show ${counted(count, 'bad line')}`,
    badTitle: (run: number) => `What load ${run} could not read`,
    badShown: (shown: number, all: number) =>
      shown === all ? counted(all, 'line') : `${grouped(shown)} of ${counted(all, 'line')}`,
    lineOf: (file: string, line: number) => `${file}, line ${grouped(line)}:`,
    moreBad: 'Show more',
    badCommand: 'All of them, in a terminal:',
    badCommandText: (run: number) => `natscope load-errors ${run}`,
    openTitle: 'From a real gateway',
    openFacts: 'Load a session log that was exported from the cloud, or any log: CSV, JSON, NDJSON or Parquet.',
    open: 'Load a log export',
  },
};
