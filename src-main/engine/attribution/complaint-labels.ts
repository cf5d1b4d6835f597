/** Whose an address or a port is: of the host that is complained of, of what it turned to, or of somebody else. */
export type Direction = 'source' | 'destination' | 'aside';

const WORDS: Readonly<Record<Direction, readonly string[]>> = {
  source: ['src', 'srce', 'source', 'sources', 'from', 'by', 'nat', 'attacker', 'attacking', 'client', 'origin'].concat(
    [
      'originating',
      'offender',
      'offending',
      'abuser',
      'abusive',
      'suspect',
      'infringing',
      'infringer',
      'subscriber',
      'customer',
      'ephemeral',
    ],
  ),
  destination: ['dst', 'dest', 'destination', 'destinations', 'target', 'targets', 'targeted', 'victim', 'attacked']
    .concat(['scanned', 'probed', 'server', 'service', 'honeypot', 'listening', 'open', 'to', 'on', 'at', 'into'])
    .concat(['towards', 'toward', 'against']),
  aside: ['reporter', 'reported', 'reporting', 'complainant', 'contact', 'local', 'remote'],
};
const DIRECTION_OF: ReadonlyMap<string, Direction> = new Map(
  (Object.keys(WORDS) as Direction[]).flatMap((direction) => WORDS[direction].map((word) => [word, direction])),
);
/** So many words before a value are about it. */
const NEAR_WORDS = 4;

const GLUED = /^(s|d|src|dst|source|dest|destination|target|victim|nat|client|server)(ip|addr|address|port|host)$/u;
const SHORT: Readonly<Record<string, string>> = { s: 'src', d: 'dst' };

/** The words of a label or of what stands before a value: `DestinationIp`, `dst_port` and `srcip` are two each. */
export function wordsOf(text: string): string[] {
  return text
    .replaceAll(/['’]s\b/gu, '')
    .replaceAll(/([a-z])([A-Z])/gu, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/u)
    .flatMap(
      (word) =>
        GLUED.exec(word)
          ?.slice(1)
          .map((part) => SHORT[part] ?? part) ?? word,
    )
    .filter((word) => word !== '');
}

/** By the nearest word that tells it; null where none does. */
export function directionOf(words: readonly string[]): Direction | null {
  const word = words.slice(-NEAR_WORDS).findLast((each) => DIRECTION_OF.has(each));
  return word === undefined ? null : (DIRECTION_OF.get(word) ?? null);
}

/** Columns of a table of complaints. */
export type ColumnRole = 'address' | 'port' | 'time' | 'date' | 'zone' | 'protocol' | 'destination' | 'destinationPort';

/** By the name in lower case without anything but letters; what else is a column is told by its words. */
const COLUMN_NAMES: Readonly<Record<ColumnRole, readonly string[]>> = {
  address: ['ip', 'ipaddress', 'ipv', 'address', 'src', 'source', 'natip', 'nateip', 'eip', 'publicip'],
  port: ['port', 'sport', 'spt', 'natport', 'publicport'],
  time: ['time', 'at', 'timestamp', 'datetime', 'when', 'eventtime', 'seen', 'firstseen', 'starttime', 'occurred'],
  date: ['date', 'day'],
  zone: ['zone', 'timezone', 'tz'],
  protocol: ['protocol', 'proto'],
  destination: ['dst', 'dest', 'destination', 'pubip', 'target', 'victim'],
  destinationPort: ['dport', 'dpt', 'pubport'],
};

/** @returns null for a column of no matter */
export function columnRole(name: string): ColumnRole | null {
  const words = wordsOf(name).filter((word) => !['utc', 'gmt'].includes(word));
  const bare = words.join('');
  const named = (Object.keys(COLUMN_NAMES) as ColumnRole[]).find((role) => COLUMN_NAMES[role].includes(bare));
  if (named !== undefined) return named;
  const direction = directionOf(words);
  if (direction === null || direction === 'aside') return null;
  const last = words.at(-1) ?? '';
  if (last === 'port') return direction === 'source' ? 'port' : 'destinationPort';
  if (!['ip', 'address', 'addr', 'host'].includes(last)) return null;
  return direction === 'source' ? 'address' : 'destination';
}
