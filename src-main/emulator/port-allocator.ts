import { areAllBound, boundAddress, boundPort, findBinding, isBound, unboundFrom, usesBindings } from './bindings';
import { PROTOCOL_ICMP } from './codes';
import {
  INSIDE,
  OPTION_EIM,
  POLICY_BLOCKS,
  POLICY_DETERMINISTIC,
  POLICY_LINUX,
  POLICY_PRESERVE,
  POLICY_SEQUENTIAL,
  POOL_AFFINITY,
  POOL_SOFT,
  blockSize,
  classOf,
  does,
  isInPool,
  maxPerDestination,
  poolAddress,
  poolBase,
  poolHas,
  poolLength,
  portMax,
  portMin,
  portPolicy,
  seed,
} from './configuration';
import { nowSec, patienceOf } from './clock';
import { countExactly, findLoad, firstFreeFrom, isExact, isFull, loadAt, noteSearched } from './destination-load';
import { fnv1a, hashTuple } from './hash';
import {
  NO_BLOCK,
  blockCount,
  firstBlockFor,
  firstOwnedBlock,
  firstPortOf,
  freeBlockFrom,
  mayHaveAnotherBlock,
  nextOwnedBlock,
} from './port-blocks';
import { CLASS_HIGH, CLASS_LOW, classOfBlock, hasAllPorts, takenOfClass } from './port-classes';
import { hasPorts, isIndependent } from './other-protocols';
import { free, hasFreePort, reapAll } from './reaper';
import { STATE_HELD, Session } from './session';
import { findMapping, isHistoryKnown, wasNobodys } from './session-table';

/*
 * Chooses the public address and port of a new session.
 *
 * A port is taken per public address, protocol and destination: the same port serves any number of destinations. With
 * endpoint-independent mapping it is taken for all destinations at once. What is random is repeatable: it follows from the
 * seed, the five-tuple and the second in which the session opens. A live session is never evicted.
 * @see nat-gateway reference §1.5, §2.3, §6.1
 */

/* The choice that `choosePort` made. */
export let chosenAddress: u32 = 0;
export let chosenPort: u32 = 0;
/** Where the sessions of the destination that it was made for are counted. */
export let chosenLoad: u32 = 0;
/** The host's own address was full, so that it has another one. */
export let hasLeftAddress: bool = false;

/** Record of a session that has ended and holds the chosen port back, or 0. */
let chosenHeld: usize = 0;

/** Record of a session that is under way, which the choice is for, or 0: see `chooseAnother`. */
let wantedBy: usize = 0;
/* What the choice is for. */
let host: u32 = 0;
let privatePort: u32 = 0;
let destination: u32 = 0;
let destinationPort: u32 = 0;
let service: u32 = 0;
let random: u32 = 0;

/**
 * Tries the pool's addresses in order of the tuple's hash, and takes the first free port of the first that has one. A host
 * with affinity has one address only, unless it is soft.
 *
 * @param entry index of the SNAT entry
 * @returns false when every address is full for this destination
 */
export function choosePort(priIp: u32, pubIp: u32, ports: u32, protocol: u32, entry: u32): bool {
  host = priIp;
  privatePort = ports >> 16;
  destination = pubIp;
  destinationPort = ports & 0xffff;
  service = protocol;
  // Tells apart two sessions of one tuple.
  const salt = <u32>(<i64>nowSec) * 0x165667b1;
  random = hashTuple(priIp ^ (seed * 0x27d4eb2f), pubIp ^ salt, ports, protocol);
  hasLeftAddress = false;
  chosenHeld = 0;
  // Which endpoints and blocks are taken is known only when sessions whose time is up have ended.
  if (does(OPTION_EIM) || portPolicy == POLICY_BLOCKS) reapAll();
  if (usesBindings() && hasBinding(priIp, protocol) && isInPool(entry, boundAddress)) {
    if (takeBound()) return true;
    if (isIndependent(protocol)) return false;
  }
  if (portPolicy == POLICY_DETERMINISTIC && hasPorts(protocol)) return chooseDeterministic(entry);
  const length = poolLength(entry);
  const isFixed = poolHas(entry, POOL_AFFINITY);
  const first = length == 1 ? 0 : addressHash(ports, isFixed) % length;
  const tries: u32 = isFixed && !poolHas(entry, POOL_SOFT) ? 1 : length;
  for (let step: u32 = 0; step < tries; step++) {
    hasLeftAddress = isFixed && step > 0;
    if (choosePortOf(poolAddress(entry, (first + step) % length))) return true;
  }
  return false;
}

