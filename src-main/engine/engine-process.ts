import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, toErrorShape, type ErrorDetail } from '../contract/errors';
import type { EngineState } from '../contract/host-bridge';
import type { EngineChild, EngineExit, EngineLauncher } from './engine-child';
import { readEngineMessage, type EngineMessage } from './engine-message';
import { OutputTail } from './output-tail';
import { openSocket } from './protocol/open-socket';

/** What a process that was asked to end gets to cancel its calls and close its database, or to say what it waits for. */
const STOP_MS = 5000;
/** The last words of a process may come after the news of its end. */
const LAST_WORDS_MS = 200;
/** Owners that end one after the other, each between being found and being connected to. */
const MAX_OWNERS = 3;

export interface EngineProcessOptions {
  readonly launch: EngineLauncher;
  /** Of the built `engine-entry.js`. */
  readonly entryPath: string;
  readonly workspaceDir: string;
  /** Told when `stop` begins to wait for the calls of others, where the engine cannot be left to them. */
  readonly onWaiting?: () => void;
}

type Listening = Extract<EngineMessage, { readonly kind: 'listening' }>;

/** One process that was launched. */
interface Launch {
  readonly child: EngineChild;
  readonly exited: Promise<EngineExit>;
  /** Settles when it was asked to end, and has calls of others to finish first. */
  readonly draining: Promise<'draining'>;
  /** Its end was asked for, or it found an owner and has nothing to do: no reason to worry. */
  mayEnd: boolean;
  hasExited: boolean;
}

/**
 * The engine of a host: a process that the host starts and watches, or the one of another host or command that has the
 * workspace open already. Connections to it are raw, for the host to pass through unopened.
 */
export class EngineProcess {
  readonly #options: EngineProcessOptions;
  readonly #listeners = new Set<(state: EngineState) => void>();
  #state: EngineState = { kind: 'starting' };
  readonly #sockets = new Set<Socket>();
  #launch: Launch | null = null;
  #engine: Listening | null = null;
  #starting: Promise<Listening> | null = null;
  #restarting: Promise<void> | null = null;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Real path of the workspace; null until an engine is ready for the first time. */
  get workspaceDir(): string | null {
    return this.#engine?.workspace ?? null;
  }

