/** Whether the palette is open, and on what. */
export class PaletteState {
  /** Null while it is closed; `recent` lists imports alone. */
  scope = $state<'all' | 'recent' | null>(null);

  open(scope: 'all' | 'recent' = 'all'): void {
    this.scope = scope;
  }

  close(): void {
    this.scope = null;
  }
}
