import { AppError, toErrorShape } from '../contract/errors';
import type { ImportProgress, ImportReport, ImportRequest } from '../contract/imports';
import type { Notice } from '../contract/result-batch';
import type { ImportContext, SharedImport } from './import-service';
import { isPipe } from './pipe-source';
import { relayPipes } from './pipe-relay';
import { ReplayClock } from './replay-clock';

/** An import through one of several gateways. */
export interface SideImport {
  readonly gateway: string;
  readonly run: (
    request: Pick<ImportRequest, 'streams'>,
    context: ImportContext,
    shared: SharedImport,
  ) => Promise<ImportReport>;
}

/** What became of imports that went on side by side. */
export interface SideReports {
  /** In their order, null where one failed. */
  readonly reports: readonly (ImportReport | null)[];
  /** Why the first that failed did; null where none has. */
  readonly failure: Error | null;
}

/** @returns whether captures cannot be gone through by one gateway after the other */
export function isReadOnce({ captures, streams = [], live }: ImportRequest): boolean {
  return live === true || streams.length > 0 || captures.some(isPipe);
}

/**
 * Imports through several gateways at once what can be read once: each gets all octets of the pipes, and none gets far ahead
 * of the others. When one fails, the others end, live ones with what they have read, and say so; all are over then.
 *
 * @throws AppError OPTION_INVALID for a terminal
 */
export async function importSideBySide(
  request: ImportRequest,
  imports: readonly SideImport[],
  context: ImportContext,
): Promise<SideReports> {
  const { captures, streams = [] } = request;
  const fromElsewhere = new Map(streams.map(({ capture, socketPath }) => [capture, socketPath]));
  const pipes = captures
    .filter((capture) => fromElsewhere.has(capture) || isPipe(capture))
    .map((capture) => ({ capture, socketPath: fromElsewhere.get(capture) ?? null }));
  const relay = await relayPipes(pipes, imports.length);
  const side = new SideBySide(request, imports, context);
  relay.fault.catch((cause: unknown) => side.fail(null, cause));
  try {
    return { reports: await side.run(relay.streams), failure: side.failure?.cause ?? null };
  } finally {
    relay.close();
  }
}

class SideBySide {
  /** Null as long as none has failed. */
  failure: { readonly gateway: string | null; readonly cause: Error } | null = null;
  readonly #imports: readonly SideImport[];
  readonly #context: ImportContext;
  readonly #ending = new AbortController();
  readonly #shared: SharedImport;
  /** By their places; null before the first. */
  readonly #progress: (ImportProgress | null)[];
  #full = 0;
  /** The run that stands for all of a replay. */
  #replay: number | null = null;

  constructor({ live, speed }: ImportRequest, imports: readonly SideImport[], context: ImportContext) {
    this.#imports = imports;
    this.#context = context;
    this.#progress = imports.map(() => null);
    this.#shared = {
      clock: live === true && speed !== undefined ? ReplayClock.begin(speed) : null,
      begun: (run) => (this.#replay ??= run),
      stop: () => this.#ending.abort(),
      endedFor: () => this.#endedFor(),
    };
  }

  run(streams: NonNullable<ImportRequest['streams']>): Promise<(ImportReport | null)[]> {
    const signal = AbortSignal.any([this.#context.signal, this.#ending.signal]);
    const running = this.#imports.map(async ({ gateway, run }, place) => {
      try {
        return await run({ streams }, { ...this.#contextOf(place), signal }, this.#shared);
      } catch (cause) {
        this.fail(gateway, cause);
        return null;
      }
    });
    return Promise.all(running);
  }

  fail(gateway: string | null, cause: unknown): void {
    this.failure ??= { gateway, cause: cause instanceof Error ? cause : AppError.fromShape(toErrorShape(cause)) };
    this.#ending.abort();
  }

  #contextOf(place: number): Omit<ImportContext, 'signal'> {
    const context = this.#context;
    return {
      emit: (name, payload) => {
        if ('packets' in payload) this.#progress[place] = payload;
        context.emit(name, this.#slowest() ?? payload);
      },
      endOnCancel: () => context.endOnCancel?.(),
      // Until the last one is full, all can be taken back.
      passNoReturn: () => {
        this.#full++;
        if (this.#full === this.#imports.length) context.passNoReturn();
      },
    };
  }

  /** What all have come to. */
  #slowest(): ImportProgress | null {
    const known = this.#progress.filter((each) => each !== null);
    const [slowest] = known.toSorted((a, b) => a.packets - b.packets);
    if (slowest?.replay === undefined) return slowest ?? null;
    return { ...slowest, replay: { ...slowest.replay, run: this.#replay ?? slowest.replay.run } };
  }

  #endedFor(): readonly Notice[] {
    if (this.failure === null) return [];
    const { gateway, cause } = this.failure;
    const what = gateway === null ? 'the reading of the captures' : `the import through gateway ${gateway} beside it`;
    const text = `It was ended before its captures were, since ${what} failed: ${toErrorShape(cause).message}.`;
    return [{ kind: 'losses', text }];
  }
}

/** @param kept live imports beside it that ended with what they had read */
export function failedBeside(cause: Error, kept: readonly { readonly gateway: string; readonly run: number }[]): Error {
  if (kept.length === 0) return cause;
  const { code, message, detail } = toErrorShape(cause);
  const runs = kept.map(({ gateway, run }) => `${gateway} (run ${run})`).join(', ');
  const text = `${message}. The import through ${runs} was ended by that, and what it had read is kept`;
  return new AppError(code, text, { ...detail, kept: kept.map(({ run }) => run).join('\n') }, { cause });
}
