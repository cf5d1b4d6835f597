/**
 * `a.b.c.d` for a UINTEGER in host order, NULL for NULL. One `concat` of four octets: a chain of `||` takes a third
 * longer, and `concat` alone would render NULL as `...`.
 */
export function ipv4Text(expression: string): string {
  const octet = (shift: number): string => `((${expression}) >> ${shift}) & 255`;
  const octets = [octet(24), octet(16), octet(8), octet(0)].join(`, '.', `);
  return `CASE WHEN (${expression}) IS NOT NULL THEN concat(${octets}) END`;
}

/** The text of an address by its number, `$1`, to be filled in. */
export const ADDRESS_TEXT = ipv4Text('$1');
