/** A column of a `VirtualTable`. */
export interface TableColumn {
  readonly key: string;
  /** Width in characters. */
  readonly width: number;
  readonly isNumber: boolean;
}
