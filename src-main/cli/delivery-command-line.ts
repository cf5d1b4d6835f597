import { Option, type Command } from 'commander';
import { LARGEST_RUN } from '../contract/log-entry';
import type { Context } from './context';
import { runCost, type CostOptions } from './cost-command';
import {
  runDeliveryApply,
  runDeliveryAttempts,
  runDeliveryPresets,
  runDeliveryShow,
  runDeliveryStatus,
  type DeliveryAttemptsOptions,
  type DeliveryOptions,
  type DeliveryStatusOptions,
} from './delivery-commands';
import type { WorkspaceOptions } from './logstore-commands';
import { fieldNames, filePath, price, wholeNumber, wholeNumbers } from './option-values';
import type { Keep } from './run';
import { workspaceOption, zoneOption } from './shared-options';

const NOTES = `
Windows are delivered after their end, within 5 minutes and a few within 15, in
capture time: nothing waits for it. A script says what goes wrong meanwhile:
  { "seed": 1, "lossRate": 0.01, "faults": [
    { "fault": "project_disabled", "from": "+10m", "to": "+22m" },
    { "fault": "write_quota", "from": "+1h", "bytesPerMin": 1000000 } ] }
Times are after the first window begins, RFC 3339, or epoch seconds. Faults are
project_deleted, project_disabled, logstore_deleted, role_revoked, grant_revoked,
write_quota, shard_quota, shards and network. Every key is in
resources/delivery.schema.json, which editors read.

What is lost is not in the Logstore, and answers that rest on it say so. The
import keeps it all the same: apply another script, or {} for one without faults.

  natscope import edge.pcap --delivery faults.json
  natscope delivery show --run 1
  natscope delivery status --run 1 --at '2026-11-20 14:38:00'
  natscope delivery show --run 1 --script other.json
  natscope delivery apply other.json --run 1`;

/** The commands about how entries came into their Logstore. */
export function addDelivery(program: Command, context: Context, keep: Keep): void {
  const group = program
    .command('delivery')
    .description('Show how the entries of an import came into their Logstore, and try what goes wrong on the way.')
    .addHelpText('after', NOTES);
  const add = (name: string, text: string): Command =>
    group.command(name).description(text).option('--json', 'print JSON', false).addOption(workspaceOption());
  const runOption = (): Option =>
    new Option('--run <number>', 'the import').argParser(wholeNumber(0, LARGEST_RUN)).makeOptionMandatory();
  const ofRun = (command: Command): Command => command.addOption(runOption()).addOption(zoneOption());
  const script = (): Option =>
    new Option('--script <file>', 'as it would be by another script; nothing is changed').argParser(filePath);
  ofRun(add('show', 'Show what was delivered, late, and lost, and the status of delivery over time.'))
    .addOption(script())
    .action((options: DeliveryOptions) => keep(runDeliveryShow(context, options)));
  ofRun(add('status', 'Show the status of delivery at a time of the capture.'))
    .addOption(script())
    .addOption(new Option('--at <time>', 'when').makeOptionMandatory())
    .action((options: DeliveryStatusOptions) => keep(runDeliveryStatus(context, options)));
  ofRun(add('attempts', 'List the attempts that failed, and those that succeeded after them.'))
    .addOption(script())
    .option('--all', 'list every attempt', false)
    .action((options: DeliveryAttemptsOptions) => keep(runDeliveryAttempts(context, options)));
  ofRun(add('apply', 'Deliver the entries again, by a script: the Logstore has what arrives.'))
    .argument('<file>', 'JSON file of the script', filePath)
    .action((path: string, options: DeliveryOptions) => keep(runDeliveryApply(context, path, options)));
  add(
    'cost',
    'Show what a session log of this traffic would store: entries, raw and indexed bytes, for a day of it too.',
  )
    .addOption(runOption())
    .addOption(
      new Option('--window <seconds,...>', 'lengths of windows, multiples of those of the import').argParser(
        wholeNumbers,
      ),
    )
    .addOption(
      // Not by `default`, to which what is given would be added.
      new Option(
        '--index <what>',
        'recommended, full-text, none, or fields with commas (default: recommended)',
      ).argParser(fieldNames),
    )
    .addOption(new Option('--write-price <price>', 'your price of a GB that is written').argParser(price))
    .addOption(new Option('--index-price <price>', 'your price of a GB that is indexed').argParser(price))
    .action((options: CostOptions) => keep(runCost(context, options)));
  add('presets', 'List scripts that show each of the error codes.').action((options: WorkspaceOptions) =>
    keep(runDeliveryPresets(context, options)),
  );
}
