import { formatIpv4, formatNetwork } from '../nat/address-text';
import { lowPortsOf, portsOf } from '../nat/configuration';
import { OTHER_TIMEOUTS_SEC } from '../nat/configure-emulator';
import type { Gateway, SessionTimeouts, SnatEntry } from '../nat/gateway';
import {
  PROFILE_NAMES,
  PROFILES,
  profileSettings,
  SOURCES,
  type ProfileData,
  type ProfileField,
  type ProfileName,
  type ProfileSetting,
} from '../nat/profiles';
import { fact, table, WIDEST_TEXT } from './fact-text';
import type { GatewayConfiguration } from './gateway-file';
import {
  entryTimeText,
  EXPIRY_TEXT,
  FILTERING_TEXT,
  LATE_TEXT,
  MAPPING_TEXT,
  MIDSTREAM_TEXT,
  OTHER_PROTOCOLS_TEXT,
  POLICY_TEXT,
  TIMEOUT_TEXT,
  windowText,
} from './gateway-words';
import { thousands } from './number-text';
import { printable, wrapText } from './text-table';

const LEFT = 'left' as const;
const RIGHT = 'right' as const;
/** Addresses that a cell names one by one; the JSON has all. */
const NAMED_ADDRESSES = 3;

/**
 * What a gateway will do, as people read it.
 *
 * @returns whole lines
 */
