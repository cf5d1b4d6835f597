import { arrayOf, commonType, elementOf, isMap, keyOf, mapOf, rowOf, valueOf, type SqlType } from '../sql-types';
import { bounded, MAX_MADE_ELEMENTS } from './bounds';
import { first, macro, native, rewritten, type FunctionTable, type LambdaShape, type TypeRule } from './entry';
import { reduction, mapFiltering } from './lambdas';

/** One evaluation of an expression that the rest reads several times, as `λt`. */
const once = (value: string, body: string): string =>
  `list_extract(list_transform(list_value(${value}), λt -> ${body}), 1)`;

const element: TypeRule = ([type]) => elementOf(type);
const merged: TypeRule = (types) => types.reduce(commonType, 'null');
const ofElement: LambdaShape = { kind: 'names', parameters: ([type]) => [elementOf(type)] };

/** Without repetitions, each element where it first occurs; DuckDB's own loses NULL and the order. */
const distinct = (list: string): string =>
  once(
    `list_sort(list_transform(${list}, (λv, λi) -> struct_pack(v := λv, i := λi)))`,
    `list_transform(list_sort(list_transform(
      list_filter(λt, (λe, λj) -> λj = 1 OR struct_extract(list_extract(λt, λj - 1), 'v') IS DISTINCT FROM struct_extract(λe, 'v')),
      λe -> struct_pack(i := struct_extract(λe, 'i'), v := struct_extract(λe, 'v')))), λe -> struct_extract(λe, 'v'))`,
  );

/** Arrays side by side as rows, whose members have the names that Presto gives them: DuckDB's own have none. */
function zipped(count: number): string {
  const places = Array.from({ length: count }, (_, index) => index + 1);
  const members = places.map((place) => `field${place - 1} := struct_extract_at(λe, ${place})`);
  return `list_transform(list_zip(${places.map((place) => `$${place}`).join(', ')}), λe -> struct_pack(${members.join(', ')}))`;
}

const zippedType: TypeRule = (types) =>
  arrayOf(rowOf(types.map((type, index) => ({ name: `field${index}`, type: elementOf(type) }))));
const entriesType: TypeRule = ([type]) =>
  arrayOf(
    rowOf([
      { name: 'key', type: keyOf(type) },
      { name: 'value', type: valueOf(type) },
    ]),
  );

const hasNull = (list: string): string => `list_count(${list}) < len(${list})`;
/** Whether some or all results of a lambda are true, NULL when NULL leaves it open. */
const some = (decisive: string, otherwise: string): string =>
  once(
    'list_transform($1, $2)',
    `CASE WHEN λt IS NULL THEN NULL WHEN list_contains(λt, ${decisive}) THEN ${decisive} WHEN ${hasNull('λt')} THEN NULL ELSE ${otherwise} END`,
  );
const TRUE = '(1 = 1)';
const FALSE = '(1 = 0)';

const SEQUENCE_ERROR = `error('result of sequence function must not have more than ${MAX_MADE_ELEMENTS} entries')`;

const arrayJoin = (text: string): string =>
  bounded(
    'array_join',
    `list_transform($1, λx -> ${text})`,
    'list_sum(list_transform(λt, λx -> strlen(λx))) + len(λt) * strlen($2)',
    'array_to_string(λt, $2)',
  );

const isNumber = ([type]: readonly SqlType[]): boolean => type === 'integer' || type === 'double';
const repeated = (made: string): string =>
  `CASE WHEN $2 > ${MAX_MADE_ELEMENTS} THEN error('count argument of repeat function must be less than or equal to ${MAX_MADE_ELEMENTS}')
    ELSE ${made} END`;
const repetition = (value: string): string => `list_transform(range(CAST(greatest($2, 0) AS BIGINT)), λi -> ${value})`;

