import { Option, type Command } from 'commander';
import { TUNNEL_LAYERS } from '../contract/imports';
import { MAX_EIPS, MAX_INSIDE_NETWORKS } from '../nat/gateway';
import type { Context } from './context';
import { runImport, type ImportOptions } from './import-command';
import {
  filePath,
  filePaths,
  gatewayIds,
  networks,
  publicAddresses,
  replaySpeed,
  scriptTime,
  wholeNumber,
} from './option-values';
import { PROGRESS_CHOICES } from './progress-line';
import type { Keep } from './run';
import { CAPTURES, expansionOption, logstoreOption, projectOption, workspaceOption } from './shared-options';

/** The seed is mixed with 32-bit arithmetic. */
const LARGEST_SEED = 0xffff_ffff;

/** `import`, and `replay`, which is one with a clock. */
export function addImport(program: Command, context: Context, keep: Keep): void {
  const command = program
    .command('import')
    .description('Run captures through the gateway and keep the session logs; several captures are one import.')
    .option('--live', 'seal windows while the capture is being recorded, and keep them whatever happens', false);
  addImportOptions(command).action(async (captures: string[], options: GivenOptions) => {
    await keep(runImport(context, captures, importOptions(options, command)));
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
    await keep(runImport(context, captures, { ...importOptions(options, replay), live: true }));
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
