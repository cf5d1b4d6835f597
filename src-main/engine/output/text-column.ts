import type { ResultColumn } from '../../contract/result-batch';

/** A column of texts, each different one once in its dictionary. */
export function textColumn(name: string, values: readonly (string | null)[]): ResultColumn {
  const codes = new Map<string, number>();
  const data = Uint32Array.from(values, (value) => {
    const text = value ?? '';
    const code = codes.get(text) ?? codes.size;
    codes.set(text, code);
    return code;
  });
  return { name, type: 'text', data, dictionary: [...codes.keys()], validity: validityOf(values) };
}

/** @returns what a column says of which values it has */
export function validityOf(values: readonly unknown[]): Uint8Array {
  return Uint8Array.from(values, (value) => (value === null ? 0 : 1));
}
