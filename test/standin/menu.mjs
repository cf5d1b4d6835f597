import { app } from './app.mjs';
import { BrowserWindow } from './browser-window.mjs';
import { EVENTS, StrictEmitter } from './strict.mjs';

/** @typedef {Record<string, any>} ItemOptions */

/** Roles with their labels; those with items below are menus of their own. */
const ROLES = /** @type {Record<string, { label: string, items?: string[], act?: (window: any) => void }>} */ ({
  quit: { label: 'Quit', act: () => app.quit() },
  close: { label: 'Close Window', act: (window) => window?.close() },
  reload: { label: 'Reload', act: (window) => window?.webContents.reload() },
  forcereload: { label: 'Force Reload', act: (window) => window?.webContents.reload() },
  minimize: { label: 'Minimize', act: (window) => window?.minimize() },
  togglefullscreen: { label: 'Toggle Full Screen', act: (window) => window?.setFullScreen(!window.isFullScreen()) },
  toggledevtools: { label: 'Toggle Developer Tools', act: () => {} },
  ...{ undo: { label: 'Undo' }, redo: { label: 'Redo' }, cut: { label: 'Cut' }, copy: { label: 'Copy' } },
  ...{ paste: { label: 'Paste' }, pasteandmatchstyle: { label: 'Paste and Match Style' }, delete: { label: 'Delete' } },
  ...{ selectall: { label: 'Select All' }, zoom: { label: 'Zoom' }, front: { label: 'Bring All to Front' } },
  ...{ resetzoom: { label: 'Actual Size' }, zoomin: { label: 'Zoom In' }, zoomout: { label: 'Zoom Out' } },
  ...{ about: { label: 'About' }, services: { label: 'Services' }, hide: { label: 'Hide' }, help: { label: 'Help' } },
  ...{ hideothers: { label: 'Hide Others' }, unhide: { label: 'Show All' }, window: { label: 'Window' } },
  appmenu: { label: 'App', items: ['about', 'hide', 'hideOthers', 'unhide', 'quit'] },
  filemenu: { label: 'File', items: [process.platform === 'darwin' ? 'close' : 'quit'] },
  editmenu: { label: 'Edit', items: ['undo', 'redo', 'cut', 'copy', 'paste', 'delete', 'selectAll'] },
  viewmenu: {
    label: 'View',
    items: ['reload', 'forceReload', 'toggleDevTools', 'resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen'],
  },
  windowmenu: { label: 'Window', items: ['minimize', 'zoom', 'close'] },
});

export class MenuItem {
  #options;
  #role;
  /** @type {Menu | undefined} */
  #submenu;

  /** @param {ItemOptions} options */
  constructor(options) {
    const role = options['role']?.toLowerCase();
    if (role !== undefined && !Object.hasOwn(ROLES, role)) throw new Error(`Unknown role: ${options['role']}`);
    const known = ROLES[role ?? ''];
    this.#role = options['role'];
    const submenu = options['submenu'] ?? known?.items?.map((item) => ({ role: item }));
    if (submenu !== undefined) this.#submenu = submenu instanceof Menu ? submenu : Menu.buildFromTemplate(submenu);
    if (options['type'] === 'submenu' && submenu === undefined) throw new Error('Invalid submenu');
    const label = options['label'] ?? known?.label ?? '';
    const type = options['type'] ?? (this.#submenu ? 'submenu' : 'normal');
    this.#options = /** @type {ItemOptions} */ ({
      enabled: true,
      visible: true,
      checked: false,
      ...options,
      label,
      type,
    });
    if (label === '' && type !== 'separator') throw new Error('Menu item needs a label or a role');
  }

  get id() {
    return this.#options['id'];
  }

  get label() {
    return this.#options['label'];
  }

  get type() {
    return this.#options['type'];
  }

  get role() {
    return this.#role;
  }

  get accelerator() {
    return this.#options['accelerator'];
  }

  get submenu() {
    return this.#submenu;
  }

  get enabled() {
    return this.#options['enabled'];
  }

  set enabled(enabled) {
    this.#options['enabled'] = enabled;
  }

  get visible() {
    return this.#options['visible'];
  }

  set visible(visible) {
    this.#options['visible'] = visible;
  }

  get checked() {
    return this.#options['checked'];
  }

  set checked(checked) {
    this.#options['checked'] = checked;
  }

  /** Does what choosing it would do; nothing while it is disabled. @param {object} [event] @param {unknown} [window] */
  click(event = {}, window = BrowserWindow.getFocusedWindow() ?? undefined) {
    if (!this.enabled) return;
    if (this.type === 'checkbox') this.checked = !this.checked;
    if (this.type === 'radio') this.checked = true;
    const act = ROLES[this.#role?.toLowerCase()]?.act;
    if (act) act(window);
    else this.#options['click']?.(this, window, event);
  }
}

const POPUP = Symbol.for('standin.popup');

export class Menu extends StrictEmitter {
  static [EVENTS] = ['menu-will-show', 'menu-will-close'];
  /** @type {Menu | null} */
  static #application = null;
  /** @type {Menu | null} */
  static [POPUP] = null;
  /** @type {MenuItem[]} */
  #items = [];

  get items() {
    return this.#items;
  }

  /** @param {MenuItem} item */
  append(item) {
    this.#items.push(item);
  }

  /** @param {number} at @param {MenuItem} item */
  insert(at, item) {
    this.#items.splice(at, 0, item);
  }

  /** Nothing is shown; the menu is kept for tests as `Menu[Symbol.for('standin.popup')]`. */
  popup() {
    Menu[POPUP] = this;
  }

  closePopup() {}

  /** @param {string} id @returns {MenuItem | null} */
  getMenuItemById(id) {
    for (const item of this.#items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }

  /** @param {(ItemOptions | MenuItem)[]} template */
  static buildFromTemplate(template) {
    const menu = new Menu();
    for (const item of template) menu.append(item instanceof MenuItem ? item : new MenuItem(item));
    return menu;
  }

  /** @param {Menu | null} menu */
  static setApplicationMenu(menu) {
    Menu.#application = menu;
  }

  static getApplicationMenu() {
    return Menu.#application;
  }
}
