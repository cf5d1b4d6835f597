import type { Compression } from './capture-details';
import type { IndexConfig } from './index-config';
import type { FieldSpelling } from './log-entry';
import type { Notice } from './result-batch';

/** Projects, Logstores, their shards, index and schema, as calls speak of them. */

export interface LogstoreName {
  readonly project: string;
  readonly logstore: string;
}

export interface ProjectFacts {
  readonly name: string;
  readonly region: string;
  readonly description: string;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  readonly logstores: number;
  /** Entries of all of them. */
  readonly entries: number;
}

/** The kinds of schema: of the product's session logs, or of whatever fields were loaded. */
export type SchemaKind = 'session_log' | 'custom';

/** How a field of a Logstore is stored. `json` is text that holds an object or a list. */
export const STORED_TYPES = ['text', 'long', 'double', 'json', 'ipv4'] as const;
export type StoredType = (typeof STORED_TYPES)[number];

export interface SchemaField {
  readonly name: string;
  readonly type: StoredType;
}

export interface ShardFacts {
  readonly id: number;
  readonly status: 'readwrite' | 'readonly';
  /** 32 hexadecimal digits: MD5 hashes from the first on, before the second. */
  readonly beginKey: string;
  readonly endKey: string;
  readonly createdMs: number;
  /** Entries of committed runs in it. */
  readonly entries: number;
}

/** All that is known of a Logstore. */
export interface LogstoreReport extends LogstoreName {
  readonly schema: SchemaKind;
  readonly fields: readonly SchemaField[];
  /** Days; null keeps entries for good. */
  readonly ttlDays: number | null;
  readonly createdMs: number;
  readonly entries: number;
  /** Octets that the table takes in the database file, in whole blocks, as of the last checkpoint. */
  readonly storedBytes: number;
  /** Times of the first and the last entry, epoch seconds, both inside; null without entries. */
  readonly extent: { readonly firstSec: number; readonly lastSec: number } | null;
  readonly shards: readonly ShardFacts[];
  readonly hasIndex: boolean;
}

/** What a deletion or retention took away. */
export interface DeletedEntries {
  readonly logstores: number;
  readonly entries: number;
}

/** The index of a Logstore, and which entries it holds for. */
export interface IndexReport extends LogstoreName {
  readonly schema: SchemaKind;
  /** Null without an index, when nothing can be queried. */
  readonly config: IndexConfig | null;
  /** Milliseconds since 1970; null without an index. */
  readonly updatedMs: number | null;
  /** Entries that were written before: found as the configuration of their time says, until they are reindexed. */
  readonly olderEntries: number;
  /** Entries that were written while there was no index: not found by any query until they are reindexed. */
  readonly unindexedEntries: number;
}

/** A file that is to be recognised: one that the engine can read, or the beginning of one that it cannot yet. */
export type RecognisedFile =
  /** Absolute, or `STANDARD_INPUT`. */
  | { readonly path: string }
  /** Its first octets, at most `MOST_HEAD_BYTES`, as base64. */
  | { readonly head: string };
export const MOST_HEAD_BYTES = 65_536;
/** Log entries, which can be loaded; or something else, for instance a capture. */
export type FileKind = 'entries' | 'other';

/** What files look like to a load, from their beginnings. */
export interface LoadPreview {
  readonly files: readonly {
    readonly path: string;
    readonly format: LoadFormat;
    /** Null when it is not compressed. */
    readonly compression: Compression | null;
    readonly storedBytes: number;
    /** Entries that were looked at, and whether they are all of the file. */
    readonly entries: number;
    readonly isWhole: boolean;
  }[];
  readonly schema: SchemaKind;
  /** Of session logs; null for others. A load takes either. */
  readonly spelling: FieldSpelling | null;
  /** The Logstores that are proposed for them, as either kind. */
  readonly logstores: Readonly<Record<SchemaKind, string>>;
  /** The field that entries have their time from; null for the time of the load. */
  readonly timeField: string | null;
  /** Whether entries have a `__time__`, which is none of the fields. */
  readonly hasEntryTime: boolean;
  /** All that they have, with the types that those entries suggest. */
  readonly fields: readonly (SchemaField & { readonly entries: number })[];
  readonly entries: number;
  readonly badLines: number;
  /** The first of them. */
  readonly firstBadLines: readonly BadLine[];
}

