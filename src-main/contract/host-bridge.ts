import type { ActId } from './acts';
import type { ErrorShape, Outcome } from './errors';
import type { SettingsChange, SettingsReport } from './settings';

/**
 * What a window has of its host: Electron's main process, or the loopback server behind a browser tab. The engine is
 * reached through it by frames that the host does not open; these calls are for what only a host can do.
 */

export type HostKind = 'desktop' | 'browser';

/** A place for an export that the user has chosen; only its host knows the path behind `id`. */
export interface ExportTarget {
  readonly id: string;
  /** As it is shown to the user. */
  readonly path: string;
}

export interface AboutHost {
  /** Natscope first, then what it is built on. */
  readonly versions: readonly { readonly name: string; readonly version: string }[];
  /** The system with its release and the kind of processor. */
  readonly platform: string;
}

/** What a window has under way, which holds until it says something else, its page is left or the window closes. */
export interface RunningWork {
  readonly kind: WorkKind;
  /** Part of it that is done, 0 to 1; null where that is not known. */
  readonly part: number | null;
}

export const WORK_KINDS = ['import', 'load', 'export'] as const;
export type WorkKind = (typeof WORK_KINDS)[number];

/** How some of it ended, unless the user ended it. */
export interface EndedWork {
  /** A sentence of the page. */
  readonly title: string;
  readonly tookMs: number;
  readonly hasFailed: boolean;
}

/** One line per call of a window to its host. Requests and replies are plain data. */
export interface HostCalls {
  /** Lets the user choose captures. @returns absolute paths; none when the choice was cancelled. Desktop only. */
  'capture:pick': { request: Record<string, never>; reply: readonly string[] };
  /** @returns the absolute path of the bundled sample */
  'capture:sample': { request: Record<string, never>; reply: string };
  /** @returns captures named on the command line, or handed over by the system, that no window has taken yet */
  'capture:handed': { request: Record<string, never>; reply: readonly string[] };
  /** Lets the user choose where a file or a folder goes. @returns null when the choice was cancelled. Desktop only. */
  'export:pick': { request: { readonly suggestedName: string }; reply: ExportTarget | null };
  /** Moves a finished export, a file or a folder, from the workspace's `tmp/exports` to its target, atomically. Desktop only. */
  'export:save': { request: { readonly file: string; readonly target: string }; reply: { readonly path: string } };
  /** Shows what `export:save` saved among the other files there. Desktop only. */
  'export:show': { request: { readonly path: string }; reply: null };
  /** Lets the browser fetch a file of a finished export, or its description: `ticket` is for its address, until all of it was sent. Browser only. */
  'export:fetch': { request: { readonly file: string }; reply: { readonly ticket: string } };
  /** The program that opens packets; name null for what the system opens them with. Desktop only. */
  'packet-program:read': { request: Record<string, never>; reply: { readonly name: string | null } };
  /** Lets the user choose the program that opens packets from now on. @returns null when the choice was cancelled. Desktop only. */
  'packet-program:pick': { request: Record<string, never>; reply: { readonly name: string } | null };
  /** Opens finished packets from the workspace's `tmp/exports` under a name, in the program of `packet-program:read`. Desktop only. */
  'packets:open': {
    request: { readonly file: string; readonly name: string };
    reply: { readonly program: string | null };
  };
  /** The settings of all windows. Desktop only: a browser keeps its own. */
  'settings:read': { request: Record<string, never>; reply: SettingsReport };
  /** Changes some of them for all windows, which are told by `settings:changed`. Desktop only. */
  'settings:change': { request: { readonly change: SettingsChange }; reply: null };
  /** Opens another window. Desktop only: a browser has tabs. */
  'window:open': { request: Record<string, never>; reply: null };
  /** Says what runs in this window; null for nothing. Desktop only. */
  'work:running': { request: { readonly running: RunningWork | null }; reply: null };
  /** Says how an import, a load or an export ended, to whoever looks elsewhere meanwhile. Desktop only. */
  'work:ended': { request: EndedWork; reply: null };
  /** What the host is, for whoever reports a fault. */
  'about:read': { request: Record<string, never>; reply: AboutHost };
  /** Starts the engine again after it ended. */
  'engine:restart': { request: Record<string, never>; reply: null };
}
export type HostCallName = keyof HostCalls;

export const HOST_CALLS = [
  'capture:pick',
  'capture:sample',
  'capture:handed',
  'export:pick',
  'export:save',
  'export:show',
  'export:fetch',
  'packet-program:read',
  'packet-program:pick',
  'packets:open',
  'settings:read',
  'settings:change',
  'window:open',
  'work:running',
  'work:ended',
  'about:read',
  'engine:restart',
] as const satisfies readonly HostCallName[];

/** The engine process as its host sees it. */
export type EngineState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready' }
  /** It ended, or could not start; `error` says why as far as is known. */
  | { readonly kind: 'down'; readonly error: ErrorShape };

/** What a host tells its windows without being asked. */
export interface HostEvents {
  'engine:state': EngineState;
  /** The user asked for something in a native menu. */
  'menu:command': MenuCommand;
  'settings:changed': SettingsReport;
  /** There are captures for `capture:handed`. */
  'capture:handed': Record<string, never>;
}
export type HostEventName = keyof HostEvents;

export const HOST_EVENTS = [
  'engine:state',
  'menu:command',
  'settings:changed',
  'capture:handed',
] as const satisfies readonly HostEventName[];

/** What a native menu asks of the page. */
export type MenuCommand = ActId;

/**
 * A browser sends longer frames in pieces of so many bytes, since a WebSocket holds all of a message before it passes it
 * on: what 512 connections can hold together so is 128 MiB.
 */
export const MAX_PIECE_BYTES = 256 * 1024;

/** A connection of a window to the engine: bytes of the frame protocol, cut anywhere. */
export interface EnginePipe {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export interface EnginePipeListener {
  onBytes(bytes: Uint8Array): void;
  /** Once, when no byte can come or go any more; at once when the engine is down. */
  onClose(): void;
}

/** What the preload script puts into the window as `natscope`; a browser host has the same over its WebSocket. */
export interface PreloadApi {
  call<K extends HostCallName>(name: K, request: HostCalls[K]['request']): Promise<Outcome<HostCalls[K]['reply']>>;
  /** @returns a function that stops listening */
  on<K extends HostEventName>(name: K, listener: (payload: HostEvents[K]) => void): () => void;
  connectEngine(listener: EnginePipeListener): EnginePipe;
  /** @param file a `File` of the DOM that was dropped or chosen. @returns its absolute path, empty when it has none */
  pathOf(file: unknown): string;
}
