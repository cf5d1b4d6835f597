import { DuckDBDataChunk, type DuckDBConnection } from '@duckdb/node-api';
import duckdb, { type Vector } from '@duckdb/node-bindings';
import { EXTRA_BYTE_FIELDS, type ExtraBytes, type LogEntryBatch } from '../contract/log-entry';
import type { Database } from './database';
import {
  LOG_COLUMNS,
  ENTRIES_SCHEMA,
  logTableName,
  type ColumnOf,
  type EntryConstants,
  type LogColumn,
  type LogColumnSource,
} from './log-table';
import { TableAppender } from './table-appender';

/** DuckDB's vector size; an appended chunk can hold no more rows than this. */
const VECTOR_ROWS = 2048;

/** Writes rows `[from, from + count)` of a batch into its own vectors. */
type ColumnCopy = (batch: LogEntryBatch, from: number, count: number) => void;

/**
 * Appends batches of log entries to one Logstore's table, with one memcpy per column and 2,048 rows.
 *
 * What can go wrong here and is not checked by DuckDB: an array whose elements are not as wide as the column's type, or
 * columns in another order than the table's, store garbage; so both come from `LOG_COLUMNS` alone. The chunk is not
 * reset, so that constants stay in their vectors: the appender copies what it is given. The round trip over a chunk's
 * border and with extreme values is pinned in test/unit/duckdb/entry-writer.test.ts.
 */
export class EntryWriter {
  readonly #appender: TableAppender;
  readonly #chunk: DuckDBDataChunk;
  readonly #vectors: readonly Vector[];
  #copies: readonly ColumnCopy[];
  #constants: EntryConstants | null = null;
  #lateRows = 0;
  /** Appended since the last flush of ours. */
  #waitingRows = 0;
  /** Flushed since the last `takeLoggedRows`. */
  #loggedRows = 0;

  /** For `open` alone. */
  constructor(appender: TableAppender) {
    this.#appender = appender;
    this.#chunk = DuckDBDataChunk.create(LOG_COLUMNS.map(({ type }) => type));
    this.#vectors = LOG_COLUMNS.map((_, index) => duckdb.data_chunk_get_vector(this.#chunk.chunk, index));
    this.#copies = columnCopies(LOG_COLUMNS, this.#vectors);
    this.#fillNoExtra();
  }

  /** Holds one connection until `close` or `abandon`. */
  static async open(database: Database, logstoreId: number): Promise<EntryWriter> {
    return new EntryWriter(await TableAppender.open(database, ENTRIES_SCHEMA, logTableName(logstoreId)));
  }

  /** As `open`, on a connection that is lent: see `TableAppender`. */
  static async openOn(database: Database, connection: DuckDBConnection, logstoreId: number): Promise<EntryWriter> {
    const table = logTableName(logstoreId);
    return new EntryWriter(await TableAppender.openOn(database, connection, ENTRIES_SCHEMA, table));
  }

