-- Each statement ends with a semicolon at the end of a line and runs in a transaction of its own, so each has to be
-- one that may run again after a kill. No PRIMARY KEY: its index is a second copy of the truth that replay can break.

CREATE SCHEMA IF NOT EXISTS catalogue;
CREATE SCHEMA IF NOT EXISTS entries;

CREATE TABLE IF NOT EXISTS catalogue.workspace_meta (
  schema_version UINTEGER NOT NULL,
  next_run_id UINTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS catalogue.project (
  id UINTEGER NOT NULL,
  name VARCHAR NOT NULL,
  created_ms BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS catalogue.logstore (
  id UINTEGER NOT NULL,
  project_id UINTEGER NOT NULL,
  name VARCHAR NOT NULL,
  table_name VARCHAR NOT NULL,
  schema_name VARCHAR NOT NULL,
  created_ms BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS catalogue.shard (
  id USMALLINT NOT NULL,
  logstore_id UINTEGER NOT NULL
);

-- config is the vendor's index JSON.
CREATE TABLE IF NOT EXISTS catalogue.index_config (
  logstore_id UINTEGER NOT NULL,
  config VARCHAR NOT NULL,
  updated_ms BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS catalogue.vpc (
  id USMALLINT NOT NULL,
  name VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS catalogue.nat_gateway (
  id USMALLINT NOT NULL,
  name VARCHAR NOT NULL,
  vpc_id USMALLINT NOT NULL
);

-- state is 'running' until the transaction that commits the run; options, gateway and notices are JSON.
CREATE TABLE IF NOT EXISTS catalogue.import_run (
  run_id UINTEGER NOT NULL,
  logstore_id UINTEGER NOT NULL,
  state VARCHAR NOT NULL,
  started_ms BIGINT NOT NULL,
  finished_ms BIGINT,
  options VARCHAR NOT NULL,
  gateway VARCHAR NOT NULL,
  seed UBIGINT NOT NULL,
  identity_key VARCHAR NOT NULL,
  log_entries UBIGINT,
  windows UBIGINT,
  packets UBIGINT,
  notices VARCHAR
);

-- Digests are hex SHA-256 of the first and last MiB; times are epoch seconds with their nanosecond digits.
CREATE TABLE IF NOT EXISTS catalogue.capture (
  run_id UINTEGER NOT NULL,
  ordinal UINTEGER NOT NULL,
  path VARCHAR NOT NULL,
  size_bytes UBIGINT NOT NULL,
  mtime_ms DOUBLE NOT NULL,
  head_digest VARCHAR NOT NULL,
  tail_digest VARCHAR NOT NULL,
  format VARCHAR NOT NULL,
  first_time VARCHAR,
  last_time VARCHAR
);

-- section file: item read, container, captured. section unreadable: cause, file, byte_offset. sections total,
-- in_entries, not_in_entries: packets and IP bytes, by reason in the last; NULL where a reason has no such count.
CREATE TABLE IF NOT EXISTS catalogue.ledger (
  run_id UINTEGER NOT NULL,
  ordinal UINTEGER NOT NULL,
  section VARCHAR NOT NULL,
  item VARCHAR NOT NULL,
  file VARCHAR,
  byte_offset UBIGINT,
  packets UBIGINT,
  bytes UBIGINT
);
