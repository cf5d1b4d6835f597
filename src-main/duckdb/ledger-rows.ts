import type { ByReason, Ledger, Reason, UnreadableRange } from '../contract/ledger';

/** One row of `catalogue.ledger`; NULL is a count that the ledger does not have. */
export interface LedgerRow {
  readonly section: 'file' | 'unreadable' | 'total' | 'in_entries' | 'not_in_entries';
  /** What the row counts: read, container, captured; a cause; a reason. */
  readonly item: string;
  readonly file: string | null;
  readonly byteOffset: number | null;
  readonly packets: number | null;
  readonly bytes: number | null;
}

const NOWHERE = { file: null, byteOffset: null } as const;

/** @returns the ledger as rows in an order that `ledgerFromRows` relies on */
export function rowsOfLedger({ fileBytes, packets, ipBytes }: Ledger): LedgerRow[] {
  const reasons = new Set([...Object.keys(packets.notInEntries), ...Object.keys(ipBytes.notInEntries)]) as Set<Reason>;
  return [
    { section: 'file', item: 'read', ...NOWHERE, packets: null, bytes: fileBytes.read },
    { section: 'file', item: 'container', ...NOWHERE, packets: null, bytes: fileBytes.container },
    { section: 'file', item: 'captured', ...NOWHERE, packets: null, bytes: fileBytes.captured },
    ...fileBytes.unreadable.map(({ file, offset, bytes, cause }): LedgerRow => {
      return { section: 'unreadable', item: cause, file, byteOffset: offset, packets: null, bytes };
    }),
    { section: 'total', item: 'read', ...NOWHERE, packets: packets.read, bytes: ipBytes.read },
    { section: 'in_entries', item: 'in_entries', ...NOWHERE, packets: packets.inEntries, bytes: ipBytes.inEntries },
    ...[...reasons].map((reason): LedgerRow => {
      const counts = { packets: packets.notInEntries[reason] ?? null, bytes: ipBytes.notInEntries[reason] ?? null };
      return { section: 'not_in_entries', item: reason, ...NOWHERE, ...counts };
    }),
  ];
}

function byReason(rows: readonly LedgerRow[], count: 'packets' | 'bytes'): ByReason {
  const pairs = rows
    .filter((row) => row.section === 'not_in_entries' && row[count] !== null)
    .map((row) => [row.item, row[count]] as const);
  return Object.fromEntries(pairs);
}

/** @returns the ledger whose rows these are, equal to the one that was stored */
export function ledgerFromRows(rows: readonly LedgerRow[]): Ledger {
  const fileCount = (item: string): number =>
    rows.find((row) => row.section === 'file' && row.item === item)?.bytes ?? 0;
  const total = rows.find((row) => row.section === 'total');
  const inEntries = rows.find((row) => row.section === 'in_entries');
  const unreadable = rows
    .filter((row) => row.section === 'unreadable')
    .map(({ file, byteOffset, bytes, item }): UnreadableRange => {
      return { file: file ?? '', offset: byteOffset ?? 0, bytes: bytes ?? 0, cause: item };
    });
  return {
    fileBytes: {
      read: fileCount('read'),
      container: fileCount('container'),
      captured: fileCount('captured'),
      unreadable,
    },
    packets: {
      read: total?.packets ?? 0,
      inEntries: inEntries?.packets ?? 0,
      notInEntries: byReason(rows, 'packets'),
    },
    ipBytes: { read: total?.bytes ?? 0, inEntries: inEntries?.bytes ?? 0, notInEntries: byReason(rows, 'bytes') },
  };
}
