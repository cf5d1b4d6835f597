import { Option, type Command } from 'commander';
import { BILLINGS, BIND_MODES, NETWORK_TYPES } from '../contract/gateways';
import type { Context } from './context';
import { runGatewayCheck, runGatewayProfiles, type GatewayOptions } from './gateway-command';
import {
  runAccountSet,
  runAccountShow,
  runEipAdd,
  runEipList,
  runEipRemove,
  runGatewayCreate,
  runGatewayDelete,
  runGatewayList,
  runGatewayShow,
  runGatewayUpdate,
  runRegionList,
  runSnatCreate,
  runSnatDelete,
  runSnatList,
  runVpcCreate,
  runVpcDelete,
  runVpcList,
  runVSwitchCreate,
  runVSwitchDelete,
  runVSwitchList,
  type AccountOptions,
  type EipOptions,
  type GatewayCreateOptions,
  type SnatCreateOptions,
  type VpcCreateOptions,
  type VSwitchCreateOptions,
  type VSwitchListOptions,
} from './gateway-console-commands';
import type { DeleteOptions, WorkspaceOptions } from './logstore-commands';
import { filePath, ipv4Address, logstoreName, networks, projectName, publicAddresses, region } from './option-values';
import type { Keep } from './run';
import {
  runSessionLogChange,
  runSessionLogEnable,
  runSessionLogList,
  runSessionLogShow,
  runSessionLogStop,
  type DestinationOptions,
} from './session-log-commands';
import { workspaceOption } from './shared-options';

const GATEWAY_NOTES = `
A gateway is described by a JSON file; what it leaves out comes from its
profile. Every key is in resources/gateway.schema.json, which editors read.
  { "profile": "linux", "eips": ["198.51.100.7"],
    "snatEntries": [{ "sourceCidr": "10.0.0.0/8" }] }

One that is created is kept in the workspace, in a VPC; show --json has its
file as config, and update takes a file in its place.
  natscope vpc create --id vpc-prod --region cn-shanghai --cidr 172.16.0.0/16
  natscope gateway create --id ngw-prod --vpc vpc-prod --eip 203.0.113.10
  natscope gateway show ngw-prod
  natscope gateway update ngw-prod edge.json`;

const SNAT_NOTES = `
Without an SNAT entry of its own, a gateway translates its VPC; the first takes
the place of that. The longest prefix wins.

  natscope snat create ngw-prod --vswitch vsw-web --eip 203.0.113.11
  natscope snat create ngw-prod --cidr 172.16.0.0/20`;

const SESSION_LOG_NOTES = `
A gateway and its project are in the same region. Enabling creates the
service-linked role of the simulated account when it is missing. Stopping leaves
what was delivered where it is.

  natscope session-log enable ngw-a --create-project lab --create-logstore nat
  natscope session-log show ngw-a
  natscope session-log change ngw-a --project lab --logstore other
  natscope session-log stop ngw-a`;

/** Runs a command and keeps its exit code. */

interface Around {
  readonly program: Command;
  readonly context: Context;
  readonly keep: Keep;
}

/** The commands about regions, VPCs, gateways, the account and session logs. */
export function addGatewayCommands(program: Command, context: Context, keep: Keep): void {
  const around = { program, context, keep };
  addRegion(around);
  addVpc(around);
  addVSwitch(around);
  addGateway(around);
  addEip(around);
  addSnat(around);
  addSessionLog(around);
  addAccount(around);
}

const addTo =
  (group: Command) =>
  (name: string, text: string): Command =>
    group.command(name).description(text).addOption(workspaceOption()).option('--json', 'print JSON', false);

const yesOption = (): Option => new Option('--yes', 'do not ask').default(false);
const nameOption = (): Option => new Option('--name <text>', 'for people only').default('');
const idOption = (): Option => new Option('--id <id>', 'default: one like the vendor makes them');
const switchOption = (flag: string, text: string): Option =>
  new Option(`${flag} <switch>`, text).choices(['on', 'off']);

function addRegion({ program, context, keep }: Around): void {
  const text = 'List the regions that have session logs.';
  // They are those of the product, whatever the workspace is.
  addTo(program.command('region').description(text))('list', text).action((options: WorkspaceOptions) =>
    keep(runRegionList(context, options)),
  );
}

