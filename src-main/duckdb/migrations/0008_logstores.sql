-- Projects and Logstores that people make, shards with hash ranges, Logstores of any fields, and how they are indexed.

ALTER TABLE catalogue.workspace_meta ADD COLUMN IF NOT EXISTS next_logstore_id UINTEGER;
UPDATE catalogue.workspace_meta
SET next_logstore_id = (SELECT coalesce(max(id), 0) + 1 FROM catalogue.logstore)
WHERE next_logstore_id IS NULL;

ALTER TABLE catalogue.project ADD COLUMN IF NOT EXISTS region VARCHAR;
ALTER TABLE catalogue.project ADD COLUMN IF NOT EXISTS description VARCHAR;
UPDATE catalogue.project SET region = 'local', description = '' WHERE region IS NULL;

-- Days; NULL keeps entries for good.
ALTER TABLE catalogue.logstore ADD COLUMN IF NOT EXISTS ttl_days UINTEGER;

-- Keys are 32 hexadecimal digits: the range is from begin_key on, before end_key.
ALTER TABLE catalogue.shard ADD COLUMN IF NOT EXISTS status VARCHAR;
ALTER TABLE catalogue.shard ADD COLUMN IF NOT EXISTS begin_key VARCHAR;
ALTER TABLE catalogue.shard ADD COLUMN IF NOT EXISTS end_key VARCHAR;
ALTER TABLE catalogue.shard ADD COLUMN IF NOT EXISTS created_ms BIGINT;
UPDATE catalogue.shard
SET status = 'readwrite', begin_key = repeat('0', 32), end_key = repeat('f', 32),
  created_ms = (SELECT logstore.created_ms FROM catalogue.logstore AS logstore WHERE logstore.id = shard.logstore_id)
WHERE status IS NULL;

-- Fields of a Logstore in the order in which they came; those of session logs that the product has are not among them.
-- column_name is NULL where the value is in the entry's extra; hints is JSON.
CREATE TABLE IF NOT EXISTS catalogue.logstore_field (
  logstore_id UINTEGER NOT NULL,
  ordinal UINTEGER NOT NULL,
  name VARCHAR NOT NULL,
  type VARCHAR NOT NULL,
  column_name VARCHAR,
  hints VARCHAR NOT NULL
);

-- Index configurations that were current before, each for the runs up to until_run that no earlier one is for; config is
-- NULL for runs that were imported without an index.
CREATE TABLE IF NOT EXISTS catalogue.index_generation (
  logstore_id UINTEGER NOT NULL,
  until_run UINTEGER NOT NULL,
  config VARCHAR
);

-- kind is 'load' for a run that was loaded from files of log entries, NULL for an import of captures.
ALTER TABLE catalogue.import_run ADD COLUMN IF NOT EXISTS kind VARCHAR;
-- Entries of the run that retention has deleted; NULL for none.
ALTER TABLE catalogue.import_run ADD COLUMN IF NOT EXISTS expired_entries UBIGINT;

-- What a load could not read, as it stood in the file.
CREATE TABLE IF NOT EXISTS catalogue.bad_line (
  run_id UINTEGER NOT NULL,
  file VARCHAR NOT NULL,
  line_no UBIGINT NOT NULL,
  code VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  content VARCHAR NOT NULL
);

-- Values as text, by the name of the field, that have no column, or do not fit the one they have; NULL for none.
ALTER TABLE {log} ADD COLUMN IF NOT EXISTS extra VARCHAR;
