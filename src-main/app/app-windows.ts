import type { BrowserWindow } from 'electron';
import { CHANNEL } from '../contract/electron-channels';
import type { HostEventName, HostEvents } from '../contract/host-bridge';
import { HandedCaptures } from './handed-captures';

/** A window with what main keeps for it alone. */
export class AppWindow {
  readonly window: BrowserWindow;
  /** The lowest number from 0 on that no other window has: where the window was last is kept under it. */
  readonly slot: number;
  readonly handed = new HandedCaptures(() => this.tell('capture:handed', {}));

  constructor(window: BrowserWindow, slot: number) {
    this.window = window;
    this.slot = slot;
  }

  tell<K extends HostEventName>(name: K, payload: HostEvents[K]): void {
    if (!this.window.isDestroyed()) this.window.webContents.send(CHANNEL.event, name, payload);
  }

  /** Brings it before all others. */
  show(): void {
    if (this.window.isMinimized()) this.window.restore();
    this.window.show();
    this.window.focus();
  }
}

export interface AppWindowsOptions {
  /** @param others those that are open, of which none is to be hidden */
  readonly make: (slot: number, others: readonly BrowserWindow[]) => BrowserWindow;
  /** A window is there, with the captures that it begins with. */
  readonly onOpened: (opened: AppWindow) => void;
}

/** The windows of the app, each a client of the same engine. */
export class AppWindows {
  readonly #options: AppWindowsOptions;
  /** The one that was focused last is the last. */
  #open: readonly AppWindow[] = [];

  constructor(options: AppWindowsOptions) {
    this.#options = options;
  }

  get all(): readonly AppWindow[] {
    return this.#open;
  }

  /** The one that has, or last had, the focus; null without any. */
  get current(): AppWindow | null {
    return this.#open.at(-1) ?? null;
  }

  /** @param captures absolute paths, which its page takes */
  open(captures: readonly string[] = []): AppWindow {
    const slot = this.#freeSlot();
    const others = this.#open.map(({ window }) => window);
    const opened = new AppWindow(this.#options.make(slot, others), slot);
    this.#open = [...this.#open, opened];
    const without = (): readonly AppWindow[] => this.#open.filter((each) => each !== opened);
    opened.window.on('focus', () => {
      this.#open = [...without(), opened];
    });
    opened.window.on('closed', () => {
      this.#open = without();
    });
    opened.handed.add(captures);
    this.#options.onOpened(opened);
    return opened;
  }

  /**
   * Gives captures to the window that is used, or to a new one without any, and shows it.
   *
   * @param captures absolute paths; without any the window is only shown
   */
  hand(captures: readonly string[]): void {
    const { current } = this;
    if (current === null) {
      this.open(captures);
      return;
    }
    current.handed.add(captures);
    current.show();
  }

  #freeSlot(): number {
    let slot = 0;
    while (this.#open.some((each) => each.slot === slot)) slot += 1;
    return slot;
  }

  tellAll<K extends HostEventName>(name: K, payload: HostEvents[K]): void {
    for (const each of this.#open) each.tell(name, payload);
  }
}
