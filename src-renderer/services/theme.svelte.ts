import { keepItem, type SettingsStore } from './settings-store';

const KEY = 'natscope.theme';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Light, dark, or as the system has it. `public/boot-theme.js` reads what is kept before the first paint. */
export class ThemeState {
  choice = $state<Theme>('system');
  /** Whether the window is dark now. */
  readonly isDark = $derived.by(() => (this.choice === 'system' ? this.#systemIsDark : this.choice === 'dark'));
  #systemIsDark = $state(false);
  readonly #storage: SettingsStore | null;
  readonly #root: HTMLElement;

  /** @param storage null where nothing can be kept */
  constructor(storage: SettingsStore | null, root: HTMLElement, systemDark: MediaQueryList) {
    this.#storage = storage;
    this.#root = root;
    this.#systemIsDark = systemDark.matches;
    systemDark.addEventListener('change', ({ matches }) => {
      this.#systemIsDark = matches;
    });
    const kept = storage?.getItem(KEY);
    this.choice = THEMES.find((theme) => theme === kept) ?? 'system';
  }

  choose(theme: Theme): void {
    this.choice = theme;
    if (theme === 'system') delete this.#root.dataset['theme'];
    else this.#root.dataset['theme'] = theme;
    keepItem(this.#storage, KEY, theme);
  }

  next(): Theme {
    return THEMES[(THEMES.indexOf(this.choice) + 1) % THEMES.length] ?? 'system';
  }
}
