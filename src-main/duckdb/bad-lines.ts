import type { Calls } from '../contract/ipc';
import type { BadLine, LineFault } from '../contract/logstore';
import { numberIn, readRows, textIn } from './catalogue';
import type { Database } from './database';
import { STATEMENTS } from './statements';
import { TableAppender } from './table-appender';

/** Keeps what a load could not read, which may be all of a large file. @throws AppError WORKSPACE_FULL and its like */
export async function writeBadLines(
  database: Database,
  run: number,
  lines: readonly (BadLine & { readonly content: string })[],
): Promise<void> {
  if (lines.length === 0) return;
  const appender = await TableAppender.open(database, 'catalogue', 'bad_line');
  try {
    const { rows } = appender;
    for (const { file, line, code, reason, content } of lines) {
      rows.appendUInteger(run);
      rows.appendVarchar(file);
      rows.appendUBigInt(BigInt(line));
      for (const text of [code, reason, content]) rows.appendVarchar(text);
      appender.guard(() => rows.endRow());
    }
    appender.close();
  } catch (cause) {
    appender.abandon();
    throw cause;
  }
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
