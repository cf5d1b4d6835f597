import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { ImportReport } from '../contract/ipc';
import type { Context } from './context';
import { withEngine, type EngineSession } from './engine-session';
import type { ExitCode } from './exit-code';
import { importExitCode, importWithProgress } from './import-command';
import { importText } from './ledger-text';
import { humanBytes, thousands } from './number-text';
import { plainCells } from '../engine/output/result-cells';
import { columnWidths, tableHead, tableLine, type TableColumn } from './text-table';

const SAMPLE = 'sample.pcapng';
const PLACE = { project: 'local', logstore: 'session-log' };

const BUSIEST_HOSTS =
  '* | SELECT pri_ip, count(*) AS entries, sum(bytes_from_vpc + bytes_from_pub) AS bytes ' +
  'FROM log GROUP BY pri_ip ORDER BY bytes DESC, pri_ip LIMIT 10';

/**
 * What Natscope does, shown on the captures or on the bundled sample: the ledger and the ten busiest hosts, in a
 * workspace that is gone afterwards.
 *
 * @throws AppError CAPTURE_*, IMPORT_CANCELLED and their like
 */
export async function runStart(context: Context, captures: readonly string[]): Promise<ExitCode> {
  const { io, out, resourcesFolder } = context;
  const paths = captures.length > 0 ? captures.map((path) => resolve(io.cwd, path)) : [join(resourcesFolder, SAMPLE)];
  const workspace = await mkdtemp(join(tmpdir(), 'natscope-start-'));
  try {
    out.tell(`${captures.length > 0 ? 'Importing' : 'Importing the bundled sample'} ${paths.join(', ')}\n\n`);
    const { report, hosts } = await withEngine(context, workspace, async (engine) => ({
      report: await importInto(context, engine, paths),
      hosts: await busiestHosts(engine),
    }));
    out.tell(importText(report, io.columns));
    out.tell(`\n${hostsText(hosts)}\n${nextText(io.cwd, paths)}`);
    return importExitCode(report);
  } finally {
    await rm(workspace, { recursive: true, force: true, maxRetries: 3 });
  }
}

function importInto(context: Context, engine: EngineSession, captures: readonly string[]): Promise<ImportReport> {
  const request = { ...PLACE, captures, inside: [], eips: [], seed: 0, createIndex: true, again: false };
  return importWithProgress(context, engine, { ...request, keepGoing: false }, 'auto');
}

interface Host {
  readonly address: string;
  readonly entries: number;
  readonly bytes: number;
}

async function busiestHosts(engine: EngineSession): Promise<Host[]> {
  const hosts: Host[] = [];
  const range = { from: null, to: null, zone: 'UTC', limit: null, offset: 0, reverse: false };
  await engine.run(
    'query:run',
    { ...PLACE, ...range, text: BUSIEST_HOSTS },
    {
      onBatch: ({ rowCount, columns }) => {
        const [address, entries, bytes] = columns.map(plainCells);
        for (let row = 0; row < rowCount; row++) {
          hosts.push({
            address: address?.(row) ?? '–',
            entries: Number(entries?.(row) ?? 0),
            bytes: Number(bytes?.(row) ?? 0),
          });
        }
      },
    },
  );
  return hosts;
}

const COLUMNS: readonly TableColumn[] = [
  { header: 'pri_ip', align: 'left' },
  { header: 'log entries', align: 'right' },
  { header: 'IP bytes', align: 'right' },
  { header: '', align: 'right' },
];

function hostsText(hosts: readonly Host[]): string {
  if (hosts.length === 0) return 'No private host has a log entry: the ledger says where the packets went.\n';
  const rows = hosts.map(({ address, entries, bytes }) => [
    address,
    thousands(entries),
    thousands(bytes),
    humanBytes(bytes),
  ]);
  const widths = columnWidths(rows, COLUMNS);
  const lines = [...tableHead(COLUMNS, widths), ...rows.map((row) => tableLine(row, COLUMNS, widths))];
  const title = hosts.length < 10 ? 'Busiest hosts' : 'The 10 busiest hosts';
  return `${title}\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

function nextText(cwd: string, paths: readonly string[]): string {
  const named = paths.map((path) => quoteForShell(shorter(path, relative(cwd, path))));
  return [
    'Nothing of this was kept. To keep it and ask more:',
    `  npm run -s natscope -- import ${named.join(' ')}`,
    `  npm run -s natscope -- query 'pub_port:443 | SELECT pri_ip, count(*) AS n GROUP BY pri_ip'`,
    '',
  ].join('\n');
}

function shorter(absolute: string, fromHere: string): string {
  return fromHere !== '' && fromHere.length < absolute.length ? fromHere : absolute;
}

function quoteForShell(text: string): string {
  return /^[\w./:@%+=,\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
