import { constantNode, textConstantOf } from '../sql-build';
import type { SqlType } from '../sql-types';
import { bounded } from './bounds';
import { macro, native, rewritten, type FunctionCall, type FunctionTable, type TypedNode } from './entry';

const PATH_PART = /^(?:\.([A-Za-z0-9_$-]+)|\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\[\s*'([^']*)'\s*\]|\[\s*(\d+)\s*\])/u;

/**
 * A path of the vendor's (`$.a.b`, `$["a-b"]`, `$[0]`, with or without `$`) as DuckDB writes it, every name in quotes.
 * @returns null for what is no path
 */
export function duckdbPath(path: string): string | null {
  let rest = path.startsWith('$') ? path.slice(1) : `.${path}`;
  let converted = '$';
  while (rest !== '') {
    const [whole, name, doubleQuoted, singleQuoted, index] = PATH_PART.exec(rest) ?? [];
    if (whole === undefined) return null;
    const key = name ?? doubleQuoted?.replaceAll('\\"', '"') ?? singleQuoted;
    // DuckDB's paths cannot quote a quote
    if (key?.includes('"') ?? false) return null;
    converted += index === undefined ? `."${key ?? ''}"` : `[${index}]`;
    rest = rest.slice(whole.length);
  }
  return converted;
}

/** A text that is no JSON has nothing in it; DuckDB would fail. A value that is JSON already needs no such check. */
const EXTRACT = 'CASE WHEN json_valid($1) THEN json_extract($1, $2) END';
const EXTRACT_JSON = 'json_extract($1, $2)';
/** A text, number or boolean as text, NULL for an object, an array and null. */
const SCALAR = `CASE WHEN json_valid($1) AND json_type($1, $2) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string($1, $2) END`;
/** Members of an object or an array, 0 for any other value. */
const SIZE = `CASE WHEN json_valid($1) THEN CASE json_type($1, $2) WHEN 'OBJECT' THEN len(json_keys($1, $2))
  WHEN 'ARRAY' THEN json_array_length($1, $2) WHEN NULL THEN NULL ELSE CASE WHEN json_exists($1, $2) THEN 0 END END END`;

const atPath =
  (choose: (type: SqlType) => string, type: SqlType) =>
  (call: FunctionCall): TypedNode => {
    const [json, path] = call.arguments;
    const text = path === undefined ? null : textConstantOf(path.node);
    if (json === undefined || text === null) {
      throw call.fail(
        'QUERY_UNSUPPORTED',
        `${call.name} needs a JSON value and a path that is written out, such as '$.a.b'.`,
      );
    }
    const converted = duckdbPath(text);
    if (converted === null) throw call.fail('QUERY_WRONG_TYPE', `Invalid JSON path: '${text}'`);
    return { node: call.expand(choose(json.type), [json.node, constantNode('VARCHAR', converted)]), type };
  };

const isArrayText = "json_valid($1) AND json_type($1) = 'ARRAY'";

export const JSONS: FunctionTable = {
  is_json_scalar: macro('boolean', "json_type($1) NOT IN ('OBJECT', 'ARRAY')"),
  json_array_contains: macro(
    'boolean',
    `CASE WHEN ${isArrayText} THEN list_contains(CAST(json_extract($1, '$[*]') AS VARCHAR[]), CAST(to_json($2) AS VARCHAR)) END`,
  ),
  json_array_get: macro('json', `CASE WHEN ${isArrayText} THEN json_extract($1, CAST($2 AS BIGINT)) END`),
  json_array_length: macro('integer', `CASE WHEN ${isArrayText} THEN CAST(json_array_length($1) AS BIGINT) END`),
  json_extract: rewritten(
    atPath((type) => (type === 'json' ? EXTRACT_JSON : EXTRACT), 'json'),
    {
      templates: [EXTRACT, EXTRACT_JSON],
    },
  ),
  json_extract_scalar: rewritten(
    atPath(() => SCALAR, 'text'),
    { templates: [SCALAR] },
  ),
  json_format: macro('text', bounded('json_format', "CAST(json_extract($1, '$') AS VARCHAR)", 'strlen(λt)', 'λt')),
  json_parse: macro(
    'json',
    `CASE WHEN $1 IS NULL OR json_valid($1) THEN json_extract($1, '$') ELSE error('Cannot convert to JSON: ' || substr($1, 1, 100)) END`,
  ),
  json_size: rewritten(
    atPath(() => SIZE, 'integer'),
    { templates: [SIZE] },
  ),
  to_json: native('json', { maxArguments: 1 }),
};
