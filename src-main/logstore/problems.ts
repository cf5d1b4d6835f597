import { AppError, type ErrorCode } from '../contract/errors';

/** One thing that is wrong with JSON that somebody wrote. */
interface Problem {
  /** Where, as in `keys.status.type`; empty for the whole. */
  readonly path: string;
  /** What stands there, as JSON, perhaps shortened; null where something is missing. */
  readonly value: string | null;
  /** The rule that it breaks: the rest of a sentence that begins with the value, or with the path where there is none. */
  readonly rule: string;
}

const MAX_TOLD_PROBLEMS = 20;
const LONGEST_VALUE = 60;

/** Collects what is wrong, so that all of it can be told at once. */
export class Problems {
  readonly #what: string;
  readonly #found: Problem[] = [];

  /** @param what it is that is read: `the index configuration` */
  constructor(what: string) {
    this.#what = what;
  }

  /** Something stands there that must not. */
  add(path: string, value: unknown, rule: string): void {
    const shown = (JSON.stringify(value) as string | undefined) ?? typeof value;
    this.#found.push({
      path,
      value: shown.length <= LONGEST_VALUE ? shown : `${shown.slice(0, LONGEST_VALUE)}…`,
      rule,
    });
  }

  /** Something is wrong that has no value, such as a key that is missing. */
  addMissing(path: string, rule: string): void {
    this.#found.push({ path, value: null, rule });
  }

  /** @throws AppError of that code that names path, value and rule of all problems, up to 20 */
  throwIfAny(code: ErrorCode): void {
    const count = this.#found.length;
    if (count === 0) return;
    const told = this.#found.slice(0, MAX_TOLD_PROBLEMS);
    const lines = told.map(({ path, value, rule }) => {
      const place = path === '' ? this.#what : path;
      return value === null ? `${place} ${rule}` : `${place}: ${value} ${rule}`;
    });
    if (count > told.length) lines.push(`and ${count - told.length} more`);
    const message =
      count === 1
        ? `${this.#what} is invalid: ${lines.join('')}`
        : [`${this.#what} has ${count} problems`, ...lines.map((line) => `  ${line}`)].join('\n');
    throw new AppError(code, message, { count, problems: JSON.stringify(told) });
  }
}

/** @returns the path of a key below a path */
export function below(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/u.test(key)) return `${path}[${JSON.stringify(key.slice(0, 60))}]`;
  return path === '' ? key : `${path}.${key}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