function addVpc({ program, context, keep }: Around): void {
  const add = addTo(program.command('vpc').description('List, create and delete VPCs.'));
  add('list', 'List the VPCs.').action((options: WorkspaceOptions) => keep(runVpcList(context, options)));
  add('create', 'Create a VPC.')
    .addOption(idOption())
    .addOption(nameOption())
    .addOption(new Option('--region <id>', 'region, which stays').default('local').argParser(region))
    .addOption(
      new Option('--cidr <cidr,…>', 'its networks; the first is the primary one')
        .makeOptionMandatory()
        .argParser(networks),
    )
    .action((options: VpcCreateOptions) => keep(runVpcCreate(context, options)));
  add('delete', 'Delete a VPC that nothing is in.')
    .argument('<id>', 'the VPC')
    .addOption(yesOption())
    .action((id: string, options: DeleteOptions) => keep(runVpcDelete(context, id, options)));
}

function addVSwitch({ program, context, keep }: Around): void {
  const add = addTo(program.command('vswitch').description('List, create and delete the vSwitches of VPCs.'));
  add('list', 'List the vSwitches.')
    .option('--vpc <id>', 'of this VPC (default: all)')
    .action((options: VSwitchListOptions) => keep(runVSwitchList(context, options)));
  add('create', 'Create a vSwitch.')
    .addOption(idOption())
    .addOption(nameOption())
    .requiredOption('--vpc <id>', 'the VPC')
    .addOption(new Option('--zone <text>', 'its zone, such as cn-shanghai-b').default(''))
    .requiredOption('--cidr <cidr>', 'its network, within that of the VPC')
    .action((options: VSwitchCreateOptions) => keep(runVSwitchCreate(context, options)));
  add('delete', 'Delete a vSwitch that no gateway needs.')
    .argument('<id>', 'the vSwitch')
    .addOption(yesOption())
    .action((id: string, options: DeleteOptions) => keep(runVSwitchDelete(context, id, options)));
}

function addGateway({ program, context, keep }: Around): void {
  const group = program
    .command('gateway')
    .description('List, show, create, change and delete gateways; check a gateway file, and list the profiles.')
    .addHelpText('after', GATEWAY_NOTES);
  const add = addTo(group);
  group
    .command('check')
    .description('Say whether a gateway configuration is right, and what that gateway will do.')
    .argument('<file>', 'JSON file, as natscope import --gateway takes it', filePath)
    .option('--json', 'print the gateway as a run keeps it, with profile, capacity and warnings', false)
    .action((file: string, options: GatewayOptions) => keep(runGatewayCheck(context, file, options)));
  group
    .command('profiles')
    .description('List the profiles: how gateways of several kinds behave, and where that is written.')
    .option('--json', 'print every number with its source as JSON', false)
    .action((options: GatewayOptions) => keep(runGatewayProfiles(context, options)));
  add('list', 'List the gateways, the default one first.').action((options: WorkspaceOptions) =>
    keep(runGatewayList(context, options)),
  );
  add('show', 'Show one gateway with its addresses and SNAT entries.')
    .argument('<id>', 'the gateway')
    .action((id: string, options: WorkspaceOptions) => keep(runGatewayShow(context, id, options)));
  add('create', 'Create a gateway.')
    .addOption(idOption())
    .addOption(nameOption())
    .requiredOption('--vpc <id>', 'its VPC, whose region it is in')
    .addOption(
      new Option('--type <type>', 'internet: an Internet NAT gateway; intranet: a VPC NAT gateway')
        .choices(NETWORK_TYPES)
        .default('internet'),
    )
    .addOption(
      new Option('--billing <how>', 'pay-by-CU, or pay-by-specification, which has no session log')
        .choices(BILLINGS)
        .default('PayByLcu'),
    )
    .addOption(
      new Option('--bind-mode <mode>', 'whether nat_ip is the EIP, or in mode NAT its private address')
        .choices(BIND_MODES)
        .default('MULTI_BINDED'),
    )
    .addOption(new Option('--eip <ip,…>', 'EIPs of an Internet NAT gateway').argParser(publicAddresses))
    .addOption(new Option('--nat-ip <ip,…>', 'NAT IPs of a VPC NAT gateway').argParser(publicAddresses))
    .action((options: GatewayCreateOptions) => keep(runGatewayCreate(context, options)));
  add('update', 'Replace the file of a gateway; id, region, VPC and type stay.')
    .argument('<id>', 'the gateway')
    .argument('<file>', 'JSON file', filePath)
    .action((id: string, file: string, options: WorkspaceOptions) =>
      keep(runGatewayUpdate(context, id, file, options)),
    );
  add('delete', 'Delete a gateway whose session log is not enabled.')
    .argument('<id>', 'the gateway')
    .addOption(yesOption())
    .action((id: string, options: DeleteOptions) => keep(runGatewayDelete(context, id, options)));
}

