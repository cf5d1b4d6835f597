import type { LineFault } from '../contract/logstore';

/** What a value was written as; every value is kept as its text. */
export type ValueKind = 'text' | 'number' | 'boolean' | 'json';

/** A field of a log entry that was read from a file. */
export interface EntryField {
  readonly name: string;
  readonly kind: ValueKind;
  /** Of JSON, as it stands in the file. */
  readonly text: string;
}

/** Why a piece of a file is no log entry. */
export class LineError extends Error {
  override readonly name = 'LineError';
  readonly code: LineFault;

  constructor(code: LineFault, reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.code = code;
  }
}
