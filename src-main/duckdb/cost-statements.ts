import { SESSION_LOG_FIELDS } from '../contract/log-entry';

const octet = (column: string, shift: number): string =>
  `(SELECT 1 + (o >= 10)::UTINYINT + (o >= 100)::UTINYINT FROM (SELECT (${column} >> ${shift}) & 255 AS o))`;
/** An address has three dots. */
const addressLength = (column: string): string =>
  `(3 + ${[24, 16, 8, 0].map((shift) => octet(column, shift)).join(' + ')})`;
const numberLength = (column: string): string => `length(${column}::VARCHAR)`;

/** Of what windows of another length would have in one entry. */
const MERGED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['bytes_from_pub', 'pkts_from_pub', 'bytes_from_vpc', 'pkts_from_vpc'].map((name) => [
      name,
      `sum(${name})::UBIGINT`,
    ]),
  ),
  start_time: 'min(start_time)',
  end_time: 'max(end_time)',
};

/**
 * How large the entries of a run would be, with windows of another length.
 *
 * $1 run_id, $2 seconds of a window, $3 seconds by which windows are off the multiples of that, $4 and $5 characters of the
 * gateway's and the VPC's id; gives entries, and for each field `values_<name>` and `text_<name>`, as doubles
 *
 * @param entries relation of the entries, see `sealedEntries`
 */
export function readCost(entries: string): string {
  const names = SESSION_LOG_FIELDS.map(({ name }) => name);
  const merged = names
    .filter((name) => name !== 'instance' && name !== 'vpc_id')
    .map((name) => `${MERGED[name] ?? `any_value(${name})`} AS ${name}`);
  const sums = SESSION_LOG_FIELDS.flatMap(({ name, type }) => {
    if (name === 'instance' || name === 'vpc_id') {
      const length = `$${name === 'instance' ? 4 : 5}::BIGINT`;
      return [
        `count(*)::DOUBLE AS values_${name}`,
        `(count(*) * (${name.length} + ${length}))::DOUBLE AS text_${name}`,
      ];
    }
    const length = type === 'ipv4' ? addressLength(name) : numberLength(name);
    return [
      `count(${name})::DOUBLE AS values_${name}`,
      `coalesce(sum(CASE WHEN ${name} IS NOT NULL THEN ${name.length} + ${length} END), 0)::DOUBLE AS text_${name}`,
    ];
  });
  return `
    WITH merged AS (
      SELECT ${merged.join(', ')} FROM ${entries}
      WHERE run_id = $1::UINTEGER
      GROUP BY session_id, capture_epoch, (window_start - $3::BIGINT) // $2::BIGINT
    )
    SELECT count(*)::DOUBLE AS entries, ${sums.join(', ')} FROM merged`;
}
