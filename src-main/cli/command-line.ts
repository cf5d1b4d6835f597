import { Command, Help, Option } from 'commander';
import { CONTEXTS } from '../contract/entry-context';
import { TUNNEL_LAYERS } from '../contract/imports';
import { LARGEST_RUN, type EntryId } from '../contract/log-entry';
import type { Context } from './context';
import { runConversations, type ConversationsOptions } from './conversations-command';
import { runContext, type ContextOptions } from './context-command';
import type { ExitCode } from './exit-code';
import { runExplain, type ExplainOptions } from './explain-command';
import { runField, type FieldOptions } from './field-command';
import { runFingerprint, type FingerprintCommandOptions } from './fingerprint-command';
import { runInfo, type InfoOptions } from './info-command';
import { runImport, type ImportOptions } from './import-command';
import { PROGRESS_CHOICES } from './progress-line';
import {
  LARGEST_PORT,
  entryId,
  filePath,
  gatewayIds,
  filePaths,
  ipv4Address,
  natEndpoint,
  networks,
  publicAddresses,
  replaySpeed,
  scriptTime,
  wholeNumber,
} from './option-values';
import { MAX_EIPS, MAX_INSIDE_NETWORKS } from '../nat/gateway';
import { runWindows, type WindowsOptions } from './windows-command';
import { runNatEvents, type NatEventsOptions } from './nat-events-command';
import { runNatTable, type NatTableOptions } from './nat-table-command';
import { runQuery } from './query-command';
import type { QueryOptions } from './query-options';
import { runOpen, type OpenOptions } from './open-command';
import { runServe, type ServeOptions } from './serve-command';
import { addAnswerOptions } from './answer-options';
import { addDelivery } from './delivery-command-line';
import { addGatewayCommands } from './gateway-command-line';
import { addLogstoreCommands } from './logstore-command-line';
import { addCompare } from './compare-command-line';
import { addPackets } from './packets-command-line';
import { addSavedSearches } from './saved-search-command-line';
import { addWho } from './who-command-line';
import {
  expansionOption,
  fromOption,
  limitsOption,
  logstoreOption,
  projectOption,
  rowFormatOption,
  toOption,
  workspaceOption,
  zoneOption,
} from './shared-options';

/** The seed is mixed with 32-bit arithmetic. */
const LARGEST_SEED = 0xffff_ffff;

const portOption = (): Option =>
  new Option('--port <number>', 'port of the browser host (default: any that is free)')
    .default(0)
    .argParser(wholeNumber(0, LARGEST_PORT));

const CAPTURES = 'pcap or pcapng files, also compressed (gzip, zstd, lz4, xz), named pipes, and - for standard input';

const EXAMPLES = `
Examples:
  natscope open office.pcap
  natscope serve --port 4242
  natscope import office.pcap
  tcpdump -w - | natscope import -
  tcpdump -w - -U | natscope import - --live
  natscope import mon.pcapng tue.pcapng.zst --inside 10.20.0.0/16
  natscope query 'pri_ip:10.20.0.5 and pub_port:443' --limit 20
  natscope query '* | SELECT protocol, count(*) AS n GROUP BY protocol' --json
  natscope field pub_port 'protocol:6'
  natscope context 1-42 --same host
  natscope packets --entry 1-42 --out slice.pcapng
  natscope packets --query 'pub_port:443' --side public --out https.pcapng
  natscope who 203.0.113.1:40000 --at 2026-11-20T15:17:42Z
  natscope compare cloud.csv session-log
  natscope nat-table --at '2026-11-20 15:17' --host 10.20.0.5
  natscope nat-events --from -1h
  natscope windows --run 1
  natscope conversations office.pcap --json
  natscope fingerprint lan.pcap wan.pcap
  natscope info office.pcap
  natscope gateway check edge.json
  natscope session-log list
  natscope index show --logstore session-log
  natscope load access.ndjson.gz --dry-run
  natscope logstore list
  natscope saved-search run 'top talkers' --var host=10.20.0.5

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with losses.`;

