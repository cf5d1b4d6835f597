import { first, macro, native, type FunctionTable } from './entry';

/** The vendor's name of a type that DuckDB names: `BIGINT[]` is `array(bigint)`. */
const TYPE_NAME = String.raw`regexp_replace(replace(replace(replace(lower(typeof($1)), 'integer', 'bigint'), 'blob', 'varbinary'), '"null"', 'unknown'), '^(.*)\[\]$', 'array(\1)')`;

export const CONDITIONALS: FunctionTable = {
  nullif: native(first),
  typeof: macro('text', TYPE_NAME),
};
