/**
 * The session that an entry is of, as the gateway finds it: by its five-tuple on the private side, in whose place the
 * translated endpoint stands where only the public side was captured, and by its network where there are several.
 */
export const sessionKey = (entry: string): string =>
  `${entry}.run_id, ${entry}.capture_epoch, ${entry}.protocol, coalesce(${entry}.pri_ip, ${entry}.nat_ip), ` +
  `coalesce(${entry}.pri_port, ${entry}.nat_port), ${entry}.pub_ip, ${entry}.pub_port, coalesce(${entry}.realm, 0)`;

/** The translated endpoint of an entry towards its destination, which one session at most has. */
export const mappingKey = (entry: string): string =>
  `${entry}.run_id, ${entry}.capture_epoch, ${entry}.protocol, ${entry}.nat_ip, ${entry}.nat_port, ${entry}.pub_ip, ${entry}.pub_port`;

/** When the gateway first saw an entry. */
const seenNs = (entry: string): string => `coalesce(${entry}.seen_ns, ${entry}.first_ns)`;

/**
 * Sessions that are alive at an instant T, as `live`, and those that have ended and whose ports the gateway holds back at T, as
 * `held`: the last entry of each that began at or before T, with `created_ns` and `last_packet_ns`; and by destination, as
 * `destination`, how many ports are in use and how many are held back.
 *
 * A session is alive from its first packet, inclusive, to its end, exclusive. Entries tell both without any replay of packets: the
 * first one of a session begins with its first packet, and `mapping_end_ns` of the last one that began at or before T is when the
 * session died, or the time-out of its state behind its last packet before that window closed; had another packet come before T,
 * there would be an entry of it that began at or before T. Its port is held back from its end on, as long as the gateway holds
 * ports of its protocol. A port that is in use again is not held back: a mapping for all destinations has its own towards each.
 * Of an address, one that is in use towards any destination is not, so that those in use and those held back are all that are taken.
 *
 * Where entries of live sessions end with their windows, which are `edgeNs` long, such an end is the time of no packet: a window is
 * half-open.
 *
 * A packet that came late is in an entry of its own time, where its session need not have been open: what counts as the
 * beginning of an entry is when the gateway saw it.
 *
 * Between two of its entries a session can also end without one: when its five-tuple is used for a new session, which begins then;
 * where VLANs are networks and an older version wrote the entries, or destinations were not kept, which session that was is not
 * known, and none has ended by it: NULLs within a five-tuple compare as equal. It may have begun long before, with a SYN that was
 * answered late.
 * When its translated endpoint is seen with another session towards the same destination in a window after that of its last entry:
 * where it was seen itself, the real gateway has ended it, and else the emulated one has given it another port, which no entry has
 * before its next one. An entry has the endpoint that its session had last: of two that are alive with the same one, the one that has
 * lost it first has it, and which one the other had before is in no entry, either.
 * And when the gateway was changed, for a session whose address is not one of its host's any more.
 *
 * $1 the runs and their capture epochs to look at, as a JSON array of `{ run, epoch, vlanAware, holdNs: { tcp, udp, icmp }, edgeNs,
 * observed }`, the last of which says whether endpoints were observed; $2 T, nanoseconds since 1970; $3 the time at or before which no
 * session of them that is alive or held back at T had its last packet, in nanoseconds; $4 pri_ip or NULL; $5 nat_ip or nat_eip, or
 * NULL; $6 nat_port or NULL; $7 changes that were made until T, as a JSON array of `{ run, epoch, atNs }`; $8 their SNAT entries, as a
 * JSON array of `{ run, atNs, base, mask, rank, eips }`, of which that with the highest rank counts for a host
 */
