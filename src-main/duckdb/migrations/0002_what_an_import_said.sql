-- What an import reports of each capture and of files that it left out, so that it can be told again.

-- Octets that were read, and packets. Both NULL in runs of older versions with several captures.
ALTER TABLE catalogue.capture ADD COLUMN IF NOT EXISTS read_bytes UBIGINT;
ALTER TABLE catalogue.capture ADD COLUMN IF NOT EXISTS packets UBIGINT;

-- JSON; NULL in runs of older versions.
ALTER TABLE catalogue.import_run ADD COLUMN IF NOT EXISTS skipped VARCHAR;

-- The only capture of a run has all of its packets and octets.
UPDATE catalogue.capture AS capture
SET packets = run.packets, read_bytes = ledger.bytes
FROM catalogue.import_run AS run, catalogue.ledger AS ledger
WHERE run.run_id = capture.run_id AND ledger.run_id = capture.run_id
  AND ledger.section = 'file' AND ledger.item = 'read' AND capture.packets IS NULL
  AND capture.run_id IN (SELECT run_id FROM catalogue.capture GROUP BY run_id HAVING count(*) = 1);