const QUERY_EXAMPLES = `
Quote the query, so that the shell leaves it alone:
  natscope query '*' --from -1h
  natscope query 'pub_ip:198.51.100.7 and not protocol:17' --reverse --limit 100
  natscope query '* | SELECT count(distinct pub_ip) AS peers' --json
  natscope query 'protocol:17' --format csv --out udp.csv.gz
  natscope query '*' --format parquet --out log.parquet
  natscope query '*' --format parquet --partition-by nat_ip --out by-ip
  natscope query 'pub_port:443' --ids --limit 5

Times: epoch seconds, 2026-11-20, "2026-11-20 15:17", RFC 3339, -15m, start,
end, @d (the start of the day of the last entry; also @h, @w, @10m) and -1d@d;
those without a zone of their own are in --zone.
Without --limit the result is complete.`;

const FINGERPRINT_NOTES = `
Record both sides at the same time, for example on the gateway itself:
  tcpdump -i lan0 -s 128 -w inside.pcap & tcpdump -i wan0 -s 128 -w out.pcap
Its addresses need not be named, and the clocks may differ. What cannot be told
apart is left out and counted; idle times are bounds of a timer, not the timer.`;

const NAT_TABLE_NOTES = `
Times: as for query, and RFC 3339 or epoch seconds with up to nine digits behind
the point. Between the first and the last packet of an import the table is
exact; behind it the sessions stay as its end would leave them, and behind the
end of its last window none is alive. last_packet is the end of the last
log entry that was over by then, or empty: of the packets within an entry only
the first and the last are known. mapping_end is when the port was free again,
or would be without further packets. The limit is that of one address towards
one destination: an SNAT entry with N EIPs has N times as many ports. --host
leaves out sessions of which only the public side was captured; --nat finds
translated addresses and EIPs.

  natscope nat-table --at 2026-11-20T15:17:42.106Z --nat 203.0.113.1:40000
  natscope nat-table --at -5m --json`;

const NAT_EVENTS_NOTES = `
Each row is all packets of one host to one destination that were refused a
session for one cause within a window, or a block of ports that a host was given
or gave back. They come by import and time, complete. Times: as for query; an
event is shown if some time from its first packet to its last is in the range.

  natscope nat-events --host 10.20.0.5 --from '2026-11-20 15:00'
  natscope nat-events --format csv > refused.csv`;

const WINDOWS_NOTES = `
A log entry is in the window that its start_time is in. entries, packets and
bytes (IP, both ways) are what the gateway sealed; in_log_… is what of that is
in the Logstore. Who has rows of a log can tell by them whether these are all.
The sums over an import are held against its ledger. is_partial is 1 for a
window that the captures do not cover whole. Edges are epoch seconds, and in
tables times of --zone. It ends with 3 when something is missing.

  natscope windows
  natscope windows --run 1 --format csv > windows.csv`;

const SERVE_NOTES = `
Only this computer can reach it. The printed address lets in one browser, once;
that browser can then open as many tabs as it likes. Ctrl-C ends it.`;

/** What is known about the command that runs, for whoever has to explain how it ended. */
export interface Run {
  exitCode: ExitCode;
  /** The text of the query, if it is one. */
  query: string | null;
}

/** The commands and their options; what runs leaves its exit code in `run`. */
export function buildCommandLine(context: Context, version: string, run: Run): Command {
  const { io, out, err } = context;
  const program = new Command('natscope')
    .description('Packet captures in, queryable NAT session logs out.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureHelp({
      minWidthToWrap: 30,
      // That a switch is off until it is given goes without saying.
      optionDescription: (option) => new Help().optionDescription(option).replace(' (default: false)', ''),
    })
    .configureOutput({
      writeOut: (text) => {
        out.tell(text);
      },
      writeErr: (text) => {
        err.tell(text);
      },
      outputError: (text, write) => {
        write(text.replace(/^error: /, 'natscope: '));
      },
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });

  addImport(program, context, run);
  addQuery(program, context, run);
  addExplain(program, context, run);
  addField(program, context, run);
  addContext(program, context, run);
  addPackets(program, context, run);
  addNatTable(program, context, run);
  addNatEvents(program, context, run);
  addWindows(program, context, run);
  const ended = async (exitCode: Promise<ExitCode>): Promise<void> => {
    run.exitCode = await exitCode;
  };
  addWho(program, context, ended);
  addCompare(program, context, ended);
  addLogstoreCommands(program, context, ended);
  addSavedSearches(program, context, { keep: ended, run });
  addDelivery(program, context, ended);
  addInfo(program, context, run);
  addGatewayCommands(program, context, ended);
  addConversations(program, context, run);
  addFingerprint(program, context, run);
  addOpen(program, context, run);
  addServe(program, context, run);
  for (const command of program.commands) {
    command.showHelpAfterError(`natscope help ${command.name()} lists what it takes.`);
    for (const each of command.commands) {
      each.showHelpAfterError(`natscope ${command.name()} help ${each.name()} lists what it takes.`);
    }
  }
  program.showHelpAfterError('natscope help lists the commands.');
  return program;
}