const sessionsAt = (entries: string): string => `
  WITH span AS MATERIALIZED (
    SELECT one.run, one.epoch, one.vlanAware AS vlan_aware, one.holdNs AS hold_ns, one.edgeNs AS edge_ns, one.observed
    FROM (
      SELECT unnest(from_json($1::JSON, '[{"run":"UINTEGER","epoch":"USMALLINT","vlanAware":"BOOLEAN",
        "holdNs":{"tcp":"BIGINT","udp":"BIGINT","icmp":"BIGINT"},"edgeNs":"BIGINT","observed":"BOOLEAN"}]')) AS one
    )
  ),
  change AS MATERIALIZED (
    SELECT one.run, one.epoch, one.atNs AS at_ns
    FROM (SELECT unnest(from_json($7::JSON, '[{"run":"UINTEGER","epoch":"USMALLINT","atNs":"BIGINT"}]')) AS one)
  ),
  rule AS MATERIALIZED (
    SELECT one.run, one.atNs AS at_ns, one.base, one.mask, one.rank, one.eips
    FROM (
      SELECT unnest(from_json($8::JSON, '[{"run":"UINTEGER","atNs":"BIGINT","base":"UINTEGER","mask":"UINTEGER",
        "rank":"INTEGER","eips":["UINTEGER"]}]')) AS one
    )
  ),
  begun AS (
    SELECT entry.*, span.vlan_aware, span.edge_ns, span.observed,
      CASE entry.protocol WHEN 6 THEN span.hold_ns.tcp WHEN 1 THEN span.hold_ns.icmp ELSE span.hold_ns.udp END AS hold_ns
    FROM ${entries} AS entry
    JOIN span ON span.run = entry.run_id AND span.epoch = entry.capture_epoch
    WHERE entry.first_ns <= $2::BIGINT AND ${seenNs('entry')} <= $2::BIGINT
      AND ($4::UINTEGER IS NULL OR entry.pri_ip = $4::UINTEGER OR span.observed)
  ),
  holding AS MATERIALIZED (SELECT * FROM begun WHERE mapping_end_ns + hold_ns > $2::BIGINT),
  life AS (
    SELECT run_id, session_id, max(entry_no) AS last_entry_no, min(${seenNs('begun')}) AS created_ns,
      max(last_ns) FILTER (last_ns <= $2::BIGINT AND last_ns - window_start * 1000000000 IS DISTINCT FROM edge_ns)
        AS last_packet_ns
    FROM begun SEMI JOIN (SELECT DISTINCT run_id, session_id FROM holding) AS kept USING (run_id, session_id)
    GROUP BY run_id, session_id
  ),
  unended AS MATERIALIZED (
    SELECT holding.*, life.created_ns, life.last_packet_ns
    FROM holding JOIN life ON life.run_id = holding.run_id AND life.last_entry_no = holding.entry_no
  ),
  following AS (
    SELECT unended.run_id, unended.session_id, min(${seenNs('later')}) AS at_ns
    FROM unended JOIN begun AS later ON (${sessionKey('unended')}) = (${sessionKey('later')})
    WHERE later.session_id > unended.session_id AND later.mapping_end_ns > $3::BIGINT
      AND NOT (unended.vlan_aware AND unended.realm IS NULL)
      AND unended.pub_ip IS NOT NULL
    GROUP BY unended.run_id, unended.session_id
  ),
  robbed AS (
    SELECT unended.run_id, unended.session_id, min(${seenNs('later')}) AS at_ns
    FROM unended JOIN begun AS later ON (${mappingKey('unended')}) = (${mappingKey('later')})
    WHERE later.observed AND later.nat_source = 1 AND later.session_id <> unended.session_id
      AND later.window_start > unended.window_start AND ${seenNs('later')} >= unended.last_ns
      AND later.mapping_end_ns > $3::BIGINT AND unended.pub_ip IS NOT NULL
    GROUP BY unended.run_id, unended.session_id
  ),
  displaced AS (
    SELECT run_id, session_id, min(at_ns) AS at_ns
    FROM (
      SELECT unended.run_id, unended.session_id, unended.nat_eip, change.at_ns, max_by(rule.eips, rule.rank) AS eips
      FROM unended
      JOIN change ON change.run = unended.run_id AND change.epoch = unended.capture_epoch
        AND change.at_ns > unended.created_ns AND change.at_ns < unended.mapping_end_ns
      LEFT JOIN rule ON rule.run = change.run AND rule.at_ns = change.at_ns AND (unended.pri_ip & rule.mask) = rule.base
      WHERE unended.pri_ip IS NOT NULL
      GROUP BY unended.run_id, unended.session_id, unended.nat_eip, change.at_ns
    )
    WHERE eips IS NULL OR NOT list_contains(eips, nat_eip)
    GROUP BY run_id, session_id
  ),
  ended AS MATERIALIZED (
    SELECT unended.*, least(unended.mapping_end_ns, following.at_ns, displaced.at_ns) AS own_end_ns,
      least(own_end_ns, robbed.at_ns) AS ended_ns
    FROM unended
    LEFT JOIN following USING (run_id, session_id)
    LEFT JOIN displaced USING (run_id, session_id)
    LEFT JOIN robbed USING (run_id, session_id)
  ),
  rival AS (
    SELECT run_id, session_id FROM ended
    WHERE observed AND ended_ns > $2::BIGINT AND pub_ip IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY ${mappingKey('ended')} ORDER BY window_start, mapping_end_ns, session_id) > 1
  ),
  taken AS MATERIALIZED (
    SELECT ended.* FROM ended ANTI JOIN rival USING (run_id, session_id)
    WHERE ended_ns + hold_ns > $2::BIGINT
      AND ($4::UINTEGER IS NULL OR pri_ip = $4::UINTEGER)
      AND ($5::UINTEGER IS NULL OR nat_ip = $5::UINTEGER OR nat_eip = $5::UINTEGER)
      AND ($6::USMALLINT IS NULL OR nat_port = $6::USMALLINT)
  ),
  live AS (SELECT * FROM taken WHERE ended_ns > $2::BIGINT),
  destination AS (
    SELECT run_id, capture_epoch, nat_ip, nat_eip, protocol, pub_ip, pub_port,
      count(DISTINCT nat_port) FILTER (ended_ns > $2::BIGINT) AS ports,
      count(DISTINCT nat_port) AS "both", "both" - ports AS held
    FROM taken GROUP BY ALL
  )`;

