import type { BadLine, LoadFormat, SchemaKind, StoredType } from '../../contract/logstore';
import type { FieldSpelling } from '../../contract/log-entry';
import { readEntryTime, TIME_FIELDS } from '../../logstore/entry-time';
import { ByName, FieldNames } from '../../logstore/field-names';
import { FieldSurvey } from '../../logstore/field-values';
import { isReservedField, UNWRITABLE_FIELDS, type FieldHints } from '../../logstore/schema';
import type { GivenSchema } from '../../logstore/read-schema';
import type { EntryBatch } from '../../logstore/entry-batch';
import { badLineOf } from './bad-lines';
import type { EntryReader } from './entry-reader';
import { isPreviewSpelling, productField } from './product-field';

/** What a session log has in any case: the private side may be missing. */
const SESSION_LOG_MARKS: readonly string[] = [
  'nat_ip',
  'nat_port',
  'pub_ip',
  'pub_port',
  'protocol',
  'start_time',
  'end_time',
];

const TIME_NAMES: ReadonlySet<string> = new Set(TIME_FIELDS);

/** Fields that are followed: of a file with a name for every value, the others are kept, and are in no schema. */
const MAX_FIELDS = 2000;

const MAX_NAMED_FAULTS = 20;

interface SurveyedField {
  readonly survey: FieldSurvey;
  /** Whether it is by its name one that has times. */
  readonly isTime: boolean;
  /** Those that could be read. */
  times: number;
}
const UNWRITABLE = 'unwritable';
const UNFOLLOWED = 'unfollowed';

/** What files hold, from their first to their last entry. */
export class FilesSurvey {
  entries = 0;
  /** Lines that are no log entries, and the first of them. */
  faults = 0;
  readonly firstFaults: BadLine[] = [];
  /** Values of `UNWRITABLE_FIELDS`, which are left out. */
  unwritable = 0;
  readonly formats: LoadFormat[] = [];
  readonly names = new FieldNames();
  readonly #fields = new Map<string, SurveyedField>();
  readonly #byName = new ByName(this.names, (name) => this.#find(name));

  /** @param onBatch is awaited after each piece */
  async read(reader: EntryReader, onBatch: () => Promise<void>): Promise<void> {
    this.formats.push(reader.format);
    while (await reader.next()) {
      this.#take(reader);
      await onBatch();
    }
  }

  /** Reads on until there are as many entries. @returns whether the file ended before that */
  async sample(reader: EntryReader, most: number): Promise<boolean> {
    this.formats.push(reader.format);
    while (this.entries < most) {
      if (!(await reader.next())) return true;
      this.#take(reader);
    }
    return false;
  }

  #take({ batch, bad, path }: EntryReader): void {
    this.#add(batch);
    for (const record of bad) {
      this.faults += record.lines;
      if (this.firstFaults.length < MAX_NAMED_FAULTS) this.firstFaults.push(badLineOf(path, record));
    }
  }

  #add(batch: EntryBatch): void {
    this.entries += batch.length;
    for (let cell = 0; cell < batch.cells; cell++) {
      const field = this.#byName.of(batch.cellNames[cell]!);
      if (field === UNWRITABLE) this.unwritable++;
      else if (field !== UNFOLLOWED) {
        field.survey.add(batch, cell);
        if (field.isTime && readEntryTime(batch, cell) !== null) field.times++;
      }
    }
  }

  #find(name: string): SurveyedField | typeof UNWRITABLE | typeof UNFOLLOWED {
    if (UNWRITABLE_FIELDS.includes(name)) return UNWRITABLE;
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    if (this.#fields.size >= MAX_FIELDS) return UNFOLLOWED;
    const field = { survey: new FieldSurvey(), isTime: TIME_NAMES.has(name), times: 0 };
    this.#fields.set(name, field);
    return field;
  }

  /** Whether all files are of session logs, in either spelling. */
  get isSessionLog(): boolean {
    return this.missingOfSessionLog.length === 0;
  }

  /** How session logs spell their fields; null where these are none. */
  get spelling(): FieldSpelling | null {
    if (!this.isSessionLog) return null;
    return [...this.#fields.keys()].some(isPreviewSpelling) ? 'preview2024' : 'current';
  }

  /** @returns the fields that a session log lacks to be one */
  get missingOfSessionLog(): readonly string[] {
    const names = new Set([...this.#fields.keys()].map(productField));
    return SESSION_LOG_MARKS.filter((name) => !names.has(name));
  }

  /** @returns the field that most entries have a time in, of the usual ones; null where hardly any has */
  get timeField(): string | null {
    let best: string | null = null;
    let most = this.entries / 2;
    for (const name of TIME_FIELDS) {
      const times = this.#fields.get(name)?.times ?? 0;
      if (times > most) {
        best = name;
        most = times;
      }
    }
    return best;
  }

  /** @param name one of the product's fields of session logs in whatever spelling, or any other as it is */
  has(name: string): boolean {
    return this.#fields.has(name) || [...this.#fields.keys()].some((written) => productField(written) === name);
  }

  /**
   * The fields to store, in the order in which they came, with what they are proposed to be, or said to be.
   *
   * @param schema of the Logstore: the product's fields are no part of the proposal for session logs
   */
  proposal(schema: SchemaKind, given: GivenSchema): readonly ProposedField[] {
    return [...this.#fields].flatMap(([name, { survey }]): ProposedField[] => {
      if (name === '__time__') return [];
      if (schema === 'session_log' && productField(name) !== null) return [];
      const type = isReservedField(name) ? 'text' : (given.fields.get(name) ?? survey.type);
      return [{ name, type, entries: survey.entries, hints: hintsOf(survey) }];
    });
  }
}

export interface ProposedField {
  readonly name: string;
  readonly type: StoredType;
  readonly entries: number;
  readonly hints: FieldHints;
}

function hintsOf(survey: FieldSurvey): FieldHints {
  return {
    ...(survey.isAddress ? { isAddress: true } : {}),
    ...(survey.leaves.size === 0 ? {} : { leaves: Object.fromEntries(survey.leaves) }),
  };
}
