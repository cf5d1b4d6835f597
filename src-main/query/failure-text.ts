/** A failure of DuckDB's in the vendor's words. */
export interface VendorFailure {
  readonly message: string;
  /** The name that it is about, as the query has it; null when there is none. */
  readonly name: string | null;
}

interface Rule {
  readonly pattern: RegExp;
  readonly sentence: (name: string) => string;
}

/** @see sls-logstore.md §3.8 */
const RULES: readonly Rule[] = [
  {
    pattern: /column "([^"]+)" must appear in the GROUP BY clause/u,
    sentence: (name) =>
      `Column '${name}' not in GROUP BY clause;please add the column in the index attribute: name it in GROUP BY, or take arbitrary(${name}).`,
  },
  {
    pattern: /WHERE clause cannot contain (?:aggregates|window functions)/u,
    sentence: () => 'WHERE clause cannot contain aggregations or window functions: put the condition into HAVING.',
  },
  {
    pattern: /GROUP BY clause cannot contain (?:aggregates|window functions)/u,
    sentence: () => 'GROUP BY clause cannot contain aggregations or window functions: put them into a subquery.',
  },
  {
    pattern: /^Out of Memory Error/u,
    sentence: () =>
      'Query exceeded max memory size: group by fewer values, select fewer columns, or take a shorter range.',
  },
];

/** @returns null for a failure that the vendor has no sentence for, which is shown in DuckDB's words */
export function vendorFailure(message: string): VendorFailure | null {
  for (const { pattern, sentence } of RULES) {
    const found = pattern.exec(message);
    if (found === null) continue;
    const name = found[1] ?? null;
    return { message: sentence(name ?? ''), name };
  }
  return null;
}

/** Where a name first stands in the SQL part of a query, as `position` and `length`; empty when it does not. */
export function placeOfName(
  query: string,
  sqlOffset: number,
  name: string,
): { readonly position?: number; readonly length?: number } {
  const position = query.toLowerCase().indexOf(name.toLowerCase(), sqlOffset);
  return position < 0 ? {} : { position, length: name.length };
}
