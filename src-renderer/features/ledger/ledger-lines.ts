import {
  LOSS_REASONS,
  REASON_TEXT,
  REASONS,
  unreadableBytes,
  type Ledger,
  type Reason,
} from '../../../src-main/contract/ledger';

export interface ReasonLine {
  readonly reason: Reason;
  readonly meaning: string;
  readonly packets: number;
  readonly ipBytes: number;
  /** A perfect run would have logged them. */
  readonly isLoss: boolean;
}

/** Reasons that occurred, in their order of precedence. */
export function reasonLines({ packets, ipBytes }: Ledger): readonly ReasonLine[] {
  return REASONS.map((reason) => ({
    reason,
    meaning: REASON_TEXT[reason],
    packets: packets.notInEntries[reason] ?? 0,
    ipBytes: ipBytes.notInEntries[reason] ?? 0,
    isLoss: LOSS_REASONS.includes(reason),
  })).filter((line) => line.packets + line.ipBytes > 0);
}

export interface Sums {
  readonly fileBytes: number;
  readonly packets: number;
  readonly ipBytes: number;
}

/** The right sides of the three equations. */
export function ledgerSums(ledger: Ledger): Sums {
  const lines = reasonLines(ledger);
  return {
    fileBytes: ledger.fileBytes.container + ledger.fileBytes.captured + unreadableBytes(ledger),
    packets: lines.reduce((sum, line) => sum + line.packets, ledger.packets.inEntries),
    ipBytes: lines.reduce((sum, line) => sum + line.ipBytes, ledger.ipBytes.inEntries),
  };
}

/** What finds the entries of one import, and no other. @param host an address in the VPC; without it, of all */
export function runSearch(run: number, host?: string): string {
  return host === undefined ? `__run__:${run}` : `__run__:${run} pri_ip:${host}`;
}