/**
 * Chooses another address and port for a session that is under way, which it is said to have had from its beginning on: such as nobody
 * else has had since.
 *
 * @returns false when there is none
 */
export function chooseAnother(session: Session): bool {
  if (!isHistoryKnown(session)) return false;
  wantedBy = changetype<usize>(session);
  const entry = classOf(session.priIp) - INSIDE;
  const isChosen = choosePort(session.priIp, session.pubIp, session.ports, session.protocol, entry);
  wantedBy = 0;
  if (!isChosen || !wasNobodys(session, chosenAddress, chosenPort)) return false;
  vacateChosen();
  return true;
}

/** With affinity by host; netfilter looks at the two addresses, and endpoint-independent mapping at the private endpoint. */
function addressHash(ports: u32, isFixed: bool): u32 {
  if (isFixed) return fnv1a(host, 0, 0, 0);
  if (portPolicy == POLICY_LINUX) return fnv1a(host, destination, 0, 0);
  if (isIndependent(service)) return fnv1a(host, 0, privatePort << 16, service);
  return fnv1a(host, destination, ports, service);
}

/** Netfilter looks for the endpoint of one that has none most of the time, and only what it finds may have died. */
function hasBinding(priIp: u32, protocol: u32): bool {
  if (!findBinding(priIp, privatePort, protocol)) return false;
  if (isIndependent(protocol)) return true;
  reapAll();
  return findBinding(priIp, privatePort, protocol);
}

/** The endpoint that the private one has already, if it is free towards this destination. */
function takeBound(): bool {
  const held = heldOfBound();
  if (!findRoom(boundAddress, held == 0 ? 0 : 1) || (!isFree(boundAddress, boundPort) && held == 0)) return false;
  chosenAddress = boundAddress;
  chosenPort = boundPort;
  chosenHeld = held;
  return true;
}

/**
 * A mapping for all destinations that lives has not let its port go: what a session of it that has ended holds back, one after
 * it has. @returns the record of that session, or 0
 */
function heldOfBound(): usize {
  if (!isIndependent(service)) return 0;
  const holder = findMapping(boundAddress, boundPort, service, destination, destinationPort);
  return holder == null || hasFreePort(holder) || holder.state != STATE_HELD ? 0 : changetype<usize>(holder);
}

/** To be called before the port that was chosen is taken: nobody else holds it back then. */
export function vacateChosen(): void {
  if (chosenHeld != 0) free(changetype<Session>(chosenHeld));
  chosenHeld = 0;
}

/** @param spare sessions that make room for the new one @returns false when the address has as many sessions to the destination as it may; `chosenLoad` counts them */
function findRoom(natAddress: u32, spare: u32): bool {
  const limit = min(portsFor(service), maxPerDestination) + spare;
  if (isFull()) countExactly();
  let place = findLoad(natAddress, destination, destinationPort, service);
  if (loadAt(place) >= limit) {
    reapAll();
    if (!isExact()) {
      countExactly();
      place = findLoad(natAddress, destination, destinationPort, service);
    }
    if (loadAt(place) >= limit) return false;
  }
  chosenLoad = place;
  return true;
}

/** Netfilter's identifiers of queries are no ports of its range. @see nat-gateway reference §2.3 step 5 */
function portsFor(protocol: u32): u32 {
  return portPolicy == POLICY_LINUX && protocol == PROTOCOL_ICMP ? 0x10000 : portMax - portMin + 1;
}

