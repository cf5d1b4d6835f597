/** Captures of the command line, of a second start and of the system, until a window takes them. */
export class HandedCaptures {
  readonly #onAdded: () => void;
  #paths: readonly string[] = [];

  /** @param onAdded tells the window that there are some */
  constructor(onAdded: () => void) {
    this.#onAdded = onAdded;
  }

  /** @param paths absolute */
  add(paths: readonly string[]): void {
    if (paths.length === 0) return;
    this.#paths = [...this.#paths, ...paths];
    this.#onAdded();
  }

  take(): readonly string[] {
    const paths = this.#paths;
    this.#paths = [];
    return paths;
  }
}
