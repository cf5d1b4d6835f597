import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { _electron, type Browser, type BrowserContext, type ElectronApplication, type Page } from '@playwright/test';
import {
  appFolder as defaultAppFolder,
  chromiumProgram,
  electronProgram,
  outputFolder,
  standinProgram,
  type HostName,
} from './hosts';

/** A running host with its window. `app` is null in a browser. */
export interface RunningHost {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly app: ElectronApplication | null;
  /** Where the app's page is. */
  readonly pageUrl: string;
  /** The host does nothing until it is let go on, as if it were very slow. */
  freeze(isFrozen: boolean): void;
  close(): Promise<void>;
}

interface RunningDesktop extends RunningHost {
  readonly app: ElectronApplication;
}

export interface StartOptions {
  readonly workspace: string;
  /** Folder for what an app keeps of its user beside the workspace. */
  readonly profile: string;
  /** Captures on its command line. */
  readonly captures: readonly string[];
  readonly appFolder?: string;
  readonly onStderr?: (text: string) => void;
}

const START_MS = 30_000;

/** What a test may not depend on: a workspace or a profile of whoever runs it. */
function ownEnvironment(): Record<string, string> {
  const { NATSCOPE_WORKSPACE: _, ...rest } = process.env;
  const entries = Object.entries(rest).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...Object.fromEntries(entries),
    NATSCOPE_STANDIN_DIR: join(outputFolder, 'standin'),
    CHROMIUM_PATH: chromiumProgram() ?? '',
  };
}

function programOf(host: Exclude<HostName, 'loopback'>): string {
  const program = host === 'electron' ? electronProgram() : standinProgram;
  if (program === null) throw new Error('there is no Electron');
  return program;
}

function desktopArguments({ appFolder = defaultAppFolder, workspace, profile, captures }: StartOptions): string[] {
  return [appFolder, `--workspace=${workspace}`, `--user-data-dir=${profile}`, ...captures];
}

/** Starts the app while it runs already. @returns its exit code, null when a signal ended it */
export async function startSecond(host: Exclude<HostName, 'loopback'>, options: StartOptions): Promise<number | null> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const args = [...desktopArguments(options), ...sandbox];
  const second = spawn(programOf(host), args, { env: ownEnvironment(), stdio: 'ignore', timeout: START_MS });
  await once(second, 'exit');
  return second.exitCode;
}

/** The desktop app, on Electron or on its stand-in: only the program differs. */
export async function startDesktop(
  host: Exclude<HostName, 'loopback'>,
  options: StartOptions,
): Promise<RunningDesktop> {
  const app = await _electron.launch({
    executablePath: programOf(host),
    args: desktopArguments(options),
    env: ownEnvironment(),
    timeout: START_MS,
  });
  app.process().stderr?.on('data', (chunk: Buffer) => options.onStderr?.(chunk.toString()));
  const page = await app.firstWindow();
  try {
    await page.waitForURL((url) => url.protocol !== 'about:');
  } catch (error) {
    await app.close();
    throw error;
  }
  const freeze = (isFrozen: boolean): void => freezeProcess(app.process(), isFrozen);
  return { app, page, context: app.context(), pageUrl: page.url(), freeze, close: () => app.close() };
}

function freezeProcess(process: ChildProcess, isFrozen: boolean): void {
  process.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT');
}

export async function startLoopback(browser: Browser, options: StartOptions): Promise<RunningHost> {
  const { url, process: server } = await startServer(options);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  return {
    ...{ app: null, page, context, pageUrl: page.url() },
    freeze: (isFrozen) => freezeProcess(server, isFrozen),
    close: async () => {
      await context.close();
      await stopServer(server);
    },
  };
}

/** @returns the printed address, which leads to the page once */
export async function startServer(
  options: StartOptions & { readonly port?: string },
): Promise<{ url: string; process: ChildProcess }> {
  const { appFolder = defaultAppFolder, workspace, captures, port = '0' } = options;
  const script = join(appFolder, 'src-main/launch/natscope.mjs');
  const child = spawn(
    process.execPath,
    [script, 'serve', ...captures, '--workspace', workspace, '--json', '--port', port],
    {
      cwd: appFolder,
      env: ownEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    options.onStderr?.(chunk.toString());
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
  for await (const line of createInterface(child.stdout)) {
    clearTimeout(timer);
    return { url: (JSON.parse(line) as { url: string }).url, process: child };
  }
  clearTimeout(timer);
  throw new Error(`natscope serve printed no address: ${stderr}`);
}

/** @returns its exit code, once it is gone */
export async function stopServer(server: ChildProcess): Promise<number | null> {
  if (server.exitCode === null && server.signalCode === null) {
    const gone = once(server, 'exit');
    server.kill('SIGTERM');
    await gone;
  }
  return server.exitCode;
}
