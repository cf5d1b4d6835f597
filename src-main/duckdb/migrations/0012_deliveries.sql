-- How the entries of each import came into the Logstore. script, shards and groups are JSON, and all that deliveries follow
-- from; outcome is JSON: statuses, faults, windows and totals. Times in them are epoch seconds of capture time.
CREATE TABLE IF NOT EXISTS catalogue.delivery (
  run_id UINTEGER NOT NULL,
  window_sec UINTEGER NOT NULL,
  modifying_sec UINTEGER NOT NULL,
  script VARCHAR NOT NULL,
  shards VARCHAR NOT NULL,
  groups VARCHAR NOT NULL,
  outcome VARCHAR NOT NULL
);

-- Each attempt to deliver, and what came of them; see DeliveryEvent for the columns.
CREATE TABLE IF NOT EXISTS catalogue.delivery_event (
  run_id UINTEGER NOT NULL,
  event_no UINTEGER NOT NULL,
  at_sec BIGINT NOT NULL,
  act VARCHAR NOT NULL,
  window_start BIGINT,
  code VARCHAR,
  groups UINTEGER NOT NULL,
  entries UBIGINT NOT NULL,
  raw_bytes UBIGINT NOT NULL,
  waiting UBIGINT NOT NULL,
  lost UBIGINT NOT NULL,
  retry_sec BIGINT
);

-- Entries of the run that are not in the Logstore, as they were lost or wait; NULL for none.
ALTER TABLE catalogue.import_run ADD COLUMN IF NOT EXISTS undelivered_entries UBIGINT;
