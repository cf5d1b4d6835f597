import { mount } from 'svelte';
import App from './App.svelte';
import { AppState } from './app-state.svelte';
import { BrowserBridge } from './services/browser-bridge';
import { CookieSettings } from './services/settings-store';
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
const settings = bridge.kind === 'browser' ? new CookieSettings(document) : storage;
mount(App, { target, props: { app: new AppState(bridge, storage, session, settings) } });
