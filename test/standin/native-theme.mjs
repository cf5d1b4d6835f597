import { EVENTS, StrictEmitter } from './strict.mjs';

/** What the system prefers; a test sets it before the start. */
const systemIsDark = process.env.NATSCOPE_STANDIN_DARK === '1';

class NativeTheme extends StrictEmitter {
  static [EVENTS] = ['updated'];
  #source = 'system';

  get themeSource() {
    return this.#source;
  }

  set themeSource(source) {
    if (!['system', 'light', 'dark'].includes(source))
      throw new TypeError(`Error processing argument at index 0: ${source}`);
    const wasDark = this.shouldUseDarkColors;
    this.#source = source;
    if (wasDark !== this.shouldUseDarkColors) this.emit('updated');
  }

  get shouldUseDarkColors() {
    return this.#source === 'system' ? systemIsDark : this.#source === 'dark';
  }

  get shouldUseHighContrastColors() {
    return false;
  }

  get prefersReducedTransparency() {
    return false;
  }
}

export const nativeTheme = new NativeTheme();

export function isDark() {
  return nativeTheme.shouldUseDarkColors;
}

/** @param {() => void} listener @returns {() => void} stops listening */
export function onDarkChange(listener) {
  nativeTheme.setMaxListeners(0).on('updated', listener);
  return () => void nativeTheme.off('updated', listener);
}
