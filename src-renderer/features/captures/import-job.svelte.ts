import type { ErrorShape } from '../../../src-main/contract/errors';
import type { CaptureGlance, ImportProgress, ImportReport } from '../../../src-main/contract/imports';
import type { LogstoreName } from '../../../src-main/contract/logstore';
import type { ReplayFacts } from '../../../src-main/contract/replay';
import { t } from '../../services/messages/catalogue';
import type { ImportPlan } from './import-plan';
import { SourceJob, type CaptureSource } from './source-job.svelte';

export type ImportPhase = 'waiting' | 'copying' | 'running' | 'done' | 'failed' | 'cancelled';

/** Where a job has put its entries, or was to put them; of one that was refused as there are some already, these. */
export function placeIn({ error, plan, report }: ImportJob): LogstoreName {
  const { project, logstore } = error?.detail ?? {};
  if (typeof project === 'string' && typeof logstore === 'string') return { project, logstore };
  return report ?? plan;
}

/** Of an import through several gateways, those of all. */
export function reportsOf(report: ImportReport): readonly ImportReport[] {
  return [report, ...(report.others ?? [])];
}

/** What an import has come to, in one sentence. */
export function doneWords(name: string, reports: readonly ImportReport[]): string {
  const [only, ...others] = reports;
  if (only !== undefined && others.length === 0) return t.importing.done(name, only);
  const entries = reports.reduce((sum, { logEntries }) => sum + logEntries, 0);
  return t.importing.doneAll(name, entries, reports.length);
}

/** Files that are imported together, as one run. */
export class ImportJob extends SourceJob {
  phase = $state<ImportPhase>('waiting');
  progress = $state.raw<ImportProgress | null>(null);
  /** Entries that have come, by the start of their window, epoch seconds. */
  arrived = $state.raw<ReadonlyMap<number, number>>(new Map());
  /** Of one that is played, once it has begun. */
  replay = $state.raw<ReplayFacts | null>(null);
  /** What the beginnings of its captures say, as soon as it is known. */
  glances = $state.raw<readonly CaptureGlance[]>([]);
  report = $state.raw<ImportReport | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  plan: ImportPlan;
  /** When it was begun last, milliseconds since 1970. */
  begunMs = 0;

  constructor(id: number, sources: readonly CaptureSource[], plan: ImportPlan) {
    super(id, sources);
    this.plan = plan;
  }

  /** Takes how far it has come. */
  take(progress: ImportProgress): void {
    this.progress = progress;
    const { arrived = [] } = progress;
    if (arrived.length === 0) return;
    this.arrived = new Map([...this.arrived, ...arrived.map(({ startSec, entries }) => [startSec, entries] as const)]);
  }

  get isUnderWay(): boolean {
    return this.phase === 'waiting' || this.phase === 'copying' || this.phase === 'running';
  }
}
