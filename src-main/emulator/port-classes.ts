import { PROTOCOL_ICMP } from './codes';
import {
  POLICY_BLOCKS,
  POLICY_DETERMINISTIC,
  POLICY_LINUX,
  POLICY_PRESERVE,
  blockSize,
  portMax,
  portMin,
  portPolicy,
} from './configuration';
import { COUNT_TABLE_BYTES, CountTable, Counter, countOf, counterOf } from './count-table';
import { Session } from './session';

/*
 * Ports that are taken towards a destination, counted by parts of an address's ports: where a host may have a part of them
 * only, that part may be full long before the address is, and a refusal must not look at each port.
 */

/** Ports of no class: a host may have all there are, of which the destination is counted. */
const NO_CLASS: u32 = 0;
export const CLASS_LOW: u32 = 1;
export const CLASS_HIGH: u32 = 2;

/** By address and class, destination, protocol and its port. */
const taken = changetype<CountTable>(memory.data(COUNT_TABLE_BYTES, 8));

/** A rule without ports of its own: netfilter's search keeps the class of the host's port. */
export function hasAllPorts(): bool {
  return portMin == 1024 && portMax == 0xffff;
}

/** @returns the class of a block of ports, which are numbered from 0 */
export function classOfBlock(block: u32): u32 {
  return block + 1;
}

/** The class whose ports a search goes through that can give this one. */
function classOfPort(port: u32, protocol: u32): u32 {
  switch (portPolicy) {
    case POLICY_PRESERVE:
      if (portMin >= 1024 || portMax < 1024 || port < portMin || port > portMax) return NO_CLASS;
      return port < 1024 ? CLASS_LOW : CLASS_HIGH;
    case POLICY_LINUX:
      if (!hasAllPorts() || protocol == PROTOCOL_ICMP || port >= 1024) return NO_CLASS;
      if (port >= 600) return CLASS_HIGH;
      return port > 0 && port < 512 ? CLASS_LOW : NO_CLASS;
    case POLICY_DETERMINISTIC:
    case POLICY_BLOCKS:
      return port < portMin ? NO_CLASS : classOfBlock((port - portMin) / blockSize);
    default:
      return NO_CLASS;
  }
}

/** @returns how many ports of a class are taken towards a destination, by sessions that have died unnoticed as well */
export function takenOfClass(portClass: u32, natAddress: u32, pubIp: u32, pubPort: u32, protocol: u32): u32 {
  return countOf(taken, partOf(natAddress, portClass), pubIp, (protocol << 16) | pubPort);
}

/** Counts the port of a session that was opened, or has got this port. */
export function takeOfClass(session: Session): void {
  const portClass = classOfPort(session.natPort, session.protocol);
  if (portClass != NO_CLASS) counterFor(session, portClass).count++;
}

/** Counts it no more: it is free from now on. */
export function releaseOfClass(session: Session): void {
  const portClass = classOfPort(session.natPort, session.protocol);
  if (portClass != NO_CLASS) counterFor(session, portClass).count--;
}

function counterFor(session: Session, portClass: u32): Counter {
  const address: u32 = session.natAddress;
  const protocol: u32 = session.protocol;
  return counterOf(taken, partOf(address, portClass), session.pubIp, (protocol << 16) | (session.ports & 0xffff));
}

function partOf(natAddress: u32, portClass: u32): u32 {
  return (natAddress << 16) | portClass;
}
