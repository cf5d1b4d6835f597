import type { AttributedSession, AttributionQuestion } from '../../../src-main/contract/attribution';
import type { ErrorShape, Outcome } from '../../../src-main/contract/errors';
import { entryIdText } from '../../../src-main/contract/log-entry';
import type { QueryRequest } from '../../../src-main/contract/query';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import type { Engine } from '../../services/engine-connection.svelte';
import { entriesOf, type EntryValues } from './entry-values';

/** Entries of one session that are shown at most on either side; the drawer says where there are more. */
export const MAX_CHAIN = 50;

/** What is known of an entry beside its own fields. */
export interface EntryEvidence {
  /** Entries of the same session, oldest first, this one among them; null for a log without sessions. */
  readonly chain: readonly EntryValues[] | null;
  readonly isChainCut: boolean;
  /** The life of its mapping; null where it is not known. */
  readonly session: AttributedSession | null;
  /** It came from a file of entries, and no packets are known of it. */
  readonly isLoaded: boolean;
}

/** The log entry that is looked at closely. A newer one owns the state. */
export class EntryState {
  /** Its row in the answer; null while none is open. */
  row = $state<number | null>(null);
  evidence = $state.raw<EntryEvidence | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  readonly #engine: Engine;
  #shown: string | null = null;
  #generation = 0;
  #cancel: () => void = () => undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get isOpen(): boolean {
    return this.row !== null;
  }

  open(row: number): void {
    this.row = row;
  }

  close(): void {
    this.row = null;
    this.#shown = null;
    this.#forget();
  }

  /** Looks for what is known of an entry, once. */
  async show(request: QueryRequest, entry: EntryValues): Promise<void> {
    const key = entry.id === null ? null : entryIdText(entry.id);
    if (key === this.#shown) return;
    this.#shown = key;
    const generation = this.#forget();
    if (entry.id === null) return;
    const { project, logstore, snapshot } = request;
    const batches: ResultBatch[] = [];
    const around = { back: MAX_CHAIN, forward: MAX_CHAIN };
    const chain = this.#engine.call(
      'context:read',
      { project, logstore, snapshot, entry: entry.id, same: 'session', ...around },
      { onBatch: (batch) => void batches.push(batch) },
    );
    const question = questionOf(entry);
    const asking =
      question === null
        ? null
        : this.#engine.call('attribution:read', {
            project,
            logstore,
            zone: 'UTC',
            run: entry.id.run,
            questions: [question],
          });
    this.#cancel = () => {
      chain.cancel();
      asking?.cancel();
    };
    const [linked, asked] = await Promise.all([chain.outcome, asking?.outcome ?? null]);
    if (generation !== this.#generation) return;
    this.#cancel = () => undefined;
    // A log of any fields has no sessions, which is no error of this page.
    const hasFailed = !linked.ok && linked.error.code !== 'LOGSTORE_MISMATCH';
    if (hasFailed) this.#fail(linked);
    // The entry is there, so its run is: it is no import.
    const isLoaded = asked?.ok === false && asked.error.code === 'RUN_NOT_FOUND';
    if (asked?.ok === false && !isLoaded && !hasFailed) this.#fail(asked);
    this.evidence = {
      chain: linked.ok ? entriesOf(batches) : null,
      isChainCut: linked.ok && (linked.value.before === MAX_CHAIN || linked.value.after === MAX_CHAIN),
      session: asked?.ok === true ? sessionWith(asked.value.answers, key) : null,
      isLoaded,
    };
  }

  #forget(): number {
    this.#cancel();
    this.#cancel = () => undefined;
    this.evidence = null;
    this.error = null;
    return ++this.#generation;
  }

  #fail(outcome: Extract<Outcome<unknown>, { ok: false }>): void {
    this.error = outcome.error;
    // It is asked for again when it is shown again.
    this.#shown = null;
  }
}

/** @returns who had the translated endpoint when the entry began; null where the log does not have what that takes */
export function questionOf(entry: EntryValues): AttributionQuestion | null {
  const address = entry.text('nat_ip');
  const port = entry.number('nat_port');
  const at = entry.text('start_time');
  const protocol = entry.number('protocol');
  if (address === null || port === null || at === null) return null;
  const [outer, outerPort] = [entry.text('pub_ip'), entry.number('pub_port')];
  const destination = outer === null ? null : { address: outer, port: outerPort };
  // The field has whole seconds, and the first packet came within that one.
  return { address, port, protocol, at, skewSec: 1, destination };
}

function sessionWith(
  answers: readonly { readonly hosts: readonly { readonly sessions: readonly AttributedSession[] }[] }[],
  id: string | null,
): AttributedSession | null {
  const sessions = answers.flatMap(({ hosts }) => hosts.flatMap((host) => host.sessions));
  return sessions.find(({ entries }) => entries.some((entry) => entry.id === id)) ?? null;
}
