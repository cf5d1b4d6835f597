import type { Calls } from '../contract/ipc';
import type { BadLine, LineFault } from '../contract/logstore';
import { numberIn, readRows, textIn } from './catalogue';
import type { Database } from './database';
import { STATEMENTS } from './statements';

/** Keeps what a load could not read. */
export async function writeBadLines(
  database: Database,
  run: number,
  lines: readonly (BadLine & { readonly content: string })[],
): Promise<void> {
  if (lines.length === 0) return;
  await database.transaction(async (connection) => {
    for (const { file, line, code, reason, content } of lines) {
      await connection.run(STATEMENTS.insertBadLine, [run, file, line, code, reason, content]);
    }
  });
}

/** @returns what the load `run` could not read, by file and line; nothing for a run that read all, or is not there */
export async function readBadLines(
  database: Database,
  run: number,
  offset: number,
  limit: number,
): Promise<Calls['load:bad-lines']['reply']> {
  return database.withConnection(async (connection) => {
    const [count] = await readRows(connection, STATEMENTS.countBadLines, [run]);
    const rows = await readRows(connection, STATEMENTS.listBadLines, [run, offset, limit]);
    return {
      total: count === undefined ? 0 : numberIn(count, 'lines'),
      lines: rows.map((row) => ({
        file: textIn(row, 'file'),
        line: numberIn(row, 'line_no'),
        // As `writeBadLines` wrote it.
        code: textIn(row, 'code') as LineFault,
        reason: textIn(row, 'reason'),
        content: textIn(row, 'content'),
      })),
    };
  });
}
