import { AppError } from '../contract/errors';
import { STANDARD_INPUT } from '../contract/imports';
import type { Database } from '../duckdb/database';
import type { RunCapture } from '../duckdb/import-runs';
import { capturesByRun } from '../duckdb/run-reads';
import { STATEMENTS } from '../duckdb/statements';
import { digestAt } from './capture-survey';
import { openFileSource, SAMPLE_BYTES } from './file-source';
import { openUnchanged } from './run-captures';

/**
 * Finds captures of imports by what a file has, and reads them there from now on. Those that are still where they were stay
 * there.
 *
 * @param path of a file, absolute
 * @returns where the captures were that are there now
 * @throws AppError CAPTURE_NOT_FOUND and its like; CAPTURE_CHANGED when no import read what the file has
 */
export async function moveCaptures(database: Database, path: string): Promise<{ readonly from: readonly string[] }> {
  const identity = identityOf(path);
  const same = [...(await capturesByRun(database))].flatMap(([run, captures]) =>
    captures.filter((capture) => isOf(capture, identity)).map((capture) => ({ run, capture })),
  );
  if (same.length === 0) {
    const message = `${path} is none of the captures that imports read: size and content are those of none`;
    throw new AppError('CAPTURE_CHANGED', message, { file: path, isKnown: false });
  }
  const gone = same.filter(({ run, capture }) => capture.path !== path && !isThere(capture, run));
  const from = [...new Set(gone.map(({ capture }) => capture.path))];
  if (from.length === 0) return { from };
  const { sizeBytes, headDigest, tailDigest } = identity;
  await database.transaction(async (connection) => {
    for (const old of from) {
      await connection.run(STATEMENTS.moveCapture, [sizeBytes, headDigest, tailDigest, old, path]);
    }
  });
  return { from };
}

type Identity = Pick<RunCapture, 'sizeBytes' | 'headDigest' | 'tailDigest'>;

function identityOf(path: string): Identity {
  const file = openFileSource(path);
  try {
    const { sizeBytes } = file;
    const tailDigest = digestAt(file, Math.max(0, sizeBytes - SAMPLE_BYTES));
    return { sizeBytes, headDigest: digestAt(file, 0), tailDigest };
  } finally {
    file.close();
  }
}

function isOf({ path, ...capture }: RunCapture, { sizeBytes, headDigest, tailDigest }: Identity): boolean {
  const isSame =
    capture.sizeBytes === sizeBytes && capture.headDigest === headDigest && capture.tailDigest === tailDigest;
  return isSame && path !== STANDARD_INPUT;
}

function isThere(capture: RunCapture, run: number): boolean {
  try {
    openUnchanged(capture, run).close();
    return true;
  } catch {
    return false;
  }
}
