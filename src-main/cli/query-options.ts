import type { ExportFormat } from '../contract/export';
import type { QueryRequest } from '../contract/query';
import type { FieldSpelling } from '../contract/log-entry';
import type { RowFormat } from './row-writers';

export interface QueryOptions {
  readonly workspace?: string;
  readonly project: string;
  readonly logstore: string;
  readonly from?: string;
  readonly to?: string;
  readonly zone: string;
  readonly limit?: number;
  readonly limits?: 'console';
  readonly reverse: boolean;
  /** Of the fields of entries, in what is written. */
  readonly spelling: FieldSpelling;
  /** Begin each row with the identity of its entry. */
  readonly ids: boolean;
  /** End each row with why the session of its entry ended. */
  readonly ends: boolean;
  readonly format: RowFormat | ExportFormat;
  readonly neutraliseFormulas: boolean;
  /** Pack what is written; also asked for by the name of the file. */
  readonly gzip: boolean;
  /** Of parquet: a folder instead of a file. */
  readonly partitionBy?: readonly string[];
  readonly out?: string;
  readonly json: boolean;
}

export function isPacked({ gzip, out }: QueryOptions): boolean {
  return gzip || (out?.endsWith('.gz') ?? false);
}

export function requestOf(text: string, options: QueryOptions): QueryRequest {
  return {
    text,
    project: options.project,
    logstore: options.logstore,
    from: options.from ?? null,
    to: options.to ?? null,
    zone: options.zone,
    limit: options.limit ?? null,
    offset: 0,
    reverse: options.reverse,
    ...(options.ids ? { entryIds: true } : {}),
    ...(options.ends ? { entryEnds: true } : {}),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    snapshot: null,
  };
}
