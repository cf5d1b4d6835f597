import { Option, type Command } from 'commander';
import { MAX_SKEW_SEC } from '../contract/attribution';
import type { Context } from './context';
import {
  filePath,
  natEndpoint,
  protocolNumber,
  seconds,
  timeZone,
  wholeNumber,
  type NatEndpoint,
} from './option-values';
import type { Keep } from './run';
import { logstoreOption, projectOption, rowFormatOption, workspaceOption } from './shared-options';
import { runWho, type WhoOptions } from './who-command';

const WHO_NOTES = `
The answer is the mapping: from a session's first packet to when its port was
free again. Entries and their packets are the evidence. Where several hosts come
into question, all of them are named, and none is guessed.

  natscope who 203.0.113.1:40000 --at 2026-11-20T15:17:42Z --skew 5
  natscope who 203.0.113.1:40000 --at '2026-11-20 15:17:42' --zone Asia/Shanghai \\
    --destination 198.51.100.7:443
  natscope who --complaints mails.txt --format csv > answers.csv

A file of complaints is CSV with a header (ip, port, time, and maybe zone,
protocol, dst_ip, dst_port), or lines of logs and mails with an address, a port
and a time in any usual shape. The port is the source's; where a complaint does
not tell which that is, or when it was, its last column says so.`;

export function addWho(program: Command, context: Context, keep: Keep): void {
  program
    .command('who')
    .description('Say which host was behind a translated address and port at a time, and how sure that is.')
    .argument('[endpoint]', 'address and port, as the Internet saw them', natEndpoint)
    .option('--at <time>', 'when, as for query or as in a complaint, and to the nanosecond')
    .addOption(
      new Option('--skew <seconds>', 'how far the clock of --at may be off')
        .default(0)
        .argParser(seconds(MAX_SKEW_SEC)),
    )
    .addOption(new Option('--destination <ip[:port]>', 'with whom it spoke').argParser(natEndpoint))
    .addOption(new Option('--protocol <name>', 'tcp, udp, icmp or a number (default: any)').argParser(protocolNumber))
    .addOption(new Option('--complaints <file>', 'answer those in a text; - for standard input').argParser(filePath))
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(logstoreOption())
    .addOption(new Option('--run <number>', 'one import (default: all)').argParser(wholeNumber(0, 0xffff_ffff)))
    .addOption(new Option('--zone <zone>', 'time zone of times without one').default('UTC').argParser(timeZone))
    .addOption(rowFormatOption())
    .option('--json', 'print one JSON object, with all of the evidence', false)
    .addHelpText('after', WHO_NOTES)
    .action(async (endpoint: NatEndpoint | undefined, options: WhoOptions) => {
      await keep(runWho(context, endpoint ?? null, options));
    });
}