  /**
   * Appends all rows of `batch`, which may be reused as soon as this returns.
   *
   * @throws AppError WORKSPACE_FULL and its like when a flush that falls due fails; the writer is then to be abandoned
   */
  append(batch: LogEntryBatch, constants: EntryConstants): void {
    if (!sameConstants(this.#constants, constants)) this.#fillConstants(constants);
    this.#appender.guard(() => {
      for (let from = 0; from < batch.length; from += VECTOR_ROWS) {
        const count = Math.min(VECTOR_ROWS, batch.length - from);
        for (const copy of this.#copies) copy(batch, from, count);
        if (batch.extraBytes !== null) writeExtraBytes(this.#vectors[EXTRA_COLUMN]!, batch.extraBytes, from, count);
        duckdb.data_chunk_set_size(this.#chunk.chunk, count);
        this.#appender.rows.appendDataChunk(this.#chunk);
        if (batch.extraBytes !== null) this.#beginChunk(constants);
      }
    });
    this.#waitingRows += batch.length;
    const revisions = batch.revision.subarray(0, batch.length);
    if (revisions.includes(1)) this.#lateRows += revisions.reduce((sum, revision) => sum + revision, 0);
  }

  /** Rows of late packets among all that were appended: with any, `settleEntries` is to be called. */
  get lateRows(): number {
    return this.#lateRows;
  }

  /** Commits what was appended, if it is at least so many rows: between stretches of work that must stay short. */
  flushFrom(rows: number): void {
    if (this.#waitingRows >= rows) this.flush();
  }

  /** Commits what was appended. Compressing it blocks the thread for some 1 µs a row. */
  flush(): void {
    this.#appender.flush();
    this.#loggedRows += this.#waitingRows;
    this.#waitingRows = 0;
  }

  /** @returns whether so many rows were flushed since this last returned true: the write-ahead log has them since */
  takeLoggedRows(rows: number): boolean {
    if (this.#loggedRows < rows) return false;
    this.#loggedRows = 0;
    return true;
  }

  /** Flushes, and gives the connection back. */
  close(): void {
    this.#appender.close();
  }

  /** Drops what was not flushed, and closes the connection. */
  abandon(): void {
    this.#appender.abandon();
  }

  #fillConstants(constants: EntryConstants): void {
    LOG_COLUMNS.forEach(({ source, type }, index) => {
      if (source.kind !== 'constant') return;
      const wide = type.toString() === 'UINTEGER';
      const values = wide ? new Uint32Array(VECTOR_ROWS) : new Uint16Array(VECTOR_ROWS);
      const value = constants[source.name];
      values.fill(value);
      if (values[0] !== value) throw new RangeError(`${source.name} ${value} does not fit ${type.toString()}`);
      copyBytes(this.#vectors[index]!, values, 0, VECTOR_ROWS);
    });
    this.#constants = { ...constants };
  }

  /** A vector keeps each text that it was ever given: so the chunk is begun anew, with all that stays in it. */
  #beginChunk(constants: EntryConstants): void {
    duckdb.data_chunk_reset(this.#chunk.chunk);
    this.#copies = columnCopies(LOG_COLUMNS, this.#vectors);
    this.#fillNoExtra();
    this.#fillConstants(constants);
  }

  #fillNoExtra(): void {
    const allNull = new Uint8Array(VECTOR_ROWS / 8);
    const vector = this.#vectors[EXTRA_COLUMN]!;
    duckdb.vector_ensure_validity_writable(vector);
    duckdb.copy_data_to_vector_validity(vector, 0, allNull.buffer, 0, allNull.byteLength);
  }
}

const EXTRA_COLUMN = LOG_COLUMNS.findIndex(({ source }) => source.kind === 'extraBytes');

function writeExtraBytes(vector: Vector, columns: ExtraBytes, from: number, count: number): void {
  const allKnown = new Uint8Array(VECTOR_ROWS / 8).fill(0xff);
  duckdb.copy_data_to_vector_validity(vector, 0, allKnown.buffer, 0, allKnown.byteLength);
  for (let row = 0; row < count; row++) {
    const values = EXTRA_BYTE_FIELDS.map((name, index) => `"${name}":${columns[index]![from + row]!}`);
    duckdb.vector_assign_string_element(vector, row, `{${values.join(',')}}`);
  }
}

function sameConstants(held: EntryConstants | null, wanted: EntryConstants): boolean {
  return (
    held !== null &&
    held.runId === wanted.runId &&
    held.instanceId === wanted.instanceId &&
    held.vpcId === wanted.vpcId &&
    held.shardId === wanted.shardId
  );
}

type Column = Uint8Array | Uint16Array | Uint32Array | BigInt64Array;

function copyBytes(vector: Vector, column: Column, from: number, count: number): void {
  const width = column.BYTES_PER_ELEMENT;
  // Batches are made by `new …Array(length)`, never over shared memory.
  const buffer = column.buffer as ArrayBuffer;
  duckdb.copy_data_to_vector(vector, 0, buffer, column.byteOffset + from * width, count * width);
}

function knownCopy(vector: Vector, { column, unknown }: Extract<LogColumnSource, { kind: 'known' }>): ColumnCopy {
  const copyNulls = nullCopy(vector, unknown);
  return (batch, from, count) => {
    copyBytes(vector, batch[column], from, count);
    copyNulls(batch, from, count);
  };
}

/** Rows of which a value is not known are rare: most batches have none, and no NULL has to be written or taken back. */
function nullCopy(vector: Vector, unknown: ColumnOf<Uint8Array>): ColumnCopy {
  const validity = new Uint8Array(VECTOR_ROWS / 8);
  let hasNulls = false;
  return (batch, from, count) => {
    const isUnknown = batch[unknown];
    const hadNulls = hasNulls;
    hasNulls = isUnknown.subarray(from, from + count).includes(1);
    if (!hasNulls && !hadNulls) return;
    validity.fill(0xff);
    for (let row = 0; row < count; row++) if (isUnknown[from + row] === 1) validity[row >> 3]! &= ~(1 << (row & 7));
    duckdb.vector_ensure_validity_writable(vector);
    duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, validity.byteLength);
  };
}

/** Rows of which the value is known are rare: most batches have none, and all of their NULLs are those of the batch before. */
function seldomKnownCopy(
  vector: Vector,
  { column, unknown }: Extract<LogColumnSource, { kind: 'seldomKnown' }>,
): ColumnCopy {
  const copyNulls = nullCopy(vector, unknown);
  let nullRows = 0;
  return (batch, from, count) => {
    const hasKnown = batch[unknown].subarray(from, from + count).includes(0);
    if (hasKnown) copyBytes(vector, batch[column].values, from, count);
    else if (count <= nullRows) return;
    copyNulls(batch, from, count);
    nullRows = hasKnown ? 0 : count;
  };
}

/** One copy per column with values of its own. */
function columnCopies(columns: readonly LogColumn[], vectors: readonly Vector[]): ColumnCopy[] {
  return columns.flatMap(({ source }, index) => {
    const vector = vectors[index]!;
    switch (source.kind) {
      case 'narrow':
        return (batch, from, count) => copyBytes(vector, batch[source.column], from, count);
      case 'wide':
        return (batch, from, count) => copyBytes(vector, batch[source.column].values, from, count);
      case 'known':
        return knownCopy(vector, source);
      case 'seldomKnown':
        return seldomKnownCopy(vector, source);
      default:
        return [];
    }
  });
}
