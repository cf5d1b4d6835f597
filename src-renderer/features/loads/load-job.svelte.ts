import type { ErrorShape } from '../../../src-main/contract/errors';
import type { LoadProgress, LoadReport } from '../../../src-main/contract/logstore';
import { SourceJob } from '../captures/source-job.svelte';
import type { LoadChoice } from './load-choice.svelte';

export type LoadPhase = 'copying' | 'looking' | 'choosing' | 'running' | 'done' | 'failed' | 'cancelled';

/** Files of log entries that are loaded together, as one run. */
export class LoadJob extends SourceJob {
  phase = $state<LoadPhase>('copying');
  /** Whether the user is asked what they are, and where they go. */
  isAsking = $state(true);
  /** Once their beginnings were looked at. */
  choice = $state.raw<LoadChoice | null>(null);
  progress = $state.raw<LoadProgress | null>(null);
  report = $state.raw<LoadReport | null>(null);
  error = $state.raw<ErrorShape | null>(null);

  /** Whether it is at work without asking anything. */
  get isUnderWay(): boolean {
    return !this.isAsking && (this.phase === 'copying' || this.phase === 'running');
  }
}
