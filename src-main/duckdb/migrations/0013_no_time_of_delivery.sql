-- When an entry was delivered follows from the deliveries of its import; a column for it was never filled, and cost every import time.
ALTER TABLE {session_log} DROP COLUMN IF EXISTS delivered_at;