const ARRAYS: FunctionTable = {
  all_match: macro('boolean', some(FALSE, TRUE), { lambdas: { 1: ofElement } }),
  any_match: macro('boolean', some(TRUE, FALSE), { lambdas: { 1: ofElement } }),
  array_distinct: macro(first, distinct('$1')),
  array_except: macro(merged, distinct('list_filter($1, λx -> list_position($2, λx) IS NULL)')),
  array_intersect: macro(merged, distinct('list_filter($1, λx -> list_position($2, λx) IS NOT NULL)')),
  array_join: macro('text', [arrayJoin('CAST(λx AS VARCHAR)'), arrayJoin('coalesce(CAST(λx AS VARCHAR), $3)')]),
  array_max: macro(element, `CASE WHEN ${hasNull('$1')} THEN NULL ELSE list_max($1) END`),
  array_min: macro(element, `CASE WHEN ${hasNull('$1')} THEN NULL ELSE list_min($1) END`),
  array_position: macro(
    'integer',
    'CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE CAST(coalesce(list_position($1, $2), 0) AS BIGINT) END',
  ),
  array_remove: macro(first, 'CASE WHEN $2 IS NULL THEN NULL ELSE list_filter($1, λx -> λx IS DISTINCT FROM $2) END'),
  array_sort: macro(first, "list_sort($1, 'ASC', 'NULLS LAST')"),
  array_sum: macro(element, 'coalesce(list_sum($1), 0)'),
  array_union: macro(merged, distinct('list_concat($1, $2)')),
  cardinality: macro('integer', [
    { sql: 'CAST(cardinality($1) AS BIGINT)', when: ([type]) => isMap(type) },
    'CAST(len($1) AS BIGINT)',
  ]),
  contains: macro(
    'boolean',
    `CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN list_contains($1, $2) THEN ${TRUE} WHEN ${hasNull('$1')} THEN NULL ELSE ${FALSE} END`,
  ),
  element_at: macro(
    ([type]) => (isMap(type) ? valueOf(type) : elementOf(type)),
    [
      { sql: 'map_extract_value($1, $2)', when: ([type]) => isMap(type) },
      "CASE WHEN $2 = 0 THEN error('SQL array indices start at 1') ELSE list_extract($1, $2) END",
    ],
  ),
  filter: native(first, { rename: 'list_filter', lambdas: { 1: ofElement }, maxArguments: 2 }),
  flatten: native(element, { maxArguments: 1 }),
  none_match: macro('boolean', `NOT (${some(TRUE, FALSE)})`, { lambdas: { 1: ofElement } }),
  reduce: rewritten(reduction, {
    lambdas: {
      2: { kind: 'names', parameters: ([list, state]) => [state ?? 'other', elementOf(list)] },
      3: { kind: 'names', parameters: ([, state]) => [state ?? 'other'] },
    },
    templates: [],
  }),
  repeat: macro(
    ([type]) => arrayOf(type ?? 'other'),
    [
      { sql: repeated(repetition('$1')), when: isNumber },
      // Of arrays in each other, the text alone tells how much they are.
      repeated(bounded('repeat', '$1', 'strlen(CAST(λt AS VARCHAR)) * $2', repetition('λt'))),
    ],
  ),
  sequence: macro(arrayOf('integer'), [
    `CASE WHEN abs(CAST($2 AS HUGEINT) - $1) >= ${MAX_MADE_ELEMENTS} THEN ${SEQUENCE_ERROR}
      ELSE generate_series(CAST($1 AS BIGINT), CAST($2 AS BIGINT), CASE WHEN $1 <= $2 THEN 1 ELSE -1 END) END`,
    `CASE WHEN $3 = 0 THEN error('step must not be zero') WHEN ($2 - $1) * sign($3) < 0 THEN error('sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start')
      WHEN (CAST($2 AS HUGEINT) - $1) // $3 >= ${MAX_MADE_ELEMENTS} THEN ${SEQUENCE_ERROR}
      ELSE generate_series(CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT)) END`,
  ]),
  shuffle: macro(
    first,
    "list_transform(list_sort(list_transform($1, λx -> struct_pack(r := random(), v := λx))), λe -> struct_extract(λe, 'v'))",
  ),
  slice: macro(
    first,
    `CASE WHEN $2 = 0 THEN error('SQL array indices start at 1') WHEN $3 < 0 THEN error('length must be greater than or equal to 0')
      WHEN $2 < 0 AND 0 - $2 > len($1) THEN list_slice($1, 1, 0)
      WHEN $2 < 0 THEN list_slice($1, len($1) + $2 + 1, len($1) + $2 + $3) ELSE list_slice($1, $2, $2 + $3 - 1) END`,
  ),
  transform: native((types) => arrayOf(types[1] ?? 'other'), {
    rename: 'list_transform',
    lambdas: { 1: ofElement },
    maxArguments: 2,
  }),
  zip: macro(zippedType, [2, 3, 4, 5].map(zipped)),
  zip_with: macro((types) => arrayOf(types[2] ?? 'other'), 'list_transform(list_zip($1, $2), $3)', {
    lambdas: { 2: { kind: 'pair', parameters: ([left, right]) => [elementOf(left), elementOf(right)] } },
  }),
};

const entryOf: LambdaShape = { kind: 'entry', parameters: ([type]) => [keyOf(type), valueOf(type)] };

const MAPS: FunctionTable = {
  map: macro(([keys, values]) => mapOf(elementOf(keys), elementOf(values)), ['map()', 'map($1, $2)']),
  map_concat: native(merged),
  map_entries: native(entriesType, { maxArguments: 1 }),
  map_filter: rewritten(mapFiltering, { lambdas: { 1: entryOf } }),
  map_keys: native(([type]) => arrayOf(keyOf(type)), { maxArguments: 1 }),
  map_values: native(([type]) => arrayOf(valueOf(type)), { maxArguments: 1 }),
  transform_keys: macro(
    ([type, key]) => mapOf(key ?? 'other', valueOf(type)),
    'map(list_transform(map_entries($1), $2), map_values($1))',
    { lambdas: { 1: entryOf } },
  ),
  transform_values: macro(
    (types) => mapOf(keyOf(types[0]), types[1] ?? 'other'),
    'map(map_keys($1), list_transform(map_entries($1), $2))',
    { lambdas: { 1: entryOf } },
  ),
};

export const COLLECTIONS: FunctionTable = {
  ...ARRAYS,
  ...MAPS,
  // what ARRAY[…] is to the parser in some places
  list_value: native((types) => arrayOf(types.reduce(commonType, 'null'))),
};
