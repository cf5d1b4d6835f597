import { mount } from 'svelte';
import App from './App.svelte';
import { AppState } from './app-state.svelte';
import { BrowserBridge } from './services/browser-bridge';
import { openSettings } from './services/settings-place';
import { takeKey } from './services/session-key';
import { desktopBridge } from './services/desktop-bridge';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');

/** A browser that keeps nothing for this page still shows it. */
function openStorage(kind: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return window[kind];
  } catch {
    return null;
  }
}

const storage = openStorage('localStorage');
const session = openStorage('sessionStorage');
const bridge =
  window.natscope === undefined
    ? new BrowserBridge({ origin: location.origin, key: takeKey(window, session) })
    : desktopBridge(window.natscope);
const settings = await openSettings(bridge, document);
const app = new AppState(bridge, storage, session, settings);
window.addEventListener('vite:preloadError', () => app.tellPartMissing());
mount(App, { target, props: { app } });