function choosePortOf(natAddress: u32): bool {
  if (!findRoom(natAddress, 0)) return false;
  if (!hasPorts(service)) return takeBetween(natAddress, 0, 1, false);
  switch (portPolicy) {
    case POLICY_SEQUENTIAL:
      return chooseLowest(natAddress);
    case POLICY_PRESERVE:
      return choosePreserved(natAddress);
    case POLICY_LINUX:
      return chooseAsLinux(natAddress);
    case POLICY_BLOCKS:
      return takeInBlocks(natAddress);
    default:
      return takeFrom(natAddress, portMin, portMax, portMin + (random % (portMax - portMin + 1)));
  }
}

/** Takes the first free port at or behind `start`, and goes round at the end of the range. */
function takeFrom(natAddress: u32, first: u32, last: u32, start: u32): bool {
  const skipsBound = isIndependent(service) && !hasEndpointAt(natAddress);
  if (skipsBound && areAllBound(natAddress, service)) return false;
  return takeBetween(natAddress, start, last + 1, skipsBound) || takeBetween(natAddress, first, start, skipsBound);
}

/** Takes the first free port from `from` on and before `to`. @param skipsBound those that somebody has are not looked at */
function takeBetween(natAddress: u32, from: u32, to: u32, skipsBound: bool): bool {
  for (let port = from; port < to; port++) {
    if (skipsBound) {
      port = unboundFrom(natAddress, port, service);
      if (port >= to) return false;
    }
    if (!isFree(natAddress, port)) continue;
    chosenAddress = natAddress;
    chosenPort = port;
    return true;
  }
  return false;
}

/** Whether the private endpoint has one of an address already. */
function hasEndpointAt(natAddress: u32): bool {
  return findBinding(host, privatePort, service) && boundAddress == natAddress;
}

/** Must be asked last: the table of sessions remembers where the session of this port goes. */
function isFree(natAddress: u32, port: u32): bool {
  if (isIndependent(service) && isBound(natAddress, port, service)) {
    if (!findBinding(host, privatePort, service) || boundAddress != natAddress || boundPort != port) return false;
  }
  const holder = findMapping(natAddress, port, service, destination, destinationPort);
  if (holder == null || hasFreePort(holder)) {
    return wantedBy == 0 || wasNobodys(changetype<Session>(wantedBy), natAddress, port);
  }
  holderDeadline = holder.lastSec + patienceOf(holder);
  return false;
}
/** When the session that has the port which was asked for last will have died of idleness. */
let holderDeadline: f64 = 0;

function chooseLowest(natAddress: u32): bool {
  // Sessions with others take a port, too, so that no time is known at which one is free.
  if (isIndependent(service) || wantedBy != 0) return takeFrom(natAddress, portMin, portMax, portMin);
  let againSec = Infinity;
  for (let port = max(portMin, firstFreeFrom(chosenLoad)); port <= portMax; port++) {
    if (!isFree(natAddress, port)) {
      againSec = min(againSec, holderDeadline);
      continue;
    }
    noteSearched(chosenLoad, port, againSec);
    chosenAddress = natAddress;
    chosenPort = port;
    return true;
  }
  return false;
}

/** Whether a class of ports, of which there are so many, has none that is free towards the destination. */
function isFullOf(natAddress: u32, portClass: u32, size: u32): bool {
  if (takenOfClass(portClass, natAddress, destination, destinationPort, service) < size) return false;
  reapAll();
  return takenOfClass(portClass, natAddress, destination, destinationPort, service) >= size;
}

/** The host's own port, else the next one of its class. @see RFC 4787 REQ-3a */
function choosePreserved(natAddress: u32): bool {
  const isLow = privatePort < 1024;
  const first = isLow ? portMin : max(portMin, 1024);
  const last = isLow ? min(portMax, 1023) : portMax;
  // A class that the range has nothing of leaves the whole range.
  if (first > last) return takeFrom(natAddress, portMin, portMax, portMin + (random % (portMax - portMin + 1)));
  // All ports are the whole address, whose room was asked for.
  if (portMin < 1024 && portMax >= 1024 && isFullOf(natAddress, isLow ? CLASS_LOW : CLASS_HIGH, last - first + 1)) {
    return false;
  }
  const isInRange = privatePort >= first && privatePort <= last;
  return takeFrom(natAddress, first, last, isInRange ? privatePort : first + (random % (last - first + 1)));
}

