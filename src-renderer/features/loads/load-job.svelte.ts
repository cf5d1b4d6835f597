import type { ErrorShape } from '../../../src-main/contract/errors';
import type {
  LoadFormat,
  LoadPreview,
  LoadProgress,
  LoadReport,
  LoadRequest,
  LogstoreReport,
  ProjectFacts,
} from '../../../src-main/contract/logstore';
import { SourceJob } from '../captures/source-job.svelte';
import { LoadChoice } from './load-choice.svelte';

export type LoadPhase = 'copying' | 'looking' | 'choosing' | 'running' | 'done' | 'failed' | 'cancelled';

interface Places {
  readonly projects: readonly ProjectFacts[];
  readonly logstores: readonly LogstoreReport[];
}

/** @param limit that was too low for files which are very regular. */
export function raisedExpansion(limit: number): number {
  return limit * 10;
}

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

  /** What the files are taken for. */
  format = $state<LoadRequest['format']>('auto');
  /** What they were recognised as. */
  recognised = $state.raw<readonly LoadFormat[]>([]);
  /** How many times their size they may grow to when they are unpacked, where that is not the usual. */
  maxExpansion = $state<number | null>(null);
  /** Why they cannot be what they are taken for; null while they can. */
  formatError = $state.raw<ErrorShape | null>(null);
  /** Whether they are looked at once more, as another format. */
  isLookingAgain = $state(false);

  /** How often they were looked at so; an older look has no say any more. */
  looks = 0;

  /** Where entries can go. */
  places: Places = { projects: [], logstores: [] };

  /** What the files look like, as they are taken now. */
  look(preview: LoadPreview): void {
    if (this.format === 'auto') this.recognised = [...new Set(preview.files.map(({ format }) => format))];
    const choice = new LoadChoice(preview, this.places.projects, this.places.logstores);
    if (this.choice !== null) choice.keepTarget(this.choice);
    this.choice = choice;
  }

  get canStart(): boolean {
    return !this.isUnderWay && !this.isLookingAgain && this.formatError === null;
  }

  /** How they are read. */
  get reading(): Pick<LoadRequest, 'format' | 'maxExpansion'> {
    const { format, maxExpansion } = this;
    return { format, ...(maxExpansion === null ? {} : { maxExpansion }) };
  }

  /** The limit that a load was refused for and that can be raised; null where it was not. */
  get refusedExpansion(): number | null {
    const limit = this.error?.detail['limit'];
    return this.error?.code === 'CAPTURE_EXPANSION_LIMIT' && typeof limit === 'number' ? limit : null;
  }

  /** Whether it is at work without asking anything. */
  get isUnderWay(): boolean {
    return !this.isAsking && (this.phase === 'copying' || this.phase === 'running');
  }
}
