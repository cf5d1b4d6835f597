import type { HistogramReport } from '../../../src-main/contract/query';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import { splitQuery } from '../../../src-main/query/split-query';
import { cellNumber } from './cell-text';

/** Fields of session logs that are summed. */
export const SUMMED_FIELDS = ['bytes_from_vpc', 'bytes_from_pub'];

/** Bytes by bins of the histogram. */
export interface ByteSeries {
  readonly bins: readonly { readonly startSec: number; readonly fromVpc: number; readonly fromPub: number }[];
  readonly fromVpc: number;
  readonly fromPub: number;
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}

/** Seconds of which every bin is a whole multiple: its width, or less where a change of the clock makes a bin shorter. */
function stepOf({ bins, binSec }: HistogramReport): number {
  let step = binSec;
  bins.forEach(({ startSec }, index) => {
    const next = bins[index + 1];
    if (next !== undefined) step = greatestDivisor(step, next.startSec - startSec);
  });
  return step;
}

/** The search part of `text` with a statement that sums bytes by stretches of the histogram's bins. */
export function bytesStatement(text: string, histogram: HistogramReport): string {
  const search = splitQuery(text).search.trim();
  const start = histogram.bins[0]?.startSec ?? 0;
  const step = stepOf(histogram);
  return (
    `${search === '' ? '*' : search} | select __time__ - (__time__ - ${start}) % ${step} as bin_start, ` +
    'sum(bytes_from_vpc) as from_vpc, sum(bytes_from_pub) as from_pub from log group by bin_start order by bin_start'
  );
}

/** Puts the rows of `bytesStatement` into the bins of the histogram. */
export function byteSeries({ bins }: HistogramReport, batches: readonly ResultBatch[]): ByteSeries {
  const sums = bins.map(({ startSec }) => ({ startSec, fromVpc: 0, fromPub: 0 }));
  const total = { fromVpc: 0, fromPub: 0 };
  let at = 0;
  for (const { rowCount, columns } of batches) {
    const [starts, fromVpc, fromPub] = columns;
    if (starts === undefined || fromVpc === undefined || fromPub === undefined) continue;
    for (let row = 0; row < rowCount; row++) {
      const startSec = cellNumber(starts, row) ?? 0;
      while (at + 1 < sums.length && sums[at + 1]!.startSec <= startSec) at++;
      const bin = sums[at];
      if (bin === undefined) continue;
      bin.fromVpc += cellNumber(fromVpc, row) ?? 0;
      bin.fromPub += cellNumber(fromPub, row) ?? 0;
      total.fromVpc += cellNumber(fromVpc, row) ?? 0;
      total.fromPub += cellNumber(fromPub, row) ?? 0;
    }
  }
  return { bins: sums, ...total };
}
