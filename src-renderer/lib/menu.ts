import { isPressed } from '../services/act-keys';

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  /** Keys that do the same, without the menu and in it. */
  readonly keys?: string;
  readonly run: () => void;
}

/** Where a menu opens, in pixels of the window. */
export interface MenuPlace {
  readonly x: number;
  readonly y: number;
}

type Press = Parameters<typeof isPressed>[0];

/** @returns the item whose keys are pressed; null for none, and for Enter, which is for the item that has the focus */
export function pressedItem(event: Press, items: readonly MenuItem[]): MenuItem | null {
  if (event.key === 'Enter') return null;
  return items.find(({ keys }) => keys !== undefined && isPressed(event, keys)) ?? null;
}
