import type { SettingsState } from './settings.svelte';
import { ZoneClock } from './time-format';

/** Current names of zones that browsers list by older ones. @see IANA tzdb, `backward` */
const CURRENT_NAMES: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};
const OLD_NAMES = new Map(Object.entries(CURRENT_NAMES).map(([old, current]) => [current, old]));

/** @returns the name that a zone has now; that of one which was never renamed as it is */
export function currentZone(name: string): string {
  return CURRENT_NAMES[name] ?? name;
}

/** @returns the name that a zone had, by which it may be searched for; null for none */
export function oldZone(name: string): string | null {
  return OLD_NAMES.get(name) ?? null;
}

/** All that there are by their current names, `UTC` first. */
export const ZONES: readonly string[] = [
  'UTC',
  ...[...new Set(Intl.supportedValuesOf('timeZone').map(currentZone))].filter((name) => name !== 'UTC').sort(),
];

/** The one zone of every table, axis, range and export: the system's unless another one is chosen. */
export class ZoneState {
  readonly system: string;
  /** Null follows the system. */
  readonly choice = $derived.by(() => {
    const { zone } = this.#settings.values;
    return zone === null ? null : currentZone(zone);
  });
  readonly name = $derived.by(() => this.choice ?? this.system);
  /** What there is to choose from: with the zone that is chosen, which a file of settings may name as no browser lists it. */
  readonly choices = $derived.by(() => {
    const { choice } = this;
    return choice === null || ZONES.includes(choice) ? ZONES : [choice, ...ZONES];
  });
  readonly clock = $derived.by(() => new ZoneClock(this.name));
  readonly #settings: SettingsState;

  constructor(settings: SettingsState, system: string) {
    this.#settings = settings;
    this.system = currentZone(system);
  }

  choose(zone: string | null): void {
    this.#settings.change({ zone });
  }
}
