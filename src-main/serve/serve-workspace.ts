import { join } from 'node:path';
import { AppError } from '../contract/errors';
import { defaultWorkspaceDir } from '../engine/default-workspace';
import { EngineProcess } from '../engine/engine-process';
import { forkEngine } from '../engine/fork-engine';
import { openBrowser } from './open-browser';

export interface ServeWorkspaceOptions {
  /** Absolute; null for the default workspace. */
  readonly workspace: string | null;
  /** Absolute paths, for the first page that asks. */
  readonly captures: readonly string[];
  readonly port: number;
  /** Holds the bundles, in `out/`. */
  readonly packageFolder: string;
  readonly resourcesFolder: string;
}

export interface ServedWorkspace {
  readonly url: string;
  readonly port: number;
  /** Real path. */
  readonly workspace: string;
  openBrowser(): void;
  /**
   * Ends the connections, then the engine. What its pages import is cancelled, and nothing of that stays; what other hosts
   * and commands run in it ends well.
   *
   * @returns the number of the process that does so; null when there is none
   */
  close(): Promise<number | null>;
}

/** @throws AppError OPTION_INVALID when the port cannot be had; WORKSPACE_*, ENGINE_GONE when the engine cannot start */
export async function serveWorkspace(options: ServeWorkspaceOptions): Promise<ServedWorkspace> {
  const bundles = join(options.packageFolder, 'out');
  const engine = new EngineProcess({
    launch: forkEngine,
    entryPath: join(bundles, 'main', 'engine-entry.js'),
    workspaceDir: options.workspace ?? defaultWorkspaceDir(),
  });
  try {
    // The engine begins while the libraries of the server are loaded.
    const [{ startBrowserHost }] = await Promise.all([import('./browser-host'), engine.start()]);
    const workspace = engine.workspaceDir;
    if (workspace === null) throw new AppError('INTERNAL', 'the engine has started without a workspace');
    const host = await startBrowserHost({
      engine,
      workspace,
      pageFolder: join(bundles, 'renderer'),
      samplePath: join(options.resourcesFolder, 'sample.pcapng'),
      captures: options.captures,
      port: options.port,
    });
    return {
      url: host.url,
      port: host.port,
      workspace,
      openBrowser: () => openBrowser(host.url),
      close: async () => {
        await host.close();
        return engine.stop();
      },
    };
  } catch (cause) {
    await engine.stop();
    throw cause;
  }
}