function addImport(program: Command, context: Context, run: Run): void {
  const command = program
    .command('import')
    .description('Run captures through the gateway and keep the session logs; several captures are one import.')
    .option('--live', 'seal windows while the capture is being recorded, and keep them whatever happens', false);
  addImportOptions(command).action(async (captures: string[], options: GivenOptions) => {
    run.exitCode = await runImport(context, captures, importOptions(options, command));
  });
  const replay = program
    .command('replay')
    .description('Play captures by the times of their packets, as a live import.')
    .addOption(
      new Option('--speed <times>', 'how many times as fast as they were recorded').default(1).argParser(replaySpeed),
    )
    .addOption(
      new Option(
        '--from <time>',
        'play from there, what is before goes through at once: +10m after the first window begins, RFC 3339, or epoch seconds',
      ).argParser(scriptTime),
    );
  addImportOptions(replay).action(async (captures: string[], options: GivenOptions) => {
    run.exitCode = await runImport(context, captures, { ...importOptions(options, replay), live: true });
  });
}

type GivenOptions = Partial<ImportOptions> & ImportDefaults;

/** Who says where entries go, or names a seed, means the default gateway. */
function importOptions({ inside = [], eip = [], ...options }: GivenOptions, command: Command): ImportOptions {
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  const isPlaced = ['project', 'logstore', 'seed'].some(isGiven);
  const place = (['project', 'logstore', 'sessionLogs'] as const).find(isGiven);
  return {
    ...options,
    sessionLogs: options.sessionLogs && !isPlaced,
    ...(place === undefined ? {} : { place }),
    inside,
    eip,
  };
}

function addImportOptions(command: Command): Command {
  return command
    .argument('<capture...>', CAPTURES, filePaths)
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(logstoreOption())
    .addOption(
      new Option(
        '--inside <cidr,…>',
        `networks behind the gateway, at most ${MAX_INSIDE_NETWORKS} (default: RFC 1918 and 100.64.0.0/10)`,
      ).argParser(networks),
    )
    .addOption(
      new Option(
        '--eip <ip,…>',
        `public addresses of the gateway, at most ${MAX_EIPS}, none of them inside (default: 203.0.113.1)`,
      ).argParser(publicAddresses),
    )
    .addOption(
      new Option(
        '--gateway <file>',
        'JSON file that describes the gateway, in the place of --inside and --eip; natscope gateway check says what it does',
      ).argParser(filePath),
    )
    .addOption(
      new Option(
        '--gateway-id <id,...>',
        'through gateways with a session log, each into its Logstore (default: all that are enabled, if none is described or named here)',
      ).argParser(gatewayIds),
    )
    .option('--no-session-logs', 'through the default gateway, whatever session logs are enabled')
    .addOption(
      new Option(
        '--delivery <file>',
        'JSON file that says how entries are delivered, and what goes wrong; natscope delivery presets has examples',
      ).argParser(filePath),
    )
    .addOption(
      new Option('--seed <number>', "seed of the port choice (default: the gateway file's, or 0)").argParser(
        wholeNumber(0, LARGEST_SEED),
      ),
    )
    .addOption(
      new Option(
        '--layer <layer>',
        'IP header of tunnelled packets that the gateway sees; auto: the first it translates',
      )
        .choices(TUNNEL_LAYERS)
        .default('auto'),
    )
    .option('--no-index', 'leave a Logstore without index as it is')
    .option('--again', 'import captures that are already in the Logstore', false)
    .option('--keep-going', 'leave out captures that cannot be read, and end with exit code 3', false)
    .addOption(expansionOption())
    .addOption(new Option('--progress <when>', 'show progress').choices(PROGRESS_CHOICES).default('auto'))
    .option('--no-progress', 'the same as --progress never')
    .option('--json', 'print the ledger as JSON', false);
}

