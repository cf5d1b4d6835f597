import { AppError, toErrorShape, type Outcome } from '../../../src-main/contract/errors';
import { applyVariables, variablesOf, type AppliedQuery } from '../../../src-main/query/query-variables';
import { ownValue } from '../../services/own-value';

/** What a function gives, or the coded error that it throws. Any other error is a bug, and stays one. */
export function outcomeOf<T>(act: () => T): Outcome<T> {
  try {
    return { ok: true, value: act() };
  } catch (cause) {
    if (cause instanceof AppError) return { ok: false, error: toErrorShape(cause) };
    throw cause;
  }
}

/** The values of a query's variables: as they are typed, else as they were saved. */
export class VariableInputs {
  typed = $state.raw<Readonly<Record<string, string>>>({});
  defaults = $state.raw<Readonly<Record<string, string>>>({});

  /** @returns an empty text where nothing is typed */
  typedOf(name: string): string {
    return ownValue(this.typed, name) ?? '';
  }

  /** @returns undefined where nothing is typed and there is no default */
  valueOf(name: string): string | undefined {
    const typed = this.typedOf(name);
    return typed === '' ? ownValue(this.defaults, name) : typed;
  }

  type(name: string, value: string): void {
    this.typed = { ...this.typed, [name]: value };
  }

  /** @param defaults of the query that is opened, in whose fields nothing is typed */
  reset(defaults: Readonly<Record<string, string>>): void {
    this.defaults = defaults;
    this.typed = {};
  }

  apply(text: string): Outcome<AppliedQuery> {
    const values = Object.fromEntries(variablesOf(text).map((name) => [name, this.valueOf(name)]));
    return outcomeOf(() => applyVariables(text, values));
  }
}
