import { OTHER_PROTOCOLS, PORT_POLICIES, WINDOW_PHASES } from '../../contract/gateway-words';
import { MAX_EIPS, MAX_INSIDE_NETWORKS } from '../gateway';
import { PROFILE_NAMES } from '../profiles';
import {
  address,
  described,
  epochSecond,
  flag,
  identifier,
  list,
  network,
  object,
  oneOf,
  orNull,
  publicAddress,
  text,
  wholeNumber,
  type JsonSchema,
  type Read,
  type Shape,
} from './shape';

/** What one list can hold: each item gets its place in the description of every run. */
const MOST_ITEMS = MAX_INSIDE_NETWORKS;
const MOST_CHANGES = 100;
const YEAR_SEC = 31_536_000;
const DAY_SEC = 86_400;
/** The seed is mixed with 32-bit arithmetic. */
const LARGEST_SEED = 0xffff_ffff;
const LARGEST_PORT = 65_535;
/** Far above what a range of ports has, which is worth a note and no error. */
const LARGEST_CAP = 1_000_000;
/** A count that any 32-bit counter holds. */
const LARGEST_LIMIT = 0xffff_ffff;

/** `true` and `false`, and 0 and 1 as the vendor's API has them. */
const affinity: Shape<boolean> = {
  schema: { enum: [true, false, 0, 1] },
  read: (value, path, problems) => {
    if (typeof value === 'boolean') return value;
    if (value === 0 || value === 1) return value === 1;
    problems.add(path, value, 'must be true or false');
    return undefined;
  },
};

const eipObject = object(
  {
    ipAddress: described('The EIP.', publicAddress()),
    privateIpAddress: described(
      'Private address that it is bound to, in bind mode NAT: of one of vSwitches, or else of the VPC, where those are given.',
      address(),
    ),
  },
  ['ipAddress'],
  { eip: 'ipAddress', ip: 'ipAddress', address: 'ipAddress', privateip: 'privateIpAddress' },
);
/** An EIP by its address alone, or with the private one that it is bound to. */
const eip: Shape<Read<typeof eipObject>> = {
  schema: { anyOf: [publicAddress().schema, eipObject.schema] },
  read: (value, path, problems) => {
    if (typeof value === 'object' && value !== null) return eipObject.read(value, path, problems);
    const ipAddress = publicAddress().read(value, path, problems);
    return ipAddress === undefined ? undefined : { ipAddress };
  },
};

const windowPhase: Shape<(typeof WINDOW_PHASES)[number] | number> = {
  schema: { anyOf: [oneOf(WINDOW_PHASES).schema, wholeNumber(0, DAY_SEC).schema] },
  read: (value, path, problems) =>
    typeof value === 'number'
      ? wholeNumber(0, DAY_SEC).read(value, path, problems)
      : oneOf(WINDOW_PHASES).read(value, path, problems),
};

const snatEntry = object(
  {
    snatEntryId: described('Default: snat-1, snat-2 and so on.', identifier()),
    sourceVpc: described('Scope VPC: the networks of the VPC.', flag()),
    sourceVSwitchId: described('Scope vSwitch: one of vSwitches.', identifier()),
    sourceIp: described('Scope host: the address of one instance or network interface.', address()),
    sourceCidr: described('Scope CIDR: a network of your choice.', network()),
    eips: described('Of the gateway; default: all but those of DNAT IP mappings.', list(publicAddress(), 1, MAX_EIPS)),
    natIps: described('The same of a VPC NAT gateway.', list(publicAddress(), 1, MAX_EIPS)),
    eipAffinity: described('A host always has the same address of the pool. Default: as the profile has it.', affinity),
    softAffinity: described('With affinity: take another address when that one is full (RFC 7857).', flag()),
  },
  [],
  {
    snatip: 'eips',
    eip: 'eips',
    natip: 'natIps',
    networkinterfaceid: 'sourceIp',
    host: 'sourceIp',
    cidr: 'sourceCidr',
    cidrblock: 'sourceCidr',
    vswitchid: 'sourceVSwitchId',
    affinity: 'eipAffinity',
    id: 'snatEntryId',
  },
);
export type SnatEntryFile = Read<typeof snatEntry>;
const snatEntries = (least: number): Shape<readonly (SnatEntryFile | undefined)[]> =>
  list(snatEntry, least, MOST_ITEMS);

const timeout = wholeNumber(1, YEAR_SEC);
const hold = wholeNumber(0, DAY_SEC);
const limit = orNull(wholeNumber(1, LARGEST_LIMIT));

