import { counted, grouped } from './words';

interface Destination {
  readonly project: string;
  readonly logstore: string;
}

/** What is asked before an import, and offered after one that translated nothing. */
export const asking = {
  asking: {
    title: (first: string, more: number) =>
      `Import ${first}${more === 0 ? '' : ` and ${counted(more, 'more file', 'more files')}`}`,
    copying: 'Copying to the host',
    start: 'Import',
    play: 'Play',
    pace: 'Pace',
    atOnce: 'As fast as it can be read',
    atOnceWhy: 'All of it can be queried at the end of the import.',
    played: (speed: number) => (speed === 1 ? 'Played as it was recorded' : `Played ${grouped(speed)} times as fast`),
    playedWhy: 'Windows, status and dashboards move by the times of the packets, and what was played stays.',
    moreCaptures: (count: number) => `${counted(count, 'more capture')}, not described here.`,
    bySessionLogs: 'Through the gateways whose session log is enabled',
    eachOfItsVpc: 'Each takes what is of its VPC, into the Logstore of its session log.',
    gatewaysOfLogs: 'Gateways whose session log is enabled',
    throughNone: 'Choose one at least, or another gateway below.',
    into: (destination: Destination | null) =>
      destination === null ? 'Into nothing.' : `Into ${destination.project} / ${destination.logstore}.`,
    through: (packets: number, of: string) =>
      packets === 0 ? `Nothing ${of} would be translated.` : `${grouped(packets)} ${of} would be translated.`,
    throughLooking: 'Looking at the first packets.',
    sessionLogs: (logs: readonly { readonly gateway: string; readonly destination: Destination | null }[]) =>
      `Each takes what is of its VPC: ${logs.map(({ gateway, destination }) => `${gateway} into ${destination === null ? 'nothing' : `${destination.project} / ${destination.logstore}`}`).join('; ')}.`,
    gateway: 'Gateway',
    mode: { default: 'Default gateway', settings: 'Settings', json: 'Configuration (JSON)' },
    modeFacts: {
      default: 'RFC 1918 and 100.64.0.0/10 are inside; one EIP, 203.0.113.1; profile alibaba.',
      settings: 'What is left empty is as the profile has it, and inside and EIPs as the default gateway has them.',
      json: 'As natscope import --gateway takes it, and natscope gateway check explains it.',
    },
    profile: 'Profile',
    asDefault: 'As the default',
    asProfile: 'As the profile',
    inside: 'Private networks',
    insideExample: '10.0.0.0/8, 172.16.0.0/12',
    eips: 'EIPs',
    eipsExample: '203.0.113.1',
    portPolicy: 'Port policy',
    windowSec: 'Window length, seconds',
    windowPhase: 'Windows begin',
    phase: {
      epoch: 'at multiples of their length',
      perGateway: 'by gateway',
      captureStart: 'with the capture',
      session: 'with each session',
    },
    seed: 'Seed',
    json: 'Configuration of the gateway',
    jsonExample: '{ "profile": "linux", "eips": ["203.0.113.10"] }',
    chooseJson: 'Choose a file',
    notJson: (fault: string) => `That is no JSON yet: ${fault}.`,
    noObject: 'A configuration is an object: it begins with { and ends with }.',
    unreadable: (name: string) => `${name} could not be read.`,
    preview: 'What it would translate',
    previewing: 'Looking at the first packets',
    ofPackets: (packets: number, isWhole: boolean) =>
      isWhole ? `of all ${counted(packets, 'packet')}` : `of the first ${counted(packets, 'packet')}`,
    translated: 'Translated',
    packets: 'Packets',
    share: 'Share',
    source: 'Source',
    eip: 'Translated to',
    hosts: 'Hosts seen',
    facts: ({ profile, portPolicy, windowSec, seed }: GatewayWords) =>
      `Profile ${profile}, port policy ${portPolicy}, windows of ${grouped(windowSec)} s, seed ${seed}.`,
    andOthers: (count: number) => `and ${counted(count, 'other', 'others')}`,
    noPackets: 'There are no packets in it.',
    leftOut: (what: string) => `Left out: ${what}`,
    target: 'Where the log entries go',
    targetFacts: (entries: number | null) =>
      entries === null ? 'The Logstore is made with the import.' : `It has ${counted(entries, 'entry', 'entries')}.`,
  },
  remedy: {
    title: 'Nothing would be translated.',
    titleAfter: 'Nothing was translated.',
    none: 'No other private side would help: these packets have no end that a gateway could translate.',
    looking: 'Looking for a private side that would help',
    facts: (network: string, hosts: number, packets: number, of: string) =>
      `With ${network} as the private side, ${grouped(packets)} ${of} are translated, of ${counted(hosts, 'host')}.`,
    use: (network: string) => `Use ${network} as the private side`,
    useAgain: (network: string) => `Use ${network} as the private side and import again`,
    failed: 'What would help is not known.',
  },
};

interface GatewayWords {
  readonly profile: string;
  readonly portPolicy: string;
  readonly windowSec: number;
  readonly seed: number;
}
