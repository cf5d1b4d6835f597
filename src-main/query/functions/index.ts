import { ADDRESSES } from './addresses';
import { AGGREGATES, SKETCHES, WINDOWS } from './aggregates';
import { BINARIES } from './binary';
import { COLLECTIONS } from './collections';
import { CONDITIONALS } from './conditionals';
import { DATES } from './dates';
import type { FunctionTable, SqlFunction } from './entry';
import { JSONS } from './json';
import { MATHS } from './maths';
import { OPERATORS } from './operators';
import { REFUSED } from './refused';
import { REGEXPS } from './regexp';
import { SERIES } from './series';
import { TEXT } from './text';
import { URLS } from './urls';

const tableOf = (...parts: readonly FunctionTable[]): ReadonlyMap<string, SqlFunction> =>
  new Map(parts.flatMap((part) => Object.entries(part)));

/**
 * Functions and operators of the dialect by the name in DuckDB's tree, folded; each entry says whether DuckDB has the
 * function, an expression stands for it, it is rewritten, or it is refused and why. What is not here is refused too:
 * table functions, settings, files, and DuckDB's own functions that the vendor does not have.
 * @see sls-logstore.md §3.7
 */
export const SCALAR_FUNCTIONS = tableOf(
  ...[OPERATORS, MATHS, TEXT, REGEXPS, JSONS, URLS, BINARIES, DATES, COLLECTIONS, ADDRESSES, CONDITIONALS],
  ...[SKETCHES, SERIES, REFUSED],
);

/** Aggregates, alone or with OVER, by folded name. */
export const AGGREGATE_FUNCTIONS = tableOf(AGGREGATES);

/** Functions that exist only with OVER, by folded name. */
export const WINDOW_FUNCTIONS = tableOf(WINDOWS);
