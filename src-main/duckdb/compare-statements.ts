import { logTable } from './log-table';

/** Columns that two equal entries have in common, the five-tuple first, and by which the rows are ordered. */
export const ORDERED_COLUMNS = [
  ...['protocol', 'pri_ip', 'pri_port', 'pub_ip', 'pub_port'],
  ...['start_time', 'end_time', 'nat_ip', 'nat_port', 'gateway'],
  ...['bytes_from_pub', 'pkts_from_pub', 'bytes_from_vpc', 'pkts_from_vpc'],
] as const;
/** What is beside them. */
export const OTHER_COLUMNS = ['window_start', 'flags', 'run_id', 'entry_no'] as const;

/** Numbers of gateways and VPCs by the ids of this database; those that are not compared are left out. */
export interface GatewayNumbers {
  readonly instance: ReadonlyMap<number, number>;
  readonly vpc: ReadonlyMap<number, number>;
}

const IS_VISIBLE = `run_id <= $1::UINTEGER AND NOT list_contains(from_json($2::JSON, '["UINTEGER"]'), run_id)`;

/** Of VPCs that a log can have; ids are 16 bits wide. */
export const MAX_VPCS = 0x10000;

/** Pairs of ids that entries of the visible runs have, or NULL. Parameters as of `orderedEntries`. */
export function usedGateways(logstoreId: number): string {
  return `
    SELECT DISTINCT CAST(instance AS INTEGER) AS instance, CAST(vpc_id AS INTEGER) AS vpc FROM ${logTable(logstoreId)}
    WHERE ${IS_VISIBLE}`;
}

/**
 * All entries of the visible runs of a Logstore of session logs, as BIGINT: `ORDERED_COLUMNS`, then `OTHER_COLUMNS`. What
 * is missing is -1.
 *
 * $1 highest visible run, $2 hidden runs below it, as a JSON array
 */
export function orderedEntries(logstoreId: number, { instance, vpc }: GatewayNumbers): string {
  const number = (column: string, numbers: ReadonlyMap<number, number>): string =>
    numbers.size === 0
      ? '0'
      : `CASE ${column} ${[...numbers].map(([id, named]) => `WHEN ${id} THEN ${named}`).join(' ')} ELSE 0 END`;
  const gateway = `(${number('instance', instance)}) * ${MAX_VPCS} + (${number('vpc_id', vpc)})`;
  const known = (column: string): string => `coalesce(CAST(${column} AS BIGINT), -1)`;
  const ordered = ORDERED_COLUMNS.map((column) => `${known(column === 'gateway' ? gateway : column)} AS o_${column}`);
  return `
    SELECT ${ordered.join(', ')},
      coalesce(CAST(window_start AS BIGINT), -1) AS window_start, coalesce(CAST(flags AS BIGINT), 0) AS flags,
      CAST(run_id AS BIGINT) AS run_id, CAST(entry_no AS BIGINT) AS entry_no
    FROM ${logTable(logstoreId)}
    WHERE ${IS_VISIBLE}
    ORDER BY ${ORDERED_COLUMNS.map((column) => `o_${column}`).join(', ')}, run_id, entry_no`;
}
