-- When the gateway first saw an entry by its clock, where the first packet of the entry came late; NULL where that is first_ns.
ALTER TABLE {session_log} ADD COLUMN IF NOT EXISTS seen_ns BIGINT;
