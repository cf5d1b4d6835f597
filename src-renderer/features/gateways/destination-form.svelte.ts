import { AppError } from '../../../src-main/contract/errors';
import type { DestinationChoice, DestinationRequest } from '../../../src-main/contract/gateways';
import type { LogstoreReport, ProjectFacts } from '../../../src-main/contract/logstore';
import { checkLogstoreName, checkProjectName } from '../../../src-main/logstore/names';
import type { Engine } from '../../services/engine-connection.svelte';
import { t } from '../../services/messages/catalogue';

type Mode = DestinationChoice['mode'];

/** Where a session log is to go, while somebody writes it: a project and a Logstore, each chosen or made. */
export class DestinationForm {
  projects = $state.raw<readonly ProjectFacts[]>([]);
  logstores = $state.raw<readonly LogstoreReport[]>([]);
  projectMode = $state<Mode>('select');
  projectName = $state('');
  logstoreMode = $state<Mode>('select');
  logstoreName = $state('');
  /** Those of the gateway's region. */
  readonly offered = $derived.by(() => this.projects.filter(({ region }) => region === this.region));
  /** Those of the project that take session logs. */
  readonly offeredLogstores = $derived.by(() =>
    this.logstores.filter(
      ({ project, schema }) =>
        this.projectMode === 'select' && project === this.projectName && schema === 'session_log',
    ),
  );
  readonly projectProblem = $derived.by(() =>
    this.projectMode === 'select'
      ? null
      : nameProblem(
          this.projectName,
          checkProjectName,
          this.projects.map(({ name }) => name),
        ),
  );
  readonly logstoreProblem = $derived.by(() =>
    this.logstoreMode === 'select'
      ? null
      : nameProblem(
          this.logstoreName,
          checkLogstoreName,
          this.logstores
            .filter(({ project }) => this.projectMode === 'select' && project === this.projectName)
            .map(({ logstore }) => logstore),
        ),
  );
  /** Null where something is missing or wrong. */
  readonly request = $derived.by((): DestinationRequest | null => {
    const isNamed = this.projectName !== '' && this.logstoreName !== '';
    if (!isNamed || this.projectProblem !== null || this.logstoreProblem !== null) return null;
    return {
      gateway: this.gateway,
      project: { mode: this.projectMode, name: this.projectName },
      logstore: { mode: this.logstoreMode, name: this.logstoreName },
    };
  });
  readonly gateway: string;
  readonly region: string;

  constructor(gateway: string, region: string) {
    this.gateway = gateway;
    this.region = region;
  }

  /** Reads what can be chosen; where there is nothing, it begins with making one. */
  async load(engine: Engine): Promise<void> {
    const [projects, logstores] = await Promise.all([
      engine.call('project:list', {}).outcome,
      engine.call('logstore:list', { project: null }).outcome,
    ]);
    if (projects.ok) this.projects = projects.value.projects;
    if (logstores.ok) this.logstores = logstores.value.logstores;
    const [first] = this.offered;
    if (first === undefined) this.chooseProjectMode('create');
    else this.chooseProject(first.name);
  }

  chooseProjectMode(mode: Mode): void {
    this.projectMode = mode;
    if (mode === 'select') this.chooseProject(this.offered[0]?.name ?? '');
    else {
      this.projectName = '';
      // A project that is not there yet has no Logstore to choose.
      this.chooseLogstoreMode('create');
    }
  }

  chooseProject(name: string): void {
    this.projectName = name;
    this.chooseLogstoreMode(this.offeredLogstores.length === 0 ? 'create' : 'select');
  }

  chooseLogstoreMode(mode: Mode): void {
    this.logstoreMode = mode;
    this.logstoreName = mode === 'select' ? (this.offeredLogstores[0]?.logstore ?? '') : '';
  }
}

/** @returns null for a name that can be given, and for none yet */
function nameProblem(name: string, check: (name: string) => void, taken: readonly string[]): string | null {
  if (name === '') return null;
  if (taken.includes(name)) return t.sessionLog.nameTaken;
  try {
    check(name);
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return t.sessionLog.nameFault(String(error.detail['fault']));
  }
}
