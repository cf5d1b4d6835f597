import { createHash } from 'node:crypto';
import { read as readFile } from 'node:fs';
import { promisify } from 'node:util';
import type { Notice } from '../contract/result-batch';
import { readDigests } from '../duckdb/capture-digests';
import type { Database } from '../duckdb/database';
import type { RunCapture } from '../duckdb/import-runs';
import { refuseCancelled } from './export-service';
import { attemptLater, SAMPLE_BYTES, type OpenedFile } from './file-source';
import { refuseChanged } from './run-captures';

/** Some 2 ms of hashing, after which other calls have their turn. */
const READ_BYTES = 1 << 20;
const readLater = promisify(readFile);

/** Files that were found to be what imports read, by place, size, time and digest: each is hashed once. */
const known = new WeakMap<Database, Set<string>>();

/** Which capture of an import is meant. */
export interface CapturePlace {
  readonly run: number;
  /** In the order in which they were given. */
  readonly place: number;
}

/**
 * Looks whether captures that have another time than at their import, and the same size, beginning and end, are what the
 * import read: by the digest of all of it, where there is one. Where there is none, a notice says what was not compared.
 */
export class CaptureCheck {
  readonly #database: Database;
  readonly #signal: AbortSignal;
  readonly #checks = new Map<string, Promise<void>>();
  readonly #notices = new Map<string, Notice>();

  constructor(database: Database, signal: AbortSignal) {
    this.#database = database;
    this.#signal = signal;
  }

  /** Each file once. */
  get notices(): readonly Notice[] {
    return [...this.#notices.values()];
  }

  /**
   * @param file opened by `openUnchanged`
   * @returns null when there is nothing to be looked at; rejects with AppError CAPTURE_CHANGED, CAPTURE_UNREADABLE,
   * QUERY_CANCELLED, RUN_*, WORKSPACE_*
   */
  check(file: OpenedFile, capture: RunCapture, { run, place }: CapturePlace): Promise<void> | null {
    const isCompared = capture.sizeBytes <= 2 * SAMPLE_BYTES || Math.floor(file.modifiedMs) === capture.mtimeMs;
    if (isCompared) return null;
    const key = `${run} ${place}`;
    const checking = this.#checks.get(key) ?? this.#compare(file, capture, { run, place });
    this.#checks.set(key, checking);
    return checking;
  }

  async #compare(file: OpenedFile, capture: RunCapture, { run, place }: CapturePlace): Promise<void> {
    const sha256 = (await readDigests(this.#database, run))[place] ?? null;
    if (sha256 === null) {
      const text =
        `${capture.path} was modified since import ${run}, by its time. Its size and its first and last MiB are what they were; ` +
        'what is between was not compared, as no digest of all of it was computed.';
      this.#notices.set(capture.path, { kind: 'info', text });
      return;
    }
    const same = known.get(this.#database) ?? new Set<string>();
    known.set(this.#database, same);
    const key = JSON.stringify([capture.path, file.sizeBytes, file.modifiedMs, sha256]);
    if (same.has(key)) return;
    if ((await this.#digestOf(file)) !== sha256) refuseChanged(capture, run);
    same.add(key);
  }

  /** Wherever others read it. */
  async #digestOf(file: OpenedFile): Promise<string> {
    const hash = createHash('sha256');
    const octets = new Uint8Array(READ_BYTES);
    for (let offset = 0; ;) {
      const { bytesRead } = await attemptLater(file.name, () =>
        readLater(file.descriptor, octets, 0, octets.length, offset),
      );
      refuseCancelled(this.#signal);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(octets.subarray(0, bytesRead));
      offset += bytesRead;
    }
  }
}
