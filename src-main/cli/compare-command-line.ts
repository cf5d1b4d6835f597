import type { Command } from 'commander';
import { compareSides } from './compare-sides';
import { runCompare, type CompareOptions } from './compare-command';
import type { Context } from './context';
import type { Keep } from './run';
import { projectOption, rowFormatOption, workspaceOption } from './shared-options';

const COMPARE_NOTES = `
A log is a file of session logs (CSV, JSON or NDJSON, in either spelling, also
compressed), - for standard input, or the name of a Logstore. Where a file has the
name, it is meant.

  natscope compare cloud.csv session-log
  natscope compare monday.ndjson.gz tuesday.ndjson.gz --format csv --out changed.csv

Entries are equal when five-tuple, translation, counters and times are, and their
gateways where the logs have a gateway in common. What is not equal is told with
its reason, as far as two logs can tell it. The exit code is 0 when all entries
are equal, and 3 when not.`;

export function addCompare(program: Command, context: Context, keep: Keep): void {
  program
    .command('compare')
    .description('Compare two session logs: what only one of them has, what differs, and why.')
    .argument('<A>', 'the first log')
    .argument('<B>', 'the second')
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(rowFormatOption())
    .option('--out <file>', 'write the differences to a file, whole or not at all; - for standard output')
    .option('--json', 'print one JSON object: the differences, and what they add up to', false)
    .addHelpText('after', COMPARE_NOTES)
    .action(async (first: string, second: string, options: CompareOptions) => {
      await keep(runCompare(context, compareSides(context.io.cwd, first, second), options));
    });
}
