/** Something that is known, or is not. */
export interface FactLine {
  readonly label: string;
  readonly value: string;
  /** Whether the value only says why there is none. */
  readonly isUnknown?: boolean;
  readonly action?: FactAction | undefined;
}

/** What can be done about a fact. */
export interface FactAction {
  readonly label: string;
  /** With what it is about, for those who do not see where it stands. */
  readonly name: string;
  readonly run: () => void;
}
