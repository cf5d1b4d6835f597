import type { Readable } from 'node:stream';
import { utilityProcess } from 'electron';
import type { EngineLauncher } from '../engine/engine-child';

/** Starts the engine as a utility process, which ends with this one. To be called when the app is ready. */
export const forkEngine: EngineLauncher = (entryPath, args) => {
  const child = utilityProcess.fork(entryPath, [...args], {
    serviceName: 'Natscope engine',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return {
    get pid() {
      return child.pid;
    },
    // Electron types it as any stream that can be read.
    stderr: child.stderr as Readable | null,
    onMessage: (listener) => child.on('message', listener),
    // Electron tells a signal as a code.
    onExit: (listener) => child.on('exit', (code) => listener({ code, signal: null })),
    kill: () => child.kill(),
    leave: null,
  };
};
