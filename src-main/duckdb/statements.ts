import { logTable } from './log-table';

/** The latest of a packet; older versions may know no more than that of the last packet in the file. */
const latestTime = (capture: string): string =>
  `coalesce(json_extract_string(${capture}.details, '$.latestTime'), ${capture}.last_time)`;

/**
 * The fixed statements, each with its parameters by number. Numbers are cast where they are used: a JavaScript number
 * is bound as a double otherwise, and a double compared with an integer column reads the whole column.
 */
export const STATEMENTS = {
  /** $1 name */
  findProject: 'SELECT id FROM catalogue.project WHERE name = $1::VARCHAR',
  /** $1 name, $2 created_ms, $3 region, $4 description; gives id */
  insertProject: `
    INSERT INTO catalogue.project (id, name, created_ms, region, description)
    SELECT coalesce(max(id), 0) + 1, $1::VARCHAR, $2::BIGINT, $3::VARCHAR, $4::VARCHAR FROM catalogue.project
    RETURNING id`,
  /** $1 name, $2 description */
  describeProject: 'UPDATE catalogue.project SET description = $2::VARCHAR WHERE name = $1::VARCHAR',
  /** $1 id */
  deleteProject: 'DELETE FROM catalogue.project WHERE id = $1::UINTEGER',
  /** $1 a name, or NULL for all; gives id, name, region, description, created_ms, logstores, entries (the last three as doubles) */
  listProjectFacts: `
    SELECT project.id, project.name, project.region, project.description, project.created_ms::DOUBLE AS created_ms,
      count(DISTINCT logstore.id)::DOUBLE AS logstores,
      coalesce(sum(run.log_entries) - sum(coalesce(run.expired_entries, 0) + coalesce(run.undelivered_entries, 0)), 0)::DOUBLE AS entries
    FROM catalogue.project AS project
    LEFT JOIN catalogue.logstore AS logstore ON logstore.project_id = project.id
    LEFT JOIN catalogue.import_run AS run ON run.logstore_id = logstore.id AND run.state <> 'running'
    WHERE $1::VARCHAR IS NULL OR project.name = $1::VARCHAR
    GROUP BY ALL
    ORDER BY project.name`,
  /** Gives name. */
  listProjects: 'SELECT name FROM catalogue.project ORDER BY name',
  /** $1 project_id, $2 name; gives id, table_name, schema_name */
  findLogstore: `
    SELECT id, table_name, schema_name FROM catalogue.logstore
    WHERE project_id = $1::UINTEGER AND name = $2::VARCHAR`,
  readNextLogstoreId: 'SELECT next_logstore_id FROM catalogue.workspace_meta',
  advanceNextLogstoreId: 'UPDATE catalogue.workspace_meta SET next_logstore_id = next_logstore_id + 1',
  /** $1 id, $2 project_id, $3 name, $4 table_name, $5 schema_name, $6 created_ms, $7 ttl_days or NULL */
  insertLogstore: `
    INSERT INTO catalogue.logstore (id, project_id, name, table_name, schema_name, created_ms, ttl_days)
    VALUES ($1::UINTEGER, $2::UINTEGER, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7::UINTEGER)`,
  /** $1 id */
  findLogstoreById: 'SELECT name FROM catalogue.logstore WHERE id = $1::UINTEGER',
  /** $1 id, $2 ttl_days or NULL */
  writeTtl: 'UPDATE catalogue.logstore SET ttl_days = $2::UINTEGER WHERE id = $1::UINTEGER',
  /** $1 id; gives ttl_days */
  readTtl: 'SELECT ttl_days FROM catalogue.logstore WHERE id = $1::UINTEGER',
  /** $1 id */
  deleteLogstore: 'DELETE FROM catalogue.logstore WHERE id = $1::UINTEGER',
  /** Gives id, project, name, schema_name, ttl_days, and created_ms and the entries of its committed runs as doubles. */
  listAllLogstores: `
    SELECT logstore.id, project.name AS project, logstore.name, logstore.schema_name, logstore.ttl_days,
      logstore.created_ms::DOUBLE AS created_ms,
      coalesce(sum(run.log_entries) - sum(coalesce(run.expired_entries, 0) + coalesce(run.undelivered_entries, 0)), 0)::DOUBLE AS entries
    FROM catalogue.logstore AS logstore
    JOIN catalogue.project AS project ON project.id = logstore.project_id
    LEFT JOIN catalogue.import_run AS run ON run.logstore_id = logstore.id AND run.state <> 'running'
    GROUP BY ALL
    ORDER BY project, logstore.name`,
  /** $1 project_id; gives name */
  listLogstores: 'SELECT id, name FROM catalogue.logstore WHERE project_id = $1::UINTEGER ORDER BY name',
  /** Gives how many projects there are, as an integer. */
  countProjects: 'SELECT count(*)::INTEGER AS projects FROM catalogue.project',
  /** $1 project_id; gives how many Logstores it has, and their readwrite shards, as integers */
  countOfProject: `
    SELECT count(DISTINCT logstore.id)::INTEGER AS logstores,
      (count(shard.id) FILTER (shard.status = 'readwrite'))::INTEGER AS shards
    FROM catalogue.logstore LEFT JOIN catalogue.shard ON shard.logstore_id = logstore.id
    WHERE project_id = $1::UINTEGER`,
  /** $1 id, $2 logstore_id, $3 status, $4 begin_key, $5 end_key, $6 created_ms */
  insertShard: `
    INSERT INTO catalogue.shard (id, logstore_id, status, begin_key, end_key, created_ms)
    VALUES ($1::USMALLINT, $2::UINTEGER, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::BIGINT)`,
  /** $1 id, $2 logstore_id */
  closeShard: "UPDATE catalogue.shard SET status = 'readonly' WHERE id = $1::USMALLINT AND logstore_id = $2::UINTEGER",
  /** $1 logstore_id; gives id, status, begin_key, end_key, created_ms as a double */
  listShards: `
    SELECT id, status, begin_key, end_key, created_ms::DOUBLE AS created_ms FROM catalogue.shard
    WHERE logstore_id = $1::UINTEGER ORDER BY id`,
  /** $1 id, $2 logstore_id */
  deleteShard: 'DELETE FROM catalogue.shard WHERE id = $1::USMALLINT AND logstore_id = $2::UINTEGER',
  /** $1 logstore_id */
  deleteShards: 'DELETE FROM catalogue.shard WHERE logstore_id = $1::UINTEGER',

  /** $1 logstore_id; gives name, type, column_name, hints */
  listFields: `
    SELECT name, type, column_name, hints FROM catalogue.logstore_field
    WHERE logstore_id = $1::UINTEGER ORDER BY ordinal`,
  /** $1 logstore_id, $2 ordinal, $3 name, $4 type, $5 column_name or NULL, $6 hints */
  insertField: `
    INSERT INTO catalogue.logstore_field
    VALUES ($1::UINTEGER, $2::UINTEGER, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR)`,
  /** $1 logstore_id, $2 name, $3 hints */
  writeHints: `
    UPDATE catalogue.logstore_field SET hints = $3::VARCHAR WHERE logstore_id = $1::UINTEGER AND name = $2::VARCHAR`,
  /** $1 logstore_id */
  deleteFields: 'DELETE FROM catalogue.logstore_field WHERE logstore_id = $1::UINTEGER',

  /** $1 logstore_id; gives all columns but that, times as doubles */
  listSavedSearches: `
    SELECT name, query, has_range, from_time, to_time, variables, created_ms::DOUBLE AS created_ms,
      updated_ms::DOUBLE AS updated_ms
    FROM catalogue.saved_search WHERE logstore_id = $1::UINTEGER ORDER BY lower(name), name`,
  /** $1 project_id; gives how many there are of its Logstores, as an integer */
  countSavedSearches: `
    SELECT count(*)::INTEGER AS searches
    FROM catalogue.saved_search JOIN catalogue.logstore ON logstore.id = saved_search.logstore_id
    WHERE logstore.project_id = $1::UINTEGER`,
  /** $1 logstore_id, $2 name, $3 query, $4 has_range, $5 from_time or NULL, $6 to_time or NULL, $7 variables, $8 created_ms, $9 updated_ms */
  insertSavedSearch: `
    INSERT INTO catalogue.saved_search
    VALUES ($1::UINTEGER, $2::VARCHAR, $3::VARCHAR, $4::BOOLEAN, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::BIGINT, $9::BIGINT)`,
  /** $1 logstore_id, $2 name */
  deleteSavedSearch: 'DELETE FROM catalogue.saved_search WHERE logstore_id = $1::UINTEGER AND name = $2::VARCHAR',
  /** $1 logstore_id */
  deleteSavedSearches: 'DELETE FROM catalogue.saved_search WHERE logstore_id = $1::UINTEGER',

  /** $1 logstore_id; gives config, updated_ms as a double */
  readIndexConfig:
    'SELECT config, updated_ms::DOUBLE AS updated_ms FROM catalogue.index_config WHERE logstore_id = $1::UINTEGER',
  /** $1 logstore_id */
  deleteIndexConfig: 'DELETE FROM catalogue.index_config WHERE logstore_id = $1::UINTEGER',
  /** $1 logstore_id, $2 config, $3 updated_ms */
  insertIndexConfig: 'INSERT INTO catalogue.index_config VALUES ($1::UINTEGER, $2::VARCHAR, $3::BIGINT)',
  /** $1 logstore_id; gives until_run, config (NULL for none) */
  listGenerations: `
    SELECT until_run, config FROM catalogue.index_generation WHERE logstore_id = $1::UINTEGER ORDER BY until_run`,
  /** $1 logstore_id, $2 until_run, $3 config or NULL */
  insertGeneration: 'INSERT INTO catalogue.index_generation VALUES ($1::UINTEGER, $2::UINTEGER, $3::VARCHAR)',
  /** $1 logstore_id */
  deleteGenerations: 'DELETE FROM catalogue.index_generation WHERE logstore_id = $1::UINTEGER',
  /** $1 logstore_id; gives run_id and its entries as a double, of committed runs and those under way */
  listRunEntries: `
    SELECT run_id, (coalesce(log_entries, 0) - coalesce(expired_entries, 0) - coalesce(undelivered_entries, 0))::DOUBLE AS entries
    FROM catalogue.import_run WHERE logstore_id = $1::UINTEGER ORDER BY run_id`,

  /** $1 name */
  findVpc: 'SELECT id FROM catalogue.vpc WHERE name = $1::VARCHAR',
  /** $1 name; gives id */
  insertVpc: `
    INSERT INTO catalogue.vpc SELECT coalesce(max(id), 0) + 1, $1::VARCHAR FROM catalogue.vpc RETURNING id`,
  /** $1 name, $2 vpc_id */
  findGateway: 'SELECT id FROM catalogue.nat_gateway WHERE name = $1::VARCHAR AND vpc_id = $2::USMALLINT',
  /** $1 name, $2 vpc_id; gives id */
  insertGateway: `
    INSERT INTO catalogue.nat_gateway
    SELECT coalesce(max(id), 0) + 1, $1::VARCHAR, $2::USMALLINT FROM catalogue.nat_gateway
    RETURNING id`,
  listVpcs: 'SELECT id, name FROM catalogue.vpc ORDER BY id',
  listGateways: 'SELECT id, name FROM catalogue.nat_gateway ORDER BY id',

  readNextRunId: 'SELECT next_run_id FROM catalogue.workspace_meta',
  advanceNextRunId: 'UPDATE catalogue.workspace_meta SET next_run_id = next_run_id + 1',
  /** $1 run_id, $2 logstore_id, $3 started_ms, $4 options, $5 gateway, $6 seed, $7 identity_key, $8 kind or NULL */
  insertRun: `
    INSERT INTO catalogue.import_run
      (run_id, logstore_id, state, started_ms, options, gateway, seed, identity_key, kind)
    VALUES
      ($1::UINTEGER, $2::UINTEGER, 'running', $3::BIGINT, $4::VARCHAR, $5::VARCHAR, $6::UBIGINT, $7::VARCHAR, $8::VARCHAR)`,
  /** $1 logstore_id; gives runs that are under way, as an integer */
  countRunningRuns: `
    SELECT count(*)::INTEGER AS runs FROM catalogue.import_run WHERE logstore_id = $1::UINTEGER AND state <> 'committed'`,
  /** $1 run_id, $2 entries that went */
  expireEntries: `
    UPDATE catalogue.import_run SET expired_entries = coalesce(expired_entries, 0) + $2::UBIGINT
    WHERE run_id = $1::UINTEGER`,
  /** $1 logstore_id */
  listRunIds: 'SELECT run_id FROM catalogue.import_run WHERE logstore_id = $1::UINTEGER ORDER BY run_id',
  /** $1 run_id, $2 finished_ms, $3 log_entries, $4 windows, $5 packets, $6 notices, $7 skipped, $8 identity_key or NULL; gives run_id */
  commitRun: `
    UPDATE catalogue.import_run
    SET state = 'committed', finished_ms = $2::BIGINT, log_entries = $3::UBIGINT, windows = $4::UBIGINT,
      packets = $5::UBIGINT, notices = $6::VARCHAR, skipped = $7::VARCHAR,
      identity_key = coalesce($8::VARCHAR, identity_key)
    WHERE run_id = $1::UINTEGER AND state <> 'committed'
    RETURNING run_id`,
  /** $1 run_id, $2 finished_ms, $3 log_entries, $4 windows, $5 packets, $6 notices, $7 skipped; gives run_id */
  sealRun: `
    UPDATE catalogue.import_run
    SET state = 'live', finished_ms = $2::BIGINT, log_entries = $3::UBIGINT, windows = $4::UBIGINT,
      packets = $5::UBIGINT, notices = $6::VARCHAR, skipped = $7::VARCHAR
    WHERE run_id = $1::UINTEGER AND state <> 'committed'
    RETURNING run_id`,
  /** Gives run_id, logstore_id, notices, and log_entries as a double, of live imports. */
  listLiveRuns: `
    SELECT run_id, logstore_id, notices, log_entries::DOUBLE AS log_entries
    FROM catalogue.import_run WHERE state = 'live' ORDER BY run_id`,
  /** $1 run_id, $2 log_entries, $3 notices, $4 identity_key */
  keepCutOffRun: `
    UPDATE catalogue.import_run
    SET state = 'committed', log_entries = $2::UBIGINT, notices = $3::VARCHAR, identity_key = $4::VARCHAR
    WHERE run_id = $1::UINTEGER AND state = 'live'`,
  /** $1 logstore_id, $2 identity_key */
  findCommittedRun: `
    SELECT min(run_id) AS run_id FROM catalogue.import_run
    WHERE logstore_id = $1::UINTEGER AND identity_key = $2::VARCHAR AND state <> 'running'
    HAVING count(*) > 0`,
  /** $1 logstore_id; gives run_id, state, kind, started_ms as a double */
  listRuns:
    'SELECT run_id, state, kind, started_ms::DOUBLE AS started_ms FROM catalogue.import_run WHERE logstore_id = $1::UINTEGER ORDER BY run_id',
  /** Gives run_id, logstore_id. */
  listRunningRuns: "SELECT run_id, logstore_id FROM catalogue.import_run WHERE state = 'running' ORDER BY run_id",
  /** $1 run_id */
  findRun: 'SELECT logstore_id FROM catalogue.import_run WHERE run_id = $1::UINTEGER',
  /** $1 run_id; gives logstore_id, options and gateway of a committed import */
  readRunOrigin: `
    SELECT logstore_id, options, gateway FROM catalogue.import_run
    WHERE run_id = $1::UINTEGER AND state <> 'running' AND kind IS NULL`,
  /** $1 run_id; gives options of a committed import, or load */
  readRunOptions: `
    SELECT options FROM catalogue.import_run WHERE run_id = $1::UINTEGER AND state <> 'running'`,
  /**
   * $1 run ids, as a JSON array; gives run_id, gateway, and seconds as doubles, NULL where no packet has a time: last_sec of
   * the last packet of a capture, latest_sec of the latest one
   */
  readGatewaySnapshots: `
    SELECT run.run_id, run.gateway, max(floor(capture.last_time::DECIMAL(38, 9)))::DOUBLE AS last_sec,
      max(floor(${latestTime('capture')}::DECIMAL(38, 9)))::DOUBLE AS latest_sec
    FROM catalogue.import_run AS run
    LEFT JOIN catalogue.capture AS capture ON capture.run_id = run.run_id
    WHERE list_contains(from_json($1::JSON, '["UINTEGER"]'), run.run_id)
    GROUP BY run.run_id, run.gateway
    ORDER BY run.run_id`,
  /** $1 run_id */
  deleteRun: 'DELETE FROM catalogue.import_run WHERE run_id = $1::UINTEGER',
  /** $1 a run, or NULL for all; gives committed imports, the newest first, with counts and times as doubles */
  listCommittedRuns: `
    SELECT run.run_id, project.name AS project, logstore.name AS logstore, run.started_ms::DOUBLE AS started_ms,
      run.finished_ms::DOUBLE AS finished_ms, run.log_entries::DOUBLE AS log_entries,
      coalesce(run.undelivered_entries, 0)::DOUBLE AS undelivered, run.windows::DOUBLE AS windows,
      run.packets::DOUBLE AS packets, run.notices, run.skipped, run.state,
      coalesce(json_extract_string(run.gateway, '$.instance'), '') AS instance
    FROM catalogue.import_run AS run
    JOIN catalogue.logstore AS logstore ON logstore.id = run.logstore_id
    JOIN catalogue.project AS project ON project.id = logstore.project_id
    WHERE run.state <> 'running' AND run.kind IS NULL AND ($1::UINTEGER IS NULL OR run.run_id = $1::UINTEGER)
    ORDER BY run.run_id DESC`,
  /** $1 run_id; gives notices */
  readNotices: 'SELECT notices FROM catalogue.import_run WHERE run_id = $1::UINTEGER',

  /**
   * $1 run_id, $2 ordinal, $3 path, $4 size_bytes, $5 mtime_ms, $6 head_digest, $7 tail_digest, $8 format,
   * $9 first_time, $10 last_time, $11 read_bytes, $12 packets, $13 details
   */
  insertCapture: `
    INSERT INTO catalogue.capture
      (run_id, ordinal, path, size_bytes, mtime_ms, head_digest, tail_digest, format, first_time, last_time, read_bytes,
      packets, details)
    VALUES ($1::UINTEGER, $2::UINTEGER, $3::VARCHAR, $4::UBIGINT, $5::DOUBLE, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR,
      $9::VARCHAR, $10::VARCHAR, $11::UBIGINT, $12::UBIGINT, $13::VARCHAR)`,
  /**
   * $1 a run, or NULL for those of all committed runs; counts come as doubles, first_time and last_time are those of the
   * first and the last packet in the file, earliest_time and latest_time the earliest and the latest of all
   */
  listCaptures: `
    SELECT run_id, path, size_bytes::DOUBLE AS size_bytes, mtime_ms, head_digest, tail_digest, format, first_time,
      coalesce(json_extract_string(details, '$.earliestTime'), first_time) AS earliest_time,
      last_time, ${latestTime('capture')} AS latest_time, coalesce(read_bytes, size_bytes)::DOUBLE AS read_bytes, coalesce(packets, 0)::DOUBLE AS packets
    FROM catalogue.capture
    WHERE ($1::UINTEGER IS NULL OR run_id = $1::UINTEGER)
      AND run_id IN (SELECT run_id FROM catalogue.import_run WHERE state <> 'running')
    ORDER BY run_id, ordinal`,
  /** $1 run_id; gives details in the order of the captures, NULL where an older version imported them */
  listCaptureDetails: 'SELECT details FROM catalogue.capture WHERE run_id = $1::UINTEGER ORDER BY ordinal',
  /** $1 run_id; gives sha256 in the order of the captures, NULL where it was not computed yet */
  readDigests: 'SELECT sha256 FROM catalogue.capture WHERE run_id = $1::UINTEGER ORDER BY ordinal',
  /** $1 run_id, $2 ordinal, $3 sha256 */
  writeDigest:
    'UPDATE catalogue.capture SET sha256 = $3::VARCHAR WHERE run_id = $1::UINTEGER AND ordinal = $2::UINTEGER',
  /** $1 size_bytes, $2 head_digest, $3 tail_digest, $4 where such captures were, $5 where they are now */
  moveCapture: `
    UPDATE catalogue.capture SET path = $5::VARCHAR
    WHERE size_bytes = $1::UBIGINT AND head_digest = $2::VARCHAR AND tail_digest = $3::VARCHAR AND path = $4::VARCHAR`,
  /** $1 size_bytes, $2 head_digest, $3 tail_digest; gives run_id, NULL when no committed run has such a capture */
  findImportOfCapture: `
    SELECT max(run_id) AS run_id FROM catalogue.capture
    WHERE size_bytes = $1::UBIGINT AND head_digest = $2::VARCHAR AND tail_digest = $3::VARCHAR
      AND run_id IN (SELECT run_id FROM catalogue.import_run WHERE state <> 'running')`,
  /** $1 run_id */
  deleteCaptures: 'DELETE FROM catalogue.capture WHERE run_id = $1::UINTEGER',

  /** $1 run_id, $2 ordinal, $3 positions */
  insertPositions: 'INSERT INTO catalogue.capture_position VALUES ($1::UINTEGER, $2::UINTEGER, $3::VARCHAR)',
  /** $1 run_id; gives ordinal, positions */
  readPositions: 'SELECT ordinal, positions FROM catalogue.capture_position WHERE run_id = $1::UINTEGER',
  /** $1 run_id */
  deletePositions: 'DELETE FROM catalogue.capture_position WHERE run_id = $1::UINTEGER',

  /** $1 run_id */
  deleteEvents: 'DELETE FROM catalogue.nat_event WHERE run_id = $1::UINTEGER',

  /** $1 run_id, $2 ordinal, $3 section, $4 item, $5 file, $6 byte_offset, $7 packets, $8 bytes */
  insertLedger: `
    INSERT INTO catalogue.ledger VALUES ($1::UINTEGER, $2::UINTEGER, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR,
      $6::UBIGINT, $7::UBIGINT, $8::UBIGINT)`,
  /** $1 run_id; counts come as doubles, exact below 2^53 */
  readLedger: `
    SELECT section, item, file, byte_offset::DOUBLE AS byte_offset, packets::DOUBLE AS packets, bytes::DOUBLE AS bytes
    FROM catalogue.ledger WHERE run_id = $1::UINTEGER ORDER BY ordinal`,
  /** $1 run_id; gives their number as a double */
  countBadLines: 'SELECT count(*)::DOUBLE AS lines FROM catalogue.bad_line WHERE run_id = $1::UINTEGER',
  /** $1 run_id, $2 offset, $3 limit; line_no comes as a double */
  listBadLines: `
    SELECT file, line_no::DOUBLE AS line_no, code, reason, content FROM catalogue.bad_line
    WHERE run_id = $1::UINTEGER ORDER BY file, line_no OFFSET $2::UBIGINT LIMIT $3::UBIGINT`,
  /** $1 run_id */
  deleteBadLines: 'DELETE FROM catalogue.bad_line WHERE run_id = $1::UINTEGER',
  /** $1 run_id */
  deleteLedger: 'DELETE FROM catalogue.ledger WHERE run_id = $1::UINTEGER',
} as const;

