import { resolve } from 'node:path';
import { AppError } from '../contract/errors';
import type { CallName, Calls } from '../contract/ipc';
import type { CallListeners } from '../contract/wire';
import type { OpenedEngine, OpenEngineOptions } from '../engine/open-engine';
import type { Context } from './context';

const CANCELLING = 'Cancelling … Ctrl-C again ends at once.';
const WAITING_FOR_OTHERS =
  'Waiting for another command that uses this workspace through this one … Ctrl-C twice ends that one as well.\n';
const WAITING_FOR_OWN = 'Waiting for the database to stop … Ctrl-C again ends at once.\n';
/** Closing takes this long only when something still runs: calls of another command, or what was cancelled. */
const SAY_WAITING_MS = 1000;

/** An opened workspace, as commands use it: calls that throw, and that Ctrl-C cancels. */
export interface EngineSession {
  readonly workspace: string;
  /** Whether the engine runs in this process. */
  readonly isHere: boolean;
  /**
   * @returns the reply, after every batch was taken
   * @throws AppError what the engine answered
   * @throws what a listener threw, after the call was cancelled
   */
  run<K extends CallName>(name: K, request: Calls[K]['request'], listeners?: CallListeners): Promise<Calls[K]['reply']>;
}

export interface SessionOptions extends OpenEngineOptions {
  /** What is said at the first Ctrl-C. */
  readonly interrupted?: string;
}

/**
 * Opens the workspace for the time of `action`. Ctrl-C cancels the running call; a second one ends the process.
 *
 * @param workspaceOption as the user wrote it; undefined for the default workspace
 * @throws AppError WORKSPACE_*, and what `action` throws
 */
export async function withEngine<T>(
  context: Context,
  workspaceOption: string | undefined,
  action: (session: EngineSession) => Promise<T>,
  { interrupted = CANCELLING, ...options }: SessionOptions = {},
): Promise<T> {
  const { io, err } = context;
  let isInterrupted = false;
  const opening = new AbortController();
  const running = new Set<{ readonly cancel: () => void }>();
  const stopListening = io.onInterrupt(() => {
    isInterrupted = true;
    opening.abort();
    err.tell(`${io.isStderrTty ? '\r\u001b[K' : ''}${interrupted}\n`);
    for (const call of running) call.cancel();
  });

  const sessionOf = (engine: OpenedEngine): EngineSession => ({
    workspace: engine.workspace,
    isHere: engine.isHere,
    run: async (name, request, listeners = {}) => {
      let fault: Error | null = null;
      const onBatch: CallListeners['onBatch'] = async (batch) => {
        if (fault !== null) return;
        try {
          await listeners.onBatch?.(batch);
        } catch (cause) {
          fault = cause instanceof Error ? cause : new Error(String(cause), { cause });
          call.cancel();
        }
      };
      const call = engine.client.call(name, request, { ...listeners, onBatch });
      running.add(call);
      // It may have come while the workspace was being opened.
      if (isInterrupted) call.cancel();
      const outcome = await call.outcome;
      running.delete(call);
      const raised = fault as Error | null;
      if (raised !== null) throw raised;
      if (!outcome.ok) throw AppError.fromShape(outcome.error);
      return outcome.value;
    },
  });

  try {
    const engine = await context.openEngine(workspacePath(context, workspaceOption), {
      ...options,
      signal: opening.signal,
      onWaiting: (pid) => {
        err.tell(
          `Waiting for process ${pid}, which finishes what others do in this workspace and then ends. Ctrl-C gives up.\n`,
        );
      },
    });
    try {
      return await action(sessionOf(engine));
    } finally {
      const saying = setTimeout(() => {
        err.tell(engine.isServingOthers() ? WAITING_FOR_OTHERS : WAITING_FOR_OWN);
      }, SAY_WAITING_MS);
      await engine.close();
      clearTimeout(saying);
    }
  } finally {
    stopListening();
  }
}

/**
 * @param option as the user wrote it
 * @returns absolute path; null for the default workspace
 * @throws AppError OPTION_INVALID when it is empty
 */
export function workspacePath({ io }: Context, option: string | undefined): string | null {
  if (option === undefined) return null;
  if (option === '') throw new AppError('OPTION_INVALID', '--workspace needs the path of a folder');
  return resolve(io.cwd, option);
}