/** Every key of a gateway configuration. What is left out comes from the profile, or is as it is without `--gateway`. */
export const gatewayShape = object(
  {
    $schema: described('Where an editor finds this description.', text(1000)),
    profile: described('Where everything comes from that is left out.', oneOf(PROFILE_NAMES)),
    natGatewayId: described('`instance` of log entries. Default: ngw-default.', identifier()),
    name: described('For people only.', text(128)),
    regionId: described('Default: local.', identifier()),
    networkType: described(
      'internet: translates to EIPs; intranet: a VPC NAT gateway, which translates to NAT IPs. Default: internet.',
      oneOf(['internet', 'intranet']),
    ),
    internetChargeType: described(
      'Pay-by-CU or pay-by-specification. Default: PayByLcu.',
      oneOf(['PayByLcu', 'PayBySpec']),
    ),
    vpc: object(
      {
        vpcId: described('`vpc_id` of log entries. Default: vpc-default.', identifier()),
        cidrBlock: described('What its hosts send each other does not pass the gateway, SNAT entry or not.', network()),
        secondaryCidrBlocks: list(network(), 0, MOST_ITEMS),
      },
      [],
      { id: 'vpcId', cidr: 'cidrBlock' },
    ),
    vSwitches: list(
      object({ vSwitchId: identifier(), cidrBlock: network() }, ['vSwitchId', 'cidrBlock'], {
        id: 'vSwitchId',
        cidr: 'cidrBlock',
      }),
      0,
      MOST_ITEMS,
    ),
    eipBindMode: described(
      'NAT: sessions are translated to the private address of their EIP; MULTI_BINDED: to the EIP. Default: MULTI_BINDED.',
      oneOf(['NAT', 'MULTI_BINDED']),
    ),
    eips: described('EIPs of an Internet NAT gateway. Default: 203.0.113.1.', list(eip, 1, MAX_EIPS)),
    natIps: described('NAT IPs of a VPC NAT gateway.', list(publicAddress(), 1, MAX_EIPS)),
    snatEntries: described(
      'Who is translated; the longest prefix wins. Default: the networks of the VPC, else RFC 1918 and 100.64.0.0/10.',
      snatEntries(1),
    ),
    dnatIpMappings: described(
      'DNAT entries of any port: the host, which has no address of the gateway, leaves by this EIP, and not by SNAT.',
      list(object({ externalIp: publicAddress(), internalIp: address() }, ['externalIp', 'internalIp']), 0, MOST_ITEMS),
    ),
    hostEips: described(
      'Hosts with an EIP or public address of their own, which comes before everything else. None is of the gateway.',
      list(
        object({ ipAddress: publicAddress(), privateIpAddress: address() }, ['ipAddress', 'privateIpAddress'], {
          eip: 'ipAddress',
          privateip: 'privateIpAddress',
        }),
        0,
        MOST_ITEMS,
      ),
    ),
    noNatCidrs: described('Destinations that are not translated (RFC 6888 REQ-6).', list(network(), 0, MOST_ITEMS)),
    otherGatewayCidrs: described(
      'Networks behind other gateways: their packets are told from those that no gateway has.',
      list(network(), 0, MOST_ITEMS),
    ),
    changes: described(
      'SNAT entries that take the place of all others while the capture runs.',
      list(
        object(
          {
            atSec: described('Packet time, epoch seconds.', epochSecond()),
            snatEntries: snatEntries(0),
          },
          ['atSec', 'snatEntries'],
        ),
        0,
        MOST_CHANGES,
      ),
    ),
    timeoutsSec: described(
      'Idle seconds after which a session is dead, by its state.',
      object(
        {
          tcpOpening: described('A SYN from the VPC was seen.', timeout),
          tcpSynReceived: described('And one from the Internet.', timeout),
          tcpEstablished: timeout,
          tcpFinFromVpc: described('Half-closed by the host in the VPC.', timeout),
          tcpFinFromPub: described('Half-closed by the other side.', timeout),
          tcpClosing: described('Closed by both.', timeout),
          tcpReset: described('After an RST.', timeout),
          udp: timeout,
          udpReplied: described('UDP that was seen in both directions.', timeout),
          icmp: timeout,
        },
        [],
        { tcp: 'tcpEstablished', tcptimewait: 'tcpClosing', timewait: 'tcpClosing' },
      ),
    ),
    portMin: described(
      'First port of the range. With portPolicy linux and all ports from 1024 to 65535, ports below 1024 go to TCP and UDP from such ports.',
      wholeNumber(1, LARGEST_PORT),
    ),
    portMax: described('Last port of the range.', wholeNumber(1, LARGEST_PORT)),
    maxPerEipPerDestination: described(
      'Live sessions that one address can have to one destination address, port and protocol.',
      wholeNumber(1, LARGEST_CAP),
    ),
    portPolicy: described('How the port of a session is chosen.', oneOf(PORT_POLICIES)),
    portBlockSize: described(
      'Ports of one block, of the policies deterministic and blocks.',
      wholeNumber(1, LARGEST_PORT),
    ),
    maxBlocksPerHost: described('Of the policy blocks.', wholeNumber(1, LARGEST_PORT)),
    portHoldSec: described(
      'Seconds that a port stays unused after its session (RFC 6888 REQ-8).',
      object({ tcp: hold, udp: hold, icmp: hold }),
    ),
    mapping: described(
      'apdm: a mapping for each destination; eim: one for each private endpoint (RFC 4787).',
      oneOf(['apdm', 'eim']),
    ),
    filtering: described(
      'Who may send to a mapping: apdf: its destination; adf: any port of that address; eif: anybody (RFC 4787).',
      oneOf(['apdf', 'adf', 'eif']),
    ),
    limits: described(
      'Of new sessions; null is none.',
      object({
        maxSessions: described('Live sessions of the gateway.', limit),
        maxNewPerSec: described('New sessions of the gateway within one second.', limit),
        maxPortsPerHost: described('Ports of one host and protocol.', limit),
        maxNewPerSecPerHost: described('New sessions of one host within one second.', limit),
      }),
    ),
    otherProtocols: described(
      'Protocols other than TCP, UDP and ICMP. translate: SCTP and UDP-Lite by their ports, all others by their addresses alone.',
      oneOf(OTHER_PROTOCOLS),
    ),
    midstream: described('A session that was under way when it was seen first.', oneOf(['create', 'drop'])),
    onIdleExpiry: described(
      'A packet from the VPC whose session has died of idleness.',
      oneOf(['repick', 'drop', 'rst']),
    ),
    udpInboundRefresh: described('Packets from the Internet keep a UDP session alive, too.', flag()),
    icmpReplyEnabled: described('The gateway itself answers echo requests to its addresses.', flag()),
    eipAffinity: described('Of SNAT entries that do not say.', affinity),
    windowSec: described('Length of a window. Default: 600.', wholeNumber(1, DAY_SEC)),
    windowPhase: described(
      'Where windows begin: at multiples of their length since 1970, seconds off those, by gateway, with the capture, or with each session.',
      windowPhase,
    ),
    timeModel: described(
      'packet: an entry ends with its last packet; aliflow: with its window, if the session is alive at the end of that, which is ' +
        'to say not closed by both sides, reset, or idle for its time-out.',
      oneOf(['packet', 'aliflow']),
    ),
    latePolicy: described('A packet whose window is closed already.', oneOf(['revise', 'carry', 'drop'])),
    jumpSec: described('Seconds that the clock may step back within one capture epoch.', wholeNumber(1, YEAR_SEC)),
    vlanAware: described('VLANs are networks of their own.', flag()),
    ipChecksums: described('Packets whose IPv4 header has a wrong checksum are malformed.', flag()),
    dedupe: described('Copies of a packet within 1 ms count once.', flag()),
    countUnpaired: described('Packets that went in and were not seen to come out on the other side count.', flag()),
    redactDestination: described('Entries and refusals are kept without their destinations (RFC 6888 REQ-12).', flag()),
    extraBytes: described(
      'Entries also have the octets of their frames and of their payloads. Default: false.',
      flag(),
    ),
    seed: described('Of the choice of ports and addresses. Default: 0.', wholeNumber(0, LARGEST_SEED)),
    ignoreQuotas: described("Allow more than the product's quotas.", flag()),
  },
  [],
  {
    instance: 'natGatewayId',
    id: 'natGatewayId',
    region: 'regionId',
    bindmode: 'eipBindMode',
    billing: 'internetChargeType',
    vswitch: 'vSwitches',
    iplist: 'eips',
    snattable: 'snatEntries',
    forwardentries: 'dnatIpMappings',
    dnatentries: 'dnatIpMappings',
    dnatmappings: 'dnatIpMappings',
    timeouts: 'timeoutsSec',
    porthold: 'portHoldSec',
    nonatnetworks: 'noNatCidrs',
    icmpreply: 'icmpReplyEnabled',
  },
);
/** A configuration as it was given, as far as each value by itself is right. */
export type GatewayFile = Read<typeof gatewayShape>;

/** The JSON Schema of a gateway configuration, which is shipped as `resources/gateway.schema.json`. */
export function gatewayJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Natscope gateway configuration',
    description: 'What natscope import --gateway reads. Times are in seconds, addresses are IPv4 in text.',
    ...gatewayShape.schema,
  };
}
