import { formatNetwork } from '../address-text';
import { ADDRESS_CLASS } from '../address-classes';
import type { Gateway } from '../gateway';
import type { PlacedEntry } from './entries';
import type { GatewayFile } from './gateway-shape';
import type { Problems } from './problems';

/** Rules between numbers, whether they were given or are the profile's. */
export function checkNumbers(gateway: Gateway, file: GatewayFile, problems: Problems): void {
  const { portMin, portMax, portPolicy, portBlockSize, windowSec, windowPhase } = gateway;
  if (portMin > portMax) {
    const [path, value] = 'portMin' in file ? ['portMin', portMin] : ['portMax', portMax];
    problems.add(path, value, `leaves no port: portMin is ${portMin}, and portMax ${portMax}`);
  } else if (usesBlocks(gateway) && portBlockSize > portsOf(gateway)) {
    const rule = `is more than the ${portsOf(gateway)} ports from ${portMin} to ${portMax}, of which the policy ${portPolicy} makes blocks`;
    problems.add('portBlockSize', portBlockSize, rule);
  }
  if (typeof windowPhase === 'number' && windowPhase >= windowSec) {
    problems.add('windowPhase', windowPhase, `must be less than windowSec, ${windowSec}`);
  }
}

export function portsOf({ portMin, portMax }: Gateway): number {
  return portMax - portMin + 1;
}

/** Ports of hosts, and those of an address that are looked for where such a port is taken; first and last. */
interface LowPorts {
  readonly of: readonly [number, number];
  readonly given: readonly [number, number];
}

/** Of netfilter without ports of its own: the classes below the range, which a session keeps that begins in them. */
const LOW_PORTS: readonly LowPorts[] = [
  { of: [1, 511], given: [1, 511] },
  { of: [512, 1023], given: [600, 1023] },
];

/**
 * @returns what TCP and UDP are given beside the range; none where a rule has ports of its own
 * @see nat-gateway reference §2.3 step 5
 */
export function lowPortsOf({ portPolicy, portMin, portMax }: Gateway): readonly LowPorts[] {
  // As `hasAllPorts` of the emulator has it.
  return portPolicy === 'linux' && portMin === 1024 && portMax === 0xffff ? LOW_PORTS : [];
}

export function usesBlocks({ portPolicy }: Gateway): boolean {
  return portPolicy === 'deterministic' || portPolicy === 'blocks';
}

/** Each host has a block of its own, so there are at least as many blocks as hosts. @see RFC 7422 */
export function checkBlocks(gateway: Gateway, placed: readonly PlacedEntry[], problems: Problems): void {
  if (gateway.portPolicy !== 'deterministic') return;
  // Of blocks longer than the range is said that they are, once: see `checkNumbers`.
  if (gateway.portBlockSize > portsOf(gateway)) return;
  const blocksPerAddress = Math.floor(portsOf(gateway) / gateway.portBlockSize);
  for (const { path, entry } of placed) {
    const hosts = 2 ** (32 - entry.network.prefixBits);
    const blocks = entry.eips.length * blocksPerAddress;
    if (hosts <= blocks) continue;
    const pool = `${entry.eips.length} addresses × ${blocksPerAddress} blocks of ${gateway.portBlockSize} ports`;
    const rule = `has ${hosts} hosts, but its pool only ${blocks} blocks (${pool}); the policy deterministic gives each host one`;
    problems.add(path, formatNetwork(entry.network), rule);
  }
}

/** SNAT entries change in the order of time. */
export function checkChanges({ changes = [] }: GatewayFile, problems: Problems): void {
  let before = -1;
  changes.forEach((change, index) => {
    if (change?.atSec === undefined) return;
    if (change.atSec <= before) {
      problems.add(`changes[${index}].atSec`, change.atSec, 'must be later than that of the change before');
    }
    before = Math.max(before, change.atSec);
  });
}

/** Each entry that the gateway ever has is a class of addresses of its own, and those of single hosts come behind. */
export function checkEntryCount(placed: readonly PlacedEntry[], problems: Problems): void {
  const most = ADDRESS_CLASS.hostWithDnat - ADDRESS_CLASS.inside;
  if (placed.length <= most) return;
  problems.addMissing('changes', `make ${placed.length} SNAT entries of all times, and can make at most ${most}`);
}
