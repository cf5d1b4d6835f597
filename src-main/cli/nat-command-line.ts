import { Option, type Command } from 'commander';
import { LARGEST_RUN } from '../contract/log-entry';
import type { Context } from './context';
import { runNatEvents, type NatEventsOptions } from './nat-events-command';
import { runNatTable, type NatTableOptions } from './nat-table-command';
import { ipv4Address, natEndpoint, wholeNumber } from './option-values';
import type { Keep } from './run';
import {
  addLogOptions,
  logstoreOption,
  projectOption,
  rowFormatOption,
  workspaceOption,
  zoneOption,
} from './shared-options';
import { runWindows, type WindowsOptions } from './windows-command';

const NAT_TABLE_NOTES = `
Times: as for query, and RFC 3339 or epoch seconds with up to nine digits behind
the point. Between the first and the last packet of an import the table is
exact; behind it the sessions stay as its end would leave them, and behind the
end of its last window none is alive. last_packet is the end of the last
log entry that was over by then, or empty: of the packets within an entry only
the first and the last are known. mapping_end is when the session ended, or
would without further packets. held are ports whose sessions have ended and that
the gateway does not give away yet (portHoldSec); busiest has both. The limit is
that of one address towards one destination: an SNAT entry with N EIPs has N
times as many ports. --host leaves out sessions of which only the public side
was captured; --nat finds translated addresses and EIPs.

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

/** What gateways did: `nat-table`, `nat-events` and `windows`. */
export function addGatewayDeeds(program: Command, context: Context, keep: Keep): void {
  addNatTable(program, context, keep);
  addNatEvents(program, context, keep);
  addWindows(program, context, keep);
}

function addNatTable(program: Command, context: Context, keep: Keep): void {
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
      await keep(runNatTable(context, options));
    });
}

function addNatEvents(program: Command, context: Context, keep: Keep): void {
  const command = program
    .command('nat-events')
    .description('Show what the gateway refused, with host and destination, and its blocks of ports.');
  addLogOptions(command)
    .addOption(new Option('--run <number>', 'one import (default: all)').argParser(wholeNumber(1, LARGEST_RUN)))
    .addOption(new Option('--host <ip>', 'events of one host in the VPC').argParser(ipv4Address))
    .addOption(rowFormatOption())
    .option('--json', 'the same as --format json', false)
    .addHelpText('after', NAT_EVENTS_NOTES)
    .action(async (options: NatEventsOptions) => {
      await keep(runNatEvents(context, options));
    });
}

function addWindows(program: Command, context: Context, keep: Keep): void {
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
      await keep(runWindows(context, options));
    });
}
