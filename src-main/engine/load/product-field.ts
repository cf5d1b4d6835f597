import { FIELD_SPELLINGS, SESSION_LOG_FIELDS, spelledField } from '../../contract/log-entry';

const FIELDS: ReadonlyMap<string, string> = new Map(
  FIELD_SPELLINGS.flatMap((spelling) =>
    SESSION_LOG_FIELDS.map(({ name }): [string, string] => [spelledField(name, spelling), name]),
  ),
);

/** @returns the product's field of session logs that is meant, in either spelling and whatever case; null for none */
export function productField(written: string): string | null {
  return FIELDS.get(written) ?? FIELDS.get(written.toLowerCase()) ?? null;
}

/** @returns whether the field is spelled as the product's preview did, and not as now */
export function isPreviewSpelling(written: string): boolean {
  const field = productField(written);
  return field !== null && field !== written.toLowerCase();
}
