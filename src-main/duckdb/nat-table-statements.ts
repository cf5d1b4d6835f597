/**
 * The session that an entry is of, as the gateway finds it: by its five-tuple on the private side, in whose place the
 * translated endpoint stands where only the public side was captured, and by its network where there are several.
 */
export const sessionKey = (entry: string): string =>
  `${entry}.run_id, ${entry}.capture_epoch, ${entry}.protocol, coalesce(${entry}.pri_ip, ${entry}.nat_ip), ` +
  `coalesce(${entry}.pri_port, ${entry}.nat_port), ${entry}.pub_ip, ${entry}.pub_port, coalesce(${entry}.realm, 0)`;

/** When the gateway first saw an entry. */
const seenNs = (entry: string): string => `coalesce(${entry}.seen_ns, ${entry}.first_ns)`;

/**
 * Sessions that are alive at an instant T, as `live`: the last entry of each that began at or before T, with `created_ns`
 * and `last_packet_ns`.
 *
 * A session is alive from its first packet, inclusive, to the end of its mapping, exclusive. Entries tell both without any
 * replay of packets: the first one of a session begins with its first packet, and `mapping_end_ns` of the last one that
 * began at or before T is when the session died, or the time-out of its state behind its last packet before that window
 * closed; had another packet come before T, there would be an entry of it that began at or before T.
 *
 * A packet that came late is in an entry of its own time, where its session need not have been open: what counts as the
 * beginning of an entry is when the gateway saw it.
 *
 * Between two of its entries a session can also end without one: when its five-tuple is used for a new session. So of two
 * sessions of a five-tuple in one network the later one counts. Where VLANs are networks and an older version wrote the
 * entries, which of them it was is not known, and none is left out.
 *
 * $1 the runs and their capture epochs to look at, as a JSON array of `{ run, epoch, vlanAware }`; $2 T, nanoseconds since
 * 1970; $3 the time at or before which no session of them that is alive at T had its last packet, in nanoseconds; $4 pri_ip
 * or NULL; $5 nat_ip or nat_eip, or NULL; $6 nat_port or NULL
 */
const liveSessions = (entries: string): string => `
  WITH span AS MATERIALIZED (
    SELECT one.run, one.epoch, one.vlanAware AS vlan_aware
    FROM (
      SELECT unnest(from_json($1::JSON, '[{"run":"UINTEGER","epoch":"USMALLINT","vlanAware":"BOOLEAN"}]')) AS one
    )
  ),
  begun AS (
    SELECT entry.*, span.vlan_aware
    FROM ${entries} AS entry
    JOIN span ON span.run = entry.run_id AND span.epoch = entry.capture_epoch
    WHERE entry.first_ns <= $2::BIGINT AND ${seenNs('entry')} <= $2::BIGINT
      AND ($4::UINTEGER IS NULL OR entry.pri_ip = $4::UINTEGER)
  ),
  holding AS MATERIALIZED (SELECT * FROM begun WHERE mapping_end_ns > $2::BIGINT),
  life AS (
    SELECT run_id, session_id, max(entry_no) AS last_entry_no, min(${seenNs('begun')}) AS created_ns,
      max(last_ns) FILTER (last_ns <= $2::BIGINT) AS last_packet_ns
    FROM begun SEMI JOIN (SELECT DISTINCT run_id, session_id FROM holding) AS held USING (run_id, session_id)
    GROUP BY run_id, session_id
  ),
  unended AS MATERIALIZED (
    SELECT holding.*, life.created_ns, life.last_packet_ns
    FROM holding JOIN life ON life.run_id = holding.run_id AND life.last_entry_no = holding.entry_no
  ),
  newest AS (
    SELECT ${sessionKey('begun')}, max(begun.session_id) AS newest_id
    FROM begun WHERE ${seenNs('begun')} > $3::BIGINT GROUP BY ALL
  ),
  live AS MATERIALIZED (
    SELECT unended.*
    FROM unended LEFT JOIN newest AS later(run, epoch, protocol, ip, port, to_ip, to_port, realm, newest_id)
      ON (${sessionKey('unended')}) = (later.run, later.epoch, later.protocol, later.ip, later.port, later.to_ip, later.to_port, later.realm)
    WHERE ((unended.vlan_aware AND unended.realm IS NULL) OR later.newest_id IS NULL OR later.newest_id <= unended.session_id)
      AND ($5::UINTEGER IS NULL OR unended.nat_ip = $5::UINTEGER OR unended.nat_eip = $5::UINTEGER)
      AND ($6::USMALLINT IS NULL OR unended.nat_port = $6::USMALLINT)
  ),
  destination AS (
    SELECT run_id, capture_epoch, nat_ip, nat_eip, protocol, pub_ip, pub_port, count(DISTINCT nat_port) AS ports
    FROM live GROUP BY ALL
  )`;

