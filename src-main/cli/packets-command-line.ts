import { Option, type Command } from 'commander';
import { PACKET_SIDES } from '../contract/packets';
import type { Context } from './context';
import { entryId, filePath, filePaths } from './option-values';
import { runPackets, type PacketsOptions } from './packets-command';
import { PROGRESS_CHOICES } from './progress-line';
import type { Watched } from './run';
import { fromOption, logstoreOption, projectOption, toOption, workspaceOption, zoneOption } from './shared-options';

const PACKETS_NOTES = `
The captures of the imports are read again: they must be as they were, and where
they were, or where --capture says, which is kept. Each packet has a comment with its number in its capture, and the
first of an entry one with window and mapping. Without a limit: all packets that
the entries count, each once, or what is missing is said, and the end is 3.

With --side public, packets have the translated address, port or ICMP
identifier, and checksums that follow: right ones stay right, wrong ones wrong.

  natscope packets --query 'pri_ip:10.20.0.5 and pub_port:443' --out https.pcapng
  natscope packets --query '*' --from -15m --side public --out outside.pcapng
  natscope query 'pub_ip:198.51.100.7' --ids --limit 1
  natscope packets --entry 1-42 --out - | tshark -r -`;

export function addPackets(program: Command, context: Context, { keep, run }: Watched): void {
  program
    .command('packets')
    .description('Write the packets behind log entries into a pcapng file.')
    .addOption(
      new Option('--entry <run-number>', 'identity of one log entry, as natscope query --ids shows it').argParser(
        entryId,
      ),
    )
    .option('--query <search>', 'all log entries that a search finds')
    .addOption(fromOption())
    .addOption(toOption())
    .addOption(zoneOption())
    .addOption(
      new Option('--side <side>', 'packets as they were captured, or as the Internet saw them')
        .choices(PACKET_SIDES)
        .default('captured'),
    )
    .addOption(
      new Option(
        '--capture <file>',
        'where a capture is now that was moved; it is known by its content. Can be repeated',
      ).argParser(filePaths),
    )
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(logstoreOption())
    .addOption(
      new Option('--out <file>', 'the file, whole or not at all; - for standard output')
        .makeOptionMandatory()
        .argParser(filePath),
    )
    .addOption(new Option('--progress <when>', 'show progress').choices(PROGRESS_CHOICES).default('auto'))
    .option('--no-progress', 'the same as --progress never')
    .option('--json', 'print what was written as JSON', false)
    .addHelpText('after', PACKETS_NOTES)
    .action(async (options: PacketsOptions) => {
      run.query = options.query ?? null;
      await keep(runPackets(context, options));
    });
}
