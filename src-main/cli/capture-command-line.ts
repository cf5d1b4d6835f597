import { Option, type Command } from 'commander';
import { TUNNEL_LAYERS } from '../contract/imports';
import type { Context } from './context';
import { runConversations, type ConversationsOptions } from './conversations-command';
import { runFingerprint, type FingerprintCommandOptions } from './fingerprint-command';
import { runInfo, type InfoOptions } from './info-command';
import { filePath, filePaths } from './option-values';
import { PROGRESS_CHOICES } from './progress-line';
import type { Keep } from './run';
import { CAPTURES, expansionOption } from './shared-options';

const FINGERPRINT_NOTES = `
Record both sides at the same time, for example on the gateway itself:
  tcpdump -i lan0 -s 128 -w inside.pcap & tcpdump -i wan0 -s 128 -w out.pcap
Its addresses need not be named, and the clocks may differ. What cannot be told
apart is left out and counted; idle times are bounds of a timer, not the timer.`;

export function addInfo(program: Command, context: Context, keep: Keep): void {
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
      await keep(runInfo(context, captures, options));
    });
}

export function addConversations(program: Command, context: Context, keep: Keep): void {
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
      await keep(runConversations(context, captures, options));
    });
}

export function addFingerprint(program: Command, context: Context, keep: Keep): void {
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
      await keep(runFingerprint(context, inside, outside, options));
    });
}
