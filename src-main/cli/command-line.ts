import { Command, Help } from 'commander';
import { addConversations, addFingerprint, addInfo } from './capture-command-line';
import { addCompare } from './compare-command-line';
import type { Context } from './context';
import { addDelivery } from './delivery-command-line';
import { addGatewayCommands } from './gateway-command-line';
import { addOpen, addServe } from './host-command-line';
import { addImport } from './import-command-line';
import { addLogstoreCommands } from './logstore-command-line';
import { addGatewayDeeds } from './nat-command-line';
import { addPackets } from './packets-command-line';
import { addQueries } from './query-command-line';
import { keepIn, type Run } from './run';
import { addSavedSearches } from './saved-search-command-line';
import { addWho } from './who-command-line';

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

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with losses
(an answer of query or who that rests on some says so, and ends with 0).`;

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

  const keep = keepIn(run);
  addImport(program, context, keep);
  addQueries(program, context, { keep, run });
  addPackets(program, context, { keep, run });
  addGatewayDeeds(program, context, keep);
  addWho(program, context, keep);
  addCompare(program, context, keep);
  addLogstoreCommands(program, context, keep);
  addSavedSearches(program, context, { keep, run });
  addDelivery(program, context, keep);
  addInfo(program, context, keep);
  addGatewayCommands(program, context, keep);
  addConversations(program, context, keep);
  addFingerprint(program, context, keep);
  addOpen(program, context, keep);
  addServe(program, context, keep);
  for (const command of program.commands) {
    command.showHelpAfterError(`natscope help ${command.name()} lists what it takes.`);
    for (const each of command.commands) {
      each.showHelpAfterError(`natscope ${command.name()} help ${each.name()} lists what it takes.`);
    }
  }
  program.showHelpAfterError('natscope help lists the commands.');
  return program;
}