  /** @returns a function that stops listening */
  onState(listener: (state: EngineState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Starts the engine, unless it is there or on its way.
   *
   * @throws AppError what opening the workspace throws; ENGINE_GONE when the process ended before it said anything. The
   * state is `down` with the same error then
   */
  async start(): Promise<void> {
    if (this.#state.kind !== 'ready') await this.#started();
  }

  /**
   * A new connection to the engine's socket, whose bytes are those of the frame protocol. It starts an engine when none
   * was started yet, or when the one of another process has gone; one that is down stays down until `restart`.
   *
   * @throws AppError the error of the state when the engine is down; ENGINE_GONE
   */
  async connect(): Promise<Socket> {
    for (let owner = 0; owner < MAX_OWNERS; owner++) {
      if (this.#state.kind === 'down') throw AppError.fromShape(this.#state.error);
      const engine = this.#state.kind === 'ready' && this.#engine !== null ? this.#engine : await this.#started();
      const socket = await openSocket(engine.socketPath);
      if (socket !== null) {
        this.#sockets.add(socket);
        socket.on('close', () => this.#sockets.delete(socket));
        return socket;
      }
      // Our own is about to be reported as ended.
      if (engine.isOwner) break;
      if (this.#engine === engine && this.#starting === null) this.#setState({ kind: 'starting' });
    }
    throw new AppError('ENGINE_GONE', 'the engine does not take connections: start it again');
  }

  /**
   * Ends the engine, if it is ours and runs, and starts one. While it finishes the calls of others, it serves this host
   * as if it were another's.
   *
   * @throws AppError as `start`
   */
  restart(): Promise<void> {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = null;
    });
    return this.#restarting;
  }

  /**
   * Ends the engine if it is ours: what this host runs in it is cancelled, what other hosts and commands run in it ends
   * well. It is left to that where it can run without this process; elsewhere it is waited for. The state is `down` then.
   *
   * @returns the number of the process that was left; null when there is none
   */
  async stop(): Promise<number | null> {
    const left = await this.#end();
    this.#setState({ kind: 'down', error: toErrorShape(new AppError('ENGINE_GONE', 'the engine was stopped')) });
    return left;
  }

  async #restart(): Promise<void> {
    await this.#end();
    await this.#started();
  }

  #started(): Promise<Listening> {
    this.#starting ??= this.#begin().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async #begin(): Promise<Listening> {
    this.#setState({ kind: 'starting' });
    try {
      const engine = await this.#launchOne();
      this.#engine = engine;
      this.#setState({ kind: 'ready' });
      return engine;
    } catch (cause) {
      this.#setState({ kind: 'down', error: toErrorShape(cause) });
      throw cause;
    }
  }

  #launchOne(): Promise<Listening> {
    const { launch: start, entryPath, workspaceDir } = this.#options;
    const child = start(entryPath, [workspaceDir]);
    const tail = new OutputTail(child.stderr);
    const exited = new Promise<EngineExit>((resolve) => child.onExit(resolve));
    let heardDraining: (word: 'draining') => void = () => undefined;
    const draining = new Promise<'draining'>((resolve) => {
      heardDraining = resolve;
    });
    const launch: Launch = { child, exited, draining, mayEnd: false, hasExited: false };
    this.#launch = launch;
    return new Promise((resolve, reject) => {
      child.onMessage((value) => {
        const message = readEngineMessage(value);
        if (message === null) return;
        if (message.kind === 'draining') {
          heardDraining('draining');
          return;
        }
        launch.mayEnd ||= message.kind === 'failed' || !message.isOwner;
        if (message.kind === 'listening') resolve(message);
        else reject(AppError.fromShape(message.error));
      });
      void exited.then(async (exit) => {
        launch.hasExited = true;
        await Promise.race([tail.ended, delay(LAST_WORDS_MS, undefined, { ref: false })]);
        const error = goneError(exit, tail.text);
        // Without effect when it has said something before.
        reject(error);
        if (launch.mayEnd || this.#launch !== launch || this.#state.kind !== 'ready') return;
        this.#setState({ kind: 'down', error: toErrorShape(error) });
      });
    });
  }

  /** @returns as `stop` */
  async #end(): Promise<number | null> {
    const launch = this.#launch;
    const left = launch === null || launch.hasExited ? null : await this.#endLaunch(launch);
    // Whoever waits for a start that was broken off is told so first.
    await this.#starting?.catch(() => undefined);
    return left;
  }

  async #endLaunch(launch: Launch): Promise<number | null> {
    const { child, exited, draining } = launch;
    launch.mayEnd = true;
    // First, so that the engine tells the calls of this host from those of others.
    for (const socket of this.#sockets) socket.destroy();
    child.kill();
    const ended = await Promise.race([exited, draining, delay(STOP_MS, null, { ref: false })]);
    if (ended === 'draining') {
      if (child.leave !== null) {
        child.leave();
        this.#launch = null;
        return child.pid ?? null;
      }
      this.#options.onWaiting?.();
      await exited;
    } else if (ended === null) {
      killAtOnce(child);
      await exited;
    }
    return null;
  }

  #setState(state: EngineState): void {
    if (this.#state.kind === 'starting' && state.kind === 'starting') return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

function killAtOnce({ pid }: EngineChild): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It ended just now.
  }
}

function goneError({ code, signal, fault }: EngineExit, stderr: string): AppError {
  const detail: ErrorDetail = { exitCode: code, signal, stderr };
  if (fault !== undefined) return new AppError('ENGINE_GONE', `the engine cannot be started: ${fault}`, detail);
  const how = signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
  const message = `the engine ended unexpectedly (${how}), which takes nothing from what was imported before: start it again`;
  return new AppError('ENGINE_GONE', message, detail);
}