export function gatewayText(configured: GatewayConfiguration, columns: number): string {
  const width = Math.min(columns, WIDEST_TEXT);
  const { gateway, warnings } = configured;
  const sections = [
    [printable(configured.file), ...identityText(configured, width)],
    ['Translated', ...entriesText(gateway.snatEntries)],
    ...gateway.changes.map(({ atSec, snatEntries }) => [
      `From ${timeText(atSec)} on, translated instead`,
      ...(snatEntries.length === 0 ? ['  nothing'] : entriesText(snatEntries)),
    ]),
    ['Not translated', ...exclusionsText(gateway, width)],
    ['Ports and sessions', ...portsText(gateway, width)],
    ['Ends of idle sessions', ...timersText(configured)],
    ['Windows', ...windowsText(gateway, width)],
    ['Profile', ...profileText(configured, width)],
    ...(warnings.length === 0 ? [] : [['Warnings', ...warnings.flatMap((text) => item(text, width))]]),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function item(text: string, width: number): string[] {
  const [first = '', ...others] = wrapText(printable(text), width, '    ');
  return [`  - ${first.slice(4)}`, ...others];
}

function timeText(sec: number): string {
  return `${new Date(sec * 1000).toISOString().replace('T', ' ').replace('.000Z', '')} UTC`;
}

function identityText({ gateway, name, profile }: GatewayConfiguration, width: number): string[] {
  const { instance, networkType, billing, bindMode, addresses } = gateway;
  const isInternet = networkType === 'internet';
  const bound = addresses.map(({ address, privateAddress }) =>
    privateAddress === null ? formatIpv4(address) : `${formatIpv4(address)} (${formatIpv4(privateAddress)})`,
  );
  const mode =
    bindMode === 'NAT'
      ? 'NAT: sessions are translated to the private address of their EIP'
      : 'MULTI_BINDED: sessions are translated to their EIP';
  return [
    ...fact('gateway', name === null ? instance : `${instance}, ${name}`, width),
    ...fact('kind', isInternet ? 'Internet NAT gateway' : 'VPC NAT gateway'),
    ...fact('VPC', gateway.vpcId, width),
    ...fact('region', gateway.region, width),
    ...fact('billing', billing === 'PayByLcu' ? 'pay-by-CU' : 'pay-by-specification'),
    ...fact('profile', `${profile}, ${PROFILES[profile].title}`, width),
    ...fact('bind mode', isInternet ? mode : null, width),
    ...fact(isInternet ? 'EIPs' : 'NAT IPs', bound.join(', '), width),
    ...fact('seed', String(gateway.seed)),
  ];
}

function entriesText(entries: readonly SnatEntry[]): string[] {
  const rows = entries.map(({ id, network, eips, affinity, softAffinity }) => [
    formatNetwork(network),
    id,
    addressesText(eips),
    affinity ? (softAffinity ? 'host, others when full' : 'host') : 'connection',
  ]);
  const columns = [
    { header: 'source', align: LEFT },
    { header: 'entry', align: LEFT },
    { header: 'to', align: LEFT },
    { header: 'address by', align: LEFT },
  ];
  return [
    ...table(columns, rows),
    ...(entries.length > 1 ? ['  Of several sources that hold a host, the one with the longest prefix counts.'] : []),
  ];
}

function addressesText(addresses: readonly number[]): string {
  const named = addresses.slice(0, NAMED_ADDRESSES).map(formatIpv4).join(', ');
  const more = addresses.length - NAMED_ADDRESSES;
  return more > 0 ? `${named} and ${more} more` : named;
}

function exclusionsText(gateway: Gateway, width: number): string[] {
  const { hostEips, dnatMappings, noNatNetworks, otherNetworks = [], vpcNetworks = [] } = gateway;
  const named = (networks: Gateway['noNatNetworks']): string | null =>
    networks.length === 0 ? null : networks.map(formatNetwork).join(', ');
  const pairs = (hosts: Gateway['hostEips']): string | null =>
    hosts.length === 0
      ? null
      : hosts.map((host) => `${formatIpv4(host.privateAddress)} by ${formatIpv4(host.publicAddress)}`).join(', ');
  return [
    ...fact('own EIPs', pairs(hostEips), width),
    ...fact('DNAT IP mappings', pairs(dnatMappings), width),
    ...fact('destinations', named(noNatNetworks), width),
    ...fact('other gateways', named(otherNetworks), width),
    ...fact('other sources', 'no SNAT entry: dropped', width),
    ...fact('inside to inside', 'stays behind the gateway', width),
    ...(vpcNetworks.length === 0
      ? []
      : fact(
          'within the VPC',
          `${named(vpcNetworks)}: stays behind the gateway, with an SNAT entry or without`,
          width,
        )),
  ];
}

function portsText(gateway: Gateway, width: number): string[] {
  const { portMin, portMax, maxPerEipPerDestination, portHold, limits } = gateway;
  const ports = portsOf(gateway);
  const most = Math.min(ports, maxPerEipPerDestination);
  const holds = (['tcp', 'udp', 'icmp'] as const).map(
    (protocol) => `${protocol.toUpperCase()} ${portHold[protocol]} s`,
  );
  const hasHold = portHold.tcp + portHold.udp + portHold.icmp > 0;
  const bounds = [
    [limits.maxSessions, 'live sessions'],
    [limits.maxNewPerSec, 'new sessions a second'],
    [limits.maxPortsPerHost, 'ports a host'],
    [limits.maxNewPerSecPerHost, 'new sessions a second and host'],
  ] as const;
  const set = bounds.flatMap(([bound, what]) => (bound === null ? [] : [`${thousands(bound)} ${what}`]));
  return [
    ...fact('ports', `${portMin} to ${portMax}: ${thousands(ports)} of each address and protocol`, width),
    ...lowPortsText(gateway, width),
    ...fact('a new session gets', POLICY_TEXT[gateway.portPolicy](gateway), width),
    ...fact('to one destination', `${thousands(most)} live sessions by address`, width),
    ...gateway.snatEntries.flatMap(({ id, eips }) =>
      fact('', `${id}: ${eips.length} × ${thousands(most)} = ${thousands(eips.length * most)}`, width),
    ),
    ...fact('used ports', hasHold ? `held: ${holds.join(', ')}` : 'free at once', width),
    ...fact('mapping', MAPPING_TEXT[gateway.mapping], width),
    ...fact('filtering', FILTERING_TEXT[gateway.filtering], width),
    ...fact('limits', set.length === 0 ? 'none' : set.join(', '), width),
    ...fact('first packets', MIDSTREAM_TEXT[gateway.midstream], width),
    ...fact('dead sessions', EXPIRY_TEXT[gateway.onIdleExpiry], width),
    ...fact('other protocols', OTHER_PROTOCOLS_TEXT[gateway.otherProtocols ?? 'drop'], width),
    ...fact('UDP from outside', gateway.udpInboundRefresh ? 'keeps a session alive' : 'keeps no session alive', width),
    ...fact('echo to the gateway', gateway.icmpReply ? 'answered by it' : 'not answered', width),
  ];
}

function lowPortsText(gateway: Gateway, width: number): string[] {
  const classes = lowPortsOf(gateway).map(
    ({ of, given }) => `from ${of.join(' to ')} its own, else one of ${given.join(' to ')}`,
  );
  if (classes.length === 0) return [];
  return fact('ports below 1024', `for TCP and UDP from such ports: ${classes.join('; ')}`, width);
}

/** In the order of `OTHER_TIMEOUTS_SEC`. */
const OTHER_STATES = [
  'GRE, not answered',
  'GRE, answered',
  'SCTP, INIT seen',
  'SCTP, and its answer',
  'SCTP, cookie seen',
  'SCTP, established',
  'SCTP, SHUTDOWN seen',
  'SCTP, and its answer',
  'SCTP, closed',
  'SCTP, aborted',
  'SCTP, HEARTBEAT seen',
  'other protocols',
] as const;

function timersText({ gateway, profile, changed }: GatewayConfiguration): string[] {
  const origins = new Map(profileSettings(profile).map((each) => [each.field, originText(profile, each, changed)]));
  const states = Object.keys(TIMEOUT_TEXT) as (keyof SessionTimeouts)[];
  const rows = states.map((state) => [
    TIMEOUT_TEXT[state],
    thousands(gateway.timeouts[state]),
    origins.get(`timeoutsSec.${state}`) ?? '',
  ]);
  // As the emulator has them: no file changes these.
  const others =
    gateway.otherProtocols === 'translate'
      ? OTHER_TIMEOUTS_SEC.map((sec, state) => [OTHER_STATES[state]!, thousands(sec), 'fixed, as in Linux'])
      : [];
  const columns = [
    { header: 'session', align: LEFT },
    { header: 'seconds', align: RIGHT },
    { header: 'from', align: LEFT },
  ];
  return table(columns, [...rows, ...others]);
}

function originText(profile: ProfileName, each: ProfileSetting, changed: readonly ProfileField[]): string {
  if (changed.includes(each.field)) return 'this file';
  if (each.from !== profile) return `unknown, as ${each.from}`;
  return 'source' in each.setting ? 'documented' : 'assumed';
}

function windowsText(gateway: Gateway, width: number): string[] {
  const { jumpSec, vlanAware, ipChecksums, dedupe, countUnpaired, redactDestination, extraBytes } = gateway;
  return [
    ...fact('length', windowText(gateway), width),
    ...fact('entries', entryTimeText(gateway), width),
    ...fact('late packets', LATE_TEXT[gateway.latePolicy], width),
    ...fact('clock set back', `more than ${thousands(jumpSec)} s begin a new capture epoch`, width),
    ...fact('VLANs', vlanAware ? 'are networks of their own' : 'are one network', width),
    ...fact(
      'IP checksums',
      ipChecksums ? 'are checked: packets with a wrong one are malformed' : 'are not checked',
      width,
    ),
    ...fact('copies', dedupe ? 'within 1 ms count once' : 'count as packets', width),
    ...fact('unpaired packets', countUnpaired ? 'count' : 'do not count, where both sides were captured', width),
    ...fact('destinations', redactDestination ? 'are not kept' : 'are kept', width),
    ...(extraBytes === true ? fact('extra bytes', 'entries also have those of frames and payloads', width) : []),
  ];
}

function profileText({ profile, changed }: GatewayConfiguration, width: number): string[] {
  const settings = profileSettings(profile);
  const used = settings.filter(({ field }) => !changed.includes(field));
  const inherited = used.filter(({ from }) => from !== profile);
  const own = used.filter(({ from }) => from === profile);
  const { asOf, notes }: ProfileData = PROFILES[profile];
  const sources = new Set(own.flatMap(({ setting }) => ('source' in setting ? [setting.source] : [])));
  return [
    ...fact('looked up', asOf),
    ...fact('changed here', changed.length === 0 ? 'nothing' : changed.join(', '), width),
    ...(sources.size > 0 ? ['  documented'] : []),
    ...[...sources].flatMap((id) => {
      const fields = own.filter(({ setting }) => 'source' in setting && setting.source === id);
      const { title, url, date } = SOURCES[id];
      return [
        ...item(`${title}${date === null ? '' : ` (${date})`}: ${fields.map(valueText).join(', ')}`, width),
        `    ${url}`,
      ];
    }),
    ...assumptionsText(own, width),
    ...(inherited.length === 0
      ? []
      : ['  not known, so as alibaba has it', ...item(inherited.map(valueText).join(', '), width)]),
    ...(notes.length === 0 ? [] : ['  notes', ...notes.flatMap((note) => item(note, width))]),
  ];
}

/** Assumptions with the same reason are told together. */
function assumptionsText(own: readonly ProfileSetting[], width: number): string[] {
  const byReason = new Map<string, string[]>();
  for (const each of own) {
    if (!('assumed' in each.setting)) continue;
    const { assumed } = each.setting;
    byReason.set(assumed, [...(byReason.get(assumed) ?? []), valueText(each)]);
  }
  if (byReason.size === 0) return [];
  return ['  assumed', ...[...byReason].flatMap(([why, values]) => item(`${values.join(', ')}: ${why}`, width))];
}

function valueText({ field, value }: ProfileSetting): string {
  return `${field} ${value === null ? 'none' : typeof value === 'boolean' ? (value ? 'yes' : 'no') : value}`;
}

/** The profiles there are, in one table. */
export function profilesText(columns: number): string {
  const rows = PROFILE_NAMES.map((name) => {
    const value = (field: ProfileField): string =>
      String(profileSettings(name).find((each) => each.field === field)?.value ?? '');
    const settings = profileSettings(name);
    const documented = settings.filter(({ from, setting }) => from === name && 'source' in setting).length;
    return [
      name,
      value('timeoutsSec.tcpEstablished'),
      value('timeoutsSec.udp'),
      value('timeoutsSec.icmp'),
      `${value('portMin')}–${value('portMax')}`,
      value('maxPerEipPerDestination'),
      `${documented} of ${settings.length}`,
    ];
  });
  const headers = ['profile', 'TCP s', 'UDP s', 'ICMP s', 'ports', 'to one destination', 'documented'];
  const align = (index: number): 'left' | 'right' => (index === 0 || index === 4 ? LEFT : RIGHT);
  const lines = table(
    headers.map((header, index) => ({ header, align: align(index) })),
    rows,
  );
  const titles = PROFILE_NAMES.flatMap((name) => {
    const { title, asOf }: ProfileData = PROFILES[name];
    return fact(name, `${title}, as of ${asOf}`, Math.min(columns, WIDEST_TEXT));
  });
  return `${[...lines, '', ...titles].join('\n')}\n`;
}
