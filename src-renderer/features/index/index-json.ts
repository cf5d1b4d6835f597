/** @returns an index as JSON of one line for each field, since what is in one belongs together */
export function indexJson(config: Readonly<Record<string, unknown>>): string {
  return valueText(config, 0);
}

/** Deeper than this is written in one line: `keys` is in the index, and a field in `keys`. */
const FIELD_DEPTH = 2;

function valueText(value: unknown, depth: number): string {
  if (Array.isArray(value)) return `[${value.map((each) => JSON.stringify(each)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${valueText(each, depth + 1)}`);
  if (parts.length === 0) return '{}';
  if (depth >= FIELD_DEPTH) return `{ ${parts.join(', ')} }`;
  const indent = '  '.repeat(depth);
  return `{\n${parts.map((part) => `${indent}  ${part}`).join(',\n')}\n${indent}}`;
}
