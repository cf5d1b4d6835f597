import type { AppError, ErrorCode } from '../../contract/errors';
import type { JsonNode } from '../sql-json';
import type { Clock } from '../sql-clock';
import type { SqlType } from '../sql-types';

export type TypeRule = (types: readonly SqlType[]) => SqlType;
/** Type of a call, or how it follows from those of its arguments. */
export type ResultRule = SqlType | TypeRule;

export interface TypedNode {
  readonly node: JsonNode;
  readonly type: SqlType;
}

/**
 * What the parameters of a lambda stand for: `names` are columns of DuckDB's own lambda, one each; `entry` the key and the
 * value of an entry of a map, `pair` the two elements of a zipped list, each of which is one column to DuckDB.
 */
export interface LambdaShape {
  readonly kind: 'names' | 'entry' | 'pair';
  /** Types of the parameters by those of the arguments, as the vendor has them. */
  readonly parameters: (types: readonly SqlType[]) => readonly SqlType[];
}

interface Signature {
  readonly result: ResultRule;
  /** Most arguments the dialect takes; DuckDB checks the rest. Above it, some functions turn into another one. */
  readonly maxArguments?: number;
  /** Indexes of arguments that are times and may be given as epoch seconds, as the vendor's date functions do. */
  readonly timeArguments?: readonly number[];
  /** Lambdas by the index of their argument; anywhere else, a lambda is refused. */
  readonly lambdas?: Readonly<Record<number, LambdaShape>>;
}

/** DuckDB's own function, perhaps under another name. */
export interface NativeFunction extends Signature {
  readonly kind: 'native';
  readonly rename?: string;
  /**
   * Cast put around the call: DuckDB's sums are HUGEINT and some of its counts are doubles, where the vendor has bigint.
   */
  readonly castWhen?: { readonly result: SqlType; readonly to: 'BIGINT' | 'DOUBLE' | 'TIMESTAMP' };
}

export interface MacroVariant {
  /** An expression over `$1`, `$2`, …; as many arguments as the highest of them are needed. */
  readonly sql: string;
  readonly when?: (types: readonly SqlType[]) => boolean;
  readonly result?: ResultRule;
}

/** An expression over DuckDB's functions with the vendor's results, put in the place of the call. */
export interface MacroFunction extends Signature {
  readonly kind: 'macro';
  /** The first that fits the number and the types of the arguments is taken. */
  readonly variants: readonly MacroVariant[];
}

/** A call as a rewriting function sees it; arguments are rewritten already. */
export interface FunctionCall {
  readonly name: string;
  readonly arguments: readonly TypedNode[];
  readonly clock: Clock;
  /** One of the entry's own expressions with its parameters filled in. */
  expand(sql: string, parameters: readonly JsonNode[]): JsonNode;
  /** An error at the call's place in the query. */
  fail(code: ErrorCode, message: string): AppError;
}

/** A call whose replacement depends on more than the number and types of its arguments. */
export interface RewrittenFunction extends Omit<Signature, 'result'> {
  readonly kind: 'rewritten';
  readonly rewrite: (call: FunctionCall) => TypedNode;
  /** The expressions that `expand` is asked for. */
  readonly templates?: readonly string[];
}

/** A function of the vendor's that this dialect does not have, and why. */
export interface RefusedFunction {
  readonly kind: 'refused';
  readonly why: string;
}

export type SqlFunction = NativeFunction | MacroFunction | RewrittenFunction | RefusedFunction;
export type FunctionTable = Readonly<Record<string, SqlFunction>>;

type Options<Entry> = Partial<Omit<Entry, 'kind' | 'result' | 'variants' | 'rewrite' | 'why'>>;

export function native(result: ResultRule, options: Options<NativeFunction> = {}): NativeFunction {
  return { kind: 'native', result, ...options };
}

export function macro(
  result: ResultRule,
  variants: string | readonly (string | MacroVariant)[],
  options: Options<MacroFunction> = {},
): MacroFunction {
  const list = typeof variants === 'string' ? [variants] : variants;
  return {
    kind: 'macro',
    result,
    variants: list.map((variant) => (typeof variant === 'string' ? { sql: variant } : variant)),
    ...options,
  };
}

export function rewritten(
  rewrite: RewrittenFunction['rewrite'],
  options: Options<RewrittenFunction> = {},
): RewrittenFunction {
  return { kind: 'rewritten', rewrite, ...options };
}

export const refused = (why: string): RefusedFunction => ({ kind: 'refused', why });

/** How many arguments an expression takes: its highest parameter. */
export function parameterCount(sql: string): number {
  return Math.max(0, ...Array.from(sql.matchAll(/\$(\d+)/gu), ([, digits]) => Number(digits)));
}

export function resultType(rule: ResultRule, types: readonly SqlType[]): SqlType {
  return typeof rule === 'function' ? rule(types) : rule;
}

export const first: TypeRule = (types) => types[0] ?? 'other';
