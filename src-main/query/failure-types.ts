const WHOLE_NUMBERS = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|U?INT(?:8|16|32|64|128)|BIGNUM|INTEGER_LITERAL)$/u;
const NAMES: Readonly<Record<string, string>> = {
  STRING_LITERAL: 'varchar',
  FLOAT: 'double',
  BOOL: 'boolean',
  BLOB: 'varbinary',
  ANY: 'T',
};

/** Cuts at the commas that are in no bracket. */
function cutAtCommas(text: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(' || character === '[') depth++;
    if (character === ')' || character === ']') depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** The vendor's name of a type of DuckDB's, such as `array(bigint)` for `INTEGER[]`. */
export function vendorTypeName(type: string): string {
  if (type.endsWith('[]')) return `array(${vendorTypeName(type.slice(0, -2))})`;
  const map = /^MAP\((.*)\)$/u.exec(type)?.[1];
  if (map !== undefined) return `map(${vendorTypeNames(map)})`;
  if (WHOLE_NUMBERS.test(type)) return 'bigint';
  if (/^DECIMAL\b/u.test(type)) return 'double';
  return NAMES[type] ?? type.toLowerCase();
}

/** @param types as DuckDB lists those of arguments */
export function vendorTypeNames(types: string): string {
  return cutAtCommas(types).map(vendorTypeName).join(', ');
}

/** Types that only DuckDB has, whose signatures say nothing to a reader. */
const FOREIGN = /\bBIT\b|\.\.\./u;

/** The signatures that DuckDB lists behind `Candidate functions:`, in the vendor's types and without those that are alike. */
export function signaturesIn(message: string): readonly string[] {
  const listed = message.matchAll(/^\t[^\t(]+\((.*)\) -> .*$/gmu);
  const known = [...listed].map(([, types]) => types ?? '').filter((types) => !FOREIGN.test(types));
  return [...new Set(known.map(vendorTypeNames))];
}