/** Statements on the entries of one Logstore, see `sealedEntries`. Those about an instant have the parameters of `liveSessions`. */
export const NAT_TABLE_STATEMENTS = {
  /**
   * $1 run ids, as a JSON array; gives run_id, capture_epoch, first_sec and last_sec (of `__time__`), window_start of the
   * last window, and the entries without `mapping_end_ns` and without `realm`; by run and epoch, times and counts as doubles
   */
  readSpans: (entries: string) => `
    SELECT run_id, capture_epoch, min(__time__)::DOUBLE AS first_sec, max(__time__)::DOUBLE AS last_sec,
      max(window_start)::DOUBLE AS last_window, count(*) FILTER (mapping_end_ns IS NULL)::DOUBLE AS unknown,
      count(*) FILTER (realm IS NULL)::DOUBLE AS without_realm
    FROM ${entries}
    WHERE list_contains(from_json($1::JSON, '["UINTEGER"]'), run_id)
    GROUP BY run_id, capture_epoch
    ORDER BY run_id, capture_epoch`,
  /** Gives the ports of `NatTablePart`. */
  readPorts: (entries: string) => `
    ${liveSessions(entries)}
    SELECT run_id AS run, capture_epoch AS epoch, nat_ip, protocol, pub_ip, pub_port, ports
    FROM destination ORDER BY ports DESC, run, epoch, nat_ip, protocol, pub_ip, pub_port`,
  /** Gives the sessions of `NatTablePart`. */
  readSessions: (entries: string) => `
    ${liveSessions(entries)}
    SELECT run_id AS run, capture_epoch AS epoch, session_id::BIGINT AS session_id, protocol, pri_ip, pri_port, nat_ip,
      nat_eip, nat_port, pub_ip, pub_port, created_ns, last_packet_ns, mapping_end_ns,
      CASE nat_source WHEN 0 THEN 'emulated' ELSE 'observed' END AS nat_source, realm
    FROM live ORDER BY run, epoch, nat_ip, protocol, nat_port, pub_ip, pub_port, session_id`,
  /** Gives the totals of `NatTableTotal`, but for the limit; counts come as doubles. */
  readTotals: (entries: string) => `
    ${liveSessions(entries)}
    SELECT run_id, capture_epoch, nat_ip, nat_eip, protocol, sessions::DOUBLE AS sessions, ports::DOUBLE AS ports,
      destinations::DOUBLE AS destinations, busiest_ports::DOUBLE AS busiest_ports
    FROM (
      SELECT run_id, capture_epoch, nat_ip, nat_eip, protocol, count(*) AS sessions, count(DISTINCT nat_port) AS ports
      FROM live GROUP BY ALL
    ) JOIN (
      SELECT run_id, capture_epoch, nat_ip, nat_eip, protocol, count(*) AS destinations, max(ports) AS busiest_ports
      FROM destination GROUP BY ALL
    ) USING (run_id, capture_epoch, nat_ip, nat_eip, protocol)
    ORDER BY run_id, capture_epoch, nat_ip, nat_eip, protocol`,
} as const;
