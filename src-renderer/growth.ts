import type { WorkspaceReport } from '../src-main/contract/workspace-report';
import type { LogstoreName } from '../src-main/contract/logstore';

/** While something grows, as a live import does, it is looked at as often as its windows are sealed at a glance. */
const GROWING_MS = 2000;
/** Another window or a command may begin something at any time, and nobody tells of it. */
const QUIET_MS = 10_000;
/** So long after the last growth it may go on: a window of a capture that is recorded takes ten minutes, one that is played a moment. */
const AFTERGLOW_MS = 60_000;

export interface GrowthListeners {
  /** Whether it can be looked, and somebody would see what came of it. */
  readonly isWanted: () => boolean;
  /** Whether something is under way here that lets a log grow. */
  readonly isExpected: () => boolean;
  readonly onGrown: (grown: readonly LogstoreName[]) => void;
}

/** Looks from time to time whether logs of the workspace have grown, by whomever. */
export class Growth {
  readonly #load: () => Promise<WorkspaceReport | null>;
  readonly #listeners: GrowthListeners;
  readonly #now: () => number;
  #seen: ReadonlyMap<string, string> | null = null;
  #grewMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    load: () => Promise<WorkspaceReport | null>,
    listeners: GrowthListeners,
    now: () => number = () => performance.now(),
  ) {
    this.#load = load;
    this.#listeners = listeners;
    this.#now = now;
  }

  /** @returns a function that ends it */
  start(): () => void {
    let hasEnded = false;
    let lookedMs = this.#now();
    const wait = (): void => {
      this.#timer = setTimeout(() => {
        // What is expected may have begun just now.
        const isSoon = this.#listeners.isExpected() || this.#now() - this.#grewMs < AFTERGLOW_MS;
        if (isSoon || this.#now() - lookedMs >= QUIET_MS) {
          lookedMs = this.#now();
          void this.look().then(() => hasEnded || wait());
        } else wait();
      }, GROWING_MS);
    };
    wait();
    return () => {
      hasEnded = true;
      clearTimeout(this.#timer);
    };
  }

  /** What the window knows of the workspace when it opens: logs that are longer at the first look have grown. */
  begin(report: WorkspaceReport | null): void {
    this.#seen ??= report === null ? null : extentsOf(report);
  }

  async look(): Promise<void> {
    if (!this.#listeners.isWanted()) return;
    const report = await this.#load();
    if (report === null) return;
    const before = this.#seen;
    this.#seen = extentsOf(report);
    if (before === null) return;
    const grown = report.logstores.filter((each) => before.get(keyOf(each)) !== extentOf(each));
    if (grown.length === 0) return;
    this.#grewMs = this.#now();
    this.#listeners.onGrown(grown.map(({ project, name }) => ({ project, logstore: name })));
  }
}

type Facts = WorkspaceReport['logstores'][number];

const extentsOf = ({ logstores }: WorkspaceReport): ReadonlyMap<string, string> =>
  new Map(logstores.map((each) => [keyOf(each), extentOf(each)]));
const keyOf = ({ project, name }: Facts): string => `${project}/${name}`;
/** What is delivered again may be as many entries, up to another time. */
const extentOf = ({ entries, extent }: Facts): string =>
  `${entries} ${extent?.firstSec ?? ''} ${extent?.lastSec ?? ''}`;
