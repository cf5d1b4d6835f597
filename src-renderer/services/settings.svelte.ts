import {
  DEFAULT_SETTINGS,
  type Settings,
  type SettingsChange,
  type SettingsReport,
} from '../../src-main/contract/settings';
import type { SettingsPlace } from './settings-place';

/** The settings of all windows, as this one knows them. */
export class SettingsState {
  report = $state.raw<SettingsReport>({ settings: DEFAULT_SETTINGS, path: null, fault: null });
  readonly values = $derived.by(() => this.report.settings);
  readonly #place: SettingsPlace | null;
  readonly #root: Pick<HTMLElement, 'dataset'>;

  /**
   * @param place null where nothing can be kept
   * @param root of the document, whose look follows
   */
  constructor(place: SettingsPlace | null, root: Pick<HTMLElement, 'dataset'>) {
    this.#place = place;
    this.#root = root;
    if (place !== null) this.#take(place.kept);
  }

  /** @returns a function that stops listening to other windows */
  start(): () => void {
    return this.#place?.onChanged((report) => this.#take(report)) ?? (() => undefined);
  }

  /** It holds at once; where it is kept, what becomes of it comes back. */
  change(change: SettingsChange): void {
    const settings = { ...this.values, ...change } as Settings;
    this.#take({ ...this.report, settings });
    this.#place?.keep(change);
  }

  /** The look comes first: what is drawn next reads its colours. */
  #take(report: SettingsReport): void {
    const { theme, motion } = report.settings;
    const { dataset } = this.#root;
    if (theme === 'system') delete dataset['theme'];
    else dataset['theme'] = theme;
    if (motion === 'system') delete dataset['motion'];
    else dataset['motion'] = motion;
    this.report = report;
  }
}