/** Statements on the entries of one Logstore, see `sealedEntries`. Those about an instant have the parameters of `sessionsAt`. */
export const NAT_TABLE_STATEMENTS = {
  /**
   * $1 run ids, as a JSON array; gives run_id, capture_epoch, first_sec and last_sec (of `__time__`), window_start of the
   * last window, and the entries without `mapping_end_ns`, without `realm` and with an observed translation; by run and epoch, times
   * and counts as doubles
   */
  readSpans: (entries: string) => `
    SELECT run_id, capture_epoch, min(__time__)::DOUBLE AS first_sec, max(__time__)::DOUBLE AS last_sec,
      max(window_start)::DOUBLE AS last_window, count(*) FILTER (mapping_end_ns IS NULL)::DOUBLE AS unknown,
      count(*) FILTER (realm IS NULL)::DOUBLE AS without_realm, count(*) FILTER (nat_source = 1)::DOUBLE AS observed
    FROM ${entries}
    WHERE list_contains(from_json($1::JSON, '["UINTEGER"]'), run_id)
    GROUP BY run_id, capture_epoch
    ORDER BY run_id, capture_epoch`,
  /** Gives the ports of `NatTablePart`. */
  readPorts: (entries: string) => `
    ${sessionsAt(entries)}
    SELECT run_id AS run, capture_epoch AS epoch, nat_ip, protocol, pub_ip, pub_port, ports, held
    FROM destination ORDER BY "both" DESC, ports DESC, run, epoch, nat_ip, protocol, pub_ip, pub_port`,
  /** Gives the sessions of `NatTablePart`. */
  readSessions: (entries: string) => `
    ${sessionsAt(entries)}
    SELECT run_id AS run, capture_epoch AS epoch, session_id::BIGINT AS session_id, protocol, pri_ip, pri_port, nat_ip,
      nat_eip, nat_port, pub_ip, pub_port, created_ns, last_packet_ns, mapping_end_ns,
      CASE nat_source WHEN 0 THEN 'emulated' ELSE 'observed' END AS nat_source, realm
    FROM live ORDER BY run, epoch, nat_ip, protocol, nat_port, pub_ip, pub_port, session_id`,
  /** Gives the number of sessions that are alive and not in the table, as no entry tells which endpoint they have, as a double. */
  countUnplaced: (entries: string) => `
    ${sessionsAt(entries)}
    SELECT count(*)::DOUBLE AS unplaced
    FROM ended LEFT JOIN (SELECT run_id, session_id, true AS is_rival FROM rival) USING (run_id, session_id)
    WHERE own_end_ns > $2::BIGINT AND ($4::UINTEGER IS NULL OR pri_ip = $4::UINTEGER)
      AND (is_rival OR (nat_source = 0 AND ended_ns <= $2::BIGINT))`,
  /** Gives the totals of `NatTableTotal`, but for the limit; counts come as doubles. */
  readTotals: (entries: string) => `
    ${sessionsAt(entries)}
    SELECT run_id, capture_epoch, nat_ip, nat_eip, protocol, sessions::DOUBLE AS sessions, ports::DOUBLE AS ports,
      held::DOUBLE AS held, destinations::DOUBLE AS destinations, busiest_ports::DOUBLE AS busiest_ports
    FROM (
      SELECT run_id, capture_epoch, nat_ip, nat_eip, protocol, count(*) FILTER (ended_ns > $2::BIGINT) AS sessions,
        count(DISTINCT nat_port) FILTER (ended_ns > $2::BIGINT) AS ports,
        count(DISTINCT nat_port) - ports AS held
      FROM taken GROUP BY ALL
    ) JOIN (
      SELECT run_id, capture_epoch, nat_ip, nat_eip, protocol, count(*) AS destinations, max("both") AS busiest_ports
      FROM destination GROUP BY ALL
    ) USING (run_id, capture_epoch, nat_ip, nat_eip, protocol)
    ORDER BY run_id, capture_epoch, nat_ip, nat_eip, protocol`,
} as const;
