import type { Complaint } from '../../contract/attribution';
import { blocksOf, linesOf, type TableBlock } from './complaint-blocks';
import { incidentsOf, type ComplaintReader } from './complaint-incidents';
import { isRule, rowComplaint } from './complaint-table';

/**
 * Finds the complaints in a text: tables with a head that names their columns, as CSV files are, and else lines of logs and of
 * mails, or neighbouring lines of names and values, as reports of abuse (X-ARF, ACNS and their like) have them, also as JSON
 * or XML. Several endpoints of a line, or several records, are a complaint each. What has no address is none.
 *
 * A step is short, and takes a time in proportion to what it reads.
 *
 * @returns complaints, or null where a stretch of the text has been read
 */
export function* readComplaints(text: string, reader: ComplaintReader): Generator<Complaint | null> {
  const lines = linesOf(text);
  for (const block of blocksOf(lines)) {
    yield null;
    if (block.kind === 'lines') yield* incidentsOf(block.lines, reader);
    else yield* rowsOf(lines, block, reader);
  }
}

function* rowsOf(
  lines: readonly string[],
  { head, start, end }: TableBlock,
  reader: ComplaintReader,
): Generator<Complaint> {
  for (let index = start; index < end; index++) {
    const line = lines[index] ?? '';
    if (line.trim() !== '' && !isRule(line)) yield rowComplaint(index + 1, line, head, reader);
  }
}
