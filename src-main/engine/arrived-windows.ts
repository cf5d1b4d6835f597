import type { ArrivedWindow } from '../contract/imports';
import type { LogGroup } from '../delivery/log-groups';

/** Tells, of an import under way, of which windows more entries have come since it was asked last. */
export class ArrivedWindows {
  readonly #windowSec: number;
  /** Entries by the end of their window, as they were told. */
  readonly #told = new Map<number, number>();

  constructor(windowSec: number) {
    this.#windowSec = windowSec;
  }

  /** @returns windows in order of their first entry, each with all that has come of it */
  take(groups: readonly LogGroup[]): readonly ArrivedWindow[] {
    const come = new Map<number, number>();
    for (const { sealedSec, entries } of groups) come.set(sealedSec, (come.get(sealedSec) ?? 0) + entries);
    const more = [...come].filter(([sealedSec, entries]) => this.#told.get(sealedSec) !== entries);
    for (const [sealedSec, entries] of more) this.#told.set(sealedSec, entries);
    return more.map(([sealedSec, entries]) => ({ startSec: sealedSec - this.#windowSec, entries }));
  }
}
