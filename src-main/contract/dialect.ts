/** A function that a statement can call. */
export interface DialectFunction {
  readonly name: string;
  /** `window` only with OVER; aggregates with and without. */
  readonly kind: 'scalar' | 'aggregate' | 'window';
}

/** What the SQL dialect knows by name, whatever the log. */
export interface DialectReport {
  /** By name. */
  readonly functions: readonly DialectFunction[];
}
