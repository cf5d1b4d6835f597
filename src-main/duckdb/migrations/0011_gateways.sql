-- The console: what people set up. catalogue.vpc and catalogue.nat_gateway are something else: the names in entries.
-- secondary_cidr_blocks is a JSON list.
CREATE TABLE IF NOT EXISTS catalogue.console_vpc (
  id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  region VARCHAR NOT NULL,
  cidr_block VARCHAR NOT NULL,
  secondary_cidr_blocks VARCHAR NOT NULL,
  created_ms BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS catalogue.console_vswitch (
  id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  vpc_id VARCHAR NOT NULL,
  zone VARCHAR NOT NULL,
  cidr_block VARCHAR NOT NULL,
  created_ms BIGINT NOT NULL
);

-- config is the gateway file as JSON, without its VPC and vSwitches, which are filled in when it is read.
CREATE TABLE IF NOT EXISTS catalogue.console_gateway (
  id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  region VARCHAR NOT NULL,
  vpc_id VARCHAR NOT NULL,
  config VARCHAR NOT NULL,
  created_ms BIGINT NOT NULL
);

-- Project and Logstore by name, since either may be deleted, and made again. modifying: the destination was changed,
-- and nothing was delivered since. stopped_ms is NULL while it is enabled.
CREATE TABLE IF NOT EXISTS catalogue.session_log (
  gateway_id VARCHAR NOT NULL,
  project VARCHAR NOT NULL,
  logstore VARCHAR NOT NULL,
  enabled_ms BIGINT NOT NULL,
  modifying BOOLEAN NOT NULL,
  stopped_ms BIGINT
);

-- One row.
CREATE TABLE IF NOT EXISTS catalogue.account (
  service_linked_role BOOLEAN NOT NULL,
  preview_access BOOLEAN NOT NULL
);

INSERT INTO catalogue.account
SELECT false, true WHERE NOT EXISTS (SELECT 1 FROM catalogue.account);