function addEip({ program, context, keep }: Around): void {
  const add = addTo(program.command('eip').description('List, add and remove the EIPs, or NAT IPs, of a gateway.'));
  add('list', 'List the addresses of a gateway.')
    .argument('<gateway>', 'the gateway')
    .action((gateway: string, options: WorkspaceOptions) => keep(runEipList(context, gateway, options)));
  add('add', 'Add an address to a gateway.')
    .argument('<gateway>', 'the gateway')
    .argument('<ip>', 'the address', ipv4Address)
    .addOption(
      new Option('--private-ip <ip>', 'what it is bound to, in bind mode NAT (default: a free one)').argParser(
        ipv4Address,
      ),
    )
    .action((gateway: string, ip: string, options: EipOptions) => keep(runEipAdd(context, gateway, ip, options)));
  add('remove', 'Remove an address that no SNAT entry names.')
    .argument('<gateway>', 'the gateway')
    .argument('<ip>', 'the address', ipv4Address)
    .addOption(yesOption())
    .action((gateway: string, ip: string, options: DeleteOptions) => keep(runEipRemove(context, gateway, ip, options)));
}

function addSnat({ program, context, keep }: Around): void {
  const add = addTo(
    program
      .command('snat')
      .description('List, create and delete the SNAT entries of a gateway.')
      .addHelpText('after', SNAT_NOTES),
  );
  add('list', 'List the SNAT entries of a gateway.')
    .argument('<gateway>', 'the gateway')
    .action((gateway: string, options: WorkspaceOptions) => keep(runSnatList(context, gateway, options)));
  add('create', 'Create an SNAT entry, of one source.')
    .argument('<gateway>', 'the gateway')
    .addOption(idOption())
    .option('--vpc', 'the networks of the VPC', false)
    .option('--vswitch <id>', 'the network of a vSwitch')
    .addOption(new Option('--host <ip>', 'one address').argParser(ipv4Address))
    .option('--cidr <cidr>', 'a network')
    .addOption(new Option('--eip <ip,…>', 'of the gateway (default: all)').argParser(publicAddresses))
    .addOption(switchOption('--affinity', 'whether a host always has the same address'))
    .action((gateway: string, options: SnatCreateOptions) => keep(runSnatCreate(context, gateway, options)));
  add('delete', 'Delete an SNAT entry.')
    .argument('<gateway>', 'the gateway')
    .argument('<id>', 'the SNAT entry')
    .addOption(yesOption())
    .action((gateway: string, id: string, options: DeleteOptions) =>
      keep(runSnatDelete(context, gateway, id, options)),
    );
}

function addSessionLog({ program, context, keep }: Around): void {
  const add = addTo(
    program
      .command('session-log')
      .description('Enable, show, change and stop the session logs of gateways.')
      .addHelpText('after', SESSION_LOG_NOTES),
  );
  const addWithDestination = (name: string, text: string): Command =>
    add(name, text)
      .argument('<gateway>', 'the gateway')
      .addOption(new Option('--project <name>', 'a project that is there').argParser(projectName))
      .addOption(new Option('--create-project <name>', 'a new one').argParser(projectName))
      .addOption(new Option('--logstore <name>', 'a Logstore that is there').argParser(logstoreName))
      .addOption(new Option('--create-logstore <name>', 'a new one').argParser(logstoreName));
  add('list', 'List the session logs of all gateways, with delivery status and destination.').action(
    (options: WorkspaceOptions) => keep(runSessionLogList(context, options)),
  );
  add('show', 'Show the session log of a gateway.')
    .argument('<gateway>', 'the gateway')
    .action((gateway: string, options: WorkspaceOptions) => keep(runSessionLogShow(context, gateway, options)));
  addWithDestination('enable', 'Enable the session log of a gateway, also one that was stopped.').action(
    (gateway: string, options: DestinationOptions) => keep(runSessionLogEnable(context, gateway, options)),
  );
  addWithDestination('change', 'Deliver to another Logstore from now on.').action(
    (gateway: string, options: DestinationOptions) => keep(runSessionLogChange(context, gateway, options)),
  );
  add('stop', 'Stop the session log of a gateway; delivered entries stay.')
    .argument('<gateway>', 'the gateway')
    .addOption(yesOption())
    .action((gateway: string, options: DeleteOptions) => keep(runSessionLogStop(context, gateway, options)));
}

function addAccount({ program, context, keep }: Around): void {
  const add = addTo(program.command('account').description('Show and set the simulated account.'));
  add('show', 'Show the switches of the account.').action((options: WorkspaceOptions) =>
    keep(runAccountShow(context, options)),
  );
  add('set', 'Set switches of the account.')
    .addOption(switchOption('--preview-access', 'whether it was let in to the preview, which enabling needs'))
    .addOption(switchOption('--service-linked-role', 'the role of the deliveries, which fail without it'))
    .action((options: AccountOptions) => keep(runAccountSet(context, options)));
}
