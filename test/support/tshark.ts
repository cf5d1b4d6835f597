import { run } from './command';

/*
 * What tshark finds in the frames of a capture, read by the conventions that all our comparisons with it share: it does
 * not put fragments together; the outer packet of a frame is the first IP layer, the inner one the last that no ICMP
 * message quotes; an IP layer without addresses is none.
 */

const FIELDS = [
  ...[
    'frame.protocols',
    'ip.src',
    'ip.dst',
    'ip.proto',
    'ip.len',
    'ip.frag_offset',
    'ipv6.src',
    'ipv6.dst',
    'ipv6.plen',
  ],
  ...[
    'ipv6.nxt',
    'ipv6.fraghdr.nxt',
    'ipv6.fraghdr.offset',
    'ipv6.hopopts.nxt',
    'ipv6.dstopts.nxt',
    'ipv6.routing.nxt',
  ],
  ...['tcp.srcport', 'tcp.dstport', 'udp.srcport', 'udp.dstport', 'sctp.srcport', 'sctp.dstport', 'dccp.srcport'],
  ...['dccp.dstport', 'icmp.type', 'icmp.code', 'icmp.ident', 'icmpv6.type', 'icmpv6.code', 'icmpv6.echo.identifier'],
  '_ws.malformed',
] as const;
type Field = (typeof FIELDS)[number];

const PREFERENCES = [
  ...['ip.defragment', 'ipv6.defragment', 'tcp.desegment_tcp_streams', 'tcp.analyze_sequence_numbers'],
  'tcp.relative_sequence_numbers',
];

const PROTOCOL_OF: Readonly<Record<string, number>> = {
  ...{ tcp: 6, udp: 17, udplite: 136, sctp: 132, dccp: 33, icmp: 1, icmpv6: 58 },
};

/** One IP packet. Later fragments have no ports; addresses are as they are printed. */
export interface IpLayer {
  readonly version: 4 | 6;
  readonly protocol: number;
  /** By its header, or as far as the frame goes where that gives no length. */
  readonly ipBytes: number;
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly isLater: boolean;
}

export interface QuotingError {
  readonly type: number;
  readonly code: number;
  readonly quoted: Omit<IpLayer, 'ipBytes' | 'isLater'> | null;
}

export interface DissectedFrame {
  /** Names of the layers, for whoever has to find out why. */
  readonly protocols: string;
  /** An IP header that is too short, or wrong, to have addresses; otherwise, without any IP packet, there is none. */
  readonly isUndecoded: boolean;
  /** Whether a dissector has given up. */
  readonly isMalformed: boolean;
  readonly outer: IpLayer | null;
  readonly inner: IpLayer | null;
  /** ICMP errors that no other message quotes. */
  readonly errors: readonly QuotingError[];
}

/** What tshark makes of a checksum. */
export const CHECKSUM_STATE = { bad: '0', good: '1' } as const;

const CHECKED = ['ip', 'tcp', 'udp', 'icmp'] as const;