/** What the parser always sets; the lists have no default, which it would print. */
type ImportDefaults = Omit<ImportOptions, 'inside' | 'eip'>;

function addQuery(program: Command, context: Context, run: Run): void {
  const command = program
    .command('query')
    .description('Search a Logstore, or run SQL over what a search finds.')
    .argument('<text>', 'search | SQL');
  addAnswerOptions(command)
    .addHelpText('after', QUERY_EXAMPLES)
    .action(async (text: string, options: QueryOptions) => {
      run.query = text;
      run.exitCode = await runQuery(context, text, options);
    });
}

function addExplain(program: Command, context: Context, run: Run): void {
  program
    .command('explain')
    .description('Show what becomes of a query: tokens, indexes, SQL and plan. It does not run.')
    .argument('<text>', 'search | SQL')
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(logstoreOption())
    .addOption(fromOption())
    .addOption(toOption())
    .addOption(zoneOption())
    .addOption(limitsOption())
    .option('--json', 'print it as JSON', false)
    .action(async (text: string, options: ExplainOptions) => {
      run.query = text;
      run.exitCode = await runExplain(context, text, options);
    });
}

function addField(program: Command, context: Context, run: Run): void {
  program
    .command('field')
    .description(
      'Say what one field holds: how many values, which are frequent, how numbers are distributed. All exact.',
    )
    .argument('<field>', 'name of an indexed field')
    .argument('[query]', 'entries to look at; what is behind a | is left out', '*')
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(logstoreOption())
    .addOption(fromOption())
    .addOption(toOption())
    .addOption(zoneOption())
    .option('--json', 'print one JSON object, also with the frequent values by time', false)
    .action(async (field: string, text: string, options: FieldOptions) => {
      run.query = text;
      run.exitCode = await runField(context, field, text, options);
    });
}

function addContext(program: Command, context: Context, run: Run): void {
  const most = wholeNumber(0, Number.MAX_SAFE_INTEGER);
  program
    .command('context')
    .description('Show the log entries before and after one.')
    .argument('<entry>', 'identity of the log entry, as natscope query --ids shows it', entryId)
    .addOption(
      new Option('--same <what>', 'what they have in common with it: the log alone, or its host, session or five-tuple')
        .choices(CONTEXTS)
        .default('log'),
    )
    .addOption(new Option('--back <count>', 'entries at most before it').default(10).argParser(most))
    .addOption(new Option('--forward <count>', 'entries at most after it').default(10).argParser(most))
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(logstoreOption())
    .addOption(rowFormatOption())
    .option('--json', 'the same as --format json', false)
    .action(async (entry: EntryId, options: ContextOptions) => {
      run.exitCode = await runContext(context, entry, options);
    });
}

function addNatTable(program: Command, context: Context, run: Run): void {
  program
    .command('nat-table')
    .description('Show the live sessions of the gateway and its ports in use, at any instant.')
    .addOption(new Option('--at <time>', 'the instant').makeOptionMandatory())
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(logstoreOption())
    .addOption(new Option('--run <number>', 'one import (default: all)').argParser(wholeNumber(1, LARGEST_RUN)))
    .addOption(zoneOption())
    .addOption(new Option('--host <ip>', 'sessions of one host in the VPC').argParser(ipv4Address))
    .addOption(new Option('--nat <ip[:port]>', 'sessions of a translated address, or of a port').argParser(natEndpoint))
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', NAT_TABLE_NOTES)
    .action(async (options: NatTableOptions) => {
      run.exitCode = await runNatTable(context, options);
    });
}

function addNatEvents(program: Command, context: Context, run: Run): void {
  program
    .command('nat-events')
    .description('Show what the gateway refused, with host and destination, and its blocks of ports.')
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(logstoreOption())
    .addOption(fromOption())
    .addOption(toOption())
    .addOption(zoneOption())
    .addOption(new Option('--run <number>', 'one import (default: all)').argParser(wholeNumber(1, LARGEST_RUN)))
    .addOption(new Option('--host <ip>', 'events of one host in the VPC').argParser(ipv4Address))
    .addOption(rowFormatOption())
    .option('--json', 'the same as --format json', false)
    .addHelpText('after', NAT_EVENTS_NOTES)
    .action(async (options: NatEventsOptions) => {
      run.exitCode = await runNatEvents(context, options);
    });
}

