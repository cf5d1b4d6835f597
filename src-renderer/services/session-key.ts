import { asKey, keyInFragment } from '../../src-main/contract/host-key';
import { keepItem, type SettingsStore } from './settings-store';

const KEPT = 'natscope.key';

/** The part of a window that knows its address. */
export interface AddressBar {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'state' | 'replaceState'>;
}

/**
 * Takes the key of this tab out of its address, where the printed address has led to, and keeps it over reloads.
 *
 * @param store of this tab and origin, port included; null where nothing can be kept
 * @returns null for a tab that was opened in another way
 */
export function takeKey({ location, history }: AddressBar, store: SettingsStore | null): string | null {
  const brought = keyInFragment(location.hash);
  if (brought === null) return asKey(store?.getItem(KEPT) ?? null);
  history.replaceState(history.state, '', `${location.pathname}${location.search}`);
  keepItem(store, KEPT, brought);
  return brought;
}
