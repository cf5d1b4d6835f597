import type { EntryId } from '../../../src-main/contract/log-entry';
import type { MenuItem, MenuPlace } from '../../lib/menu';
import { latinKey } from '../../services/act-keys';
import { t } from '../../services/messages/catalogue';
import { visibleLine } from '../../services/visible-text';
import type { PacketActs } from '../exports/packet-acts.svelte';
import { EntryValues } from '../entry/entry-values';
import { cellText } from './cell-text';
import { entryIdAt, type ShownColumn } from './columns';
import type { RowSource } from './row-source';
import type { ValueFilter } from './search-filter';

/** What a row, or a value of it, can be asked for. */
export interface RowListeners {
  readonly onfilter: (filter: ValueFilter) => void;
  readonly oncopy: (text: string) => void;
  readonly packets: Pick<PacketActs, 'openLabel' | 'canChoose' | 'save' | 'open' | 'openElsewhere'>;
  /** A log entry is to be looked at closely. */
  readonly onopen: (row: number) => void;
  /** The entries around one are to be shown. */
  readonly oncontext: (row: number, entry: EntryId) => void;
}

export interface ActedRows {
  readonly rows: RowSource;
  /** Whether the rows are log entries. */
  readonly areEntries: boolean;
  /** As they stand in the view. */
  readonly columns: readonly ShownColumn[];
  /** Names that can be searched for. */
  readonly fields: ReadonlySet<string>;
}

interface OpenMenu {
  readonly row: number;
  readonly column: number;
  readonly place: MenuPlace;
}

/** What keys, clicks and the menu of a value do, the same in every view. */
export class RowActs {
  menu = $state.raw<OpenMenu | null>(null);
  readonly #acted: () => ActedRows;
  readonly #on: () => RowListeners;
  #identity: object | null = null;

  constructor(acted: () => ActedRows, on: () => RowListeners) {
    this.#acted = acted;
    this.#on = on;
  }

  /** @param identity another object for other rows, with which a menu goes: in the place of its row may be another one */
  follow(identity: object): void {
    if (identity !== this.#identity) this.menu = null;
    this.#identity = identity;
  }

  /** @returns undefined while the row is on its way */
  valueAt(row: number, column: number): string | null | undefined {
    const { rows, columns } = this.#acted();
    const place = rows.rowAt(row);
    const cell = place?.batch.columns[columns[column]?.index ?? -1];
    return place === null || cell === undefined ? undefined : cellText(cell, place.row);
  }

  get menuLabel(): string {
    if (this.menu === null) return '';
    const { row, column } = this.menu;
    return visibleLine(`${this.#acted().columns[column]?.name ?? ''} ${this.valueAt(row, column) ?? t.value.none}`);
  }

  get menuItems(): readonly MenuItem[] {
    if (this.menu === null) return [];
    const { row, column } = this.menu;
    const { packets } = this.#on();
    const filters = [
      { id: 'for', label: t.value.filterFor, keys: t.keys.filterFor, run: () => this.#filter(row, column, false) },
      { id: 'out', label: t.value.filterOut, keys: t.keys.filterOut, run: () => this.#filter(row, column, true) },
    ];
    const ofEntry = [
      { id: 'wireshark', label: packets.openLabel, keys: t.keys.openPackets, run: () => this.#openPackets(row) },
      ...(packets.canChoose
        ? [{ id: 'program', label: t.packets.openElsewhere, run: () => this.#openElsewhere(row) }]
        : []),
      { id: 'packets', label: t.packets.save, keys: t.keys.packets, run: () => this.#savePackets(row) },
      { id: 'context', label: t.context.show, keys: t.keys.context, run: () => this.#showContext(row) },
      { id: 'open', label: t.entry.open, keys: t.keys.openEntry, run: () => this.#on().onopen(row) },
    ];
    return [
      ...(this.#canFilter(column) ? filters : []),
      { id: 'copy', label: t.value.copy, keys: t.keys.copy, run: () => this.#copy(row, column) },
      { id: 'json', label: t.entry.copyJson, keys: t.keys.copyJson, run: () => this.#copyJson(row) },
      ...(this.#acted().areEntries ? ofEntry : []),
    ];
  }

  /** @param rect of the value */
  act(event: KeyboardEvent | MouseEvent, row: number, column: number, rect: DOMRect): void {
    if (event instanceof KeyboardEvent) this.#onKey(event, row, column, rect);
    else if (event.ctrlKey || event.metaKey) this.#filter(row, column, event.shiftKey);
    else this.#openMenu(row, column, rect);
  }

  #onKey(event: KeyboardEvent, row: number, column: number, rect: DOMRect): void {
    // What is left of it belongs to the browser, and so does text that is selected.
    const key = latinKey(event);
    const isCopy = key.toLowerCase() === 'c';
    if (event.ctrlKey && (!isCopy || getSelection()?.isCollapsed === false)) return;
    const { areEntries } = this.#acted();
    const acts: Readonly<Record<string, () => void>> = {
      '+': () => this.#filter(row, column, false),
      '-': () => this.#filter(row, column, true),
      c: () => this.#copy(row, column),
      // Without Shift it is Caps Lock.
      C: () => (event.shiftKey ? this.#copyJson(row) : this.#copy(row, column)),
      ' ': () => this.#openMenu(row, column, rect),
      ContextMenu: () => this.#openMenu(row, column, rect),
      Enter: () => (areEntries ? this.#on().onopen(row) : this.#openMenu(row, column, rect)),
      ...(areEntries && {
        p: () => this.#savePackets(row),
        w: () => this.#openPackets(row),
        x: () => this.#showContext(row),
      }),
    };
    const act = acts[key] ?? acts[key.toLowerCase()];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  #openMenu(row: number, column: number, rect: DOMRect): void {
    if (this.valueAt(row, column) === undefined) return;
    this.menu = { row, column, place: { x: rect.left, y: rect.bottom + 2 } };
  }

  #canFilter(column: number): boolean {
    const { columns, fields } = this.#acted();
    return fields.has(columns[column]?.name ?? '');
  }

  #filter(row: number, column: number, isAgainst: boolean): void {
    const shown = this.#acted().columns[column];
    const value = this.valueAt(row, column);
    if (shown === undefined || value === undefined || !this.#canFilter(column)) return;
    this.#on().onfilter({ field: shown.name, value, isNumber: shown.type === 'int64', isAgainst });
  }

  #copy(row: number, column: number): void {
    const value = this.valueAt(row, column);
    if (value !== undefined) this.#on().oncopy(value ?? '');
  }

  #copyJson(row: number): void {
    const place = this.#acted().rows.rowAt(row);
    if (place !== null) this.#on().oncopy(new EntryValues(place).json());
  }

  #savePackets(row: number): void {
    const entry = entryIdAt(this.#acted().rows, row);
    if (entry !== null) this.#on().packets.save(entry);
  }

  #openPackets(row: number): void {
    const entry = entryIdAt(this.#acted().rows, row);
    if (entry !== null) void this.#on().packets.open(entry);
  }

  #openElsewhere(row: number): void {
    const entry = entryIdAt(this.#acted().rows, row);
    if (entry !== null) void this.#on().packets.openElsewhere(entry);
  }

  #showContext(row: number): void {
    const entry = entryIdAt(this.#acted().rows, row);
    if (entry !== null) this.#on().oncontext(row, entry);
  }
}
