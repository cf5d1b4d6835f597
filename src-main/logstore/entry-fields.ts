import type { LineFault } from '../contract/logstore';

/** What a value was written as; every value is kept as its text. */
export const VALUE_KIND = { text: 0, number: 1, boolean: 2, json: 3 } as const;
export type ValueKind = (typeof VALUE_KIND)[keyof typeof VALUE_KIND];

/** Why a piece of a file is no log entry. */
export class LineError extends Error {
  override readonly name = 'LineError';
  readonly code: LineFault;

  constructor(code: LineFault, reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.code = code;
  }
}
