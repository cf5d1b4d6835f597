import type { PowerSaveBlocker } from 'electron';

/** Keeps the computer from going to sleep by itself while any window has work under way; its screen may go dark. */
export class WakeKeeper {
  readonly #blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>;
  readonly #holders = new Set<object>();
  #block: number | null = null;

  constructor(blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>) {
    this.#blocker = blocker;
  }

  /** @param holder who works, until it is released, however often it says so */
  hold(holder: object): void {
    this.#holders.add(holder);
    this.#block ??= this.#blocker.start('prevent-app-suspension');
  }

  release(holder: object): void {
    this.#holders.delete(holder);
    if (this.#block === null || this.#holders.size > 0) return;
    this.#blocker.stop(this.#block);
    this.#block = null;
  }
}
