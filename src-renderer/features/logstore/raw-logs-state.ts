import type { Engine } from '../../services/engine-connection.svelte';
import type { SettingsStore } from '../../services/settings-store';
import { ContextState } from './context-state.svelte';
import { RawChoices } from './raw-choices.svelte';

/** What the tab of raw logs knows beside the answer. */
export class RawLogsState {
  readonly choices: RawChoices;
  readonly context: ContextState;
  /** Reads a text out. */
  readonly tell: (text: string) => void;

  /** @param storage null where nothing can be kept */
  constructor(engine: Engine, storage: SettingsStore | null, tell: (text: string) => void) {
    this.choices = new RawChoices(storage);
    this.context = new ContextState(engine);
    this.tell = tell;
  }
}