function addWindows(program: Command, context: Context, run: Run): void {
  program
    .command('windows')
    .description('Show what each window holds, and whether the Logstore has all of it.')
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(logstoreOption())
    .addOption(zoneOption())
    .addOption(new Option('--run <number>', 'one import (default: all)').argParser(wholeNumber(1, LARGEST_RUN)))
    .addOption(rowFormatOption())
    .option('--json', 'the same as --format json', false)
    .addHelpText('after', WINDOWS_NOTES)
    .action(async (options: WindowsOptions) => {
      run.exitCode = await runWindows(context, options);
    });
}

function addInfo(program: Command, context: Context, run: Run): void {
  program
    .command('info')
    .description('Say what captures are, what is in them, and what the default gateway would translate.')
    .argument('<capture...>', CAPTURES, filePaths)
    .addOption(
      new Option('--layer <layer>', 'IP header of tunnelled packets that the gateway sees, as for import')
        .choices(TUNNEL_LAYERS)
        .default('auto'),
    )
    .addOption(expansionOption())
    .addOption(new Option('--progress <when>', 'show progress').choices(PROGRESS_CHOICES).default('auto'))
    .option('--no-progress', 'the same as --progress never')
    .option('--json', 'print a JSON array, one object a capture', false)
    .action(async (captures: string[], options: InfoOptions) => {
      run.exitCode = await runInfo(context, captures, options);
    });
}

function addConversations(program: Command, context: Context, run: Run): void {
  program
    .command('conversations')
    .description('Count every conversation of captures as recorded, without any NAT.')
    .argument('<capture...>', CAPTURES, filePaths)
    .addOption(
      new Option('--layer <layer>', 'IP header of tunnelled packets that counts')
        .choices(['outer', 'inner'])
        .default('outer'),
    )
    .option('--icmp-errors', 'print ICMP errors with the packets that they quote instead', false)
    .addOption(expansionOption())
    .option('--json', 'print a JSON array', false)
    .action(async (captures: string[], options: ConversationsOptions) => {
      run.exitCode = await runConversations(context, captures, options);
    });
}

function addFingerprint(program: Command, context: Context, run: Run): void {
  program
    .command('fingerprint')
    .description('Measure a real NAT: every translation, and how it maps, by captures of both its sides.')
    .argument('<inside>', 'capture of the side of the hosts', filePath)
    .argument('<outside>', 'capture of the same traffic on the public side', filePath)
    .addOption(
      new Option('--layer <layer>', 'IP header of tunnelled packets that counts')
        .choices(['outer', 'inner'])
        .default('outer'),
    )
    .addOption(expansionOption())
    .option('--json', 'print everything that was measured as JSON', false)
    .addHelpText('after', FINGERPRINT_NOTES)
    .action(async (inside: string, outside: string, options: FingerprintCommandOptions) => {
      run.exitCode = await runFingerprint(context, inside, outside, options);
    });
}

function addOpen(program: Command, context: Context, run: Run): void {
  program
    .command('open')
    .description('Open the app: in a window of its own where there can be one, else in a browser.')
    .argument('[capture...]', 'pcap or pcapng files to import at once', filePaths)
    .addOption(workspaceOption())
    .addOption(portOption())
    .option('--desktop', 'fail where there can be no window', false)
    .option('--browser', 'serve it to a browser, even where there can be a window', false)
    .action(async (captures: string[], options: OpenOptions) => {
      run.exitCode = await runOpen(context, captures, options);
    });
}

function addServe(program: Command, context: Context, run: Run): void {
  program
    .command('serve')
    .description('Serve the app to browsers of this computer, and print its address.')
    .argument('[capture...]', 'pcap or pcapng files to import at once', filePaths)
    .addOption(workspaceOption())
    .addOption(portOption())
    .option('--open', 'open the address in your browser', false)
    .option('--json', 'print url, port, workspace and pid as JSON', false)
    .addHelpText('after', SERVE_NOTES)
    .action(async (captures: string[], options: ServeOptions) => {
      run.exitCode = await runServe(context, captures, options);
    });
}
