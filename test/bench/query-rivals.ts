import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../src-main/duckdb/database';
import { benchFolder } from './bench-log';
import { measure, type Run } from './measure';

/** A program that answers the same queries from the same entries. */
export interface Rival {
  ask(sql: string): Promise<Run>;
}

const COLUMNS = [
  ...['protocol', 'pri_ip', 'pri_port', 'pub_ip', 'pub_port', 'nat_ip', 'nat_port', 'bytes_from_pub', 'pkts_from_pub'],
  ...['bytes_from_vpc', 'pkts_from_vpc', 'start_time', 'end_time', '__time__', 'run_id', 'entry_no'],
];

/**
 * SQLite over a file of its own, with an index for each query that has all that the query reads, built once and kept: a minute or two.
 *
 * @returns null without the program
 */
export async function sqlite(database: Database): Promise<Rival | null> {
  // A rival for one benchmark alone, which the tests do not install.
  if (spawnSync('sqlite3', ['--version']).error !== undefined) return null;
  const path = join(benchFolder, 'log-10m-1.sqlite');
  if (!existsSync(path)) {
    const csv = join(database.workspaceDir, 'tmp/log.csv');
    await database.withConnection((connection) =>
      connection.run(`COPY (SELECT ${COLUMNS.join(', ')} FROM entries.log_1) TO '${csv}' (HEADER false)`),
    );
    rmSync(`${path}.unfinished`, { force: true });
    const input = [
      'PRAGMA journal_mode = OFF;',
      `CREATE TABLE log_1 (${COLUMNS.map((name) => `${name} INTEGER`).join(', ')});`,
      '.mode csv',
      `.import ${csv} log_1`,
      'CREATE INDEX by_time ON log_1 (__time__, protocol);',
      'CREATE INDEX by_port ON log_1 (protocol, pub_port, __time__, run_id, entry_no);',
      'CREATE INDEX by_destination ON log_1 (pub_ip, bytes_from_vpc, bytes_from_pub);',
      'CREATE INDEX by_host ON log_1 (pri_ip, bytes_from_pub);',
      'ANALYZE;',
    ].join('\n');
    execFileSync('sqlite3', [`${path}.unfinished`], { input, stdio: ['pipe', 'ignore', 'inherit'] });
    rmSync(csv);
    renameSync(`${path}.unfinished`, path);
  }
  execFileSync('cat', [path], { stdio: ['ignore', 'ignore', 'inherit'] });
  return { ask: (sql) => measure({ name: 'sqlite3', argv: ['sqlite3', '-readonly', path, sql] }) };
}
