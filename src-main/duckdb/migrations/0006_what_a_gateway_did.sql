-- When the port of a session was free again, which tells whose it was at any time. NULL in runs of older versions.
ALTER TABLE {log} ADD COLUMN IF NOT EXISTS mapping_end_ns BIGINT;

-- What happened at the gateway and is in no entry. event is the reason of a refusal, or block_allocate or block_free. A
-- refusal has its destination, SNAT entry, packets and IP bytes; a block its address and ports.
CREATE TABLE IF NOT EXISTS catalogue.nat_event (
  run_id UINTEGER NOT NULL,
  event VARCHAR NOT NULL,
  window_start BIGINT NOT NULL,
  first_ns BIGINT NOT NULL,
  last_ns BIGINT NOT NULL,
  protocol UTINYINT NOT NULL,
  pri_ip UINTEGER NOT NULL,
  pub_ip UINTEGER,
  pub_port USMALLINT,
  snat_entry VARCHAR,
  packets UBIGINT,
  bytes UBIGINT,
  nat_ip UINTEGER,
  first_port USMALLINT,
  last_port USMALLINT
);
