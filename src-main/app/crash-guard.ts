/** Reasons of Electron with which a process ends that is not ill. */
const HARMLESS = ['clean-exit'];

export interface CrashResponse {
  readonly report: (line: string) => void;
  readonly reload: () => void;
  /** Ends the app as failed, or, among other windows, the window alone: what runs in the others goes on. @returns which */
  readonly giveUp: () => 'app' | 'window';
}

/**
 * What happens when a process of the window crashes: it is told, and the page is loaded again, once. A page that
 * crashes again would do so for ever, which is worse than an app that says that it cannot go on.
 */
export class CrashGuard {
  readonly #response: CrashResponse;
  #hasReloaded = false;

  constructor(response: CrashResponse) {
    this.#response = response;
  }

  /**
   * @param what crashed: `renderer`, `GPU`
   * @param reason Electron's word for it
   */
  ended(what: string, reason: string, exitCode: number): void {
    if (HARMLESS.includes(reason)) return;
    this.#response.report(`natscope: the ${what} process ended (${reason}, exit code ${exitCode})`);
    if (this.#hasReloaded) {
      const ended = this.#response.giveUp();
      this.#response.report(`natscope: it is the second time, so the ${ended} ends: what was imported is kept`);
      return;
    }
    this.#hasReloaded = true;
    this.#response.reload();
  }
}
