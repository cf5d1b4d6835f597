import { META_SUFFIX, type ExportRequest, type ExportSources } from '../../contract/export';
import type { QueryReport } from '../../contract/query';
import type { Notice } from '../../contract/result-batch';
import { exactTimeText } from './exact-time-text';
import { noticeJson } from './notice-json';

/** An export, told from what its file does not hold. */
export interface ExportFacts {
  readonly request: ExportRequest;
  readonly report: Pick<QueryReport, 'rowCount' | 'columns' | 'range' | 'sql'>;
  /** All of them, of the query and of the writer. */
  readonly notices: readonly Notice[];
  /** Of the file. */
  readonly bytes: number;
  readonly sources: ExportSources;
  /** When the export was complete, milliseconds since 1970. */
  readonly nowMs: number;
}

/** @returns where the description of an exported file stands: beside it */
export function metaPath(path: string): string {
  return `${path}${META_SUFFIX}`;
}

/** The description of an exported file, as JSON: what was asked, what came, from which captures, and what is missing. */
export function metaText({ request, report, notices, bytes, sources, nowMs }: ExportFacts): string {
  const { query, format, gzip = false, neutraliseFormulas = false, spelling = 'current', partitionBy } = request;
  const { version, imports, loads, gateways } = sources;
  const shape = {
    natscope: version,
    exported_at: new Date(nowMs).toISOString(),
    project: query.project,
    logstore: query.logstore,
    query: query.text,
    range: rangeOf(report.range, query.zone),
    zone: query.zone,
    rows: report.rowCount,
    columns: report.columns,
    format,
    bytes,
    options: {
      gzip,
      neutralise_formulas: neutraliseFormulas,
      spelling,
      ...(partitionBy === undefined ? {} : { partition_by: partitionBy }),
      entry_ids: query.entryIds ?? false,
      entry_ends: query.entryEnds ?? false,
      reverse: query.reverse,
      limit: query.limit,
      offset: query.offset,
      limits: query.limits ?? null,
    },
    losses: notices.filter(({ kind }) => kind === 'losses').map(({ text }) => text),
    notices: notices.filter(({ kind }) => kind !== 'losses').map(noticeJson),
    imports: imports.map(({ run, captures }) => ({
      run,
      captures: captures.map(({ path, sizeBytes, sha256, headSha256, tailSha256 }) => ({
        path,
        bytes: sizeBytes,
        sha256,
        head_sha256: headSha256,
        tail_sha256: tailSha256,
      })),
    })),
    loads: loads.map(({ run, files }) => ({
      run,
      files: files.map(({ path, sizeBytes, headSha256, tailSha256 }) => ({
        path,
        bytes: sizeBytes,
        head_sha256: headSha256,
        tail_sha256: tailSha256,
      })),
    })),
    gateways,
    sql: report.sql,
  };
  return `${JSON.stringify(shape, undefined, 2)}\n`;
}

/** Half-open, with offsets. */
function rangeOf(range: QueryReport['range'], zone: string): Readonly<Record<'from' | 'to', string>> | null {
  if (range === null) return null;
  const timeText = exactTimeText(zone);
  const text = (sec: number): string => timeText(BigInt(Math.floor(sec)) * 1_000_000n);
  return { from: text(range.fromSec), to: text(range.toSec) };
}
