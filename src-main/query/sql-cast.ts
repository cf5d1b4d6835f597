import { constantNode } from './sql-build';
import { instantOfLocal, type Clock } from './sql-clock';
import { isNode, nodeAt, nodesAt, textAt, type JsonNode } from './sql-json';
import { asInstant, asMeant, asShown, holdsInstants, instantOfText } from './sql-times';
import { arrayOf, mapOf, zoneOf, type SqlType } from './sql-types';

const TYPES: ReadonlyMap<string, SqlType> = new Map([
  ['TINYINT', 'integer'],
  ['SMALLINT', 'integer'],
  ['INTEGER', 'integer'],
  ['BIGINT', 'integer'],
  ['FLOAT', 'double'],
  ['DOUBLE', 'double'],
  // as a number with a fraction, which is what matters to division
  ['DECIMAL', 'double'],
  ['VARCHAR', 'text'],
  ['BOOLEAN', 'boolean'],
  ['DATE', 'date'],
  ['TIMESTAMP', 'timestamp'],
  ['BLOB', 'binary'],
]);

export interface CastTarget {
  readonly type: SqlType;
  /** The type's node, as DuckDB's printer keeps it. */
  readonly node: JsonNode;
  /** Characters of a `varchar(n)`. */
  readonly length: number | null;
}

/** @returns null for a type that the dialect does not have */
export function castTarget(node: JsonNode): CastTarget | null {
  const id = textAt(node, 'id');
  const info = node['type_info'];
  const plain = TYPES.get(id);
  if (plain !== undefined) return info === null || id === 'DECIMAL' ? { type: plain, node, length: null } : null;
  if (!isNode(info)) return null;
  if (id === 'UNBOUND') return namedTarget(node, textAt(info, 'name').toLowerCase());
  if (id === 'LIST') {
    const element = castTarget(nodeAt(info, 'child_type'));
    // what is inside of another type cannot be shortened
    return element?.length === null ? { type: arrayOf(element.type), node, length: null } : null;
  }
  if (id !== 'MAP') return null;
  const fields = nodesAt(nodeAt(nodeAt(info, 'child_type'), 'type_info'), 'child_types');
  const [key, value] = fields.map((field) => castTarget(nodeAt(field, 'second')));
  if (key?.length !== null || value?.length !== null) return null;
  return { type: mapOf(key.type, value.type), node, length: null };
}

/** `json`, and the `varchar_7` that our lexer makes of `varchar(7)`, whose length DuckDB's parser drops. */
function namedTarget(node: JsonNode, name: string): CastTarget | null {
  if (name === 'json') return { type: 'json', node, length: null };
  const digits = /^varchar_(\d+)$/u.exec(name)?.[1];
  if (digits === undefined) return null;
  return { type: 'text', node: { id: 'VARCHAR', type_info: null }, length: Number(digits) };
}

const WHOLE = String.raw`regexp_full_match($1, '[+-]?\d+')`;
/** DuckDB would round `12.5` and trim ` 12`. */
const TEXT_TO_INTEGER = `CASE WHEN $1 IS NULL OR ${WHOLE} THEN CAST($1 AS BIGINT) ELSE error('Cannot cast ''' || substr($1, 1, 100) || ''' to BIGINT') END`;
const TEXT_TO_INTEGER_OR_NULL = `CASE WHEN ${WHOLE} THEN TRY_CAST($1 AS BIGINT) END`;
/** Halves away from zero, where DuckDB rounds to the even. */
const ROUNDED = 'round($1)';
const TIME_TO_TEXT = "strftime($1, '%Y-%m-%d %H:%M:%S.%g')";
const ZONED_TO_TEXT = "strftime($1, '%Y-%m-%d %H:%M:%S.%g') || ' ' || $2";
const JSON_TO_TEXT = "json_extract_string($1, '$')";
const TO_JSON = 'to_json($1)';
const SHORTENED = 'substr($1, 1, $2)';

/** The expressions that `castValue` is filled from. */
export const CAST_TEMPLATES: readonly string[] = [
  ...[TEXT_TO_INTEGER, TEXT_TO_INTEGER_OR_NULL, ROUNDED, TIME_TO_TEXT, ZONED_TO_TEXT, JSON_TO_TEXT, TO_JSON, SHORTENED],
];

/** A cast with Presto's results. `cast` is the node as DuckDB would have it, its child rewritten. */
export function castValue(
  cast: JsonNode,
  from: SqlType,
  target: CastTarget,
  clock: Clock,
  expand: (sql: string, parameters: readonly JsonNode[]) => JsonNode,
): JsonNode {
  const child = nodeAt(cast, 'child');
  const plain: JsonNode = { ...cast, cast_type: target.node };
  const isTry = cast['try_cast'] === true;
  if (target.type === 'timestamp') return castToInstant(plain, from, clock);
  if (holdsInstants(target.type)) {
    return holdsInstants(from) ? plain : asMeant({ node: plain, type: target.type }, clock);
  }
  if (target.type === 'double' || target.type === 'boolean' || target.type === 'binary') return plain;
  if (target.type === 'integer') {
    if (from === 'double') return { ...plain, child: expand(ROUNDED, [child]) };
    if (from !== 'text') return plain;
    return expand(isTry ? TEXT_TO_INTEGER_OR_NULL : TEXT_TO_INTEGER, [child]);
  }
  const shown: JsonNode = { ...plain, child: asShown({ node: child, type: from }, clock) };
  if (target.type === 'json') return expand(TO_JSON, [nodeAt(shown, 'child')]);
  if (target.type !== 'text') return shown;
  const text = textOf(shown, from, expand);
  if (target.length === null) return text;
  return expand(SHORTENED, [text, constantNode('INTEGER', target.length)]);
}

function castToInstant(plain: JsonNode, from: SqlType, clock: Clock): JsonNode {
  const child = nodeAt(plain, 'child');
  if (from === 'text') return instantOfText(clock, child, plain['try_cast'] === true);
  if (from === 'date') return instantOfLocal(clock, plain);
  return from === 'other' ? asInstant({ node: child, type: from }, clock) : plain;
}

function textOf(
  shown: JsonNode,
  from: SqlType,
  expand: (sql: string, parameters: readonly JsonNode[]) => JsonNode,
): JsonNode {
  const child = nodeAt(shown, 'child');
  const zone = zoneOf(from);
  if (zone !== null) return expand(ZONED_TO_TEXT, [child, constantNode('VARCHAR', zone)]);
  if (from === 'timestamp') return expand(TIME_TO_TEXT, [child]);
  return from === 'json' ? expand(JSON_TO_TEXT, [child]) : shown;
}
