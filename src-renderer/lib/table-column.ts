/** A column of a `VirtualTable`. */
export interface TableColumn {
  readonly key: string;
  /** Width in characters. */
  readonly width: number;
  readonly isNumber: boolean;
}

/** Cells beside each other under heads, or each on a line of its own. */
export type TableLayout = 'table' | 'lines';
