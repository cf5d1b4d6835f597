import { AppError } from '../contract/errors';
import type { JsonNode } from './sql-json';
import { LOG, type StatementContext } from './sql-statement-context';

/** SELECTs in each other: DuckDB's binder takes twice as long for each scalar subquery around another, 175 s at 26. */
const MAX_DEPTH = 12;
/** Each puts the Logstore's SELECT into the statement: 1,500 of them take 5 s to compile. */
const MAX_LOG_REFERENCES = 200;

/** How deep and how often a statement may nest and read, so that compiling it takes no time worth naming. */
export class StatementBounds {
  readonly #context: Pick<StatementContext, 'placeOf'>;
  /** Of the SELECT that is being rewritten; the outermost has 1. */
  #depth = 1;
  /** The largest depth so far, inside the outermost SELECT or the WITH name that is being rewritten. */
  #deepest = 1;
  #logReferences = 0;

  constructor(context: Pick<StatementContext, 'placeOf'>) {
    this.#context = context;
  }

  /**
   * @param node of the SELECT that `rewrite` is about
   * @throws AppError QUERY_UNSUPPORTED where it lies too deep
   */
  inside<T>(node: JsonNode, rewrite: () => T): T {
    this.#depth++;
    this.#reach(this.#depth, node);
    const result = rewrite();
    this.#depth--;
    return result;
  }

  /** @returns how many SELECTs lie in each other within what is rewritten, too */
  measured<T>(rewrite: () => T): { readonly result: T; readonly height: number } {
    const deepestBefore = this.#deepest;
    this.#deepest = this.#depth;
    const result = rewrite();
    const height = this.#deepest - this.#depth;
    this.#deepest = Math.max(deepestBefore, this.#deepest);
    return { result, height };
  }

  /**
   * A table of so many SELECTs in each other is read here.
   * @throws AppError QUERY_UNSUPPORTED where that is too deep
   */
  read(height: number, node: JsonNode): void {
    this.#reach(this.#depth + height, node);
  }

  /** @throws AppError QUERY_UNSUPPORTED for more reads of the Logstore than a statement may have */
  readLog(node: JsonNode): void {
    this.#logReferences++;
    if (this.#logReferences <= MAX_LOG_REFERENCES) return;
    const message = `A statement may read \`log\` ${MAX_LOG_REFERENCES} times at most: give what is read often a name with WITH.`;
    const detail = { construct: LOG, limit: MAX_LOG_REFERENCES, ...this.#context.placeOf(node) };
    throw new AppError('QUERY_UNSUPPORTED', message, detail);
  }

  #reach(depth: number, node: JsonNode): void {
    this.#deepest = Math.max(this.#deepest, depth);
    if (depth <= MAX_DEPTH) return;
    const message = `Subqueries and WITH names may lie in each other ${MAX_DEPTH} SELECTs deep at most, the outermost included.`;
    const detail = { construct: 'nested SELECT', limit: MAX_DEPTH, ...this.#context.placeOf(node) };
    throw new AppError('QUERY_UNSUPPORTED', message, detail);
  }
}