export interface LoadRequest {
  /** Absolute paths, and `STANDARD_INPUT`. Several files are one load. */
  readonly files: readonly string[];
  /** As of an import: where the octets of pipes come from that only whoever asks can read. */
  readonly streams?: readonly { readonly capture: string; readonly socketPath: string }[] | undefined;
  readonly project: string;
  /** Null for that of the session logs, or for one named after the first file. */
  readonly logstore: string | null;
  /** `session_log`, `auto`, or the object of a schema file. */
  readonly schema: 'session_log' | 'auto' | Readonly<Record<string, unknown>>;
  readonly format: LoadFormat | 'auto';
  /** The field whose value chooses the shard of an entry, by its MD5 hash; null for load balance. */
  readonly hashKey: string | null;
  readonly createIndex: boolean;
  /** Load even though the same files are already in the Logstore. */
  readonly again: boolean;
  /** Say what would be loaded, and change nothing. */
  readonly dryRun: boolean;
  readonly maxExpansion?: number | undefined;
}

/** Format `auto`, and the limit of an import, where they are left out. */
export interface LoadPreviewRequest extends Pick<LoadRequest, 'files' | 'maxExpansion'> {
  readonly format?: LoadRequest['format'] | undefined;
}

export const LOAD_FORMATS = ['ndjson', 'json', 'csv', 'parquet'] as const;
export type LoadFormat = (typeof LOAD_FORMATS)[number];

/** What is wrong with a piece of a file that so is no log entry. */
export const LINE_FAULTS = [
  'SYNTAX',
  'NOT_AN_OBJECT',
  'NO_FIELDS',
  'FIELD_NAME',
  'ENCODING',
  'CELLS',
  'TOO_LONG',
  'CUT_OFF',
  'TIME_MISSING',
  'TIME_INVALID',
] as const;
export type LineFault = (typeof LINE_FAULTS)[number];

export interface BadLine {
  readonly file: string;
  /** Of the first line of it, or of the row, from 1. */
  readonly line: number;
  readonly code: LineFault;
  readonly reason: string;
  /** How many lines it has, where a report names one that has several. */
  readonly lines?: number;
}

/** Values of a field of session logs that make no sense; their entries are loaded. */
export interface BadValues {
  readonly field: string;
  /**
   * What the field cannot have, which is kept as text; an end before the start, which is kept as it is; or a value behind another
   * one of the same entry, which is not taken.
   */
  readonly fault: 'type' | 'order' | 'twice';
  readonly values: number;
  /** The first of them. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface LoadReport {
  /** Null for a dry run. */
  readonly run: number | null;
  readonly workspace: string;
  readonly project: string;
  readonly logstore: string;
  readonly schema: SchemaKind;
  readonly files: readonly { readonly path: string; readonly format: LoadFormat; readonly entries: number }[];
  /** Of the Logstore after the load. */
  readonly fields: readonly (SchemaField & {
    /** Whether it is there since this load. */
    readonly isNew: boolean;
    /** Entries that have it, and those of them whose value is not of its type, which is kept as text. */
    readonly entries: number;
    readonly misfits: number;
  })[];
  /** The field that entries have their time from; null for the time of the load. */
  readonly timeField: string | null;
  readonly entries: number;
  /** Lines that are no log entry; all lines of a piece that has several. */
  readonly badLines: number;
  /** The first of them. */
  readonly firstBadLines: readonly BadLine[];
  readonly badValues: readonly BadValues[];
  readonly createdIndex: boolean;
  readonly seconds: number;
  readonly notices: readonly Notice[];
}

export interface LoadProgress {
  /** Files are read twice: for their fields, then for their entries. */
  readonly pass: 1 | 2;
  readonly readBytes: number;
  readonly totalBytes: number;
  readonly entries: number;
}
