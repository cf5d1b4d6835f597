import { OPTION_EIM, OPTION_FILTER_ADDRESS, OPTION_FILTER_NONE, does } from './configuration';
import { findBinding } from './bindings';
import { isIndependent } from './other-protocols';
import { COUNT_TABLE_BYTES, CountTable, countOf, counterOf } from './count-table';
import { Session } from './session';

/*
 * Whom a private endpoint has sessions with, where any port of such a host may send to it. Of a session of which only the public
 * side is seen, the translated endpoint stands for the private one.
 * @see RFC 4787 §5 "address-dependent filtering"
 */

const contacts = changetype<CountTable>(memory.data(COUNT_TABLE_BYTES, 8));

function areKept(): bool {
  return does(OPTION_FILTER_ADDRESS) && does(OPTION_EIM);
}

function endpointOf(session: Session): u32 {
  return (session.ports & 0xffff0000) | session.protocol;
}

/** Counts a session that was opened. */
export function addContact(session: Session): void {
  if (areKept()) counterOf(contacts, session.priIp, endpointOf(session), session.pubIp).count++;
}

/** Counts a session no more, that has ended. */
export function forgetContact(session: Session): void {
  if (areKept()) counterOf(contacts, session.priIp, endpointOf(session), session.pubIp).count--;
}

/**
 * Whether the gateway lets a packet in that belongs to no session: it is sent to an endpoint whose mapping is for all
 * destinations, by somebody whom the filter lets send.
 */
export function isLetIn(priIp: u32, priPort: u32, pubIp: u32, protocol: u32): bool {
  if (!isIndependent(protocol) || !findBinding(priIp, priPort, protocol)) return false;
  if (does(OPTION_FILTER_NONE)) return true;
  return does(OPTION_FILTER_ADDRESS) && countOf(contacts, priIp, (priPort << 16) | protocol, pubIp) > 0;
}
