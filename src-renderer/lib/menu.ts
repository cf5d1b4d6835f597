export interface MenuItem {
  readonly id: string;
  readonly label: string;
  /** Keys that do the same without the menu. */
  readonly keys?: string;
  readonly run: () => void;
}

/** Where a menu opens, in pixels of the window. */
export interface MenuPlace {
  readonly x: number;
  readonly y: number;
}
