import { logTable } from './log-table';
import { sessionKey } from './nat-table-statements';

/*
 * Statements on one Logstore's table about whose a translated endpoint was. Times are nanoseconds since 1970. Each reads as
 * little of the table as the order of its entries allows: by time where an instant is asked for, else by session.
 */

/** $1 runs as a JSON array; $2, $3 first and last instant; $4 address; $5 port; $6 protocol; $7, $8 destination */
const isAsked = (entry: string): string => `
  list_contains(from_json($1::JSON, '["UINTEGER"]'), ${entry}.run_id)
  AND ${entry}.nat_port = $5::USMALLINT AND (${entry}.nat_ip = $4::UINTEGER OR ${entry}.nat_eip = $4::UINTEGER)
  AND ($6::UTINYINT IS NULL OR ${entry}.protocol = $6::UTINYINT)
  AND ($7::UINTEGER IS NULL OR ${entry}.pub_ip IS NULL OR ${entry}.pub_ip = $7::UINTEGER)
  AND ($8::USMALLINT IS NULL OR ${entry}.pub_port IS NULL OR ${entry}.pub_port = $8::USMALLINT)
  AND ${entry}.first_ns <= $3::BIGINT`;

/** The sessions of $1, as `asked`: a JSON array of `{ run, session }`. */
const ASKED = `
  asked AS MATERIALIZED (
    SELECT one.run AS run_id, one.session AS session_id
    FROM (SELECT unnest(from_json($1::JSON, '[{"run":"UINTEGER","session":"UBIGINT"}]')) AS one)
  )`;

export const ATTRIBUTION_STATEMENTS = {
  /** $1 runs as a JSON array; gives all addresses that entries were translated to, with their EIPs */
  readAddresses: (logstoreId: number) => `
    SELECT DISTINCT unnest([nat_ip, nat_eip]) AS address FROM ${logTable(logstoreId)}
    WHERE list_contains(from_json($1::JSON, '["UINTEGER"]'), run_id)`,
  /**
   * Sessions that may have had the endpoint at some time from $2 to $3, both inside; parameters as `isAsked`. Of entries
   * without `mapping_end_ns`, those whose last packet was not before: it is kept to the second where the log was loaded.
   */
  readHolders: (logstoreId: number) => `
    SELECT entry.run_id, entry.session_id::DOUBLE AS session_id FROM ${logTable(logstoreId)} AS entry
    WHERE ${isAsked('entry')} AND entry.mapping_end_ns > $2::BIGINT
    UNION
    SELECT entry.run_id, entry.session_id::DOUBLE AS session_id FROM ${logTable(logstoreId)} AS entry
    WHERE ${isAsked('entry')} AND entry.mapping_end_ns IS NULL AND entry.last_ns > $2::BIGINT - 1000000000
    ORDER BY ALL`,
  /** $1 as `ASKED`; $2 address; $3 port; gives their entries with that endpoint, by session and in order */
  readEntries: (logstoreId: number) => `
    WITH ${ASKED}
    SELECT entry.run_id, entry.session_id::DOUBLE AS session_id, entry.entry_no::DOUBLE AS entry_no, capture_epoch, protocol,
      pri_ip, pri_port, pub_ip, pub_port, nat_ip, nat_eip, nat_port, nat_source, realm, instance, vpc_id, first_ns, last_ns,
      mapping_end_ns, window_start::DOUBLE AS window_start, end_reason, flags, first_packet::DOUBLE AS first_packet,
      last_packet::DOUBLE AS last_packet, (coalesce(pkts_from_vpc, 0) + coalesce(pkts_from_pub, 0))::DOUBLE AS packets
    FROM ${logTable(logstoreId)} AS entry
    WHERE entry.session_id BETWEEN (SELECT min(session_id) FROM asked) AND (SELECT max(session_id) FROM asked)
      AND EXISTS (FROM asked WHERE asked.run_id = entry.run_id AND asked.session_id = entry.session_id)
      AND entry.nat_port = $3::USMALLINT AND (entry.nat_ip = $2::UINTEGER OR entry.nat_eip = $2::UINTEGER)
    ORDER BY entry.run_id, entry.session_id, entry.entry_no`,
  /**
   * When a session of $1 was ended by a new one of its five-tuple, of which no entry of its own tells. $1 a JSON array of
   * `HeldTuple`; $2, $3 the time behind which, and up to which, new ones are looked for
   */
  readSuccessors: (logstoreId: number) => `
    WITH held AS MATERIALIZED (
      SELECT one.* FROM (
        SELECT unnest(from_json($1::JSON, '[{"run":"UINTEGER","session":"UBIGINT","epoch":"USMALLINT","protocol":"UTINYINT",
          "ip":"UINTEGER","port":"USMALLINT","toIp":"UINTEGER","toPort":"USMALLINT","realm":"UINTEGER"}]')) AS one
      )
    )
    SELECT held.run AS run_id, held.session::DOUBLE AS session_id, min(entry.first_ns) AS ended_ns
    FROM ${logTable(logstoreId)} AS entry
    JOIN held ON (${sessionKey('entry')}) =
      (held.run, held.epoch, held.protocol, held.ip, held.port, held."toIp", held."toPort", held.realm)
    WHERE entry.first_ns > $2::BIGINT AND entry.first_ns <= $3::BIGINT AND entry.session_id > held.session
    GROUP BY ALL`,
} as const;
