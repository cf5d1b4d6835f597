import type { AppError } from '../contract/errors';
import type { LogIndex, LogRelation } from './log-relation';
import type { Span } from './search-ast';
import type { BindValue } from './search-bind';

/** What the conditions of a search are written with. */
export interface SearchScope {
  readonly index: LogIndex;
  /** As in `LogRelation`. */
  readonly beside?: LogRelation['beside'];
  readonly bind: BindValue;
  /** Takes what is not wrong and yet may surprise, as one sentence. */
  readonly note: (text: string, span: Span) => void;
  /**
   * For what an index cannot be asked. Throws the error, unless another index is the one that decides: then nothing is
   * found in this one.
   *
   * @returns a condition that is never true
   */
  readonly refuse: (error: AppError) => string;
  /** Where the caps of the console hold: the entries whose terms a wildcard stands for, as what follows SELECT … */
  readonly console?: { readonly from: string };
}
