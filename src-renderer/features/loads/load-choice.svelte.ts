import type {
  LoadPreview,
  LoadRequest,
  LogstoreReport,
  ProjectFacts,
  SchemaKind,
  StoredType,
} from '../../../src-main/contract/logstore';
import { SESSION_LOG_FIELDS, spelledField } from '../../../src-main/contract/log-entry';
import { DEFAULT_LOGSTORE } from '../captures/import-plan';
import { targetProblem } from './target-problem';

/** The field that entries have their time from; null leaves it to the load. */
export type TimeChoice = string | null;

/** What the user says of a load: what the entries are, and where they go. */
export class LoadChoice {
  readonly preview: LoadPreview;
  schema = $state<SchemaKind>('custom');
  project = $state<string>(DEFAULT_LOGSTORE.project);
  isNewProject = $state(false);
  logstore = $state('');
  isNewLogstore = $state(false);
  time = $state<TimeChoice>(null);
  /** Of fields whose type is another one than was proposed. */
  types = $state.raw<ReadonlyMap<string, StoredType>>(new Map());
  createIndex = $state(true);
  /** Of the fields below; null for load balance. */
  hashKey = $state<string | null>(null);
  readonly #projects: readonly ProjectFacts[];
  readonly #logstores: readonly LogstoreReport[];

  constructor(preview: LoadPreview, projects: readonly ProjectFacts[], logstores: readonly LogstoreReport[]) {
    this.preview = preview;
    this.#projects = projects;
    this.#logstores = logstores;
    this.setSchema(preview.schema);
  }

  /** What the entries can be taken as. */
  get kinds(): readonly SchemaKind[] {
    return this.preview.schema === 'session_log' ? ['session_log', 'custom'] : ['custom'];
  }

  /** Those that are there, and the default one, which a load makes. */
  get projects(): readonly string[] {
    return [...new Set([DEFAULT_LOGSTORE.project, ...this.#projects.map(({ name }) => name)])];
  }

  /** Logstores of the project for what the entries are taken as. */
  get fitting(): readonly LogstoreReport[] {
    return this.#inProject.filter(({ schema }) => schema === this.schema);
  }

  /** The one that is chosen; null for one that is to be made. */
  get existing(): LogstoreReport | null {
    return this.#inProject.find(({ logstore }) => logstore === this.logstore) ?? null;
  }

  /** Whether entries can go to one of several shards. */
  get hasShards(): boolean {
    return (this.existing?.shards.filter(({ status }) => status === 'readwrite').length ?? 0) > 1;
  }

  get problem(): string | null {
    const isOtherKind = this.existing !== null && this.existing.schema !== this.schema;
    return targetProblem({ project: this.project.trim(), logstore: this.logstore.trim(), isOtherKind });
  }

  /** Fields beside those of the product, when the entries are taken as session logs. */
  get extraFields(): readonly string[] {
    const { spelling, fields } = this.preview;
    const product = new Set(SESSION_LOG_FIELDS.map(({ name }) => spelledField(name, spelling ?? 'current')));
    return fields.map(({ name }) => name).filter((name) => !product.has(name));
  }

  /** Takes over where the entries go, of what was chosen before the files were looked at once more. */
  keepTarget({ schema, project, isNewProject, logstore, isNewLogstore }: LoadChoice): void {
    if (schema !== this.schema) return;
    this.setProject(project, isNewProject);
    this.setLogstore(logstore, isNewLogstore);
  }

  setSchema(schema: SchemaKind): void {
    this.schema = schema;
    this.#proposeLogstore();
  }

  setProject(project: string, isNew: boolean): void {
    this.project = project;
    this.isNewProject = isNew;
    // A name that somebody wrote is good in another project as well.
    if (!this.isNewLogstore) this.#proposeLogstore();
  }

  setLogstore(logstore: string, isNew: boolean): void {
    this.logstore = logstore;
    this.isNewLogstore = isNew;
  }

  /** @returns what a field is stored as in the Logstore that is chosen, which stays; null for a field that it lacks */
  storedType(name: string): StoredType | null {
    return this.existing?.fields.find((field) => field.name === name)?.type ?? null;
  }

  typeOf({ name, type }: { readonly name: string; readonly type: StoredType }): StoredType {
    return this.storedType(name) ?? this.types.get(name) ?? type;
  }

  setType(name: string, type: StoredType): void {
    this.types = new Map([...this.types, [name, type]]);
  }

  /** @param again load files that are in the Logstore already */
  request(files: readonly string[], again: boolean): Omit<LoadRequest, 'format'> {
    const fields = [...this.types].filter(([name]) => this.storedType(name) === null);
    return {
      files,
      project: this.project.trim(),
      logstore: this.logstore.trim(),
      schema:
        this.schema === 'session_log'
          ? 'session_log'
          : { ...(this.time === null ? {} : { time: this.time }), fields: Object.fromEntries(fields) },
      hashKey: this.hasShards ? this.hashKey : null,
      createIndex: this.createIndex,
      again,
      dryRun: false,
    };
  }

  get #inProject(): readonly LogstoreReport[] {
    return this.#logstores.filter(({ project }) => project === this.project);
  }

  #proposeLogstore(): void {
    const name = this.preview.logstores[this.schema];
    this.setLogstore(name, !this.fitting.some(({ logstore }) => logstore === name));
  }
}