/** Statements on one Logstore's table, by its id. */
export const LOG_STATEMENTS = {
  /**
   * $1 highest visible run, $2 hidden runs below it, as a JSON array, $3 a time, epoch seconds; gives run_id, and how many of
   * its entries are before that, as a double
   */
  countExpired: (logstoreId: number) => `
    SELECT run_id, count(*)::DOUBLE AS entries FROM ${logTable(logstoreId)}
    WHERE run_id <= $1::UINTEGER AND NOT list_contains(from_json($2::JSON, '["UINTEGER"]'), run_id)
      AND __time__ < $3::BIGINT
    GROUP BY run_id`,
  /** As `countExpired`. */
  deleteExpired: (logstoreId: number) => `
    DELETE FROM ${logTable(logstoreId)}
    WHERE run_id <= $1::UINTEGER AND NOT list_contains(from_json($2::JSON, '["UINTEGER"]'), run_id)
      AND __time__ < $3::BIGINT`,
  /** $1 highest visible run, $2 hidden runs below it, as a JSON array; gives shard_id and its entries as a double */
  countByShard: (logstoreId: number) => `
    SELECT shard_id, count(*)::DOUBLE AS entries FROM ${logTable(logstoreId)}
    WHERE run_id <= $1::UINTEGER AND NOT list_contains(from_json($2::JSON, '["UINTEGER"]'), run_id)
    GROUP BY shard_id`,
  /** Gives blocks of the database file that hold something of the table, as a double. */
  countBlocks: (logstoreId: number) => `
    SELECT count(DISTINCT block)::DOUBLE AS blocks
    FROM (
      SELECT unnest(list_append(additional_block_ids, block_id)) AS block
      FROM pragma_storage_info('${logTable(logstoreId)}')
      WHERE persistent
    )
    WHERE block >= 0`,
  /**
   * $1 highest visible run, $2 hidden runs below it, as a JSON array; gives first_sec, last_sec (of `__time__`, as
   * doubles), both NULL for a log without entries.
   *
   * The two ends of an order, of which DuckDB reads no more row groups than it must: 4 ms where an aggregate over ten
   * million entries takes 85. The second key keeps it from fetching the one row by a join, which takes 12.
   */
  logRange: (logstoreId: number) => {
    const end = (order: string): string => `
      SELECT __time__, run_id FROM ${logTable(logstoreId)}
      WHERE run_id <= $1::UINTEGER AND NOT list_contains(from_json($2::JSON, '["UINTEGER"]'), run_id)
      ORDER BY __time__ ${order}, run_id LIMIT 1`;
    return `
    SELECT min(__time__)::DOUBLE AS first_sec, max(__time__)::DOUBLE AS last_sec
    FROM ((${end('ASC')}) UNION ALL (${end('DESC')}))`;
  },
  /** $1 run_id; gives last_no, NULL for a run without entries */
  lastEntryNo: (logstoreId: number) => `
    SELECT max(entry_no)::DOUBLE AS last_no FROM ${logTable(logstoreId)} WHERE run_id = $1::UINTEGER`,
  /** $1 run_id, $2 entry_no; counts, times and packet numbers come as doubles, exact below 2^53 */
  readEntry: (logstoreId: number) => `
    SELECT protocol, pri_ip, pri_port, pub_ip, pub_port, nat_ip, nat_eip, nat_port, nat_source,
      session_id::DOUBLE AS session_id, window_start::DOUBLE AS window_start, start_time::DOUBLE AS start_time, first_packet::DOUBLE AS first_packet, last_packet::DOUBLE AS last_packet,
      (pkts_from_vpc + pkts_from_pub)::DOUBLE AS packets, (bytes_from_vpc + bytes_from_pub)::DOUBLE AS ip_bytes
    FROM ${logTable(logstoreId)} WHERE run_id = $1::UINTEGER AND entry_no = $2::UBIGINT`,
  /** $1 run_id, $2 entry_no; gives time_sec as a double, and has_host: 1, or 0 where only the public side is known */
  readEntryKeys: (logstoreId: number) => `
    SELECT __time__::DOUBLE AS time_sec, (pri_ip IS NOT NULL)::INTEGER AS has_host
    FROM ${logTable(logstoreId)} WHERE run_id = $1::UINTEGER AND entry_no = $2::UBIGINT`,
  /** As `readEntryKeys`, of a Logstore whose entries have no host. */
  readEntryTime: (logstoreId: number) => `
    SELECT __time__::DOUBLE AS time_sec, 1 AS has_host
    FROM ${logTable(logstoreId)} WHERE run_id = $1::UINTEGER AND entry_no = $2::UBIGINT`,
  /**
   * $1 run_id, $2 hosts at most; gives the busiest private addresses with their packets and octets to the Internet, and
   * hosts, all_packets, all_bytes over all of them; counts come as doubles
   */
  translatedHosts: (logstoreId: number) => `
    SELECT pri_ip, packets::DOUBLE AS packets, bytes::DOUBLE AS bytes, (count(*) OVER ())::DOUBLE AS hosts,
      (sum(packets) OVER ())::DOUBLE AS all_packets, (sum(bytes) OVER ())::DOUBLE AS all_bytes
    FROM (
      SELECT pri_ip, sum(pkts_from_vpc) AS packets, sum(bytes_from_vpc) AS bytes
      FROM ${logTable(logstoreId)} WHERE run_id = $1::UINTEGER AND pri_ip IS NOT NULL
      GROUP BY pri_ip
    )
    ORDER BY bytes DESC, pri_ip LIMIT $2::UINTEGER`,
  /** $1 run_id, $2 first entry_no, $3 entry_no to stop before */
  deleteEntries: (logstoreId: number) => `
    DELETE FROM ${logTable(logstoreId)}
    WHERE run_id = $1::UINTEGER AND entry_no >= $2::UBIGINT AND entry_no < $3::UBIGINT`,
} as const;
