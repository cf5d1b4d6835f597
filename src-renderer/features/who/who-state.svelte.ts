import type { AnsweredComplaint, Attribution, AttributionQuestion } from '../../../src-main/contract/attribution';
import type { ErrorShape } from '../../../src-main/contract/errors';
import type { Calls } from '../../../src-main/contract/ipc';
import type { Notice } from '../../../src-main/contract/result-batch';
import type { Engine } from '../../services/engine-connection.svelte';
import type { LogstorePlace } from '../logstore/logstore-state.svelte';
import { candidatesOf, type Candidate } from './candidates';
import { complaintsSummary, outcomeText } from './who-facts';
import {
  NO_QUESTION,
  QUESTION_FIELDS,
  isQuestion,
  namesZone,
  readQuestion,
  readSkew,
  type QuestionProblems,
  type WrittenQuestion,
} from './who-question';
import { endpointText } from './written-endpoint';

/** What was found of one question. */
export interface Answered {
  readonly place: LogstorePlace;
  /** Of the time that was asked for, where that names none. */
  readonly zone: string;
  readonly question: AttributionQuestion;
  readonly answer: Attribution;
  readonly candidates: readonly Candidate[];
  readonly notices: readonly Notice[];
}

export interface AnsweredComplaints {
  readonly place: LogstorePlace;
  readonly zone: string;
  readonly text: string;
  readonly skewSec: number;
  readonly complaints: readonly AnsweredComplaint[];
  readonly notices: readonly Notice[];
}

/** Who was behind a public endpoint: one question, or all those of a text. A newer question owns the state. */
export class WhoState {
  place = $state.raw<LogstorePlace | null>(null);
  view = $state<'one' | 'many'>('one');
  written = $state.raw<WrittenQuestion>(NO_QUESTION);
  /** What was wrong with the question that was asked last. */
  problems = $state.raw<QuestionProblems>({});
  answered = $state.raw<Answered | null>(null);
  /** The fields as they were when that was asked. */
  #asked = $state.raw<WrittenQuestion>(NO_QUESTION);
  /** Whether what is written is another question than that of the answer. */
  readonly isEdited = $derived.by(() => {
    if (this.answered === null) return false;
    const { place, zone, question } = this.answered;
    if (!this.#isPlace(place) || (zone !== this.#zone() && !namesZone(question.at))) return true;
    return QUESTION_FIELDS.some((field) => this.written[field] !== this.#asked[field]);
  });
  /** Place among the candidates of the answer. */
  chosen = $state(0);
  complaintsText = $state('');
  complaintsSkew = $state('5');
  complaints = $state.raw<AnsweredComplaints | null>(null);
  /** Whether the complaints that are written are others than those that are answered. */
  readonly areComplaintsEdited = $derived.by(() => {
    if (this.complaints === null) return false;
    const { place, zone, text, skewSec } = this.complaints;
    if (!this.#isPlace(place) || readSkew(this.complaintsSkew) !== skewSec) return true;
    return text !== this.complaintsText || zone !== this.#zone();
  });
  isRunning = $state(false);
  /** Why what was asked last has no answer, where it was asked, and as what. */
  #failed = $state.raw<{
    readonly view: WhoState['view'];
    readonly written: WrittenQuestion | string;
    readonly error: ErrorShape;
  } | null>(null);
  readonly #engine: Engine;
  readonly #zone: () => string;
  readonly #say: (text: string) => void;
  #generation = 0;
  #cancel: () => void = () => undefined;

  /**
   * @param zone of times that name none
   * @param say tells a screen reader what came out
   */
  constructor(engine: Engine, zone: () => string, say: (text: string) => void) {
    this.#engine = engine;
    this.#zone = zone;
    this.#say = say;
  }

  /** Of what is shown, one question or a text. */
  get error(): ErrorShape | null {
    return this.#failed?.view === this.view ? this.#failed.error : null;
  }

  #isPlace({ project, logstore }: LogstorePlace): boolean {
    return this.place?.project === project && this.place.logstore === logstore;
  }

  write(part: Partial<WrittenQuestion>): void {
    this.written = { ...this.written, ...part };
  }

  show(view: 'one' | 'many'): void {
    this.view = view;
    this.#failed = null;
  }

  /** @returns whether there was a question to ask */
  async ask(): Promise<boolean> {
    const { place, written } = this;
    const question = readQuestion(written);
    this.problems = isQuestion(question) ? {} : question;
    // That of the question before, which would be taken for one of this.
    this.#failed = null;
    if (place === null || !isQuestion(question)) return false;
    const zone = this.#zone();
    const report = await this.#run('attribution:read', { ...place, zone, run: null, questions: [question] });
    const [answer] = report?.answers ?? [];
    if (report === null || answer === undefined) return true;
    this.answered = { place, zone, question, answer, candidates: candidatesOf(answer), notices: report.notices };
    this.#asked = written;
    this.chosen = 0;
    this.#say(outcomeText(answer));
    return true;
  }

  async askComplaints(): Promise<void> {
    const { place, complaintsText: text } = this;
    const skewSec = readSkew(this.complaintsSkew);
    if (place === null || skewSec === null) return;
    const zone = this.#zone();
    const report = await this.#run('attribution:complaints', { ...place, zone, run: null, text, skewSec });
    if (report === null) return;
    this.complaints = { place, zone, text, skewSec, ...report };
    this.#say(complaintsSummary(report.complaints));
  }

  /** Whether what is shown, one question or a text, was asked before. */
  get canAskAgain(): boolean {
    return (this.view === 'one' ? this.answered : this.complaints) !== null;
  }

  async askAgain(): Promise<void> {
    if (this.view === 'one') await this.ask();
    else await this.askComplaints();
  }

  /** Asks what an engine that is gone has left without an answer, unless something else is being written by now. */
  async goOn(): Promise<void> {
    if (this.error?.code === 'ENGINE_GONE' && this.#failed?.written === this.#writing) await this.askAgain();
  }

  get #writing(): WrittenQuestion | string {
    return this.view === 'one' ? this.written : this.complaintsText;
  }

  /** Writes a question into the form, and asks it. */
  async openQuestion({ address, port, at, skewSec, destination, protocol }: AttributionQuestion): Promise<void> {
    this.written = {
      endpoint: endpointText({ address, port }),
      at,
      skewSec: String(skewSec),
      destination: destination === null ? '' : endpointText(destination),
      protocol: protocol === null ? '' : String(protocol),
    };
    this.show('one');
    await this.ask();
  }

  cancel(): void {
    this.#generation++;
    this.#cancel();
    this.#cancel = () => undefined;
    this.isRunning = false;
  }

  /** @returns null when it failed, or another one was asked since */
  async #run<K extends 'attribution:read' | 'attribution:complaints'>(
    call: K,
    request: Calls[K]['request'],
  ): Promise<Calls[K]['reply'] | null> {
    this.cancel();
    const generation = this.#generation;
    this.isRunning = true;
    this.#failed = null;
    const asked = { view: this.view, written: this.#writing };
    const running = this.#engine.call(call, request);
    this.#cancel = () => running.cancel();
    const outcome = await running.outcome;
    if (generation !== this.#generation) return null;
    this.#cancel = () => undefined;
    this.isRunning = false;
    if (outcome.ok) return outcome.value;
    this.#failed = { ...asked, error: outcome.error };
    return null;
  }
}
