import {
  DEFAULT_SETTINGS,
  readSettings,
  type SettingsChange,
  type SettingsReport,
} from '../../src-main/contract/settings';
import type { HostBridge } from './host-bridge';
import { CookieSettings, keepItem, type SettingsStore } from './settings-store';

/** Where settings are kept, and from where other windows are told of them. */
export interface SettingsPlace {
  readonly kept: SettingsReport;
  keep(change: SettingsChange): void;
  /** @returns a function that stops listening */
  onChanged(listener: (report: SettingsReport) => void): () => void;
}

/** @returns where the windows of this host keep their settings, with what is kept there */
export async function openSettings(bridge: HostBridge, document: Document): Promise<SettingsPlace> {
  if (bridge.kind === 'browser') {
    return new BrowserSettings(new CookieSettings(document), new BroadcastChannel('natscope.settings'));
  }
  const read = await bridge.call('settings:read', {});
  const unread: SettingsReport = { settings: DEFAULT_SETTINGS, path: null, fault: null };
  return {
    kept: read.ok ? read.value : unread,
    keep: (change) => void bridge.call('settings:change', { change }),
    onChanged: (listener) => bridge.on('settings:changed', listener),
  };
}

const KEYS = {
  theme: 'natscope.theme',
  zone: 'natscope.zone',
  motion: 'natscope.motion',
  gbWritePrice: 'natscope.gb-write-price',
  gbIndexPrice: 'natscope.gb-index-price',
} as const;
const NUMBERS: readonly string[] = ['gbWritePrice', 'gbIndexPrice'];
const NAMES = Object.keys(KEYS) as (keyof typeof KEYS)[];

/** Each setting by itself, for all tabs of this browser; a browser zooms by itself. */
export class BrowserSettings implements SettingsPlace {
  readonly #store: SettingsStore;
  readonly #tabs: Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'removeEventListener'>;

  /** @param tabs tells the other tabs that something was changed */
  constructor(
    store: SettingsStore,
    tabs: Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'removeEventListener'>,
  ) {
    this.#store = store;
    this.#tabs = tabs;
  }

  get kept(): SettingsReport {
    const written = NAMES.map((name) => {
      const text = this.#store.getItem(KEYS[name]) ?? undefined;
      return [name, text !== undefined && NUMBERS.includes(name) ? Number(text) : text];
    });
    // What somebody else wrote is none of ours.
    const { settings } = readSettings(Object.fromEntries(written) as Readonly<Record<string, unknown>>);
    return { settings, path: null, fault: null };
  }

  keep(change: SettingsChange): void {
    for (const name of NAMES) {
      const value = change[name];
      if (value !== undefined) keepItem(this.#store, KEYS[name], value === null ? null : String(value));
    }
    this.#tabs.postMessage(null);
  }

  onChanged(listener: (report: SettingsReport) => void): () => void {
    const read = (): void => listener(this.kept);
    this.#tabs.addEventListener('message', read);
    return () => this.#tabs.removeEventListener('message', read);
  }
}
