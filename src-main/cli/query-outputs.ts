import { rm } from 'node:fs/promises';
import {
  commitWith,
  createAtomicFile,
  type AtomicFile,
  type AtomicOutput,
  type Output,
} from '../engine/output/atomic-file';
import { metaPath } from '../engine/output/export-meta';
import { StreamedOutput } from '../engine/output/streamed-output';
import type { StreamedFormat } from '../contract/export';
import type { QueryReport } from '../contract/query';
import { openOutput, type CommandPlace } from './command-output';
import type { Context } from './context';
import { counted } from './number-text';
import { refusedOutput } from './refused-output';
import type { RowFormat } from './row-writers';
import { rangeText } from './time-range-text';

/** Where the answer of a query goes. */
export interface QueryOutputs<Rows extends Output = Output> {
  readonly rows: Rows;
  /** What describes them; null for a table, which is for people, and for what is no file. */
  readonly meta: AtomicFile | null;
}

/**
 * The description stands beside where the rows really are, behind links.
 *
 * @throws AppError OUTPUT_UNWRITABLE
 */
export async function describedOutputs<Rows extends AtomicOutput>(rows: Rows): Promise<QueryOutputs<Rows>> {
  const path = metaPath(rows.target);
  try {
    return { rows, meta: await createAtomicFile(path, refusedOutput(path)) };
  } catch (cause) {
    await rows.discard();
    throw cause;
  }
}

/** Rows that are written one after the other. */
export type OpenOutputs = QueryOutputs<Awaited<ReturnType<typeof openOutput>>>;

/** A table has no description, and neither has what is no file. @throws AppError OUTPUT_UNWRITABLE */
export async function openOutputs(
  context: Context,
  place: CommandPlace,
  format: RowFormat | StreamedFormat,
): Promise<OpenOutputs> {
  const rows = await openOutput(context, place);
  return rows instanceof StreamedOutput || format === 'table' ? { rows, meta: null } : describedOutputs(rows);
}

export async function commitOutputs({ rows, meta }: QueryOutputs): Promise<void> {
  if (meta !== null) await commitWith(rows, meta);
  else await rows.commit();
  if (rows.target !== null) await clearStale(rows.path, rows.target, meta !== null);
}

/** What described an older answer by the same name must not stand beside this one: of a link, or of a table. */
async function clearStale(path: string, target: string, isDescribed: boolean): Promise<void> {
  const stale = [...(path === target ? [] : [metaPath(path)]), ...(isDescribed ? [] : [metaPath(target)])];
  for (const each of stale) await rm(each, { force: true }).catch(() => undefined);
}

export async function discardOutputs({ rows, meta }: QueryOutputs): Promise<void> {
  await rows.discard();
  await meta?.discard();
}

/** What is told of an answer. */
export type Answer = Pick<QueryReport, 'rowCount' | 'range' | 'notices'>;

export function summaryText({ rowCount, range, notices }: Answer, zone: string, outPath: string | null): string {
  const rows = counted(rowCount, 'row');
  const facts = [
    outPath === null ? rows : `${rows} in ${outPath}`,
    range === null ? 'the log has no entries' : rangeText(range, zone),
  ];
  const lines = [facts.join(' · '), ...notices.map(({ text }) => text)];
  return `${lines.join('\n')}\n`;
}
