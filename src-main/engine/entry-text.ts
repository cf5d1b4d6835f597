import { entryIdText, type EntryId } from '../contract/log-entry';
import type { StoredEntry } from '../duckdb/entry-origin';
import { formatIpv4 } from '../nat/address-text';
import { PROTOCOL } from '../capture/packet-batch';

const NAMES: Readonly<Record<number, string>> = { [PROTOCOL.tcp]: 'TCP', [PROTOCOL.udp]: 'UDP' };
/** The latest instant that `Date` has, in seconds. */
const LAST_DATE_SEC = 8.64e12;

/** An entry in one line: which one, its window in UTC, its endpoints, and how the gateway translated them. */
export function entryText(id: EntryId, entry: StoredEntry, windowSec: number): string {
  const { protocol, priIp, priPort, pubIp, pubPort, natIp, natPort, windowStart } = entry;
  const window = `${timeText(windowStart)} to ${timeText(windowStart + windowSec)} UTC`;
  const translation =
    protocol === PROTOCOL.icmp
      ? `ICMP ${formatIpv4(priIp)} id ${priPort} → ${formatIpv4(pubIp)}, NAT ${formatIpv4(natIp)} id ${natPort}`
      : `${NAMES[protocol] ?? `protocol ${protocol}`} ${endpoint(priIp, priPort)} → ${endpoint(pubIp, pubPort)}, NAT ${endpoint(natIp, natPort)}`;
  return `log entry ${entryIdText(id)} of import ${id.run}, window ${window}, ${translation}`;
}

function endpoint(address: number, port: number): string {
  return `${formatIpv4(address)}:${port}`;
}

function timeText(sec: number): string {
  if (Math.abs(sec) > LAST_DATE_SEC) return String(sec);
  return new Date(sec * 1000).toISOString().slice(0, -5).replace('T', ' ');
}
