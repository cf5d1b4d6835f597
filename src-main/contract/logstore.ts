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
  /** The vendor's JSON; null without an index, when nothing can be queried. */
  readonly config: Readonly<Record<string, unknown>> | null;
  /** Milliseconds since 1970; null without an index. */
  readonly updatedMs: number | null;
  /** Entries that were written before: found as the configuration of their time says, until they are reindexed. */
  readonly olderEntries: number;
  /** Entries that were written while there was no index: not found by any query until they are reindexed. */
  readonly unindexedEntries: number;
}
