import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One mistake in the built bundles of the desktop app. */
export interface Mistake {
  readonly name: string;
  /** The title of the promise that it breaks. */
  readonly breaks: string;
  /** File or folder below `out`; all scripts of a folder are looked at together. */
  readonly where: string;
  /** What it changes; null removes the file. It is written so that it holds whether the bundle is minified or not. */
  readonly pattern: RegExp | null;
  readonly replacement: string;
}

const BRIDGE = 'the page has the bridge, and cannot change it';
const CALLS = 'a call of the host is answered';
const NO_NODE = 'the page has nothing of Node';
const PERMISSIONS = 'the page may copy text, and has no other permission';
const POLICY = 'the page has a strict policy';
const main = 'main/app.js';
const preload = 'preload/index.cjs';

export const MISTAKES: readonly Mistake[] = [
  {
    ...{ name: 'channel drift', breaks: CALLS, where: preload },
    ...{ pattern: /host:call(?=["'`])/, replacement: 'host:calls' },
  },
  {
    ...{ name: 'preload throws', breaks: BRIDGE, where: preload },
    ...{ pattern: /\w+\.contextBridge\.exposeInMainWorld/, replacement: 'null.nothing,$&' },
  },
  {
    ...{ name: 'preload path wrong', breaks: BRIDGE, where: main },
    ...{ pattern: /index\.cjs(?=["'`])/, replacement: 'index.js' },
  },
  {
    ...{ name: 'sender check wrong', breaks: CALLS, where: main },
    ...{ pattern: /(parent\s*===\s*null\s*&&\s*\w+\.url\.startsWith\(["'`]app:\/\/)natscope/, replacement: '$1other' },
  },
  {
    ...{ name: 'nodeIntegration on', breaks: NO_NODE, where: main },
    ...{ pattern: /nodeIntegration:\s*(?:!1|false)/, replacement: 'nodeIntegration:true' },
  },
  {
    ...{ name: 'sandbox off', breaks: NO_NODE, where: main },
    ...{ pattern: /sandbox:\s*(?:!0|true)/, replacement: 'sandbox:false' },
  },
  {
    ...{ name: 'contextIsolation off', breaks: BRIDGE, where: main },
    ...{ pattern: /contextIsolation:\s*(?:!0|true)/, replacement: 'contextIsolation:false' },
  },
  {
    ...{ name: 'engine entry missing', breaks: 'the engine answers with octets', where: 'main/engine-entry.js' },
    ...{ pattern: null, replacement: '' },
  },
  {
    ...{ name: 'unclonable result', breaks: CALLS, where: main },
    ...{ pattern: /(capture:sample["'`]:\s*)\(\)\s*=>\s*\w+/, replacement: '$1()=>({call(){}})' },
  },
  {
    ...{ name: 'event channel drift', breaks: 'an event of the host reaches the page', where: 'main' },
    ...{ pattern: /host:event(?=["'`])/, replacement: 'host:events' },
  },
  {
    ...{ name: 'policy blocks own script', breaks: POLICY, where: 'main' },
    ...{ pattern: /script-src 'self'/, replacement: "script-src 'none'" },
  },
  {
    ...{ name: 'policy missing', breaks: POLICY, where: main },
    ...{ pattern: /Content-Security-Policy(?=["'`])/, replacement: 'X-Policy' },
  },
  {
    ...{ name: 'navigation allowed', breaks: 'the page cannot be left', where: main },
    // Both events are refused, and either alone would do.
    pattern: /(\w+\.on\(["'`])will-navigate(["'`][^;]{0,60}?["'`])will-frame-navigate(?=["'`])/,
    replacement: '$1will-redirect$2will-redirect',
  },
  {
    ...{ name: 'window.open allowed', breaks: 'no window can be opened', where: main },
    ...{ pattern: /action:\s*["'`]deny["'`]/, replacement: 'action:"allow"' },
  },
  {
    ...{ name: 'copying refused', breaks: PERMISSIONS, where: main },
    ...{ pattern: /clipboard-sanitized-write(?=["'`])/, replacement: 'clipboard-write' },
  },
  {
    ...{ name: 'any permission given', breaks: PERMISSIONS, where: main },
    ...{ pattern: /\w+\s*===\s*["'`]clipboard-sanitized-write["'`]\s*&&/, replacement: '' },
  },
  {
    name: 'unknown call let through',
    breaks: 'an unknown call gets no further than the preload script',
    ...{ where: preload, pattern: /\w+\.includes\(\w+\)\s*\?/, replacement: 'true?' },
  },
];

/**
 * Copies a built app, with links to what is not changed.
 *
 * @param appFolder holds `out` and package.json
 * @param folder to be made
 */
export function copyApp(appFolder: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // The command in one file is no part of the app.
  const isNeeded = (path: string): boolean => !/\.map$|\bcli\.(?:cjs|code)$/.test(path);
  cpSync(join(appFolder, 'out'), join(folder, 'out'), { recursive: true, filter: isNeeded });
  cpSync(join(appFolder, 'package.json'), join(folder, 'package.json'));
  for (const name of ['node_modules', 'resources']) symlinkSync(join(appFolder, name), join(folder, name));
}

/**
 * @param folder of a copied app
 * @returns how many places it changed: a mistake that changes none, or more than one, is not the one that it says
 */
export function plant({ where, pattern, replacement }: Mistake, folder: string): number {
  const path = join(folder, 'out', where);
  if (pattern === null) {
    if (!existsSync(path)) return 0;
    rmSync(path);
    return 1;
  }
  let places = 0;
  for (const file of scriptsAt(path)) {
    const text = readFileSync(file, 'utf8');
    places += text.match(new RegExp(pattern, 'g'))?.length ?? 0;
    writeFileSync(file, text.replace(pattern, replacement));
  }
  return places;
}

function scriptsAt(path: string): string[] {
  if (/\.c?js$/.test(path)) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.c?js$/.test(name))
    .map((name) => join(path, name));
}
