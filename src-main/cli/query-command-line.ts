import { Option, type Command } from 'commander';
import { CONTEXTS } from '../contract/entry-context';
import type { EntryId } from '../contract/log-entry';
import { addAnswerOptions } from './answer-options';
import type { Context } from './context';
import { runContext, type ContextOptions } from './context-command';
import { runExplain, type ExplainOptions } from './explain-command';
import { runField, type FieldOptions } from './field-command';
import { entryId, wholeNumber } from './option-values';
import { runQuery } from './query-command';
import type { QueryOptions } from './query-options';
import type { Watched } from './run';
import {
  addLogOptions,
  limitsOption,
  logstoreOption,
  projectOption,
  rowFormatOption,
  workspaceOption,
} from './shared-options';

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
end, @d (the start of the day of the last entry; also @h, @w, @M, @10m) and
-1d@d; those without a zone of their own are in --zone.
Without --limit the result is complete.`;

/** What looks at entries: `query`, `explain`, `field` and `context`. */
export function addQueries(program: Command, context: Context, watched: Watched): void {
  addQuery(program, context, watched);
  addExplain(program, context, watched);
  addField(program, context, watched);
  addContext(program, context, watched);
}

function addQuery(program: Command, context: Context, { keep, run }: Watched): void {
  const command = program
    .command('query')
    .description('Search a Logstore, or run SQL over what a search finds.')
    .argument('<text>', 'search | SQL');
  addAnswerOptions(command)
    .addHelpText('after', QUERY_EXAMPLES)
    .action(async (text: string, options: QueryOptions) => {
      run.query = text;
      await keep(runQuery(context, text, options));
    });
}

function addExplain(program: Command, context: Context, { keep, run }: Watched): void {
  const command = program
    .command('explain')
    .description('Show what becomes of a query: tokens, indexes, SQL and plan. It does not run.')
    .argument('<text>', 'search | SQL');
  addLogOptions(command)
    .addOption(limitsOption())
    .option('--json', 'print it as JSON', false)
    .action(async (text: string, options: ExplainOptions) => {
      run.query = text;
      await keep(runExplain(context, text, options));
    });
}

function addField(program: Command, context: Context, { keep, run }: Watched): void {
  const command = program
    .command('field')
    .description(
      'Say what one field holds: how many values, which are frequent, how numbers are distributed. All exact.',
    )
    .argument('<field>', 'name of an indexed field')
    .argument('[query]', 'entries to look at; what is behind a | is left out', '*');
  addLogOptions(command)
    .option('--json', 'print one JSON object, also with the frequent values by time', false)
    .action(async (field: string, text: string, options: FieldOptions) => {
      run.query = text;
      await keep(runField(context, field, text, options));
    });
}

function addContext(program: Command, context: Context, { keep }: Watched): void {
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
      await keep(runContext(context, entry, options));
    });
}
