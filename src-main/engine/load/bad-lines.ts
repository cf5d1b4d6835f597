import type { BadLine } from '../../contract/logstore';
import { writeBadLines } from '../../duckdb/bad-lines';
import type { Database } from '../../duckdb/database';
import type { BadRecord } from './entry-reader';

/** Bad lines that a report names; all of them are kept with the run. */
const NAMED_BAD_LINES = 20;
/** Characters of a bad line that are kept. */
const KEPT_CHARACTERS = 65_536;

/** What of a load is no log entry: kept with the run, counted in lines of the files, and the first of it named. */
export class BadLines {
  lines = 0;
  readonly first: BadLine[] = [];
  readonly #database: Database;
  readonly #run: number;

  constructor(database: Database, run: number) {
    this.#database = database;
    this.#run = run;
  }

  /** @throws AppError WORKSPACE_FULL and its like */
  async keep(file: string, records: readonly BadRecord[]): Promise<void> {
    const told = records
      .toSorted((a, b) => a.line - b.line)
      .map((record) => ({ ...badLineOf(file, record), content: contentOf(record) }));
    for (const { lines } of records) this.lines += lines;
    for (const { content: _, ...line } of told.slice(0, NAMED_BAD_LINES - this.first.length)) this.first.push(line);
    await writeBadLines(this.#database, this.#run, told);
  }
}

/** A piece of a file that has several lines is told with the first of them, and the last in its reason. */
export function badLineOf(file: string, { line, lines, fault }: BadRecord): BadLine {
  const reason = lines === 1 ? fault.message : `${fault.message}; it is lines ${line} to ${line + lines - 1}`;
  return { file, line, code: fault.code, reason, ...(lines === 1 ? {} : { lines }) };
}

function contentOf({ text }: BadRecord): string {
  return text.length > KEPT_CHARACTERS ? `${text.slice(0, KEPT_CHARACTERS)}…` : text;
}
