import { commonType, isArray, isMap, isNumber, isTime, elementOf, valueOf } from '../sql-types';
import { macro, native, type FunctionTable, type TypeRule } from './entry';

export const numeric: TypeRule = (types) =>
  types.every((type) => isNumber(type) || type === 'null') ? types.reduce(commonType, 'null') : 'other';

const plus: TypeRule = ([left, right]) => {
  if (right === undefined) return isNumber(left) ? (left ?? 'other') : 'other';
  if (left === undefined) return 'other';
  if (isTime(left) && right === 'interval') return left === 'date' ? 'timestamp' : left;
  if (left === 'interval' && isTime(right)) return right === 'date' ? 'timestamp' : right;
  if (left === 'date' && right === 'integer') return 'date';
  if (left === 'interval' && right === 'interval') return 'interval';
  return numeric([left, right]);
};
const minus: TypeRule = ([left, right]) => {
  if (left === 'date' && right === 'date') return 'integer';
  if (isTime(left) && isTime(right)) return 'interval';
  if (left === 'interval' && right === undefined) return 'interval';
  return plus([left, right].filter((type) => type !== undefined));
};

/** Type of `||` and `concat`: of arrays when one operand is an array, else text. */
export const joined: TypeRule = (types) => {
  const arrays = types.filter(isArray);
  return arrays.length > 0 ? arrays.reduce<ReturnType<TypeRule>>(commonType, 'null') : 'text';
};

/** `/` and `%` are rewritten by type where calls are; the entries say which types they give. */
export const OPERATORS: FunctionTable = {
  '+': native(plus),
  '-': native(minus),
  '*': native(numeric),
  '/': native(numeric),
  '%': native(numeric),
  '||': native(joined),
  '~~': native('boolean'),
  '!~~': native('boolean'),
  like_escape: native('boolean'),
  not_like_escape: native('boolean'),
  /** `value[index]`, which fails where the vendor's does. @see sls-logstore.md §3.8 */
  ' subscript': macro(
    ([type]) => (isMap(type) ? valueOf(type) : elementOf(type)),
    [
      {
        sql: `CASE WHEN $1 IS NOT NULL AND NOT map_contains($1, $2) THEN error('Key not present in map')
        ELSE map_extract_value($1, $2) END`,
        when: ([type]) => isMap(type),
      },
      {
        sql: `CASE WHEN $2 = 0 THEN error('SQL array indices start at 1')
        WHEN $2 < 0 THEN error('Array subscript is negative')
        WHEN $2 > len($1) THEN error('Array subscript out of bounds') ELSE list_extract($1, $2) END`,
        when: ([type]) => isArray(type),
      },
    ],
  ),
};
