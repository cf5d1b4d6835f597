import type { ErrorShape } from '../../../src-main/contract/errors';
import type { CaptureGlance, ImportProgress, ImportReport } from '../../../src-main/contract/ipc';
import { fileName } from '../../services/file-name';

export type ImportPhase = 'waiting' | 'copying' | 'running' | 'done' | 'failed' | 'cancelled';

/** A capture as the user gave it: a path of the engine's computer, or a file of the browser's. */
export type CaptureSource = string | File;

/** Files that are imported together, as one run. */
export class ImportJob {
  readonly id: number;
  readonly sources: readonly CaptureSource[];
  readonly names: readonly string[];
  phase = $state<ImportPhase>('waiting');
  progress = $state.raw<ImportProgress | null>(null);
  /** Bytes copied to the host so far, of all files. */
  copiedBytes = $state(0);
  /** What the beginnings of its captures say, as soon as it is known. */
  glances = $state.raw<readonly CaptureGlance[]>([]);
  report = $state.raw<ImportReport | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  /** Once copied, or given: what the engine is told. */
  paths: readonly string[] = [];
  again = false;
  keepGoing = false;
  /** Ends what runs for it now. */
  stop: () => void = () => undefined;

  constructor(id: number, sources: readonly CaptureSource[]) {
    this.id = id;
    this.sources = sources;
    this.names = sources.map((source) => (typeof source === 'string' ? fileName(source) : source.name));
  }

  get isUnderWay(): boolean {
    return this.phase === 'waiting' || this.phase === 'copying' || this.phase === 'running';
  }

  get copyBytes(): number {
    return this.sources.reduce((sum, source) => sum + (typeof source === 'string' ? 0 : source.size), 0);
  }
}
