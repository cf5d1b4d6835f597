import type { SettingsState } from './settings.svelte';
import { ZoneClock } from './time-format';

/** All that there are by name, `UTC` first. */
export const ZONES: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')];

/** The one zone of every table, axis, range and export: the system's unless another one is chosen. */
export class ZoneState {
  readonly system: string;
  /** Null follows the system. */
  readonly choice = $derived.by(() => this.#settings.values.zone);
  readonly name = $derived.by(() => this.choice ?? this.system);
  readonly clock = $derived.by(() => new ZoneClock(this.name));
  readonly #settings: SettingsState;

  constructor(settings: SettingsState, system: string) {
    this.#settings = settings;
    this.system = system;
  }

  choose(zone: string | null): void {
    this.#settings.change({ zone });
  }
}
