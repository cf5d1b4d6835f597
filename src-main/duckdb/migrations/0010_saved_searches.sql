-- Queries that people keep, by Logstore. from_time and to_time are as they were written, NULL for an end of the log, and
-- mean something only where has_range; variables is JSON: the default values by name.
CREATE TABLE IF NOT EXISTS catalogue.saved_search (
  logstore_id UINTEGER NOT NULL,
  name VARCHAR NOT NULL,
  query VARCHAR NOT NULL,
  has_range BOOLEAN NOT NULL,
  from_time VARCHAR,
  to_time VARCHAR,
  variables VARCHAR NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL
);
