import type { Facts, Mention, NamedPorts } from './complaint-facts';
import type { TextLine } from './complaint-lines';
import { pairUp } from './pair-up';

/** The ports of a host: none where nobody can tell, and then those that nobody knows whose they are. */
export interface ChosenPorts {
  readonly ports: readonly number[];
  readonly unclear: readonly number[];
}

/**
 * Which ports each host is asked with: those at its address, those that are said to be the source's, or those that are called
 * the port and nothing else, if the host is the only address before them. What is said to be the target's is none.
 *
 * @returns in the order of the hosts
 */
export function chosenPorts(
  record: readonly TextLine[],
  facts: Facts,
  hosts: readonly Mention[],
): readonly ChosenPorts[] {
  const named = withOwners(record, facts, hosts);
  const ofHost = named.filter(({ whose }) => whose === 'source');
  const unclear = [...new Set(named.flatMap(({ whose, ports }) => (whose === null ? ports : [])))];
  const [host] = hosts;
  if (hosts.length === 1 && host !== undefined) return [ofOnly(host, ofHost, unclear)];
  const isBare = hosts.every(({ port }) => port === null);
  const pairs = isBare && ofHost.length === hosts.length ? pairUp(hosts, ofHost) : null;
  const all = [...new Set([...ofHost.flatMap(({ ports }) => ports), ...unclear])];
  return hosts.map(({ port }, place) => {
    if (port !== null) return { ports: [port], unclear: [] };
    const own = pairs?.[place];
    return own === undefined ? { ports: [], unclear: all } : { ports: own.ports, unclear: [] };
  });
}

function ofOnly(host: Mention, named: readonly NamedPorts[], unclear: readonly number[]): ChosenPorts {
  const [first] = named.filter(({ direction }) => direction === 'source').concat(named);
  if (first === undefined) return host.port === null ? { ports: [], unclear } : { ports: [host.port], unclear: [] };
  const sources = named.filter(({ direction }) => direction === first.direction);
  const numbers = new Set([
    ...sources.flatMap(({ ports }) => ports),
    // What is at the address is said otherwise than what is called the source's.
    ...(host.port !== null && first.direction === 'source' ? [host.port] : []),
  ]);
  if (host.port !== null && first.direction !== 'source') return { ports: [host.port], unclear: [] };
  const isOne = numbers.size === 1 || (sources.length === 1 && host.port === null);
  return isOne ? { ports: [...numbers], unclear: [] } : { ports: [], unclear: [...numbers] };
}

/** Reports of attacks on a service, whose port is the service's. @see X-ARF, schema abuse_login-attack */
const OF_SERVICE = /^service$|^schemaurl$/u;

interface OwnedPorts extends NamedPorts {
  /** Null where nobody can tell. */
  readonly whose: 'source' | 'destination' | null;
}

function withOwners(record: readonly TextLine[], { mentions, ports }: Facts, hosts: readonly Mention[]): OwnedPorts[] {
  const isOfService = record.some(({ label }) => label !== null && OF_SERVICE.test(label));
  const own = new Set(hosts.map(({ address }) => address));
  const others = mentions.filter(({ direction }) => direction !== 'aside');
  const isAlone = others.every(({ address }) => own.has(address));
  let next = 0;
  return ports.map((port) => {
    while ((others[next]?.start ?? Infinity) < port.start) next++;
    return { ...port, whose: isOfService && port.direction === null ? 'destination' : ownerOf(port, others[next - 1]) };
  });

  function ownerOf({ direction, isPlain }: NamedPorts, before: Mention | undefined): OwnedPorts['whose'] {
    if (direction === 'source' || direction === 'destination') return direction;
    if (direction === 'aside' || !isPlain) return null;
    if (before === undefined) return isAlone ? 'source' : null;
    if (own.has(before.address)) return 'source';
    return before.direction === 'destination' ? 'destination' : null;
  }
}
