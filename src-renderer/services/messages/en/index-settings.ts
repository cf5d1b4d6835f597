import { counted } from './words';

const PART_WORDS = { token: 'delimiters', caseSensitive: 'case', chn: 'Chinese', doc_value: 'statistics' } as const;

/** The index of a Logstore. */
export const indexSettings = {
  index: {
    open: 'Index',
    create: 'Create an index…',
    title: (logstore: string) => `Index of ${logstore}`,
    reading: 'Reading the index',
    view: 'View',
    views: { fields: 'Fields', json: 'JSON' },
    recommend: {
      session_log: 'Recommended for session logs',
      custom: 'Automatic from the entries',
    },
    addMissing: 'Add missing fields',
    addMissingWhy: 'Adds the fields of the entries that are not in the index, as they are recommended.',
    recommendWhy:
      'Puts an index of every field in the place of what is here: addresses are whole, numbers are numbers.',
    wholeText: 'Whole text',
    hasWholeText: 'Index the whole text',
    wholeTextHint: 'Finds words in every field that has no index of its own.',
    delimiters: 'Delimiters',
    delimitersHint:
      'Values are cut at each of these characters; \\n, \\t and \\r are line ends and tabs. None: a value is one term.',
    caseSensitive: 'Case sensitive',
    chn: 'Chinese words',
    fields: (count: number) => counted(count, 'field'),
    name: 'Field',
    type: 'Type',
    alias: 'Alias in SQL',
    statistics: 'Statistics',
    statisticsWhy: 'Whether SQL and the field list can read it.',
    of: (setting: string, field: string) => `${setting} of ${field === '' ? 'the new field' : field}`,
    leaves: (count: number) => `${counted(count, 'leaf', 'leaves')}, see JSON`,
    noTerms: 'numbers are not cut',
    add: 'Add field',
    remove: (field: string) => `Remove ${field === '' ? 'the new field' : field}`,
    twice: (name: string) => (name === '' ? 'Two fields have no name.' : `Two fields are called ${name}.`),
    noFields: 'No field is indexed.',
    maxTextLen: 'Longest text in SQL at the vendor, bytes',
    json: 'Index as the vendor’s JSON',
    notJson: 'This is not a JSON object.',
    import: 'Import JSON…',
    unreadable: (file: string) => `${file} cannot be read.`,
    export: 'Export JSON…',
    exportWhy: 'Writes the index that is set.',
    nothingToExport: 'No index is set yet.',
    exported: 'Exported the index',
    changes: 'Changes',
    noChanges: 'Nothing is changed.',
    kinds: { added: 'New', removed: 'Removed', changed: 'Changed' },
    textPart: 'Whole text',
    changed: (settings: readonly string[]) =>
      settings.map((each) => (each in PART_WORDS ? PART_WORDS[each as keyof typeof PART_WORDS] : each)).join(', '),
    none: 'This Logstore has no index, so nothing can be queried. Below is what is recommended.',
    waiting: (unindexed: string | null, older: string | null) =>
      [
        ...(unindexed === null ? [] : [`No query finds ${unindexed}, written without an index.`]),
        ...(older === null ? [] : [`An earlier index still holds for ${older}.`]),
      ].join(' '),
    forAll: (entries: string) => `Reindex: apply it to the ${entries} that are there`,
    forAllWhy:
      'Takes a moment, whatever their number. Else it holds for entries that come from now on, and these keep what they have.',
    forNew: 'There are no entries yet: it holds for those that come.',
    entries: (text: string, count: number) => `${text} ${count === 1 ? 'entry' : 'entries'}`,
    save: 'Save index',
    reindex: 'Reindex',
    saving: 'Saving',
    nothingToSave: 'Nothing is changed.',
    mend: 'Mend what is wrong first.',
    saved: 'The index is saved.',
    savedFor: (reindexed: string) => `It was applied to ${reindexed}.`,
    savedForNew: (older: string) => `It holds for entries that come from now on; ${older} keep what they have.`,
    savedForAll: 'It holds for all entries.',
    deleted: 'The index is deleted.',
    deletedWhy: 'Nothing of this Logstore can be queried until there is one. The entries stay.',
    delete: 'Delete index…',
    ask: {
      title: (logstore: string) => `Delete the index of ${logstore}?`,
      facts:
        'Nothing in this Logstore can be queried without one. The entries stay, and an index that is made later can be applied to them.',
      delete: 'Delete index',
      keep: 'Keep',
    },
  },
};
