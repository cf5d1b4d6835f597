import type { ErrorShape } from '../../../src-main/contract/errors';
import type { Announcer } from '../../services/announcer';
import type { Engine } from '../../services/engine-connection.svelte';
import { fileName } from '../../services/file-name';
import type { HostBridge } from '../../services/host-bridge';
import { t } from '../../services/messages/catalogue';
import type { ToastAction } from '../../services/toasts.svelte';

/** What is done once more when the capture was found. */
type GoOn = () => unknown;

/** Asks where a capture is now whose packets were asked for and that is not where it was, and goes on with what was asked. */
export class MovedCapture {
  /** The path of the one that is asked for by a dialog of the page; null while none is. A desktop has a dialog of its own. */
  asked = $state<string | null>(null);
  readonly #engine: Engine;
  readonly #bridge: HostBridge;
  readonly #announcer: Announcer;
  #goOn: GoOn = () => undefined;

  constructor(engine: Engine, bridge: HostBridge, announcer: Announcer) {
    this.#engine = engine;
    this.#bridge = bridge;
    this.#announcer = announcer;
  }

  /** Tells a failure, with the way out if it is about a capture that moved. */
  fail(error: ErrorShape, goOn: GoOn): void {
    this.#announcer.fail(error, this.wayOut(error, goOn) ?? undefined);
  }

  /** @returns null where the error is about something else */
  wayOut({ code, detail }: ErrorShape, goOn: GoOn): ToastAction | null {
    const { file, run } = detail;
    const isMoved = code === 'CAPTURE_NOT_FOUND' || code === 'CAPTURE_CHANGED';
    if (!isMoved || typeof file !== 'string' || typeof run !== 'number') return null;
    return { label: t.moved.find, run: () => void this.#ask(file, goOn) };
  }

  close(): void {
    this.asked = null;
  }

  /** Whoever imported several that moved may name all of them at once. */
  async found(paths: readonly string[]): Promise<void> {
    this.close();
    for (const path of paths) {
      const moved = await this.#engine.call('capture:move', { path }).outcome;
      if (!moved.ok) {
        this.#announcer.fail(moved.error, { label: t.moved.find, run: () => void this.#ask(path, this.#goOn) });
        return;
      }
      this.#announcer.tell('ok', t.moved.found(fileName(path)), t.moved.foundFacts);
    }
    if (paths.length > 0) this.#goOn();
  }

  async #ask(file: string, goOn: GoOn): Promise<void> {
    this.#goOn = goOn;
    if (this.#bridge.kind === 'browser') {
      this.asked = file;
      return;
    }
    const picked = await this.#bridge.call('capture:pick', {});
    if (picked.ok) await this.found(picked.value);
    else this.#announcer.fail(picked.error);
  }
}
