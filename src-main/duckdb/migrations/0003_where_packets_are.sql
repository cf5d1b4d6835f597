-- Where in a capture reading can begin, so that the packets of a late entry are found without all that is before them.

-- positions is JSON. Runs of older versions have no rows.
CREATE TABLE IF NOT EXISTS catalogue.capture_position (
  run_id UINTEGER NOT NULL,
  ordinal UINTEGER NOT NULL,
  positions VARCHAR NOT NULL
);
