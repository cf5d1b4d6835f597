-- Hex SHA-256 of all octets of a capture, as it is stored; NULL until it was computed, which is after the import.
ALTER TABLE catalogue.capture ADD COLUMN IF NOT EXISTS sha256 VARCHAR;
