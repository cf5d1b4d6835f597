import { closeSync, copyFileSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import {
  readSettings,
  type Settings,
  type SettingsChange,
  type SettingsFault,
  type SettingsReport,
} from '../contract/settings';

type Written = Readonly<Record<string, unknown>>;

/**
 * The settings of a profile, as one JSON file that people may edit, with the state before the last change beside it as
 * `settings.backup.json`. Writing replaces it whole. One that cannot be read is kept aside, and its backup is used; of one with
 * values that do not fit, all others hold.
 */
export class SettingsFile {
  readonly #path: string;
  readonly #nowMs: () => number;
  /** All that was in the file: another version of the app may know more settings. */
  #written: Written = {};
  #fault: SettingsFault | null = null;

  /**
   * Reads it. Without a file, all is as it is by default.
   *
   * @param path absolute, ending in `.json`
   * @param nowMs milliseconds since 1970, which tell damaged files apart
   */
  constructor(path: string, nowMs: () => number = Date.now) {
    this.#path = path;
    this.#nowMs = nowMs;
    try {
      this.#written = readWritten(path);
      const { wrong } = readSettings(this.#written);
      if (wrong.length > 0) this.#fault = { kind: 'unknown', names: wrong };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') this.#recover();
    }
  }

  get report(): SettingsReport {
    return { settings: this.settings, path: this.#path, fault: this.#fault };
  }

  get settings(): Settings {
    return readSettings(this.#written).settings;
  }

  /** It holds in any case, beside what was written into the file meanwhile; where it cannot be kept, the report says so. */
  change(change: SettingsChange): void {
    this.#readAgain();
    this.#written = { ...this.#written, ...this.settings, ...change };
    try {
      this.#write();
      this.#fault = null;
    } catch (cause) {
      this.#fault = { kind: 'unwritable', why: (cause as NodeJS.ErrnoException).code ?? 'unknown' };
    }
  }

  /** Somebody may have edited the file. What could not be kept in it is newer than it. */
  #readAgain(): void {
    if (this.#fault?.kind === 'unwritable') return;
    try {
      this.#written = readWritten(this.#path);
    } catch (cause) {
      // A slip of the pen is not written over.
      if (cause instanceof SyntaxError) this.#keepAside();
    }
  }

  get #backupPath(): string {
    return this.#path.replace(/\.json$/u, '.backup.json');
  }

  #write(): void {
    this.#keepBackup();
    replaceWhole(this.#path, `${JSON.stringify(this.#written, null, 2)}\n`);
  }

  /** A file that cannot be read, or that is none, is no backup. */
  #keepBackup(): void {
    try {
      readWritten(this.#path);
    } catch {
      return;
    }
    copyFileSync(this.#path, `${this.#backupPath}.part`);
    renameSync(`${this.#backupPath}.part`, this.#backupPath);
  }

  /** @returns where a damaged file is now; null where it cannot be kept */
  #keepAside(): string | null {
    const aside = this.#path.replace(/\.json$/u, `.damaged-${this.#nowMs()}.json`);
    try {
      renameSync(this.#path, aside);
      return aside;
    } catch {
      return null;
    }
  }

  #recover(): void {
    const keptAs = this.#keepAside();
    try {
      this.#written = readWritten(this.#backupPath);
      this.#fault = { kind: 'damaged', keptAs, used: 'backup' };
    } catch {
      this.#fault = { kind: 'damaged', keptAs, used: 'defaults' };
    }
  }
}

/** @throws what the system says, or an Error when it is no file of settings */
function readWritten(path: string): Written {
  // Some editors begin a file with the mark of its encoding.
  const written: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/u, ''));
  if (typeof written !== 'object' || written === null || Array.isArray(written)) throw new Error('not an object');
  return written as Written;
}

/** On the disk before it takes the place of what was there. */
function replaceWhole(path: string, text: string): void {
  const file = openSync(`${path}.part`, 'w');
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.part`, path);
}
