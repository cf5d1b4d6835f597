import { commitWith, createAtomicFile, type AtomicFile, type AtomicOutput } from '../engine/output/atomic-file';
import { metaPath } from '../engine/output/export-meta';
import type { QueryReport } from '../contract/query';
import { counted } from './number-text';
import { refusedOutput } from './refused-output';
import { rangeText } from './time-range-text';

/** Where the answer of a query goes. */
export interface QueryOutputs<Rows extends AtomicOutput = AtomicFile> {
  readonly rows: Rows;
  /** What describes them; null for a table, which is for people. */
  readonly meta: AtomicFile | null;
}

/** @throws AppError OUTPUT_UNWRITABLE */
export async function openOutputs<Rows extends AtomicOutput>(
  path: string,
  create: (path: string, refuse: ReturnType<typeof refusedOutput>) => Promise<Rows>,
  hasMeta: boolean,
): Promise<QueryOutputs<Rows>> {
  const rows = await create(path, refusedOutput(path));
  if (!hasMeta) return { rows, meta: null };
  try {
    return { rows, meta: await createAtomicFile(metaPath(path), refusedOutput(metaPath(path))) };
  } catch (cause) {
    await rows.discard();
    throw cause;
  }
}

export async function commitOutputs({ rows, meta }: QueryOutputs<AtomicOutput>): Promise<void> {
  await (meta === null ? rows.commit() : commitWith(rows, meta));
}

export async function discardOutputs({ rows, meta }: QueryOutputs<AtomicOutput>): Promise<void> {
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
