import type { ErrorShape } from '../../../src-main/contract/errors';
import type { CaptureGlance, ImportProgress, ImportReport } from '../../../src-main/contract/imports';
import type { ReplayFacts } from '../../../src-main/contract/replay';
import type { ImportPlan } from './import-plan';
import { SourceJob, type CaptureSource } from './source-job.svelte';

export type ImportPhase = 'waiting' | 'copying' | 'running' | 'done' | 'failed' | 'cancelled';

/** Files that are imported together, as one run. */
export class ImportJob extends SourceJob {
  phase = $state<ImportPhase>('waiting');
  progress = $state.raw<ImportProgress | null>(null);
  /** Of one that is played, once it has begun. */
  replay = $state.raw<ReplayFacts | null>(null);
  /** What the beginnings of its captures say, as soon as it is known. */
  glances = $state.raw<readonly CaptureGlance[]>([]);
  report = $state.raw<ImportReport | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  plan: ImportPlan;

  constructor(id: number, sources: readonly CaptureSource[], plan: ImportPlan) {
    super(id, sources);
    this.plan = plan;
  }

  get isUnderWay(): boolean {
    return this.phase === 'waiting' || this.phase === 'copying' || this.phase === 'running';
  }
}
