import type { CaptureReport } from '../../../src-main/contract/capture-details';
import type { ErrorShape, Outcome } from '../../../src-main/contract/errors';
import type { ImportPreview } from '../../../src-main/contract/import-preview';
import type { SessionLogReport } from '../../../src-main/contract/gateways';
import type { CaptureGlance } from '../../../src-main/contract/imports';
import type { LogstoreReport, ProjectFacts } from '../../../src-main/contract/logstore';
import { targetProblem } from '../loads/target-problem';
import { GatewayForm } from './gateway-form.svelte';
import { DEFAULT_GATEWAY, DEFAULT_LOGSTORE, type ImportPlan } from './import-plan';
import { SourceJob } from './source-job.svelte';

/** Of a capture that is read to its end to say what it is. */
export interface CaptureReading {
  /** Null until it has been. */
  readonly outcome: Outcome<CaptureReport> | null;
  readonly stop: () => void;
}

/** Captures that somebody wants to import, and is asked how. */
export class AskedImport extends SourceJob {
  /** Whether the files are on their way to the host still. */
  isCopying = $state(true);
  /** Of the first captures. */
  glances = $state.raw<readonly CaptureGlance[]>([]);
  /** Of those that were read to their ends, what they are; or why not. */
  readings = $state.raw<ReadonlyMap<string, CaptureReading>>(new Map());
  /** By the gateway that was looked at last, whatever was written since. */
  preview = $state.raw<ImportPreview | null>(null);
  /** Why there is none by what is written now. */
  error = $state.raw<ErrorShape | null>(null);
  isPreviewing = $state(false);
  /** How many were asked for: the latest owns what is shown. */
  previews = 0;
  readonly form = new GatewayForm();
  project = $state<string>(DEFAULT_LOGSTORE.project);
  isNewProject = $state(false);
  logstore = $state<string>(DEFAULT_LOGSTORE.logstore);
  isNewLogstore = $state(false);
  projects = $state.raw<readonly ProjectFacts[]>([]);
  logstores = $state.raw<readonly LogstoreReport[]>([]);

  /** Of gateways that were made, those that are enabled. */
  sessionLogs = $state.raw<readonly SessionLogReport[]>([]);
  /** Until it is known which these are, nobody can say what is meant. */
  areLogsKnown = $state(false);
  /** Those that somebody does not want. */
  leftOut = $state.raw<ReadonlySet<string>>(new Set());
  /** What each of several would translate, as far as it is known. */
  through = $state.raw<ReadonlyMap<string, Outcome<ImportPreview>>>(new Map());
  /** Ends looking for that. */
  stopThrough: () => void = () => undefined;
  /** Captures go through those gateways, and into their Logstores. */
  isBySessionLogs = $state(false);

  /** Times as fast as it was recorded; null for as fast as it can be read. */
  speed = $state<number | null>(null);

  /** What is enabled is meant, as long as nobody says otherwise. */
  offer(sessionLogs: readonly SessionLogReport[]): void {
    this.sessionLogs = sessionLogs.filter(({ builtIn, status }) => !builtIn && status === 'Enabled');
    this.isBySessionLogs = this.sessionLogs.length > 0;
    this.areLogsKnown = true;
  }

  /** Through the gateway whose session log it is, or not. */
  choose(gateway: string, isChosen: boolean): void {
    const leftOut = new Set(this.leftOut);
    if (isChosen) leftOut.delete(gateway);
    else leftOut.add(gateway);
    this.leftOut = leftOut;
  }

  /** Empty where somebody wants none of them. */
  get chosenLogs(): readonly string[] {
    return this.sessionLogs.map(({ gateway }) => gateway).filter((gateway) => !this.leftOut.has(gateway));
  }

  /** Those that are there, and the default one, which is made with an import. */
  get projectNames(): readonly string[] {
    const own = this.isNewProject ? [] : [this.project];
    return [...new Set([DEFAULT_LOGSTORE.project, ...this.projects.map(({ name }) => name), ...own])];
  }

  /** Logstores of the project for session logs. */
  get logstoreNames(): readonly string[] {
    const there = this.logstores.filter(({ project, schema }) => project === this.project && schema === 'session_log');
    const own = this.isNewLogstore ? [] : [this.logstore];
    return [...new Set([DEFAULT_LOGSTORE.logstore, ...there.map(({ logstore }) => logstore), ...own])];
  }

  /** Null for one that is made with the import. */
  get existing(): LogstoreReport | null {
    const { project, logstore } = this;
    return this.logstores.find((each) => each.project === project && each.logstore === logstore) ?? null;
  }

  get targetProblem(): string | null {
    const isOtherKind = this.existing !== null && this.existing.schema !== 'session_log';
    return targetProblem({ project: this.project.trim(), logstore: this.logstore.trim(), isOtherKind });
  }

  /** Ends all that is being read for the question alone. */
  stopAll(): void {
    this.stop();
    this.stopThrough();
    for (const { stop } of this.readings.values()) stop();
  }

  /** Null where something is wrong that has to be mended first. */
  get plan(): ImportPlan | null {
    if (this.isCopying || !this.areLogsKnown) return null;
    // What is left out is named before.
    const keepGoing = this.preview !== null && this.preview.skipped.length > 0;
    const play = this.speed === null ? {} : ({ live: true, speed: this.speed } as const);
    if (this.isBySessionLogs) {
      const { chosenLogs } = this;
      if (chosenLogs.length === 0) return null;
      const sessionLogs = this.leftOut.size === 0 ? 'enabled' : chosenLogs;
      return { ...play, ...DEFAULT_GATEWAY, ...DEFAULT_LOGSTORE, keepGoing, sessionLogs };
    }
    const { choice } = this.form;
    const isRefused = this.error?.code === 'GATEWAY_INVALID' || this.error?.code === 'OPTION_INVALID';
    if (choice === null || isRefused || this.targetProblem !== null) return null;
    return { ...play, ...choice, project: this.project.trim(), logstore: this.logstore.trim(), keepGoing };
  }
}
