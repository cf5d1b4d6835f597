import type { AboutPanelOptionsOptions } from 'electron';
import type { AboutHost } from '../contract/host-bridge';
import { messages } from './messages';

/** @returns what the system's own panel shows of the app */
export function aboutPanel({ versions: [own, ...others], platform }: AboutHost): AboutPanelOptionsOptions {
  return {
    applicationName: messages.product,
    applicationVersion: own?.version ?? '',
    // The build, which macOS puts in brackets; ours has none.
    version: '',
    copyright: [...others.map(({ name, version }) => `${name} ${version}`), platform].join('\n'),
  };
}
