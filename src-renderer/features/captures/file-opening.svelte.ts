import { AppError, toErrorShape, type ErrorShape } from '../../../src-main/contract/errors';
import type { Remedy } from '../../../src-main/contract/import-preview';
import type { ImportReport } from '../../../src-main/contract/imports';
import type { Announcer } from '../../services/announcer';
import type { EngineConnection } from '../../services/engine-connection.svelte';
import type { HostBridge } from '../../services/host-bridge';
import { t } from '../../services/messages/catalogue';
import type { GatewaysState } from '../gateways/gateways-state.svelte';
import type { Loads } from '../loads/loads.svelte';
import { sortSources } from '../loads/sorted-sources';
import type { Dropped } from './dropped-files';
import type { ImportAsking } from './import-asking.svelte';
import type { ImportJob } from './import-job.svelte';
import { DEFAULT_GATEWAY, type ImportPlan } from './import-plan';
import type { ImportQueue } from './import-queue.svelte';
import type { CaptureSource } from './source-job.svelte';

interface Destinations {
  readonly engine: Pick<EngineConnection, 'call'>;
  readonly queue: ImportQueue;
  readonly loads: Loads;
  readonly asking: ImportAsking;
  readonly announcer: Announcer;
}

interface Listeners {
  /** The user turned to something. */
  readonly onAct: () => void;
  /** Work began that the page of captures shows. */
  readonly onBegun: () => void;
  /** @returns why the host has nothing to do with this window; null where it has */
  readonly refusal: () => ErrorShape | null;
}

/** The ways by which files come into the app, and where each goes: captures to an import, other logs to a load. */
export class FileOpening {
  isPathDialogOpen = $state(false);
  readonly #bridge: HostBridge;
  readonly #to: Destinations;
  readonly #listeners: Listeners;
  #isAskingForSample = false;
  #sampleJob: ImportJob | null = null;

  constructor(bridge: HostBridge, to: Destinations, listeners: Listeners) {
    this.#bridge = bridge;
    this.#to = to;
    this.#listeners = listeners;
  }

  /** @param paths of the sources at the engine, where they are there already */
  import(sources: readonly CaptureSource[], plan?: ImportPlan, paths?: readonly string[]): ImportJob | null {
    const job = this.#to.queue.add(sources, plan, paths);
    if (job === null) return null;
    this.#to.announcer.say(t.importing.began(job.names[0] ?? ''));
    this.#listeners.onBegun();
    return job;
  }

  /** The same captures once more, behind another private side; the import before stays as it is. */
  importAgain({ captures, project, logstore }: ImportReport, { choice }: Remedy): void {
    const paths = captures.map(({ path }) => path);
    this.import(paths, { ...choice, project, logstore, keepGoing: false }, paths);
  }

  /** Files as the user gave them: their content says which are captures to import, and which have entries to load. */
  async open(sources: readonly CaptureSource[]): Promise<void> {
    if (sources.length === 0) return;
    const { captures, entries } = await sortSources(this.#to.engine, sources);
    if (captures.length > 0) void this.#to.asking.add(captures);
    this.#load(entries);
  }

  /** Files from outside, whose paths a desktop knows. */
  openDropped({ files, folders }: Dropped): void {
    if (this.#isRefused()) return;
    for (const file of folders) {
      this.#to.announcer.fail(toErrorShape(new AppError('CAPTURE_IS_DIRECTORY', file, { file })));
    }
    void this.open(files);
  }

  openPathDialog(): void {
    this.#listeners.onAct();
    this.isPathDialogOpen = true;
  }

  closePathDialog(): void {
    this.isPathDialogOpen = false;
  }

  /** By the dialog of files of the desktop or of the browser. */
  async choose(): Promise<void> {
    if (this.#isRefused()) return;
    this.#listeners.onAct();
    if (this.#bridge.kind === 'browser') {
      this.#chooseInBrowser();
      return;
    }
    const picked = await this.#bridge.call('capture:pick', {});
    if (picked.ok) await this.open(picked.value);
    else this.#to.announcer.fail(picked.error);
  }

  /** Once at a time: a double click asks twice. */
  async openSample(): Promise<void> {
    if (this.#isAskingForSample || this.#sampleJob?.isUnderWay === true) return;
    this.#isAskingForSample = true;
    try {
      this.#sampleJob = await this.#importSample();
    } finally {
      this.#isAskingForSample = false;
    }
  }

  /** The sample through the gateway that is looked at, into the Logstore of its session log. */
  async importSampleBehind({ report, log }: GatewaysState): Promise<void> {
    if (report === null || log?.destination == null) return;
    const { project, logstore } = log.destination;
    const route = report.gateway.builtIn ? {} : { sessionLogs: [report.gateway.id] };
    await this.#importSample({ ...DEFAULT_GATEWAY, ...route, project, logstore, keepGoing: false });
  }

  /** Those that a command line, a second start or the desktop handed over. */
  async takeHanded(): Promise<void> {
    const handed = await this.#bridge.call('capture:handed', {});
    if (!handed.ok || handed.value.length === 0) return;
    // Who names them on a command line has said what to do with them.
    const { captures, entries } = await sortSources(this.#to.engine, handed.value);
    this.import(captures);
    this.#load(entries);
  }

  async #importSample(plan?: ImportPlan): Promise<ImportJob | null> {
    const sample = await this.#bridge.call('capture:sample', {});
    if (sample.ok) return this.import([sample.value], plan);
    this.#to.announcer.fail(sample.error);
    return null;
  }

  #load(entries: readonly CaptureSource[]): void {
    if (entries.length === 0) return;
    this.#to.loads.add(entries);
    this.#listeners.onBegun();
  }

  #chooseInBrowser(): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.onchange = () => void this.open([...(input.files ?? [])]);
    input.click();
  }

  /** A key or a drop gets as far as here, where a button is disabled. */
  #isRefused(): boolean {
    const error = this.#listeners.refusal();
    if (error !== null) this.#to.announcer.fail(error);
    return error !== null;
  }
}
