import { AppError, type ErrorCode } from '../../contract/errors';

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Where, as in `snatEntries[2].eips[0]`; empty for the whole. */
  readonly path: string;
  /** What stands there, as JSON, perhaps shortened; null where something is missing. */
  readonly value: string | null;
  /** The rule that it breaks: the rest of a sentence that begins with the value, or with the path where there is none. */
  readonly rule: string;
}

/** Problems that are told at once. */
export const MAX_TOLD_PROBLEMS = 20;
/** Characters of a value that are shown. */
const LONGEST_VALUE = 60;

/** What is read, and the code of the error that says what is wrong with it. */
export interface Subject {
  readonly code: ErrorCode;
  readonly what: string;
}

/** Collects what is wrong with a configuration, so that all of it can be told at once. */
export class Problems {
  readonly #found: Problem[] = [];
  readonly #subject: Subject;

  constructor(subject: Subject = { code: 'GATEWAY_INVALID', what: 'the gateway configuration' }) {
    this.#subject = subject;
  }

  /** Something stands there that must not. */
  add(path: string, value: unknown, rule: string): void {
    this.#found.push({ path, value: shownValue(value), rule });
  }

  /** Something stands there that must not, as it was read; undefined where that was wrong already, which tells the value. */
  addRead(path: string, value: unknown, rule: string): void {
    if (value === undefined) this.addMissing(path, rule);
    else this.add(path, value, rule);
  }

  /** Something is wrong that has no value, such as a key that is missing. */
  addMissing(path: string, rule: string): void {
    this.#found.push({ path, value: null, rule });
  }

  /** True when something at `path` or below it is wrong, so that what follows from it is not told as well. */
  has(path: string): boolean {
    return this.#found.some(
      (problem) => problem.path.startsWith(path) && /^($|[.[])/.test(problem.path.slice(path.length)),
    );
  }

  /** @throws AppError of the subject's code, that names all problems, up to `MAX_TOLD_PROBLEMS` */
  throwIfAny(): void {
    const count = this.#found.length;
    if (count === 0) return;
    const told = this.#found.slice(0, MAX_TOLD_PROBLEMS);
    const more = count - told.length;
    const { code, what } = this.#subject;
    const lines = [...told.map(problemText), ...(more > 0 ? [`and ${more} more`] : [])];
    const message =
      count === 1
        ? `${what} is invalid: ${lines.join('')}`
        : [`${what} has ${count} problems`, ...lines.map((line) => `  ${line}`)].join('\n');
    throw new AppError(code, message, { count, problems: JSON.stringify(told) });
  }
}

function problemText({ path, value, rule }: Problem): string {
  const place = path === '' ? 'the configuration' : path;
  return value === null ? `${place} ${rule}` : `${place}: ${value} ${rule}`;
}

function shownValue(value: unknown): string {
  // What is too large for a number has no JSON.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return typeof value;
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}
