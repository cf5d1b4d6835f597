import { basename } from 'node:path';
import type { BadValues } from '../../contract/logstore';
import type { Notice } from '../../contract/result-batch';
import type { Logstore } from '../../duckdb/catalogue';
import type { Database } from '../../duckdb/database';
import { readIndex } from '../../duckdb/index-rows';
import { indexKeyOf } from '../../logstore/index-config';
import type { StoredField } from '../../logstore/schema';
import { parseIndex } from '../log-relation';
import type { EntryRows, FieldCount, FirstValue } from './entry-rows';
import type { FilesSurvey } from './survey-files';

/** Fields that a notice names. */
const NAMED_FIELDS = 10;
/** Characters of a value that a notice shows. */
const SHOWN_CHARACTERS = 40;

/** What was decided, or left out, before anything was written. */
export function planNotices(timeField: string | null, survey: FilesSurvey): readonly Notice[] {
  return [
    ...(timeField === null
      ? [
          {
            kind: 'info' as const,
            text: 'No field has the time of the entries, so they have that of the load; a schema file can name one.',
          },
        ]
      : []),
    ...(survey.unwritable > 0
      ? [
          {
            kind: 'info' as const,
            text: `${survey.unwritable} values of fields that only the vendor writes, such as __partition_time__, were left out.`,
          },
        ]
      : []),
    ...(timeField !== '__time__' && survey.has('__time__')
      ? [
          {
            kind: 'info' as const,
            text: `Values of __time__ were left out, since the time of the entries is ${timeField === null ? 'that of the load' : `from ${timeField}`}; a schema file can name __time__.`,
          },
        ]
      : []),
  ];
}

/** What every answer that rests on the run has to tell. */
export function lossNotices(run: number, badLines: number, badValues: readonly BadValues[]): readonly Notice[] {
  const lines = badLines === 1 ? '1 line was' : `${badLines} lines were`;
  return [
    ...(badLines === 0 ? [] : [`Run ${run} is incomplete: ${lines} no log entry, and kept aside.`]),
    ...valueLosses(`Run ${run}`, badValues),
  ].map((text) => ({ kind: 'losses', text }));
}

/** @param log whose values they are, as the beginning of a sentence */
export function valueLosses(log: string, badValues: readonly BadValues[]): readonly string[] {
  const fields = named(
    badValues.filter(({ fault }) => fault === 'type').map((bad) => `${bad.field} (${bad.values}, ${firstOf(bad)})`),
  );
  const twice = named(
    badValues.filter(({ fault }) => fault === 'twice').map((bad) => `${bad.field} (${bad.values}, ${firstOf(bad)})`),
  );
  const reversed = badValues.find(({ fault }) => fault === 'order');
  return [
    ...(fields === null
      ? []
      : [
          `${log} has values that their fields cannot have, which are kept as text, and NULL in every result: ${fields}.`,
        ]),
    ...(twice === null
      ? []
      : [`${log} has entries with two values of a field, of which the first stands and the other is lost: ${twice}.`]),
    ...(reversed === undefined
      ? []
      : [
          `${log} has ${reversed.values === 1 ? '1 entry that ends before it starts' : `${reversed.values} entries that end before they start`} (${firstOf(reversed)}).`,
        ]),
  ];
}

function firstOf({ file, line, text }: FirstValue): string {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return `first ${JSON.stringify(shown)} in line ${line} of ${basename(file)}`;
}

type Counts = EntryRows['counts'];

export const misfitsOf = (counts: Counts): readonly (readonly [string, FieldCount])[] =>
  [...counts].filter(([, { misfits }]) => misfits > 0);

/** Values that are not of the type of their field in a Logstore of any fields. */
export function misfitNotices(fields: readonly StoredField[], counts: Counts): readonly Notice[] {
  const mixed = new Set(fields.filter(({ hints }) => hints.isMixed === true).map(({ name }) => name));
  const own = new Set(fields.map(({ name }) => name));
  const misfits = misfitsOf(counts).filter(([name]) => own.has(name));
  const hidden = misfits.filter(([name]) => !mixed.has(name));
  const shown = misfits.filter(([name]) => mixed.has(name));
  return [
    ...misfitNotice(
      hidden,
      'Values that are not of the type of their field are kept, and found only where the index types it as text',
    ),
    ...misfitNotice(shown, 'Fields of addresses have other values as well now, and are text, which no CIDR finds'),
  ];
}

function misfitNotice(misfits: readonly (readonly [string, FieldCount])[], what: string): readonly Notice[] {
  const fields = named(
    misfits.map(
      ([name, count]) => `${name} (${count.misfits}${count.first === null ? '' : `, ${firstOf(count.first)}`})`,
    ),
  );
  if (fields === null) return [];
  return [{ kind: 'info', text: `${what}: ${fields}.` }];
}

/** A new field of a Logstore that has an index is not in it, as at the vendor. */
export async function unindexedNotices(
  database: Database,
  { id }: Logstore,
  newFields: readonly string[],
): Promise<readonly Notice[]> {
  const { config } = await readIndex(database, id);
  if (config === null) return [];
  const { keys } = parseIndex(config);
  const missing = newFields.filter((name) => indexKeyOf(keys, name) === undefined);
  const indexed = new Set(Object.keys(keys).map((name) => name.toLowerCase()));
  const [alike, others] = [true, false].map((isAlike) =>
    missing.filter((name) => indexed.has(name.toLowerCase()) === isAlike),
  ) as [string[], string[]];
  const fields = named(others);
  const twins = named(alike);
  return [
    ...(fields === null
      ? []
      : [`New fields are not in the index of the Logstore: ${fields}. natscope index set adds them.`]),
    ...(twins === null
      ? []
      : [
          `Fields whose names differ in case alone from indexed ones cannot be asked for, as queries do not tell case: ${twins}. ` +
            'They are kept, and full text finds them; load them under other names.',
        ]),
  ].map((text) => ({ kind: 'limited', text }));
}

/** @returns the first of them; null for none */
function named(names: readonly string[]): string | null {
  if (names.length === 0) return null;
  return `${names.slice(0, NAMED_FIELDS).join(', ')}${names.length > NAMED_FIELDS ? ' and others' : ''}`;
}
