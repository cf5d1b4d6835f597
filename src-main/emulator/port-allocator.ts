import { maxPerDestination, poolAddress, poolLength, portMax, portMin, seed } from './configuration';
import { countExactly, findLoad, isExact, isFull, loadAt } from './destination-load';
import { fnv1a, hashTuple } from './hash';
import { endIfIdle, reapAll } from './reaper';
import { findMapping } from './session-table';

/*
 * Chooses the public address and port of a new session.
 *
 * A port is taken per public address, protocol and destination: the same port serves any number of destinations.
 * Which one is random but repeatable: it follows from the seed, the five-tuple and the second in which the session
 * opens. A live session is never evicted.
 * @see nat-gateway reference §1.5, §6.1; RFC 6056 §3.3 (random port, then the next free one)
 */

/* The choice that `choosePort` made. */
export let chosenAddress: u32 = 0;
export let chosenPort: u32 = 0;
/** Where the sessions of the destination that it was made for are counted. */
export let chosenLoad: u32 = 0;

/**
 * Tries the pool's addresses in order of the tuple's hash, and takes the first free port of the first that has one.
 *
 * @param entry index of the SNAT entry
 * @param salt what tells apart two sessions of one tuple
 * @returns false when every address is full for this destination
 */
export function choosePort(priIp: u32, pubIp: u32, ports: u32, protocol: u32, entry: u32, salt: u32): bool {
  const hash = hashTuple(priIp ^ (seed * 0x27d4eb2f), pubIp ^ salt, ports, protocol);
  const length = poolLength(entry);
  const first = length == 1 ? 0 : fnv1a(priIp, pubIp, ports, protocol) % length;
  for (let step: u32 = 0; step < length; step++) {
    const address = poolAddress(entry, (first + step) % length);
    if (choosePortOf(address, hash, pubIp, ports & 0xffff, protocol)) return true;
  }
  return false;
}

function choosePortOf(natAddress: u32, hash: u32, pubIp: u32, pubPort: u32, protocol: u32): bool {
  const range = portMax - portMin + 1;
  const limit = min(range, maxPerDestination);
  if (isFull()) countExactly();
  let place = findLoad(natAddress, pubIp, pubPort, protocol);
  if (loadAt(place) >= limit) {
    reapAll();
    if (!isExact()) {
      countExactly();
      place = findLoad(natAddress, pubIp, pubPort, protocol);
    }
    if (loadAt(place) >= limit) return false;
  }
  chosenLoad = place;
  let port = portMin + (hash % range);
  for (let step: u32 = 0; step < range; step++) {
    const holder = findMapping(natAddress, port, protocol, pubIp, pubPort);
    if (holder == null || endIfIdle(holder)) {
      chosenAddress = natAddress;
      chosenPort = port;
      return true;
    }
    port = port == portMax ? portMin : port + 1;
  }
  return false;
}
