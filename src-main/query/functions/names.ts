import type { DialectFunction } from '../../contract/dialect';
import { AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS, WINDOW_FUNCTIONS } from './index';
import type { SqlFunction } from './entry';
import { OPERATORS } from './operators';
import { SERIES } from './series';

/** The parser knows them itself, so that the tables do not have them. */
const OF_THE_PARSER = ['coalesce', 'if'];
/** As DuckDB's tree has `count(*)`. */
const OF_THE_TREE = 'count_star';
/** Operators and what only rewriting writes have other characters. */
const NAME = /^[a-z]\w*$/u;

function isCalled(name: string, entry: SqlFunction): boolean {
  if (!NAME.test(name) || name === OF_THE_TREE || Object.hasOwn(OPERATORS, name)) return false;
  // Those of series are refused only where they do not stand in their place.
  return entry.kind !== 'refused' || Object.hasOwn(SERIES, name);
}

/** @returns the functions that a statement can call, by name */
export function dialectFunctions(): readonly DialectFunction[] {
  const named = (kind: DialectFunction['kind'], table: ReadonlyMap<string, SqlFunction>): DialectFunction[] =>
    [...table].filter(([name, entry]) => isCalled(name, entry)).map(([name]) => ({ name, kind }));
  const all = [
    ...OF_THE_PARSER.map((name): DialectFunction => ({ name, kind: 'scalar' })),
    ...named('scalar', SCALAR_FUNCTIONS),
    ...named('aggregate', AGGREGATE_FUNCTIONS),
    ...named('window', WINDOW_FUNCTIONS),
  ];
  return all.sort((one, other) => (one.name < other.name ? -1 : 1));
}
