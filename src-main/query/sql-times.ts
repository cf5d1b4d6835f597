import type { TypedNode } from './functions/entry';
import {
  castNode,
  choiceNode,
  columnNode,
  comparisonNode,
  constantNode,
  functionNode,
  lambdaNode,
  nullNode,
  operatorNode,
  selectNode,
  structNode,
  subqueryTable,
} from './sql-build';
import { instantOfLocal, isUtc, localTime, reading, type Clock, type ZoneClock } from './sql-clock';
import type { JsonNode } from './sql-json';
import type { SqlColumn } from './sql-scope';
import {
  elementOf,
  fieldsOf,
  isArray,
  isInstant,
  isMap,
  isRow,
  keyOf,
  valueOf,
  zoneOf,
  type SqlType,
} from './sql-types';

/** The clock whose time of day a value has: that of its own zone, or else the statement's. */
export function clockOf(type: SqlType, clock: Clock): ZoneClock {
  const zone = zoneOf(type);
  return zone === null ? clock : clock.within(zone);
}

const asTimestamp = (node: JsonNode): JsonNode => castNode(node, 'TIMESTAMP');

/** A time of day with an offset behind it, such as `12:00:00Z` or `12:00:00.5+08:00`: it says itself which instant it is. */
const WITH_OFFSET = String.raw`:\d\d(\.\d+)? ?([zZ]|[+-]\d\d(:?\d\d)?)$`;

/** The instant that a text is, by its own offset or else in the clock's zone. @param isTry NULL for a text that is no time */
export function instantOfText(clock: ZoneClock, text: JsonNode, isTry = false): JsonNode {
  const cast = (id: string): JsonNode => ({ ...castNode(text, id), try_cast: isTry });
  const local = instantOfLocal(clock, cast('TIMESTAMP'));
  const zoned = functionNode('epoch_us', [cast('TIMESTAMP WITH TIME ZONE')]);
  const hasOffset = functionNode('regexp_matches', [text, constantNode('VARCHAR', WITH_OFFSET)]);
  return choiceNode(hasOffset, functionNode('make_timestamp', [zoned]), local);
}

/** A value as an instant; of a date, its midnight. What is neither a time nor a text of one stays what it is. */
export function asInstant({ node, type }: TypedNode, clock: Clock): JsonNode {
  if (isInstant(type)) return node;
  if (type === 'date') return instantOfLocal(clock, asTimestamp(node));
  if (type === 'text') return instantOfText(clock, node);
  if (type !== 'other' || isUtc(clock)) return node;
  return reading(node, (value) => {
    const isKept = comparisonNode(
      'COMPARE_EQUAL',
      functionNode('typeof', [value]),
      constantNode('VARCHAR', 'TIMESTAMP'),
    );
    return choiceNode(isKept, asTimestamp(value), instantOfLocal(clock, asTimestamp(value)));
  });
}

/** What clocks show at a time: a TIMESTAMP. */
export function asLocal(value: TypedNode, clock: Clock): JsonNode {
  if (value.type === 'date') return asTimestamp(value.node);
  if (value.type === 'null') return value.node;
  return localTime(clockOf(value.type, clock), asTimestamp(asInstant(value, clock)));
}

/**
 * Values that stand side by side, as in a comparison: beside an instant, dates and texts become one as well, which DuckDB would
 * do as if clocks showed UTC.
 */
export function sideBySide(values: readonly TypedNode[], clock: Clock): readonly TypedNode[] {
  if (isUtc(clock) || !values.some(({ type }) => isInstant(type))) return values;
  return values.map((value) =>
    value.type === 'date' || value.type === 'text' || value.type === 'other'
      ? { node: asInstant(value, clock), type: 'timestamp' as const }
      : value,
  );
}

/** Whether a type is one of those asked for, or has one in it. */
function holds(type: SqlType, isOne: (type: SqlType) => boolean): boolean {
  if (isArray(type)) return holds(elementOf(type), isOne);
  if (isMap(type)) return holds(keyOf(type), isOne) || holds(valueOf(type), isOne);
  if (isRow(type)) return fieldsOf(type).some((field) => holds(field.type, isOne));
  return isOne(type);
}

/** Whether a type is one of instants, or has one in it. */
export const holdsInstants = (type: SqlType): boolean => holds(type, isInstant);
const holdsUnknown = (type: SqlType): boolean => holds(type, (inner) => inner === 'other');
const holdsMixed = (type: SqlType): boolean => holds(type, (inner) => inner === 'mixed zones');

