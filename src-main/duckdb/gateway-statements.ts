/** The statements of the console, each with its parameters by number; see `STATEMENTS`. */
export const GATEWAY_STATEMENTS = {
  /** Gives all columns; created_ms as a double, like the others. */
  listVpcs: `
    SELECT id, name, region, cidr_block, secondary_cidr_blocks, created_ms::DOUBLE AS created_ms
    FROM catalogue.console_vpc ORDER BY lower(name), id`,
  /** $1 id, $2 name, $3 region, $4 cidr_block, $5 secondary_cidr_blocks, $6 created_ms */
  insertVpc: `
    INSERT INTO catalogue.console_vpc
    VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::BIGINT)`,
  /** $1 id */
  deleteVpc: 'DELETE FROM catalogue.console_vpc WHERE id = $1::VARCHAR',
  /** Gives id, name, vpc_id, zone, cidr_block. */
  listVSwitches: `
    SELECT id, name, vpc_id, zone, cidr_block FROM catalogue.console_vswitch ORDER BY lower(name), id`,
  /** $1 id, $2 name, $3 vpc_id, $4 zone, $5 cidr_block, $6 created_ms */
  insertVSwitch: `
    INSERT INTO catalogue.console_vswitch
    VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::BIGINT)`,
  /** $1 id */
  deleteVSwitch: 'DELETE FROM catalogue.console_vswitch WHERE id = $1::VARCHAR',
  /** Gives all columns. */
  listConsoleGateways: `
    SELECT id, name, region, vpc_id, config, created_ms::DOUBLE AS created_ms
    FROM catalogue.console_gateway ORDER BY lower(name), id`,
  /** $1 id, $2 name, $3 region, $4 vpc_id, $5 config, $6 created_ms */
  insertConsoleGateway: `
    INSERT INTO catalogue.console_gateway
    VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::BIGINT)`,
  /** $1 id, $2 name, $3 config */
  writeConsoleGateway:
    'UPDATE catalogue.console_gateway SET name = $2::VARCHAR, config = $3::VARCHAR WHERE id = $1::VARCHAR',
  /** $1 id */
  deleteConsoleGateway: 'DELETE FROM catalogue.console_gateway WHERE id = $1::VARCHAR',
  /** Gives all columns; times as doubles, stopped_ms NULL while enabled. */
  listSessionLogs: `
    SELECT gateway_id, project, logstore, enabled_ms::DOUBLE AS enabled_ms, modifying, stopped_ms::DOUBLE AS stopped_ms
    FROM catalogue.session_log`,
  /** $1 gateway_id, $2 project, $3 logstore, $4 enabled_ms, $5 modifying, $6 stopped_ms or NULL */
  insertSessionLog: `
    INSERT INTO catalogue.session_log
    VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::BIGINT, $5::BOOLEAN, $6::BIGINT)`,
  /** $1 gateway_id */
  deleteSessionLog: 'DELETE FROM catalogue.session_log WHERE gateway_id = $1::VARCHAR',
  /** $1 gateway_id, whose entries were delivered to a changed destination */
  endModifying: 'UPDATE catalogue.session_log SET modifying = false WHERE gateway_id = $1::VARCHAR',
  /** Gives the one row. */
  readAccount: 'SELECT service_linked_role, preview_access FROM catalogue.account',
  /** $1 service_linked_role, $2 preview_access */
  writeAccount: 'UPDATE catalogue.account SET service_linked_role = $1::BOOLEAN, preview_access = $2::BOOLEAN',
} as const;
