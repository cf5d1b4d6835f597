/** About how the entries of imports came into their Logstores. */
export const DELIVERY_STATEMENTS = {
  /** $1 run_id, $2 window_sec, $3 modifying_sec, $4 script, $5 shards, $6 groups, $7 outcome */
  insertDelivery: `
    INSERT INTO catalogue.delivery (run_id, window_sec, modifying_sec, script, shards, groups, outcome)
    VALUES ($1::UINTEGER, $2::UINTEGER, $3::UINTEGER, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR)`,
  /** $1 run_id, $2 events as a JSON array */
  insertDeliveryEvents: `
    INSERT INTO catalogue.delivery_event
      (run_id, event_no, at_sec, act, window_start, code, groups, entries, raw_bytes, waiting, lost, retry_sec)
    SELECT $1::UINTEGER, event_no, event."atSec", event.act, event."windowStartSec", event.code, event.groups,
      event.entries, event."rawBytes", event.waiting, event.lost, event."retrySec"
    FROM (
      SELECT unnest(events) AS event, generate_subscripts(events, 1) - 1 AS event_no
      FROM (SELECT from_json($2::JSON, '[{"atSec": "BIGINT", "act": "VARCHAR", "windowStartSec": "BIGINT",
        "code": "VARCHAR", "groups": "UINTEGER", "entries": "UBIGINT", "rawBytes": "UBIGINT", "waiting": "UBIGINT",
        "lost": "UBIGINT", "retrySec": "BIGINT"}]') AS events))`,
  /** $1 run_id, $2 entries */
  writeUndelivered: `
    UPDATE catalogue.import_run SET undelivered_entries = nullif($2::UBIGINT, 0) WHERE run_id = $1::UINTEGER`,
  /** $1 run_id, $2 entries that were undelivered, and are past the retention */
  expireUndelivered: `
    UPDATE catalogue.import_run SET expired_entries = coalesce(expired_entries, 0) + $2::UBIGINT,
      undelivered_entries = nullif(undelivered_entries - $2::UBIGINT, 0)
    WHERE run_id = $1::UINTEGER`,
  /** Gives, by project, Logstore and gateway, the imports of which entries did not arrive, with counts as doubles. */
  listMissing: `
    SELECT project.name AS project, logstore.name AS logstore,
      coalesce(json_extract_string(run.gateway, '$.instance'), '') AS instance, sum(run.log_entries)::DOUBLE AS sealed,
      sum(run.undelivered_entries)::DOUBLE AS entries, count(*)::DOUBLE AS imports, max(run.run_id)::DOUBLE AS last_run
    FROM catalogue.import_run AS run
    JOIN catalogue.logstore AS logstore ON logstore.id = run.logstore_id
    JOIN catalogue.project AS project ON project.id = logstore.project_id
    WHERE run.state <> 'running' AND run.undelivered_entries > 0 GROUP BY ALL`,
  /** $1 run_id */
  deleteDelivery: 'DELETE FROM catalogue.delivery WHERE run_id = $1::UINTEGER',
  /** $1 run_id */
  deleteDeliveryEvents: 'DELETE FROM catalogue.delivery_event WHERE run_id = $1::UINTEGER',
  /** $1 run_id */
  readDelivery: `
    SELECT window_sec, modifying_sec, script, shards, groups, outcome
    FROM catalogue.delivery WHERE run_id = $1::UINTEGER`,
  /**
   * $1 run_id; gives outcome where something of the run did not arrive. That may be no entry, but what late packets added to
   * one, so that `undelivered_entries` does not tell.
   */
  readIncompleteDelivery: `
    SELECT outcome FROM catalogue.delivery
    WHERE run_id = $1::UINTEGER AND (outcome::JSON->>'$.totals.incompleteWindows')::UINTEGER > 0`,
  /** $1 run_id; gives events in order, counts and times as doubles */
  listDeliveryEvents: `
    SELECT at_sec::DOUBLE AS at_sec, act, window_start::DOUBLE AS window_start, code, groups,
      entries::DOUBLE AS entries, raw_bytes::DOUBLE AS raw_bytes, waiting::DOUBLE AS waiting, lost::DOUBLE AS lost,
      retry_sec::DOUBLE AS retry_sec
    FROM catalogue.delivery_event WHERE run_id = $1::UINTEGER ORDER BY event_no`,
} as const;
