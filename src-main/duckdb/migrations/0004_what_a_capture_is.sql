-- What a capture of an import is: JSON; NULL in runs of older versions.
ALTER TABLE catalogue.capture ADD COLUMN IF NOT EXISTS details VARCHAR;
