import { counted, noun } from './words';

/** Graphs and how a statement was answered. */
export const graph = {
  graph: {
    title: 'Graph',
    fromVpc: 'Bytes from the VPC',
    fromPub: 'Bytes from the Internet',
    asTable: 'As a table',
    table: 'Bytes over time',
    entries: 'Entries',
    entriesTable: 'Entries over time',
    entriesSummary: (entries: number, most: string, when: string, width: string) =>
      `${counted(entries, 'entry', 'entries')}; at most ${most} in ${width}, at ${when}.`,
    start: 'Time',
    summary: (fromVpc: string, fromPub: string, most: string, when: string, width: string) =>
      `${fromVpc} from the VPC and ${fromPub} from the Internet; at most ${most} in ${width}, at ${when}.`,
  },
  explain: {
    title: 'Explain',
    range: 'Range that was searched',
    noEntries: 'The log has no entries.',
    tokens: 'Tokens of the search',
    noTokens: 'None: all entries of the range',
    place: (start: number, end: number) => `From character ${start} to ${end} of the query`,
    indexes: 'Indexes that serve it',
    timesAlone: 'The times of the entries alone',
    field: 'Field',
    type: 'Type',
    use: 'Used for',
    uses: (search: boolean, sql: boolean) => (search ? (sql ? 'Search and SQL' : 'Search') : 'SQL'),
    sql: 'SQL that runs',
    copySql: 'Copy the SQL',
    plan: 'Plan',
  },
  charts: {
    type: 'Chart type',
    types: {
      table: 'Table',
      line: 'Line',
      area: 'Area',
      column: 'Column',
      bar: 'Bar',
      pie: 'Pie',
      stat: 'Stat',
      histogram: 'Histogram',
      sankey: 'Sankey',
    },
    columns: 'Columns of the chart',
    axis: 'Along the axis',
    source: 'From',
    target: 'To',
    split: 'Split by',
    noSplit: 'Nothing',
    splitCut: (most: number, all: string, name: string) =>
      `The ${most} of ${all} values of ${name} with the most are drawn.`,
    value: 'Value',
    values: 'Values',
    other: 'Other',
    rowsAxis: 'Rows',
    mostSeries: (most: number) => `A chart has at most ${most} series.`,
    firstRow: 'The first row of the result.',
    cut: (drawn: string, all: string) =>
      `The first ${drawn} of ${all} rows are drawn. Group them in the statement to see all of them.`,
    rows: (text: string, count: number) => `${text} ${noun(count, 'row')}`,
    noNumbers: (name: string) => `${name} has no number in any row.`,
    summary: (
      name: string,
      by: string,
      most: { readonly value: string; readonly at: string },
      least: { readonly value: string; readonly at: string },
    ) => {
      const place = (at: string): string => (at === '' ? '' : ` (${at})`);
      return `${name}${by === '' ? '' : ` by ${by}`}: at most ${most.value}${place(most.at)}, at least ${least.value}${place(least.at)}.`;
    },
  },
};
