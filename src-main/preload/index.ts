import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CHANNEL } from '../contract/electron-channels';
import type { Outcome } from '../contract/errors';
import {
  HOST_CALLS,
  HOST_EVENTS,
  type EnginePipe,
  type EnginePipeListener,
  type PreloadApi,
} from '../contract/host-bridge';

/** Listeners of the page, called with the payload alone: an IPC event would hand out `ipcRenderer` as its sender. */
const listeners = new Map<string, Set<(payload: never) => void>>(HOST_EVENTS.map((name) => [name, new Set()]));
const pipes = new Map<number, EnginePipeListener>();
let lastPipe = 0;

// Before all else, since its connections are numbered anew.
ipcRenderer.send(CHANNEL.pageBegins);
ipcRenderer.on(CHANNEL.event, (_event, name: string, payload: unknown) => {
  for (const listener of [...(listeners.get(name) ?? [])]) listener(payload as never);
});
ipcRenderer.on(CHANNEL.engineBytes, (_event, id: number, bytes: Uint8Array) => pipes.get(id)?.onBytes(bytes));
ipcRenderer.on(CHANNEL.engineClose, (_event, id: number) => closePipe(id));

function closePipe(id: number): void {
  const listener = pipes.get(id);
  pipes.delete(id);
  listener?.onClose();
}

function unknownName(what: string): Outcome<never> {
  return { ok: false, error: { code: 'REQUEST_INVALID', message: `The host has no such ${what}`, detail: {} } };
}

function connectEngine(listener: EnginePipeListener): EnginePipe {
  const id = ++lastPipe;
  pipes.set(id, listener);
  ipcRenderer.send(CHANNEL.engineOpen, id);
  return {
    send: (bytes) => {
      if (pipes.has(id)) ipcRenderer.send(CHANNEL.engineBytes, id, bytes);
    },
    close: () => {
      if (!pipes.has(id)) return;
      ipcRenderer.send(CHANNEL.engineClose, id);
      closePipe(id);
    },
  };
}

const api: PreloadApi = {
  call: (name, request) =>
    HOST_CALLS.includes(name)
      ? // Main answers each call with an outcome of its own reply.
        (ipcRenderer.invoke(CHANNEL.call, name, request) as Promise<never>)
      : Promise.resolve(unknownName('call')),
  on: (name, listener) => {
    const ofName = listeners.get(name);
    if (ofName === undefined || typeof listener !== 'function') throw new TypeError('The host has no such event');
    // One for each time it is added, so that taking away one leaves the others.
    const own = (payload: never): void => listener(payload);
    ofName.add(own);
    return () => {
      ofName.delete(own);
    };
  },
  connectEngine,
  pathOf: (file) => webUtils.getPathForFile(file as File),
};

contextBridge.exposeInMainWorld('natscope', api);