/** A value with each instant in it replaced. */
function eachInstant(value: TypedNode, replaced: (node: JsonNode, type: SqlType) => JsonNode): JsonNode {
  const { node, type } = value;
  if (!holdsInstants(type)) return node;
  if (isArray(type)) return eachElement(node, elementOf(type), replaced);
  if (isRow(type)) return eachField(node, type, replaced);
  if (!isMap(type)) return replaced(node, type);
  return reading(node, (map) => {
    const keys = eachElement(functionNode('map_keys', [map]), keyOf(type), replaced);
    const values = eachElement(functionNode('map_values', [map]), valueOf(type), replaced);
    return functionNode('map', [keys, values]);
  });
}

/** A row that is NULL stays so: one that is made of its fields would not be. */
function eachField(node: JsonNode, type: SqlType, replaced: (node: JsonNode, type: SqlType) => JsonNode): JsonNode {
  return reading(node, (row) => {
    const fields = fieldsOf(type).map(({ name, type: inner }, index) => {
      const field = functionNode('struct_extract_at', [row, constantNode('INTEGER', index + 1)]);
      return [name, eachInstant({ node: field, type: inner }, replaced)] as const;
    });
    const isNull = operatorNode('OPERATOR_IS_NULL', [row]);
    return choiceNode(isNull, nullNode(), structNode(Object.fromEntries(fields)));
  });
}

function eachElement(list: JsonNode, type: SqlType, replaced: (node: JsonNode, type: SqlType) => JsonNode): JsonNode {
  if (!holdsInstants(type)) return list;
  const name = 'λv';
  const body = eachInstant({ node: columnNode(name), type }, replaced);
  return functionNode('list_transform', [list, lambdaNode([name], body)]);
}

const UNKNOWN =
  'A time in a value whose type is not known would be shown in UTC: take it out of the row or the CASE that it is in, and cast it to timestamp';
const MIXED = 'Times of two zones cannot be in one column: cast those with a zone to timestamp';

/** A value as it is read: every instant in it as the clocks of its zone show it. What is not known to be shown right fails. */
export function asShown(value: TypedNode, clock: Clock): JsonNode {
  if (holdsMixed(value.type)) return functionNode('error', [constantNode('VARCHAR', MIXED)]);
  const shown = eachInstant(value, (node, type) => localTime(clockOf(type, clock), node));
  if (isUtc(clock) || !holdsUnknown(value.type)) return shown;
  return reading(shown, (known) => {
    const names = functionNode('typeof', [known]);
    const hasTime = functionNode('contains', [names, constantNode('VARCHAR', 'TIMESTAMP')]);
    return choiceNode(hasTime, functionNode('error', [constantNode('VARCHAR', UNKNOWN)]), known);
  });
}

/** A value whose instants were made of texts or dates as if clocks showed UTC, with those that are meant. */
export function asMeant(value: TypedNode, clock: Clock): JsonNode {
  return isUtc(clock) ? value.node : eachInstant(value, (node) => instantOfLocal(clock, node));
}

/** Whether `asShown` changes a value. */
function isChanged(type: SqlType, clock: Clock): boolean {
  if (!isUtc(clock)) return holdsInstants(type) || holdsUnknown(type);
  return holds(type, (inner) => inner === 'mixed zones' || zoneOf(inner) !== null);
}

/**
 * The outermost query with times as clocks show them, or with instants as they are.
 *
 * @param form `local` for TIMESTAMPs of the zone's clocks; `instant` leaves columns of times as TIMESTAMPs of UTC, and shows
 * those inside of arrays and maps
 */
export function shownQuery(
  query: JsonNode,
  columns: readonly SqlColumn[],
  clock: Clock,
  form: 'local' | 'instant',
): JsonNode {
  const isKept = ({ type }: SqlColumn): boolean => form === 'instant' && isInstant(type);
  if (!columns.some((column) => isChanged(column.type, clock) && !isKept(column))) return query;
  const names = columns.map((_, index) => `λ${index}`);
  const items = columns.map((column, index) => {
    const node = columnNode('λshown', names[index] ?? '');
    return { ...(isKept(column) ? node : asShown({ node, type: column.type }, clock)), alias: column.name };
  });
  return selectNode({ select_list: items, from_table: subqueryTable(query, 'λshown', names) });
}
