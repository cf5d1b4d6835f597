import { THEMES, type Theme } from '../../src-main/contract/settings';
import type { SettingsState } from './settings.svelte';

/** Light, dark, or as the system has it. `public/boot-theme.js` reads a browser's choice before the first paint. */
export class ThemeState {
  readonly choice = $derived.by(() => this.#settings.values.theme);
  /** Whether the window is dark now. */
  readonly isDark = $derived.by(() => (this.choice === 'system' ? this.#systemIsDark : this.choice === 'dark'));
  #systemIsDark = $state(false);
  readonly #settings: SettingsState;

  constructor(settings: SettingsState, systemDark: MediaQueryList) {
    this.#settings = settings;
    this.#systemIsDark = systemDark.matches;
    systemDark.addEventListener('change', ({ matches }) => {
      this.#systemIsDark = matches;
    });
  }

  choose(theme: Theme): void {
    this.#settings.change({ theme });
  }

  next(): Theme {
    return THEMES[(THEMES.indexOf(this.choice) + 1) % THEMES.length] ?? 'system';
  }
}
