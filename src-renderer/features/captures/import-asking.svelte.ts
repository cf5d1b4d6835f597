import type { Engine } from '../../services/engine-connection.svelte';
import type { HostBridge } from '../../services/host-bridge';
import { keepItem } from '../../services/settings-store';
import { AskedImport } from './asked-import.svelte';
import { DEFAULT_GATEWAY, DEFAULT_PLAN, type ImportPlan } from './import-plan';
import type { CaptureSource } from './source-job.svelte';

const GATEWAY_KEY = 'natscope.gateway';
/** Captures whose beginnings are described. */
export const MAX_GLANCES = 20;

interface AskingListeners {
  /** Captures that are to be imported, with their paths at the engine where they are there already. */
  readonly onChosen: (sources: readonly CaptureSource[], plan: ImportPlan, paths: readonly string[]) => void;
}

/** Asks before an import through which gateway it is to go, and where to, and shows what that would translate. */
export class ImportAsking {
  /** The one that is asked about; others wait for it. */
  readonly current = $derived.by(() => this.#asked[0] ?? null);
  #asked = $state.raw<readonly AskedImport[]>([]);
  readonly #engine: Engine;
  readonly #bridge: HostBridge;
  readonly #listeners: AskingListeners;
  readonly #storage: Storage | null;
  #lastId = 0;

  /** @param storage of this address and port alone: a gateway's networks are nothing for others */
  constructor(engine: Engine, bridge: HostBridge, storage: Storage | null, listeners: AskingListeners) {
    this.#engine = engine;
    this.#bridge = bridge;
    this.#storage = storage;
    this.#listeners = listeners;
  }

  /** Several captures are one import. What cannot be read at all is not asked about: its import says why. */
  async add(sources: readonly CaptureSource[]): Promise<void> {
    const asked = new AskedImport(++this.#lastId, sources);
    asked.form.restore(this.#storage?.getItem(GATEWAY_KEY) ?? null);
    const isGiven = this.#bridge.kind === 'desktop' || sources.every((source) => typeof source === 'string');
    if (!isGiven) this.#show(asked);
    const copied = await asked.copy({ engine: this.#engine, bridge: this.#bridge });
    asked.stop = () => undefined;
    if (!copied.ok) {
      // Tried once more by the import, which says why it cannot be; unless somebody has left.
      if (this.#remove(asked) || isGiven) this.#listeners.onChosen(asked.sources, DEFAULT_PLAN, []);
      return;
    }
    if (!isGiven && !this.#asked.includes(asked)) {
      this.#discard(asked);
      return;
    }
    asked.isCopying = false;
    const captures = asked.paths.slice(0, MAX_GLANCES);
    const reading = this.#engine.call('session-log:list', {}).outcome;
    const glancing = await this.#engine.call('capture:info', { captures }).outcome;
    if (glancing.ok && glancing.value.captures.length === 0) {
      this.#remove(asked);
      this.#listeners.onChosen(asked.sources, DEFAULT_PLAN, asked.paths);
      return;
    }
    if (glancing.ok) asked.glances = glancing.value.captures;
    const logs = await reading;
    asked.offer(logs.ok ? logs.value.sessionLogs : []);
    if (isGiven) this.#show(asked);
    if (!this.#asked.includes(asked)) return;
    void this.#readTargets(asked);
    void this.preview(asked);
    void this.#lookThrough(asked);
  }

  /** Looks again at what the gateway that is written would translate. */
  async preview(asked: AskedImport): Promise<void> {
    const generation = ++asked.previews;
    asked.stop();
    asked.error = null;
    const { choice } = asked.form;
    asked.isPreviewing = choice !== null && !asked.isCopying;
    if (choice === null || asked.isCopying) return;
    const looking = this.#engine.call('import:preview', { captures: asked.paths, layer: 'auto', ...choice });
    asked.stop = () => looking.cancel();
    const outcome = await looking.outcome;
    if (generation !== asked.previews) return;
    asked.stop = () => undefined;
    asked.isPreviewing = false;
    if (outcome.ok) asked.preview = outcome.value;
    else asked.error = outcome.error;
  }

  /** Reads a capture to its end, to say all that it is. */
  async read(asked: AskedImport, path: string): Promise<void> {
    const known = asked.readings.get(path);
    if (known !== undefined && known.outcome?.ok !== false) return;
    const reading = this.#engine.call('capture:read', { path });
    const stop = (): void => reading.cancel();
    asked.readings = new Map([...asked.readings, [path, { outcome: null, stop }]]);
    const outcome = await reading.outcome;
    asked.readings = new Map([...asked.readings, [path, { outcome, stop: () => undefined }]]);
  }

  /** Imports as it is written. @returns whether it can be */
  start(asked: AskedImport): boolean {
    const { plan } = asked;
    if (plan === null) return false;
    keepItem(this.#storage, GATEWAY_KEY, asked.form.save());
    asked.stopAll();
    this.#remove(asked);
    this.#listeners.onChosen(asked.sources, plan, asked.paths);
    return true;
  }

  /** Nothing of it is imported, and no copy of it stays. */
  leave(asked: AskedImport): void {
    asked.stopAll();
    this.#remove(asked);
    if (!asked.isCopying) this.#discard(asked);
  }

  #show(asked: AskedImport): void {
    this.#asked = [...this.#asked, asked];
  }

  /** @returns whether it was there */
  #remove(asked: AskedImport): boolean {
    const before = this.#asked.length;
    this.#asked = this.#asked.filter((other) => other !== asked);
    return this.#asked.length < before;
  }

  /** Of what was copied. */
  #discard({ copyBytes, paths, sources }: AskedImport): void {
    const copies = paths.filter((_, index) => typeof sources[index] !== 'string');
    if (copyBytes > 0 && copies.length > 0) void this.#engine.call('upload:discard', { captures: copies });
  }

  async #readTargets(asked: AskedImport): Promise<void> {
    const [projects, logstores] = await Promise.all([
      this.#engine.call('project:list', {}).outcome,
      this.#engine.call('logstore:list', { project: null }).outcome,
    ]);
    if (projects.ok) asked.projects = projects.value.projects;
    if (logstores.ok) asked.logstores = logstores.value.logstores;
  }

  /** What each of several gateways would translate, one after the other. */
  async #lookThrough(asked: AskedImport): Promise<void> {
    if (asked.sessionLogs.length < 2) return;
    for (const { gateway: sessionLog } of asked.sessionLogs) {
      if (!this.#asked.includes(asked)) return;
      const request = { captures: asked.paths, layer: 'auto', ...DEFAULT_GATEWAY, sessionLog } as const;
      const looking = this.#engine.call('import:preview', request);
      asked.stopThrough = () => looking.cancel();
      const outcome = await looking.outcome;
      asked.through = new Map([...asked.through, [sessionLog, outcome]]);
    }
  }
}
