import type { ResultBatch } from '../contract/result-batch';
import type { RowWriter } from '../engine/output/row-writer';
import type { Context } from './context';

/**
 * Writes the rows of a call as they come.
 *
 * @param shown what becomes of a batch on the way
 * @param run makes the call, and gives its batches away
 * @returns what the call says in the end, after all is written
 */
export async function writeStreamed<Report>(
  writer: RowWriter,
  out: Context['out'],
  shown: (batch: ResultBatch) => ResultBatch,
  run: (onBatch: (batch: ResultBatch) => Promise<void>) => Promise<Report>,
): Promise<Report> {
  let columns: ResultBatch['columns'] = [];
  const report = await run(async (batch) => {
    const rows = shown(batch);
    ({ columns } = rows);
    await writer.rows(rows);
  });
  await writer.end(columns);
  await out.flush();
  return report;
}
