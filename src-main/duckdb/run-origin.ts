import { AppError } from '../contract/errors';
import { numberIn, readRows, textIn } from './catalogue';
import type { Database } from './database';
import { STATEMENTS } from './statements';

/** Where a run put its entries, and what it was made with, as JSON. */
export interface RunOrigin {
  readonly logstoreId: number;
  readonly options: string;
  readonly gateway: string;
}

/** @throws AppError RUN_NOT_FOUND when there is no committed run of that number */
export async function readRunOrigin(database: Database, run: number): Promise<RunOrigin> {
  const [row] = await database.withConnection((connection) => readRows(connection, STATEMENTS.readRunOrigin, [run]));
  if (row === undefined) throw runNotFound(run);
  return { logstoreId: numberIn(row, 'logstore_id'), options: textIn(row, 'options'), gateway: textIn(row, 'gateway') };
}

/** @returns what an import, or a load, was asked for, as JSON. @throws AppError RUN_NOT_FOUND as `readRunOrigin` */
export async function readRunOptions(database: Database, run: number): Promise<string> {
  const [row] = await database.withConnection((connection) => readRows(connection, STATEMENTS.readRunOptions, [run]));
  if (row === undefined) throw runNotFound(run);
  return textIn(row, 'options');
}

export function runNotFound(run: number): AppError {
  const message = `there is no import ${run} in this workspace: it was deleted, or has not been finished`;
  return new AppError('RUN_NOT_FOUND', message, { run });
}
