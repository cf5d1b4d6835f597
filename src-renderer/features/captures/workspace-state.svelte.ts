import type { ErrorShape } from '../../../src-main/contract/errors';
import type { LogstoreFacts, WorkspaceReport } from '../../../src-main/contract/workspace-report';
import type { Engine } from '../../services/engine-connection.svelte';

/** What the workspace holds. The last answer stays while a newer one is on its way. */
export class WorkspaceState {
  report = $state.raw<WorkspaceReport | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  readonly #engine: Engine;
  #generation = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async load(): Promise<void> {
    const generation = ++this.#generation;
    const outcome = await this.#engine.call('workspace:read', {}).outcome;
    if (generation !== this.#generation) return;
    if (outcome.ok) {
      this.report = outcome.value;
      this.error = null;
    } else this.error = outcome.error;
  }

  logstore(project: string, name: string): LogstoreFacts | null {
    return this.report?.logstores.find((facts) => facts.project === project && facts.name === name) ?? null;
  }
}
