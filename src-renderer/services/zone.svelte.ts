import { keepItem, type SettingsStore } from './settings-store';
import { ZoneClock } from './time-format';

const KEY = 'natscope.zone';

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).format(0) !== '';
  } catch {
    return false;
  }
}

/** All that there are by name, `UTC` first. */
export const ZONES: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')];

/** The one zone of every table, axis, range and export: the system's unless another one is chosen. */
export class ZoneState {
  /** Null follows the system. */
  choice = $state<string | null>(null);
  readonly system: string;
  readonly name = $derived.by(() => this.choice ?? this.system);
  readonly clock = $derived.by(() => new ZoneClock(this.name));
  readonly #storage: SettingsStore | null;

  /** @param storage null where nothing can be kept */
  constructor(storage: SettingsStore | null, system: string) {
    this.#storage = storage;
    this.system = system;
    const kept = storage?.getItem(KEY) ?? null;
    this.choice = kept !== null && isZone(kept) ? kept : null;
  }

  choose(zone: string | null): void {
    this.choice = zone;
    keepItem(this.#storage, KEY, zone);
  }
}
