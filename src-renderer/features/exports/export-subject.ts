import type { QueryReport, QueryRequest } from '../../../src-main/contract/query';
import type { Notice } from '../../../src-main/contract/result-batch';
import { ENTRY_ID_COLUMN } from '../../../src-main/contract/log-entry';
import { noticeText } from '../../services/notice-text';
import type { Answer } from '../logstore/logstore-state.svelte';

/** The answer that is exported: all of its rows, whatever of them is on the screen. */
export interface ExportSubject {
  /** With the range and the snapshot that were searched. */
  readonly query: QueryRequest;
  readonly rowCount: number;
  /** Whether there are more rows than that, which nobody has counted. */
  readonly isMore: boolean;
  readonly range: QueryReport['range'];
  /** Names of its columns in the file, in the product's spelling. */
  readonly columns: readonly string[];
  /** What is missing in the data behind it. */
  readonly losses: readonly string[];
  /** What is covered in part by the captures behind it. */
  readonly partial: readonly string[];
}

/** @param maxRows that are held of a statement */
export function exportSubject(
  { kind, pinned, histogram, report, isCut }: Pick<Answer, 'kind' | 'pinned' | 'histogram' | 'report' | 'isCut'>,
  maxRows: number,
): ExportSubject {
  const names = report.columns.map(({ name }) => name);
  const isEntries = kind === 'entries';
  return {
    query: pinned,
    rowCount: isEntries ? histogram.entries : isCut ? maxRows : report.rowCount,
    isMore: isCut,
    range: report.range,
    // The page asks for the identities of entries as well.
    columns: isEntries ? names.filter((name) => name !== ENTRY_ID_COLUMN) : names,
    losses: textsOf(report, 'losses'),
    partial: textsOf(report, 'partial'),
  };
}

function textsOf({ notices }: Answer['report'], kind: Notice['kind']): readonly string[] {
  return notices.filter((notice) => notice.kind === kind).map(noticeText);
}
