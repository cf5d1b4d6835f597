import type { LogstoreName } from './logstore';

/** A query that is kept under a name, as calls speak of it. */
export interface SavedSearch {
  /** Of its Logstore, 1 to 64 characters. */
  readonly name: string;
  /** May have variables, see `applyVariables`. */
  readonly query: string;
  /** As the user wrote it, null for an end of the log; null as a whole where it is for any range. */
  readonly range: { readonly from: string | null; readonly to: string | null } | null;
  /** Default values by the name of the variable; those without one are left out. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface SavedSearchReport extends SavedSearch {
  /** Milliseconds since 1970, like that of the last change. */
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface SavedSearchName extends LogstoreName {
  readonly name: string;
}
