import { logTable } from './log-table';

/*
 * Statements on one Logstore's table about whose a translated endpoint was. Times are nanoseconds since 1970. Each reads as
 * little of the table as the order of its entries allows: by time where an instant is asked for, else by session. What that
 * rests on are constants, since DuckDB passes over what a parameter would not find only when it has seen its value.
 */

/** A translated endpoint, and when it is asked for. Addresses are IPv4 in host order. */
export interface HeldEndpoint {
  readonly address: number;
  readonly port: number;
  readonly protocol: number | null;
  readonly destination: number | null;
  readonly destinationPort: number | null;
  /** Both inside. */
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

/** A session, by what the gateway knows it by. */
export interface HeldTuple {
  readonly run: number;
  readonly session: number;
  readonly epoch: number;
  readonly protocol: number;
  readonly ip: number;
  readonly port: number;
  readonly toIp: number;
  readonly toPort: number;
  readonly realm: number;
  readonly natIp: number;
  readonly natPort: number;
  /** Time of its last packet, or end of its last entry, and the window of that. */
  readonly lastNs: bigint;
  readonly windowStart: number;
}

/** @returns whole numbers as SQL; nothing else can come out of it */
function listOf(numbers: readonly number[]): string {
  return numbers.map((number) => BigInt(number).toString()).join(', ');
}

const hasEndpoint = ({ address, port }: Pick<HeldEndpoint, 'address' | 'port'>): string =>
  `nat_port = ${listOf([port])} AND (nat_ip = ${listOf([address])} OR nat_eip = ${listOf([address])})`;

/** Equal to a number, where one is asked for; a value that was not kept may be any. */
const mayBe = (column: string, wanted: number | null): string =>
  wanted === null ? '' : `AND (${column} IS NULL OR ${column} = ${listOf([wanted])})`;

/** What a loaded log has without a protocol or a time is no session; its load tells of it. */
const IS_SESSION = 'protocol IS NOT NULL';

const isAsked = (runs: readonly number[], endpoint: HeldEndpoint): string => `
  run_id IN (${listOf(runs)}) AND ${hasEndpoint(endpoint)} AND first_ns <= ${endpoint.untilNs} AND ${IS_SESSION}
  ${mayBe('protocol', endpoint.protocol)} ${mayBe('pub_ip', endpoint.destination)}
  ${mayBe('pub_port', endpoint.destinationPort)}`;

/** A session that may have had the endpoint at a place among many. */
export interface HeldSessionOfMany {
  readonly place: number;
  readonly run: number;
  readonly session: number;
  readonly address: number;
  readonly port: number;
}

function askedRow(endpoint: HeldEndpoint, place: number): string {
  const { address, port, protocol, destination, destinationPort, fromNs, untilNs } = endpoint;
  const mayBeNull = (number: number | null): string =>
    number === null ? 'NULL::BIGINT' : `${listOf([number])}::BIGINT`;
  const optional = [protocol, destination, destinationPort].map(mayBeNull).join(', ');
  return `(${listOf([place, address, port])}, ${optional}, ${fromNs}::BIGINT, ${untilNs}::BIGINT)`;
}

function latestOf(endpoints: readonly HeldEndpoint[]): bigint {
  return endpoints.reduce((most, { untilNs }) => (untilNs > most ? untilNs : most), endpoints[0]?.untilNs ?? 0n);
}

const ENTRY_COLUMNS = `run_id, session_id::DOUBLE AS session_id, entry_no::DOUBLE AS entry_no, capture_epoch, protocol,
      pri_ip, pri_port, pub_ip, pub_port, nat_ip, nat_eip, nat_port, nat_source, realm, instance, vpc_id, first_ns, last_ns,
      mapping_end_ns, window_start::DOUBLE AS window_start, end_reason, flags, first_packet::DOUBLE AS first_packet,
      last_packet::DOUBLE AS last_packet, (coalesce(pkts_from_vpc, 0) + coalesce(pkts_from_pub, 0))::DOUBLE AS packets`;

interface Bounds {
  readonly afterNs: bigint;
  readonly untilNs: bigint;
}

/** What `sessionKey` and `mappingKey` have in common; column by column, since DuckDB has no least and most of rows. */
const IS_TOWARDS_SAME = `entry.run_id = held.run AND entry.capture_epoch = held.epoch AND entry.protocol = held.protocol
        AND entry.pub_ip = held.to_ip AND entry.pub_port = held.to_port`;

type HeldColumn = readonly [name: string, type: string, valueOf: (tuple: HeldTuple, place: number) => number | bigint];

/** Of the types that the log has, so that DuckDB passes over what the least and most of them do not find. */
const HELD_COLUMNS: readonly HeldColumn[] = [
  ['place', 'INTEGER', (_, place) => place],
  ['session', 'UBIGINT', ({ session }) => session],
  ['run', 'UINTEGER', ({ run }) => run],
  ['epoch', 'USMALLINT', ({ epoch }) => epoch],
  ['protocol', 'UTINYINT', ({ protocol }) => protocol],
  ['ip', 'UINTEGER', ({ ip }) => ip],
  ['port', 'USMALLINT', ({ port }) => port],
  ['to_ip', 'UINTEGER', ({ toIp }) => toIp],
  ['to_port', 'USMALLINT', ({ toPort }) => toPort],
  ['realm', 'UINTEGER', ({ realm }) => realm],
  ['nat_ip', 'UINTEGER', ({ natIp }) => natIp],
  ['nat_port', 'USMALLINT', ({ natPort }) => natPort],
  ['last_ns', 'BIGINT', ({ lastNs }) => lastNs],
  ['window_start', 'BIGINT', ({ windowStart }) => windowStart],
];

/** One list a column: rows of VALUES are an expression for each number, which thousands of sessions have too many of. */
function heldTable(held: readonly HeldTuple[]): string {
  const columns = HELD_COLUMNS.map(([name, type, valueOf]) => {
    const values = held.map((tuple, place) => BigInt(valueOf(tuple, place)).toString());
    return `unnest('[${values.join(',')}]'::${type}[]) AS ${name}`;
  });
  return `SELECT ${columns.join(', ')}`;
}

export const ATTRIBUTION_STATEMENTS = {
  /**
   * Those of imports whose gateway was changed while their captures ran; gives run_id.
   *
   * @param runs one at least
   */
  readChangedRuns: (runs: readonly number[]) => `
    SELECT run_id FROM catalogue.import_run
    WHERE run_id IN (${listOf(runs)}) AND kind IS NULL AND json_array_length(gateway, '$.changes') > 0
    ORDER BY run_id`,
  /**
   * Those of imports whose entries of live sessions end with their windows; gives run_id.
   *
   * @param runs one at least
   */
  readEdgeRuns: (runs: readonly number[]) => `
    SELECT run_id FROM catalogue.import_run
    WHERE run_id IN (${listOf(runs)}) AND kind IS NULL AND json_extract_string(gateway, '$.timeModel') = 'aliflow'
    ORDER BY run_id`,
  /**
   * All addresses that entries were translated to, with their EIPs.
   *
   * @param runs one at least
   */
  readAddresses: (logstoreId: number, runs: readonly number[]) => `
    SELECT DISTINCT unnest([nat_ip, nat_eip]) AS address FROM ${logTable(logstoreId)} WHERE run_id IN (${listOf(runs)})`,
  /**
   * Sessions that may have had the endpoint at some time, with `until_ns`, by which the next entry of theirs began, if there
   * is one. Of entries without `mapping_end_ns`, those whose last packet was not before: it is kept to the second where the
   * log was loaded.
   *
   * @param runs one at least
   */
  readHolders: (logstoreId: number, runs: readonly number[], endpoint: HeldEndpoint) => `
    SELECT run_id, session_id::DOUBLE AS session_id, max(until_ns) AS until_ns
    FROM (
      SELECT run_id, session_id, mapping_end_ns AS until_ns FROM ${logTable(logstoreId)}
      WHERE ${isAsked(runs, endpoint)} AND mapping_end_ns > ${endpoint.fromNs}
      UNION ALL
      SELECT run_id, session_id, last_ns AS until_ns FROM ${logTable(logstoreId)}
      WHERE ${isAsked(runs, endpoint)} AND mapping_end_ns IS NULL AND last_ns > ${endpoint.fromNs - 1_000_000_000n}
    )
    GROUP BY run_id, session_id ORDER BY ALL`,
  /**
   * The same of many endpoints in one reading, by each one's `place` among them.
   *
   * @param runs one at least
   * @param endpoints one at least
   */
  readHoldersOfMany: (logstoreId: number, runs: readonly number[], endpoints: readonly HeldEndpoint[]) => `
    WITH asked (place, address, port, protocol, destination, destination_port, from_ns, until_ns) AS (
      VALUES ${endpoints.map((endpoint, place) => askedRow(endpoint, place)).join(', ')}
    )
    SELECT place::DOUBLE AS place, run_id, session_id::DOUBLE AS session_id, max(coalesce(mapping_end_ns, last_ns)) AS until_ns
    FROM ${logTable(logstoreId)} AS log JOIN asked ON nat_port = asked.port
    WHERE run_id IN (${listOf(runs)}) AND first_ns <= ${latestOf(endpoints)} AND first_ns <= asked.until_ns
      AND (nat_ip = asked.address OR nat_eip = asked.address)
      AND log.${IS_SESSION} AND (asked.protocol IS NULL OR log.protocol = asked.protocol)
      AND (asked.destination IS NULL OR pub_ip IS NULL OR pub_ip = asked.destination)
      AND (asked.destination_port IS NULL OR pub_port IS NULL OR pub_port = asked.destination_port)
      AND coalesce(mapping_end_ns, last_ns + 1000000000) > asked.from_ns
    GROUP BY place, run_id, session_id ORDER BY ALL`,
  /**
   * All entries of sessions with the endpoints that they may have had, in one reading: by the place of each of them, by session
   * and in order.
   *
   * @param held one at least
   */
  readEntriesOfMany: (logstoreId: number, held: readonly HeldSessionOfMany[]) => `
    WITH asked (place, run, session, address, port) AS (VALUES ${held
      .map(({ place, run, session, address, port }) => `(${listOf([place, run, session, address, port])})`)
      .join(', ')})
    SELECT place::DOUBLE AS place, ${ENTRY_COLUMNS}
    FROM ${logTable(logstoreId)} AS log JOIN asked ON session_id = asked.session AND run_id = asked.run
    WHERE session_id >= ${listOf([Math.min(...held.map(({ session }) => session))])}
      AND session_id <= ${listOf([Math.max(...held.map(({ session }) => session))])}
      AND nat_port = asked.port AND (nat_ip = asked.address OR nat_eip = asked.address)
    ORDER BY place, run_id, session_id, entry_no`,
  /**
   * Entries with the endpoint that began by its last instant, of sessions with these numbers, whatever their run; by session
   * and in order.
   */
  readEntries: (
    logstoreId: number,
    sessions: readonly number[],
    endpoint: Pick<HeldEndpoint, 'address' | 'port' | 'untilNs'>,
  ) => `
    SELECT ${ENTRY_COLUMNS}
    FROM ${logTable(logstoreId)}
    WHERE session_id >= ${listOf([Math.min(...sessions)])} AND session_id <= ${listOf([Math.max(...sessions)])}
      AND session_id IN (${listOf(sessions)}) AND first_ns <= ${endpoint.untilNs} AND ${hasEndpoint(endpoint)}
    ORDER BY run_id, session_id, entry_no`,
  /**
   * When sessions lost their endpoint of which no entry of their own tells: to a new one of their five-tuple, or to one that was
   * seen with it towards the same destination in a window after their last one. A row for each that did, by its place in `held`, as
   * `place`. The log is read once for each question, however many sessions there are, and for the second one only where it has
   * observed entries: DuckDB knows the least and most `nat_source` of each part of the log, and of all of it.
   *
   * @param held one at least
   * @param bounds behind which, and up to which, others are looked for
   */
  readSuccessors: (logstoreId: number, held: readonly HeldTuple[], { afterNs, untilNs }: Bounds) => `
    WITH held AS MATERIALIZED (${heldTable(held)})
    SELECT place, min(first_ns) AS ended_ns
    FROM (
      SELECT place, first_ns
      FROM ${logTable(logstoreId)} AS entry JOIN held ON ${IS_TOWARDS_SAME}
        AND coalesce(entry.pri_ip, entry.nat_ip) = held.ip AND coalesce(entry.pri_port, entry.nat_port) = held.port
        AND coalesce(entry.realm, 0) = held.realm
      WHERE first_ns > ${afterNs} AND first_ns <= ${untilNs} AND session_id > held.session
      UNION ALL
      SELECT place, first_ns
      FROM ${logTable(logstoreId)} AS entry JOIN held ON ${IS_TOWARDS_SAME}
        AND entry.nat_ip = held.nat_ip AND entry.nat_port = held.nat_port
      WHERE nat_source = 1 AND first_ns > ${afterNs} AND first_ns <= ${untilNs} AND first_ns >= held.last_ns
        AND entry.window_start > held.window_start AND session_id <> held.session
    )
    GROUP BY place`,
} as const;
