import type { DialectFunction } from '../../../src-main/contract/dialect';
import type { ValueCount } from '../../../src-main/contract/field-statistics';
import type { QueryRequest } from '../../../src-main/contract/query';
import type { Engine } from '../../services/engine-connection.svelte';

/** What the engine knows and whoever writes a query wants to: functions, and the frequent values of fields. */
export class QueryHelp {
  readonly #engine: Engine;
  #functions: Promise<readonly DialectFunction[]> | null = null;
  #searched: QueryRequest | null = null;
  /** Of entries in the range of `#searched`, by field. */
  readonly #values = new Map<string, Promise<readonly ValueCount[]>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Asks once; none, and asks again later, where there is no answer. */
  functions(): Promise<readonly DialectFunction[]> {
    this.#functions ??= this.#engine.call('dialect:read', {}).outcome.then((outcome) => {
      if (outcome.ok) return outcome.value.functions;
      this.#functions = null;
      return [];
    });
    return this.#functions;
  }

  /**
   * The most frequent values in the range of an answer, whatever was searched for in it: the condition that they are for is
   * being changed. Asks once for a field and an answer, unless it was cancelled.
   *
   * @param searched `pinned` of the answer
   * @param onCancel is given what ends the call, in case nobody wants the values any more
   * @returns none where they cannot be read
   */
  values(
    searched: QueryRequest,
    field: string,
    onCancel: (cancel: () => void) => void,
  ): Promise<readonly ValueCount[]> {
    if (searched !== this.#searched) this.#values.clear();
    this.#searched = searched;
    const known = this.#values.get(field);
    if (known !== undefined) return known;
    const { project, logstore, from, to, zone, snapshot } = searched;
    const request = { project, logstore, from, to, zone, snapshot, text: '*', field };
    const running = this.#engine.call('field:read', request);
    let isAnswered = false;
    const values = running.outcome.then((outcome) => {
      isAnswered = true;
      return outcome.ok ? outcome.value.top : [];
    });
    this.#values.set(field, values);
    onCancel(() => {
      if (isAnswered) return;
      if (this.#values.get(field) === values) this.#values.delete(field);
      running.cancel();
    });
    return values;
  }
}
