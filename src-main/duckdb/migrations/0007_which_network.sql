-- Which network the private side of a session is in, where VLANs are networks of their own: the numbers of its last two IEEE
-- 802.1Q tags, the last one in the lower twelve bits. NULL where they are one network, and in runs of older versions.
ALTER TABLE {log} ADD COLUMN IF NOT EXISTS realm UINTEGER;
