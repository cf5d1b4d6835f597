import { Worker } from 'node:worker_threads';
import { AppError } from '../contract/errors';
import { GatewayEventBatch } from '../contract/gateway-event';
import { LogEntryBatch } from '../contract/log-entry';
import type { WindowSink } from '../window/window-aggregator';
import { unpackBatch } from './batch-slab';
import { cancelledImport } from './import-captures';
import { ImportLink, type ImportThreadData, type ImportThreadMessage } from './import-link';
import type { ImportControl, Importer, ImportTask, TaskResult } from './importer';
import { TURN_MS } from './turns';

const PROGRESS_INTERVAL_MS = 100;

/**
 * An importer with a thread of its own, so that the one that stores the entries stays free for other calls.
 *
 * @param entryPath of the built `import-worker-entry.js`
 */
export function importInWorker(entryPath: string): Importer {
  return (task, control, sink) => new ImportWorker(entryPath, task, control, sink).result;
}

/** What is stored in its order. */
type Packed = Extract<ImportThreadMessage, { readonly slab: ArrayBuffer }>;
type Waiting = Packed | { readonly kind: 'sealed'; readonly result: TaskResult };

class ImportWorker {
  readonly result: Promise<TaskResult>;
  readonly #link = new ImportLink();
  readonly #worker: Worker;
  readonly #control: ImportControl;
  readonly #sink: WindowSink;
  readonly #entries: LogEntryBatch;
  readonly #events = new GatewayEventBatch();
  readonly #waiting: Waiting[] = [];
  readonly #progressTimer: NodeJS.Timeout;
  #lastReport = 0;
  #isPumping = false;
  #outcome: TaskResult | null = null;
  #isOver = false;
  #resolve: (result: TaskResult) => void = () => undefined;
  #reject: (cause: unknown) => void = () => undefined;

  constructor(entryPath: string, task: ImportTask, control: ImportControl, sink: WindowSink) {
    this.#control = control;
    this.#sink = sink;
    this.#entries = new LogEntryBatch(task.gateway.extraBytes);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const workerData: ImportThreadData = { task, shared: this.#link.shared, isLive: control.live !== undefined };
    this.#worker = new Worker(entryPath, { workerData });
    this.#worker.on('message', (message: ImportThreadMessage) => this.#receive(message));
    this.#worker.on('error', (cause) => this.#fail(cause));
    this.#worker.on('exit', (code) => {
      if (this.#outcome === null) this.#fail(new AppError('INTERNAL', `the thread of the import ended (${code})`));
    });
    this.#progressTimer = setInterval(() => this.#reportProgress(), PROGRESS_INTERVAL_MS);
    if (control.signal.aborted) this.#onAbort();
    else control.signal.addEventListener('abort', this.#onAbort, { once: true });
    const ending = control.live?.ending;
    if (ending?.aborted === true) this.#onEnding();
    else ending?.addEventListener('abort', this.#onEnding, { once: true });
  }

  readonly #onAbort = (): void => this.#fail(cancelledImport());
  readonly #onEnding = (): void => this.#link.end();

  #receive(message: ImportThreadMessage): void {
    if (this.#isOver) return;
    switch (message.kind) {
      case 'entries':
      case 'events':
      case 'sealed':
        this.#waiting.push(message);
        this.#pumpSoon();
        return;
      case 'done':
        this.#outcome = message.result;
        this.#pumpSoon();
        return;
      case 'failed':
        this.#fail(AppError.fromShape(message.error));
    }
  }

  /** In a turn of its own: several messages come in one. */
  #pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    try {
      // One batch more may be begun in it.
      const endMs = performance.now() + TURN_MS;
      // Empty, too, once the import has failed or was cancelled by what is called here.
      for (let [packed] = this.#waiting; packed !== undefined; [packed] = this.#waiting) {
        this.#waiting.shift();
        if (packed.kind === 'sealed') {
          void this.#pauseFor(this.#seal(packed.result));
          return;
        }
        this.#store(packed);
        this.#link.release();
        if (performance.now() >= endMs) break;
      }
      const pause = this.#isOver ? null : (this.#control.onTurnEnd?.() ?? null);
      if (pause !== null) {
        void this.#pauseFor(pause);
        return;
      }
    } catch (cause) {
      this.#fail(cause);
    }
    this.#goOn();
  }

  async #seal(soFar: TaskResult): Promise<void> {
    const { live } = this.#control;
    await live?.onSealed(soFar);
    this.#link.sealMs = live?.sealMs() ?? 0;
  }

  #store({ kind, slab, length }: Packed): void {
    if (kind === 'entries') {
      unpackBatch(slab, length, this.#entries);
      this.#sink.entries(this.#entries);
    } else {
      unpackBatch(slab, length, this.#events);
      this.#sink.events(this.#events);
    }
  }

  #goOn(): void {
    if (this.#isOver) return;
    if (this.#waiting.length > 0) this.#pumpSoon();
    else if (this.#outcome !== null) this.#succeed(this.#outcome);
  }

  /** What comes meanwhile waits; its thread is held by the slabs that are not released. */
  async #pauseFor(pause: Promise<unknown>): Promise<void> {
    this.#isPumping = true;
    try {
      await pause;
    } catch (cause) {
      this.#fail(cause);
    }
    this.#isPumping = false;
    this.#goOn();
  }

  #reportProgress(): void {
    const report = this.#link.read(this.#lastReport);
    if (report === null) return;
    this.#lastReport = report.number;
    this.#control.onProgress(report.progress);
  }

  #succeed(result: TaskResult): void {
    this.#reportProgress();
    this.#end();
    this.#resolve(result);
  }

  /** At once, whatever the thread is at: it has no database, and what it still sends is not heard. */
  #fail(cause: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.#link.cancel();
    void this.#worker.terminate();
    this.#reject(cause);
  }

  #end(): void {
    this.#isOver = true;
    this.#waiting.length = 0;
    clearInterval(this.#progressTimer);
    this.#control.signal.removeEventListener('abort', this.#onAbort);
    this.#control.live?.ending.removeEventListener('abort', this.#onEnding);
  }
}
