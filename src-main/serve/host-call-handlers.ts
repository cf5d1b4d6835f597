import { AppError } from '../contract/errors';
import { aboutHost } from '../engine/about-host';
import type { HostCallHandlers } from '../engine/host-requests';
import type { DownloadTickets } from './download-tickets';
import type { HostEngine } from './host-engine';

export interface HostCallContext {
  readonly engine: HostEngine;
  readonly samplePath: string;
  /** @returns the captures of the command line, to the first that asks */
  readonly takeHanded: () => readonly string[];
  readonly tickets: DownloadTickets;
}

function desktopOnly(what: string): never {
  throw new AppError('REQUEST_INVALID', `A browser host cannot ${what}: the page does it`);
}

/** @returns what the browser host does for its pages */
export function browserHostCalls({ engine, samplePath, takeHanded, tickets }: HostCallContext): HostCallHandlers {
  return {
    'capture:pick': () => desktopOnly('choose captures'),
    'capture:sample': () => samplePath,
    'capture:handed': takeHanded,
    'export:pick': () => desktopOnly('choose where an export goes'),
    'export:save': () => desktopOnly('save an export'),
    'export:show': () => desktopOnly('show where an export is'),
    'export:fetch': ({ file }) => ({ ticket: tickets.issue(file) }),
    'packet-program:read': () => desktopOnly('start a program'),
    'packet-program:pick': () => desktopOnly('choose a program'),
    'packets:open': () => desktopOnly('open packets in a program'),
    'settings:read': () => desktopOnly('keep settings'),
    'settings:change': () => desktopOnly('keep settings'),
    'window:open': () => desktopOnly('open a window'),
    'work:running': () => desktopOnly('show what runs'),
    'work:ended': () => desktopOnly('say what has ended'),
    'about:read': aboutHost,
    'engine:restart': async () => {
      await engine.restart();
      return null;
    },
  };
}