/** @returns of each frame, in order of the file, by protocol a `CHECKSUM_STATE` for each layer, or another where it cannot tell */
export async function checksumStates(
  path: string,
): Promise<Readonly<Record<(typeof CHECKED)[number], readonly string[]>>[]> {
  const checking = ['ip', 'tcp', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
  const fields = CHECKED.flatMap((name) => ['-e', `${name}.checksum.status`]);
  const whole = ['ip.defragment', 'tcp.desegment_tcp_streams'].flatMap((name) => ['-o', `${name}:FALSE`]);
  const args = ['-n', '-r', path, ...whole, ...checking, '-T', 'fields', '-E', 'occurrence=a', ...fields];
  const { code, stdout, stderr } = await run('tshark', args);
  if (code !== 0) throw new Error(`tshark ended with ${code}: ${stderr}`);
  const lines = stdout.split('\n').slice(0, -1);
  return lines.map((line) => {
    const [ip = '', tcp = '', udp = '', icmp = ''] = line.split('\t');
    const states = (text: string): string[] => (text === '' ? [] : text.split(','));
    return { ip: states(ip), tcp: states(tcp), udp: states(udp), icmp: states(icmp) };
  });
}

/** @returns what is in each frame, in order of the file */
export async function dissect(path: string): Promise<DissectedFrame[]> {
  const args = [
    ...['-n', '-r', path, ...PREFERENCES.flatMap((name) => ['-o', `${name}:FALSE`])],
    ...['-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=a', '-E', 'aggregator=|'],
    ...FIELDS.flatMap((field) => ['-e', field]),
  ];
  const { code, stdout, stderr } = await run('tshark', args);
  if (code !== 0) throw new Error(`tshark ended with ${code}: ${stderr}`);
  const lines = stdout.split('\n');
  lines.pop();
  return lines.map((line) => {
    const values = line.split('\t');
    return readFrame(new Map(FIELDS.map((field, index) => [field, (values[index] ?? '').split('|')])));
  });
}

interface Layer {
  version: 4 | 6;
  protocol: number;
  ipBytes: number;
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  isLater: boolean;
  isQuoted: boolean;
  hasTransport: boolean;
  icmp: { type: number; code: number } | null;
}

const QUERIES_V4: readonly number[] = [0, 8, 13, 14, 15, 16, 17, 18];
const ERRORS_V4: readonly number[] = [3, 4, 5, 11, 12];
const ERRORS_V6: readonly number[] = [1, 2, 3, 4];

function readFrame(values: ReadonlyMap<Field, readonly string[]>): DissectedFrame {
  const used = new Map<Field, number>();
  const next = (field: Field): string | null => {
    const at = used.get(field) ?? 0;
    used.set(field, at + 1);
    const value = values.get(field)?.[at];
    return value === undefined || value === '' ? null : value;
  };
  const number = (field: Field): number => numberOf(next(field));

  const layers: Layer[] = [];
  let current: Layer | null = null;
  let isQuoted = false;
  let hasNoAddresses = false;
  const protocols = values.get('frame.protocols')?.[0] ?? '';
  for (const name of protocols.split(':')) {
    if (name === 'ip' || name === 'ipv6') {
      current = name === 'ip' ? readIpv4(next, isQuoted) : readIpv6(next, isQuoted);
      if (current === null) hasNoAddresses = true;
      else layers.push(current);
    } else if (current?.version === 6 && /^ipv6\.(hopopts|dstopts|routing)$/.test(name)) {
      const following = next(`${name}.nxt` as Field);
      if (following !== null) current.protocol = numberOf(following);
    } else if (current?.version === 6 && name === 'ipv6.fraghdr') {
      const following = next('ipv6.fraghdr.nxt');
      const offset = number('ipv6.fraghdr.offset');
      if (following !== null) current.protocol = numberOf(following);
      if (following !== null) current.isLater = offset > 0;
    } else if (name in PROTOCOL_OF) {
      const protocol = PROTOCOL_OF[name]!;
      const isFirst = current !== null && !current.hasTransport;
      if (current !== null && isFirst) current.hasTransport = true;
      if (name === 'icmp' || name === 'icmpv6') {
        const type = next(`${name}.type`);
        const code = number(`${name}.code`);
        const kind = type === null ? null : { type: numberOf(type), code };
        let identifier = 0;
        if (name === 'icmp' && kind !== null && QUERIES_V4.includes(kind.type)) {
          identifier = number('icmp.ident');
          // It is there once in each byte order.
          next('icmp.ident');
        }
        if (name === 'icmpv6' && (kind?.type === 128 || kind?.type === 129))
          identifier = number('icmpv6.echo.identifier');
        if (current !== null && isFirst) {
          if (current.version === 6) current.protocol = 58;
          current.icmp = kind;
          current.srcPort = current.dstPort = identifier;
        }
        isQuoted = true;
      } else {
        const ported = name === 'udplite' ? 'udp' : (name as 'tcp' | 'udp' | 'sctp' | 'dccp');
        const srcPort = number(`${ported}.srcport`);
        const dstPort = number(`${ported}.dstport`);
        if (current !== null && isFirst) {
          if (current.version === 6) current.protocol = protocol;
          Object.assign(current, { srcPort, dstPort });
        }
      }
    }
  }

  const own = layers.filter((layer) => !layer.isQuoted);
  const errors = layers.flatMap((layer, index): QuotingError[] => {
    const { icmp } = layer;
    const types = layer.version === 4 ? ERRORS_V4 : ERRORS_V6;
    if (icmp === null || layer.isQuoted || !types.includes(icmp.type)) return [];
    const quoted = layers.slice(index + 1).find((other) => other.isQuoted);
    return [{ ...icmp, quoted: quoted === undefined ? null : endpoints(quoted) }];
  });
  return {
    protocols,
    isUndecoded: own.length === 0 && hasNoAddresses,
    isMalformed: next('_ws.malformed') !== null,
    outer: own[0] === undefined ? null : ipLayer(own[0]),
    inner: own.length === 0 ? null : ipLayer(own[own.length - 1]!),
    errors,
  };
}

const NO_TRANSPORT = { srcPort: 0, dstPort: 0, isLater: false, hasTransport: false, icmp: null } as const;

function readIpv4(next: (field: Field) => string | null, isQuoted: boolean): Layer | null {
  const [src, dst, protocol] = [next('ip.src'), next('ip.dst'), next('ip.proto')];
  const [ipBytes, offset] = [numberOf(next('ip.len')), numberOf(next('ip.frag_offset'))];
  if (src === null || dst === null || protocol === null) return null;
  return {
    ...NO_TRANSPORT,
    version: 4,
    src,
    dst,
    protocol: numberOf(protocol),
    ipBytes,
    isLater: offset > 0,
    isQuoted,
  };
}

function readIpv6(next: (field: Field) => string | null, isQuoted: boolean): Layer | null {
  const [src, dst, bytes, protocol] = [next('ipv6.src'), next('ipv6.dst'), next('ipv6.plen'), next('ipv6.nxt')];
  if (src === null || dst === null) return null;
  const ipBytes = numberOf(bytes) + 40;
  return { ...NO_TRANSPORT, version: 6, src, dst, protocol: numberOf(protocol ?? '59'), ipBytes, isQuoted };
}

function endpoints({ version, protocol, src, srcPort, dst, dstPort }: Layer): NonNullable<QuotingError['quoted']> {
  return { version, protocol, src, srcPort, dst, dstPort };
}

function ipLayer(layer: Layer): IpLayer {
  const { ipBytes, isLater } = layer;
  const ports = isLater ? { srcPort: 0, dstPort: 0 } : {};
  return { ...endpoints(layer), ...ports, ipBytes, isLater };
}

function numberOf(text: string | null): number {
  if (text === 'True') return 1;
  return text === null || text === 'False' ? 0 : Number(text);
}
