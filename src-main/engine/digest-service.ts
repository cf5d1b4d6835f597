import { createHash } from 'node:crypto';
import { fstatSync, read as readFile } from 'node:fs';
import { promisify } from 'node:util';
import { AppError, toErrorShape } from '../contract/errors';
import type { CaptureDigest, DigestProgress } from '../contract/imports';
import { readDigests, writeDigest } from '../duckdb/capture-digests';
import type { Database } from '../duckdb/database';
import type { RunCapture } from '../duckdb/import-runs';
import { listCaptures } from '../duckdb/run-reads';
import { readRunOrigin } from '../duckdb/run-origin';
import type { CallContext } from './engine-calls';
import { attemptLater, type OpenedFile } from './file-source';
import { openUnchanged, refuseChanged, refusePipe, wasPipe, type StoredOptions } from './run-captures';

/** Some 2 ms of hashing, after which other calls have their turn; reading itself does not hold them. */
const READ_BYTES = 1 << 20;
const PROGRESS_INTERVAL_MS = 100;

const readLater = promisify(readFile);

/**
 * Computes the digest of each capture of a run that has none yet, and keeps it. That a capture is gone, or is another one
 * now, is told in its place and holds up no other.
 *
 * @throws AppError RUN_NOT_FOUND, QUERY_CANCELLED, WORKSPACE_*
 */
export async function computeDigests(
  database: Database,
  run: number,
  { signal, emit }: Pick<CallContext<'digest:run'>, 'signal' | 'emit'>,
): Promise<{ readonly digests: readonly CaptureDigest[] }> {
  const { options: optionsText } = await readRunOrigin(database, run);
  // As `beginRun` wrote them.
  const options = JSON.parse(optionsText) as StoredOptions;
  const [captures, known] = await Promise.all([listCaptures(database, run), readDigests(database, run)]);
  const report = progressOf(
    captures.filter((_, place) => known[place] == null),
    (progress) => emit('digest:progress', progress),
  );
  const digests: CaptureDigest[] = [];
  for (const [place, capture] of captures.entries()) {
    try {
      const sha256 = known[place] ?? (await digestOf(capture, { run, options, signal, report }));
      if (known[place] == null) await writeDigest(database, run, place, sha256);
      digests.push({ sha256, error: null });
    } catch (cause) {
      if (!(cause instanceof AppError) || !cause.code.startsWith('CAPTURE_')) throw cause;
      digests.push({ sha256: null, error: toErrorShape(cause) });
    }
  }
  return { digests };
}

interface Digesting {
  readonly run: number;
  readonly options: StoredOptions;
  readonly signal: AbortSignal;
  /** Told the octets of each read. */
  readonly report: (bytes: number) => void;
}

/** @returns SHA-256 of what the import read, hexadecimal */
async function digestOf(capture: RunCapture, { run, options, signal, report }: Digesting): Promise<string> {
  signal.throwIfAborted();
  if (wasPipe(capture, options)) refusePipe(capture, run);
  const file = openUnchanged(capture, run);
  try {
    const hash = createHash('sha256');
    const octets = new Uint8Array(READ_BYTES);
    let readBytes = 0;
    for (;;) {
      const { bytesRead } = await attemptLater(file.name, () =>
        readLater(file.descriptor, octets, 0, octets.length, null),
      );
      signal.throwIfAborted();
      if (bytesRead === 0) break;
      hash.update(octets.subarray(0, bytesRead));
      readBytes += bytesRead;
      report(bytesRead);
    }
    if (readBytes !== capture.sizeBytes || wasWritten(file)) refuseChanged(capture, run);
    return hash.digest('hex');
  } finally {
    file.close();
  }
}

/** Whether somebody wrote to it since it was opened, so that what was read is nothing that there ever was. */
function wasWritten({ descriptor, modifiedMs }: OpenedFile): boolean {
  return fstatSync(descriptor).mtimeMs !== modifiedMs;
}

function progressOf(captures: readonly RunCapture[], emit: (progress: DigestProgress) => void): Digesting['report'] {
  const totalBytes = captures.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let readBytes = 0;
  let nextMs = performance.now() + PROGRESS_INTERVAL_MS;
  return (bytes) => {
    readBytes += bytes;
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + PROGRESS_INTERVAL_MS;
    emit({ readBytes, totalBytes });
  };
}