/** Tries of a search before the first restart, and below which it is given up. @see nf_nat_core.c */
const LINUX_TRIES: u32 = 128;
const LINUX_MIN_TRIES: u32 = 16;

/**
 * The host's own port, else some of its class. Of a rule with ports of its own only those, and no classes; identifiers of
 * queries are no ports.
 *
 * @see nat-gateway reference §2.3 steps 4 to 6; nf_nat_core.c, NF_NAT_RANGE_PROTO_SPECIFIED
 */
function chooseAsLinux(natAddress: u32): bool {
  let first = portMin;
  let last = portMax;
  let portClass: u32 = 0;
  if (service == PROTOCOL_ICMP) {
    first = 0;
    last = 0xffff;
  } else if (hasAllPorts() && privatePort < 1024) {
    first = privatePort < 512 ? 1 : 600;
    last = privatePort < 512 ? 511 : 1023;
    portClass = privatePort < 512 ? CLASS_LOW : CLASS_HIGH;
  }
  const isAllowed = hasAllPorts() || (privatePort >= first && privatePort <= last);
  if (isAllowed && isFree(natAddress, privatePort)) {
    chosenAddress = natAddress;
    chosenPort = privatePort;
    return true;
  }
  const range = last - first + 1;
  if (portClass != 0 && isFullOf(natAddress, portClass, range)) return false;
  let tries = min(range, LINUX_TRIES);
  let offset = random;
  while (true) {
    for (let step: u32 = 0; step < tries; step++) {
      const port = first + ((offset + step) % range);
      if (!isFree(natAddress, port)) continue;
      chosenAddress = natAddress;
      chosenPort = port;
      return true;
    }
    if (tries >= range || tries < LINUX_MIN_TRIES) return false;
    tries /= 2;
    offset = offset * 0x9e3779b1 + 1;
  }
}

/** The block follows from the place of the host in its network. @see RFC 7422 §2 */
function chooseDeterministic(entry: u32): bool {
  const blocks = (portMax - portMin + 1) / blockSize;
  const place = host - poolBase(entry);
  const address = place / blocks;
  if (address >= poolLength(entry)) return false;
  const natAddress = poolAddress(entry, address);
  if (!findRoom(natAddress, 0)) return false;
  if (isFullOf(natAddress, classOfBlock(place % blocks), blockSize)) return false;
  const first = portMin + (place % blocks) * blockSize;
  return takeFrom(natAddress, first, first + blockSize - 1, first + (random % blockSize));
}

/** In a block that the host has, or else in a free one if it may have another: each is tried once. */
function takeInBlocks(natAddress: u32): bool {
  let block = firstOwnedBlock(host, natAddress);
  for (; block != NO_BLOCK; block = nextOwnedBlock(natAddress, block)) if (takeInBlock(natAddress, block)) return true;
  if (blockCount() == 0 || !mayHaveAnotherBlock(host, natAddress)) return false;
  const from = firstBlockFor(host, natAddress);
  return takeInFree(natAddress, from, blockCount()) || takeInFree(natAddress, 0, from);
}

function takeInFree(natAddress: u32, from: u32, to: u32): bool {
  for (let block = freeBlockFrom(natAddress, from); block < to; block = freeBlockFrom(natAddress, block + 1)) {
    if (takeInBlock(natAddress, block)) return true;
  }
  return false;
}

function takeInBlock(natAddress: u32, block: u32): bool {
  if (isFullOf(natAddress, classOfBlock(block), blockSize)) return false;
  const first = firstPortOf(block);
  return takeFrom(natAddress, first, first + blockSize - 1, first + (random % blockSize));
}
