/** MySQL's codes, which the vendor's formats have, as DuckDB's. Those that parsing cannot read have another or none. */
const CODES: Readonly<Record<string, string>> = {
  a: '%a',
  b: '%b',
  c: '%-m',
  d: '%d',
  e: '%-d',
  f: '%f',
  H: '%H',
  h: '%I',
  I: '%I',
  i: '%M',
  j: '%j',
  k: '%-H',
  l: '%-I',
  M: '%B',
  m: '%m',
  p: '%p',
  r: '%I:%M:%S %p',
  S: '%S',
  s: '%S',
  T: '%H:%M:%S',
  v: '%V',
  W: '%A',
  x: '%G',
  Y: '%Y',
  y: '%y',
  '%': '%%',
};
/** Presto refuses these as well. */
const REFUSED: readonly string[] = ['D', 'U', 'u', 'V', 'w', 'X'];
const NOT_PARSED: readonly string[] = ['v', 'x'];

/** @returns the format as DuckDB writes it, and the first code that has no counterpart; a letter without a meaning is itself */
export function duckdbFormat(
  format: string,
  use: 'print' | 'parse',
): { readonly format: string; readonly unknown: string | null } {
  let unknown: string | null = null;
  const converted = format.replaceAll(/%([^])/gu, (_, code: string) => {
    if (REFUSED.includes(code) || (use === 'parse' && NOT_PARSED.includes(code))) unknown ??= code;
    return CODES[code] ?? code;
  });
  return { format: converted, unknown };
}
