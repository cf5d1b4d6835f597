import { entryIdText, type EntryId } from '../contract/log-entry';
import type { StoredEntry } from '../duckdb/entry-origin';
import { formatIpv4 } from '../nat/address-text';
import { PROTOCOL } from '../capture/packet-batch';

const NAMES: Readonly<Record<number, string>> = { [PROTOCOL.tcp]: 'TCP', [PROTOCOL.udp]: 'UDP' };
/** The latest instant that `Date` has, in seconds. */
const LAST_DATE_SEC = 8.64e12;

/** What an entry is told by. */
export type DescribedEntry = Pick<
  StoredEntry,
  'protocol' | 'priIp' | 'priPort' | 'pubIp' | 'pubPort' | 'natIp' | 'natPort' | 'windowStart'
>;

/** An entry in one line: which one, its window in UTC, its endpoints, and how the gateway translated them. */
export function entryText(id: EntryId, entry: DescribedEntry, windowSec: number): string {
  const { protocol, priIp, priPort, natIp, natPort, windowStart } = entry;
  const window = `${utcText(windowStart)} to ${utcText(windowStart + windowSec)} UTC`;
  const isIcmp = protocol === PROTOCOL.icmp;
  const name = isIcmp ? 'ICMP' : (NAMES[protocol] ?? `protocol ${protocol}`);
  const between = isIcmp ? ' id ' : ':';
  const inner = priIp === null || priPort === null ? 'an unknown host' : `${formatIpv4(priIp)}${between}${priPort}`;
  const outer = destinationText(entry, isIcmp);
  const translation = `${name} ${inner} → ${outer}, NAT ${formatIpv4(natIp)}${between}${natPort}`;
  return `log entry ${entryIdText(id)} of import ${id.run}, window ${window}, ${translation}`;
}

function destinationText({ pubIp, pubPort }: DescribedEntry, isIcmp: boolean): string {
  if (pubIp === null) return 'a destination that was not kept';
  return isIcmp ? formatIpv4(pubIp) : `${formatIpv4(pubIp)}:${pubPort}`;
}

/** @returns a time in UTC to the second, without its zone */
export function utcText(sec: number): string {
  if (Math.abs(sec) > LAST_DATE_SEC) return String(sec);
  return new Date(sec * 1000).toISOString().slice(0, -5).replace('T', ' ');
}
