import type { ErrorShape } from '../../../src-main/contract/errors';
import type { LoadProgress, LoadReport } from '../../../src-main/contract/logstore';
import { fileName } from '../../services/file-name';
import type { CaptureSource } from '../captures/import-job.svelte';
import type { LoadChoice } from './load-choice.svelte';

export type LoadPhase = 'copying' | 'looking' | 'choosing' | 'running' | 'done' | 'failed' | 'cancelled';

/** Files of log entries that are loaded together, as one run. */
export class LoadJob {
  readonly id: number;
  readonly sources: readonly CaptureSource[];
  readonly names: readonly string[];
  phase = $state<LoadPhase>('copying');
  /** Whether the user is asked what they are, and where they go. */
  isAsking = $state(true);
  /** Bytes copied to the host so far, of all files. */
  copiedBytes = $state(0);
  /** Once their beginnings were looked at. */
  choice = $state.raw<LoadChoice | null>(null);
  progress = $state.raw<LoadProgress | null>(null);
  report = $state.raw<LoadReport | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  /** Once copied, or given: what the engine is told. */
  paths: readonly string[] = [];
  again = false;
  /** Ends what runs for it now. */
  stop: () => void = () => undefined;

  constructor(id: number, sources: readonly CaptureSource[]) {
    this.id = id;
    this.sources = sources;
    this.names = sources.map((source) => (typeof source === 'string' ? fileName(source) : source.name));
  }

  /** Whether it is at work without asking anything. */
  get isUnderWay(): boolean {
    return !this.isAsking && (this.phase === 'copying' || this.phase === 'running');
  }

  get copyBytes(): number {
    return this.sources.reduce((sum, source) => sum + (typeof source === 'string' ? 0 : source.size), 0);
  }
}
