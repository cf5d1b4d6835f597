import type { QueryReport, QueryRequest } from './query';
import type { FieldSpelling } from './log-entry';
import type { Notice } from './result-batch';

export const TEXT_FORMATS = ['csv', 'tsv', 'json', 'ndjson'] as const;
/** Those that rows are written to as they come. */
const STREAMED_FORMATS = [...TEXT_FORMATS, 'xlsx'] as const;
/** Files that the rows of a query can be written to. */
export const EXPORT_FORMATS = [...STREAMED_FORMATS, 'parquet'] as const;
export type StreamedFormat = (typeof STREAMED_FORMATS)[number];
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Each is a level of folders. */
export const MOST_PARTITION_FIELDS = 16;

/**
 * Of xlsx, with the names of the columns.
 * @see https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
 */
export const MOST_SHEET_ROWS = 1_048_576;

/** Stands behind the name of an exported file, or folder, in that of the file beside it that describes it. */
export const META_SUFFIX = '.meta.json';

/** How values are written, where there is a choice. */
export interface ExportOptions {
  /** Of csv and tsv: texts that a spreadsheet would take for formulas begin with an apostrophe. Default false. */
  readonly neutraliseFormulas?: boolean | undefined;
  /** Pack the file with gzip; not for parquet, which is packed already. Default false. */
  readonly gzip?: boolean | undefined;
  /** Of the fields of entries. Default `current`. */
  readonly spelling?: FieldSpelling | undefined;
  /** Of parquet: a folder of files, one for each combination of values of these columns. Default: one file. */
  readonly partitionBy?: readonly string[] | undefined;
}

export interface ExportRequest extends ExportOptions {
  readonly query: QueryRequest;
  readonly format: ExportFormat;
}

export interface ExportReport extends Pick<QueryReport, 'rowCount' | 'range'> {
  /** Name of the file, or folder, within `tmp/exports` of the workspace. */
  readonly file: string;
  readonly bytes: number;
  /** Those of the query, and what must be known about how its values were written. */
  readonly notices: readonly Notice[];
}

/** What the rows of an answer were made from. */
export interface ExportSources {
  /** Of Natscope. */
  readonly version: string;
  readonly imports: readonly {
    readonly run: number;
    readonly captures: readonly SourceCapture[];
  }[];
  /** Runs that loaded log entries from files instead, as far as they kept what they read. */
  readonly loads: readonly {
    readonly run: number;
    readonly files: readonly LoadedFile[];
  }[];
  /** Different ones, each with the imports that it was at work in. */
  readonly gateways: readonly {
    readonly runs: readonly number[];
    readonly configuration: Readonly<Record<string, unknown>>;
  }[];
}

export interface SourceCapture {
  readonly path: string;
  readonly sizeBytes: number;
  /** SHA-256 of all of it, hexadecimal; null where it was not computed. */
  readonly sha256: string | null;
  /** SHA-256 of its first and its last MiB. */
  readonly headSha256: string;
  readonly tailSha256: string;
}

export type ExportSourcesRequest = Pick<QueryRequest, 'project' | 'logstore' | 'snapshot'>;

export interface ExportProgress {
  /** Null where the database writes by itself, and they are not known before the end. */
  readonly rows: number | null;
  readonly bytes: number;
}

/** Whether texts of a format can be taken for formulas at all: only where a cell has no type of its own. */
export function hasUntypedCells(format: string): boolean {
  return format === 'csv' || format === 'tsv';
}

/** What is known of a file that log entries were loaded from: of loads of older versions, where it was. */
export interface LoadedFile extends Pick<SourceCapture, 'path'>, Partial<Omit<SourceCapture, 'path' | 'sha256'>> {}
